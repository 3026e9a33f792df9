//! One-time codes and notices by SMS: two gateways, and one in reserve of the other.

mod aliyun;
mod tencent;

use std::{sync::Arc, time::Duration};

use aws_lc_rs::{digest, hmac};
use entity::values::Phone;
use futures_util::future::BoxFuture;
use tokio::time::timeout;
use url::Url;

pub use self::{
    aliyun::{AliyunSettings, AliyunSms},
    tencent::{TencentSettings, TencentSms},
};
use super::{
    SmsGateway, SmsNotice, SmsOutcome,
    outbound::{Failure, Reply},
    word::is_word,
};

/// How long both gateways may take together.
const TOGETHER: Duration = Duration::from_secs(3);

/// Codes that say that the account, not the message, is the trouble: no money, or its own cap reached.
const ACCOUNT_SPENT: [&str; 6] = [
    "isv.AMOUNT_NOT_ENOUGH",
    "isv.OUT_OF_SERVICE",
    "isv.DAY_LIMIT_CONTROL",
    "isv.MONTH_LIMIT_CONTROL",
    "FailedOperation.InsufficientBalanceInSmsPackage",
    "LimitExceeded.DailyLimit",
];

/// A notice names no template at this gateway.
const NO_TEMPLATE: &str = "Client.NoTemplate";

/// Two gateways. The second is tried only when the first surely did not send and another may: it is
/// out of reach, left alone by its breaker, has no more of our money or of our quota, or no template
/// for the notice.
///
/// Never after [`SmsOutcome::Unknown`], which might mean two messages; never after
/// [`SmsOutcome::RateLimited`], which is meant for the number and not for the gateway.
#[derive(Debug, Clone)]
pub struct FailoverSms {
    first: Arc<dyn SmsGateway>,
    second: Arc<dyn SmsGateway>,
}

impl FailoverSms {
    /// `first`, with `second` in reserve.
    #[must_use]
    pub fn new(first: Arc<dyn SmsGateway>, second: Arc<dyn SmsGateway>) -> Self {
        Self { first, second }
    }

    async fn send<'a>(
        &'a self,
        send: impl Fn(&'a dyn SmsGateway) -> BoxFuture<'a, SmsOutcome>,
    ) -> SmsOutcome {
        let both = async {
            let outcome = send(self.first.as_ref()).await;
            if may_go_elsewhere(&outcome) {
                send(self.second.as_ref()).await
            } else {
                outcome
            }
        };
        timeout(TOGETHER, both).await.unwrap_or(SmsOutcome::Unknown)
    }
}

impl SmsGateway for FailoverSms {
    fn send_code<'a>(&'a self, to: &'a Phone, code: &'a str) -> BoxFuture<'a, SmsOutcome> {
        Box::pin(self.send(move |gateway| gateway.send_code(to, code)))
    }

    fn send_notice<'a>(
        &'a self,
        to: &'a Phone,
        notice: &'a SmsNotice,
    ) -> BoxFuture<'a, SmsOutcome> {
        Box::pin(self.send(move |gateway| gateway.send_notice(to, notice)))
    }
}

fn may_go_elsewhere(outcome: &SmsOutcome) -> bool {
    match outcome {
        SmsOutcome::Retryable => true,
        SmsOutcome::Rejected { code } => {
            code == NO_TEMPLATE || ACCOUNT_SPENT.contains(&code.as_str())
        }
        SmsOutcome::Sent { .. }
        | SmsOutcome::RateLimited
        | SmsOutcome::BadNumber
        | SmsOutcome::Unknown => false,
    }
}

/// What no answer means for a message.
fn unanswered(failure: &Failure) -> SmsOutcome {
    if failure.surely_not_sent() {
        SmsOutcome::Retryable
    } else {
        SmsOutcome::Unknown
    }
}

/// What an answer means that is not in the gateway's language: a proxy's, most likely.
fn unintelligible(reply: &Reply) -> SmsOutcome {
    if reply.status.as_u16() == 429 {
        SmsOutcome::Retryable
    } else if reply.status.is_client_error() {
        rejected(&format!("HTTP.{}", reply.status.as_u16()))
    } else {
        SmsOutcome::Unknown
    }
}

fn no_template() -> SmsOutcome {
    rejected(NO_TEMPLATE)
}

fn rejected(code: &str) -> SmsOutcome {
    SmsOutcome::Rejected {
        code: bounded(code),
    }
}

fn sent(id: &str) -> SmsOutcome {
    SmsOutcome::Sent { id: bounded(id) }
}

/// A gateway's word as we keep it: short and printable, or not at all.
fn bounded(word: &str) -> String {
    if is_word(word, 128) {
        word.to_owned()
    } else {
        String::new()
    }
}

/// The `Host` header that goes with `url`: both signatures cover it.
pub(in crate::clients) fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"))
}

fn sha256_hex(data: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, data))
}

fn hmac_sha256(key: &[u8], data: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Debug)]
    struct Told(SmsOutcome, AtomicUsize);

    impl SmsGateway for Told {
        fn send_code<'a>(&'a self, _: &'a Phone, _: &'a str) -> BoxFuture<'a, SmsOutcome> {
            self.1.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { self.0.clone() })
        }

        fn send_notice<'a>(&'a self, to: &'a Phone, _: &'a SmsNotice) -> BoxFuture<'a, SmsOutcome> {
            self.send_code(to, "")
        }
    }

    async fn second_is_tried_after(outcome: SmsOutcome) -> bool {
        let first = Arc::new(Told(outcome.clone(), AtomicUsize::new(0)));
        let second = Arc::new(Told(sent("second"), AtomicUsize::new(0)));
        let gateways = FailoverSms::new(first.clone(), second.clone());
        let phone = Phone::parse("13800138000").unwrap();
        let answer = gateways.send_code(&phone, "123456").await;
        assert_eq!(first.1.load(Ordering::SeqCst), 1);
        let tried = second.1.load(Ordering::SeqCst) == 1;
        assert_eq!(answer, if tried { sent("second") } else { outcome });
        let notice = SmsNotice {
            templates: Vec::new(),
            values: Vec::new(),
            key: String::new(),
        };
        assert_eq!(gateways.send_notice(&phone, &notice).await, answer);
        tried
    }

    #[tokio::test]
    async fn the_second_gateway_is_tried_only_if_the_first_surely_did_not_send() {
        assert!(second_is_tried_after(SmsOutcome::Retryable).await);
        for code in ACCOUNT_SPENT.into_iter().chain([NO_TEMPLATE]) {
            assert!(second_is_tried_after(rejected(code)).await, "{code}");
        }
        for outcome in [
            SmsOutcome::Unknown,
            SmsOutcome::RateLimited,
            SmsOutcome::BadNumber,
            rejected("isv.SMS_TEMPLATE_ILLEGAL"),
            sent("first"),
        ] {
            assert!(!second_is_tried_after(outcome.clone()).await, "{outcome:?}");
        }
    }
}
