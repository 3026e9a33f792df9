//! The SMS gateways of Aliyun and Tencent Cloud, and everyone's inbox.

pub(crate) mod aliyun;
mod aliyun_signature;
mod aliyun_v1;
mod inbox;
pub(crate) mod tencent;
mod tencent_signature;

pub(crate) use inbox::{Flow, Inbox};
pub use inbox::{SmsGateway, SmsMessage};

use std::collections::HashMap;

/// What the gateways remember.
#[derive(Default)]
pub(crate) struct Sms {
    pub(crate) inbox: Inbox,
    pub(crate) flow: Flow,
    /// Nonces seen by Aliyun and when.
    nonces: HashMap<(String, String), i64>,
}

impl Sms {
    /// Take note of `nonce`. `false` if it was used within the quarter of an hour in which
    /// its date is accepted, on either side.
    fn first_use(&mut self, access_key: &str, nonce: &str, now: i64) -> bool {
        self.nonces
            .retain(|_, at| now - *at < 2 * aliyun::CLOCK_TOLERANCE_MS);
        let nonce = (access_key.to_owned(), nonce.to_owned());
        self.nonces.insert(nonce, now).is_none()
    }
}

/// A mainland number with `+`, written with any of the prefixes the gateways take.
fn recipient(number: &str) -> Option<String> {
    let digits = ["+86", "0086", "86"]
        .iter()
        .find_map(|prefix| number.strip_prefix(prefix))
        .unwrap_or(number);
    is_mainland_mobile(digits).then(|| format!("+86{digits}"))
}

/// Whether these are the eleven digits of a mainland mobile number.
fn is_mainland_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11
        && bytes.iter().all(u8::is_ascii_digit)
        && bytes.first() == Some(&b'1')
        && bytes.get(1).is_some_and(|second| *second >= b'3')
}

/// What `authorization` says under `name`, as in `Scheme A=1, B=2`.
pub(crate) fn credential_part<'a>(
    authorization: &'a str,
    scheme: &str,
    name: &str,
) -> Option<&'a str> {
    authorization
        .strip_prefix(scheme)?
        .split(',')
        .filter_map(|part| part.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}
