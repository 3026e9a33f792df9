//! The platforms' own SDKs, and others' that many use, judge the mocked platforms; and libraries that
//! know nothing of this product judge the permits that it signs.
//!
//! Each test starts a mock, or the service, and one script, which points an unmodified SDK at it and
//! checks what the SDK makes of the answers. What the scripts need, `tests/run.sh` installs.

#![cfg(test)]

mod alipay;
mod objects;
mod permits;
mod script;
mod sms;
mod wechat;
