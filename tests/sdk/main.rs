//! The platforms' own SDKs, and others' that many use, judge the mocked platforms.
//!
//! Each test starts a mock and one script, which points an unmodified SDK at it and checks what
//! the SDK makes of the answers. What the scripts need, `tests/run.sh` installs.

#![cfg(test)]

mod alipay;
mod objects;
mod script;
mod sms;
mod wechat;
