//! Alipay's gateway: signed parameters in, signed substrings out.

mod envelope;
mod gateway;
mod keys;
mod oauth;
mod payload;
mod user_info;

pub(crate) use gateway::{answer, refuse};
pub(crate) use keys::AppKeys;
pub(crate) use oauth::Grants;
pub(crate) use payload::{phone_payload, phone_refusal};

/// What Alipay remembers.
#[derive(Default)]
pub(crate) struct Alipay {
    pub(crate) grants: Grants,
}
