//! What was delivered to whom, and how often one number may be written to.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;

/// Which gateway delivered a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsGateway {
    /// Aliyun.
    Aliyun,
    /// Tencent Cloud.
    Tencent,
}

/// A message as the person reads it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct SmsMessage {
    /// When, in Unix milliseconds of the mock's clock.
    pub at_ms: i64,
    /// To which number, with `+` and country code.
    pub number: String,
    /// By which gateway.
    pub gateway: SmsGateway,
    /// The sign in front of the text.
    pub sign: String,
    /// The template's id.
    pub template: String,
    /// The text, parameters filled in.
    pub text: String,
    /// The sender's own key for it: Aliyun's `OutId`, Tencent's `SessionContext`. A receiver that
    /// reads a key for the second time reads a repetition.
    pub key: Option<String>,
    /// The verification code, if the template carries one.
    pub code: Option<String>,
}

/// Everything delivered, oldest first.
#[derive(Default)]
pub(crate) struct Inbox {
    messages: Vec<SmsMessage>,
}

impl Inbox {
    pub(crate) fn deliver(&mut self, message: SmsMessage) {
        self.messages.push(message);
    }

    /// What `number` (with `+` and country code) received, oldest first.
    pub(crate) fn of(&self, number: &str) -> Vec<SmsMessage> {
        self.messages
            .iter()
            .filter(|message| message.number == number)
            .cloned()
            .collect()
    }
}

/// How many messages a number may get within a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) span_ms: i64,
    pub(crate) permits: usize,
}

/// When each number was written to, by gateway and sign.
#[derive(Default)]
pub(crate) struct Flow {
    sent: HashMap<(SmsGateway, String, String), Vec<i64>>,
}

impl Flow {
    /// Whether a message would break one of `limits`: then the first one broken.
    pub(crate) fn check(
        &self,
        gateway: SmsGateway,
        sign: &str,
        number: &str,
        limits: &[Limit],
        now: i64,
    ) -> Result<(), Limit> {
        let place = (gateway, sign.to_owned(), number.to_owned());
        let sent = self.sent.get(&place).map_or(&[][..], Vec::as_slice);
        for limit in limits {
            let within = sent.iter().filter(|at| now - **at < limit.span_ms).count();
            if within >= limit.permits {
                return Err(*limit);
            }
        }
        Ok(())
    }

    /// Take note of a message.
    pub(crate) fn note(&mut self, gateway: SmsGateway, sign: &str, number: &str, now: i64) {
        let place = (gateway, sign.to_owned(), number.to_owned());
        let sent = self.sent.entry(place).or_default();
        sent.retain(|at| now - at < DAY_MS);
        sent.push(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_messages_do_not_count() {
        let mut flow = Flow::default();
        let limit = Limit {
            span_ms: 60_000,
            permits: 1,
        };
        let mut send = |now| {
            flow.check(SmsGateway::Aliyun, "s", "+86138", &[limit], now)?;
            flow.note(SmsGateway::Aliyun, "s", "+86138", now);
            Ok(())
        };

        assert_eq!(send(0), Ok(()));
        assert_eq!(send(59_999), Err(limit));
        assert_eq!(send(60_000), Ok(()));
    }
}
