//! Alipay's gateway: signed parameters in, signed substrings out.

mod certificates;
mod envelope;
mod gateway;
mod keys;
mod messages;
mod notifications;
mod oauth;
mod payload;
mod qrcode;
mod user_info;

pub(crate) use gateway::{answer, refuse};
pub(crate) use keys::AppKeys;
pub use messages::AlipayMessage;
pub(crate) use messages::Messages;
pub(crate) use notifications::Notifications;
pub use notifications::{AlipayAttempt, AlipayDelivery, AlipayNotice, AlipayNoticeStyle};
pub(crate) use oauth::Grants;
pub(crate) use payload::{phone_payload, phone_refusal};
pub(crate) use qrcode::{Pictures, picture};

/// What Alipay remembers.
#[derive(Default)]
pub(crate) struct Alipay {
    pub(crate) grants: Grants,
    pub(crate) messages: Messages,
    pub(crate) notifications: Notifications,
    pub(crate) pictures: Pictures,
}
