//! Names for requests.

use std::cell::Cell;

use actix_web::http::header::{HeaderMap, HeaderValue};

use super::X_REQUEST_ID;
use crate::platform::{Entropy, entropy};

/// Names requests in one worker: the caller's name for them if it is of a sane form, else 16 bytes
/// in hexadecimal, of which the first half is random and the worker's own and the rest counts.
///
/// They are labels, not secrets.
pub(super) struct RequestIds {
    worker: [u8; 8],
    next: Cell<u64>,
}

impl RequestIds {
    pub(super) fn new(entropy: &dyn Entropy) -> Self {
        Self {
            worker: entropy::bytes(entropy),
            next: Cell::new(u64::from_be_bytes(entropy::bytes(entropy))),
        }
    }

    /// The name of a request with `headers`.
    pub(super) fn of(&self, headers: &HeaderMap) -> HeaderValue {
        headers
            .get(&X_REQUEST_ID)
            .filter(|given| is_sane(given.as_bytes()))
            .cloned()
            .unwrap_or_else(|| self.fresh())
    }

    fn fresh(&self) -> HeaderValue {
        let count = self.next.get();
        self.next.set(count.wrapping_add(1));
        let mut id = [0; 16];
        let (worker, counter) = id.split_at_mut(8);
        worker.copy_from_slice(&self.worker);
        counter.copy_from_slice(&count.to_be_bytes());
        let mut text = [0; 32];
        let written = hex::encode_to_slice(id, &mut text).is_ok();
        debug_assert!(written, "two digits a byte");
        HeaderValue::from_bytes(&text).unwrap_or_else(|_| HeaderValue::from_static("none"))
    }
}

fn is_sane(id: &[u8]) -> bool {
    (8..=64).contains(&id.len())
        && id
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::OsEntropy;

    #[test]
    fn a_sane_name_is_kept_and_another_replaced() {
        let ids = RequestIds::new(&OsEntropy);
        let (longest, too_long) = ("a".repeat(64), "a".repeat(65));
        for (given, kept) in [
            ("abc-DEF_1.2", true),
            ("12345678", true),
            (longest.as_str(), true),
            ("1234567", false),
            (too_long.as_str(), false),
            ("1234 5678", false),
            ("\"12345678\"", false),
            ("12345678\u{e9}", false),
        ] {
            let mut headers = HeaderMap::new();
            let value = HeaderValue::from_bytes(given.as_bytes()).unwrap();
            headers.insert(X_REQUEST_ID.clone(), value.clone());
            assert_eq!(ids.of(&headers) == value, kept, "{given}");
        }
    }

    #[test]
    fn fresh_names_differ_within_a_worker_and_between_workers() {
        let (here, there) = (RequestIds::new(&OsEntropy), RequestIds::new(&OsEntropy));
        let ids = [here.fresh(), here.fresh(), there.fresh()];
        assert!(
            ids.iter()
                .all(|id| id.len() == 32 && is_sane(id.as_bytes()))
        );
        assert_ne!(ids[0], ids[1]);
        assert_ne!(ids[0].as_bytes()[..16], ids[2].as_bytes()[..16]);
    }
}
