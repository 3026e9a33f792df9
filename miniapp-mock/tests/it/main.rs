//! What the mocked platforms promise, seen by clients of their own making.

mod alipay;
mod client;
mod control;
mod registry;
mod sms;
mod wechat;
