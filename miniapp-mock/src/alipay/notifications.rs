//! Asynchronous notifications: signed forms, posted until the other side says `success`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::keys::AppKeys;
use super::oauth::user_ids;
use crate::clock::beijing_text;
use crate::crypto::random_hex;
use crate::outgoing::{Answered, Outgoing};

const FORM: &str = "application/x-www-form-urlencoded;charset=utf-8";
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// How long after each attempt the next one is made.
const RETRIES: [i64; 7] = [
    4 * MINUTE_MS,
    10 * MINUTE_MS,
    10 * MINUTE_MS,
    HOUR_MS,
    2 * HOUR_MS,
    6 * HOUR_MS,
    15 * HOUR_MS,
];

/// Something that Alipay tells an app about a person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AlipayNotice {
    /// Where the app listens: http or https.
    pub url: String,
    /// `notify_type`, or the method of a message.
    pub kind: String,
    /// How it is put.
    #[serde(default)]
    pub style: AlipayNoticeStyle,
    /// What else it says.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// How a notification is put.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlipayNoticeStyle {
    /// Plain fields with a `notify_type`; `sign_type` is not signed.
    #[default]
    Notify,
    /// A `msg_method` with `biz_content`; `sign_type` is not signed.
    Message,
    /// Plain fields as for life accounts, where `sign_type` is signed.
    LifeAccount,
}

/// A notification and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlipayDelivery {
    /// `notify_id`: the same in every attempt.
    pub notify_id: String,
    /// Where to.
    pub url: String,
    /// `notify_type`, or the method of a message.
    pub kind: String,
    /// The form as it is posted.
    pub form: String,
    /// Every attempt, oldest first.
    pub attempts: Vec<AlipayAttempt>,
    /// When the next attempt is due, in Unix milliseconds of the mock's clock.
    pub due_ms: Option<i64>,
}

/// One attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlipayAttempt {
    /// When, in Unix milliseconds of the mock's clock.
    pub at_ms: i64,
    /// What the other side said.
    pub answered: Answered,
}

/// Everything that Alipay tells, oldest first.
#[derive(Default)]
pub(crate) struct Notifications(Vec<AlipayDelivery>);

impl Notifications {
    /// Sign `notice` and have it delivered from `now` on. `None` if its address is none.
    pub(crate) fn add(
        &mut self,
        keys: &AppKeys,
        person: &str,
        notice: &AlipayNotice,
        now: i64,
    ) -> Option<String> {
        Url::parse(&notice.url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let notify_id = random_hex::<17>();
        self.0.push(AlipayDelivery {
            form: form(keys, person, notice, &notify_id, now),
            notify_id: notify_id.clone(),
            url: notice.url.clone(),
            kind: notice.kind.clone(),
            attempts: Vec::new(),
            due_ms: Some(now),
        });
        Some(notify_id)
    }

    /// Deliver a notification once more, whatever the other side said before.
    pub(crate) fn repeat(&mut self, notify_id: &str, now: i64) -> bool {
        self.of(notify_id)
            .map(|delivery| delivery.due_ms = Some(now))
            .is_some()
    }

    pub(crate) fn all(&self) -> Vec<AlipayDelivery> {
        self.0.clone()
    }

    /// The next attempt that is due, by the id of its notification.
    pub(crate) fn due(&self, now: i64) -> Option<(String, Outgoing)> {
        let delivery = self
            .0
            .iter()
            .filter(|delivery| delivery.due_ms.is_some_and(|due| due <= now))
            .min_by_key(|delivery| delivery.due_ms)?;
        let call = Outgoing::post(&delivery.url, FORM, delivery.form.clone());
        Some((delivery.notify_id.clone(), call))
    }

    /// Note how an attempt ended. Only `success` and nothing else ends the attempts early.
    pub(crate) fn ended(&mut self, notify_id: &str, answered: Answered, now: i64) {
        if let Some(delivery) = self.of(notify_id) {
            let wait = RETRIES.get(delivery.attempts.len());
            let accepted = answered.status == 200 && answered.body == "success";
            delivery.due_ms = wait.filter(|_| !accepted).map(|wait| now + wait);
            delivery.attempts.push(AlipayAttempt {
                at_ms: now,
                answered,
            });
        }
    }

    fn of(&mut self, notify_id: &str) -> Option<&mut AlipayDelivery> {
        self.0
            .iter_mut()
            .find(|delivery| delivery.notify_id == notify_id)
    }
}

/// The signed form.
fn form(keys: &AppKeys, person: &str, notice: &AlipayNotice, notify_id: &str, now: i64) -> String {
    let mut fields = BTreeMap::from([
        ("app_id".to_owned(), keys.app.app_id.clone()),
        ("charset".to_owned(), "utf-8".to_owned()),
        ("notify_id".to_owned(), notify_id.to_owned()),
        ("sign_type".to_owned(), "RSA2".to_owned()),
        ("version".to_owned(), "1.0".to_owned()),
    ]);
    let mut said = notice.fields.clone();
    for (name, id) in user_ids(&keys.app, person) {
        said.insert(name, id.as_str().unwrap_or_default().to_owned());
    }
    if notice.style == AlipayNoticeStyle::Message {
        let content = Value::from_iter(said);
        fields.insert("biz_content".to_owned(), content.to_string());
        fields.insert("msg_method".to_owned(), notice.kind.clone());
        fields.insert("utc_timestamp".to_owned(), now.to_string());
    } else {
        fields.extend(said);
        fields.insert("notify_time".to_owned(), beijing_text(now));
        fields.insert("notify_type".to_owned(), notice.kind.clone());
    }
    let signs_type = notice.style == AlipayNoticeStyle::LifeAccount;
    let text: Vec<String> = fields
        .iter()
        .filter(|(name, _)| signs_type || *name != "sign_type")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let sign = keys.platform.sign(text.join("&").as_bytes());
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&fields)
        .append_pair("sign", &sign)
        .finish()
}
