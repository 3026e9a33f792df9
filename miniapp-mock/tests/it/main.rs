//! What the mocked platforms promise, seen by clients of their own making.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a helper of a test fails the test by panicking"
)]

mod alipay;
mod alipay_certificates;
mod alipay_encryption;
mod alipay_messages;
mod alipay_notifications;
mod alipay_qrcode;
mod client;
mod control;
mod faults;
mod registry;
mod server;
mod sms;
mod vehicles;
mod wechat;
mod wechat_code;
mod wechat_data;
mod wechat_message;
mod wechat_push;
