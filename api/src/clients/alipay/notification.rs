//! Asynchronous notifications: what Alipay tells us of its own accord.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde::Deserialize;
use url::form_urlencoded;

use super::{HttpAlipay, LENGTH, app::App};
use crate::{
    clients::{AlipayIdKind, AlipayInbox, AlipayNotification, PlatformError, word::is_word},
    platform::clock::CHINA,
};

/// Longest notification that is looked at, in bytes.
const LONGEST: usize = 64 * 1024;

/// For how long notifications are remembered, so that none is taken twice. Alipay tries for 25 hours.
const REMEMBERED: TimeDelta = TimeDelta::days(3);

/// What joins fields in the text that is signed.
const JOINTS: [char; 2] = ['&', '='];

impl AlipayInbox for HttpAlipay {
    fn open(&self, body: &[u8]) -> Result<AlipayNotification, PlatformError> {
        self.opened(body, self.clock.now())
            .ok_or(PlatformError::Forged)
    }
}

impl HttpAlipay {
    fn opened(&self, body: &[u8], now: DateTime<Utc>) -> Option<AlipayNotification> {
        let form = Form::read(body)?;
        let app = self.app(form.get("app_id")?).ok()?;
        if !form.is_signed_for(app) || !form.get("charset")?.eq_ignore_ascii_case("utf-8") {
            return None;
        }
        if !form.is_of_these_days(now)? {
            return None;
        }
        let kind = form.word("notify_type").or_else(|| form.word("msg_method"));
        Some(AlipayNotification {
            key: form.word("notify_id")?.to_owned(),
            app_id: app.id.clone(),
            kind: kind?.to_owned(),
            user: form.user(),
        })
    }
}

/// A form that can be meant in one way only: no name stands twice, and since what is signed is a join
/// of undecoded fields, neither a name nor a [word](Form::word) has in it what joins them.
struct Form(BTreeMap<String, String>);

impl Form {
    fn read(body: &[u8]) -> Option<Self> {
        if body.len() > LONGEST {
            return None;
        }
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body).into_owned() {
            if name.contains(JOINTS) || fields.insert(name, value).is_some() {
                return None;
            }
        }
        Some(Self(fields))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn word(&self, name: &str) -> Option<&str> {
        self.get(name)
            .filter(|value| is_word(value, LENGTH) && !value.contains(JOINTS))
    }

    /// Whether it was made so lately that we would remember it if it had come before. `None` if it
    /// does not say in a form that is known.
    fn is_of_these_days(&self, now: DateTime<Utc>) -> Option<bool> {
        let made = match self.get("utc_timestamp") {
            Some(millis) => DateTime::from_timestamp_millis(millis.parse().ok()?)?,
            None => NaiveDateTime::parse_from_str(self.get("notify_time")?, "%Y-%m-%d %H:%M:%S")
                .ok()?
                .and_local_timezone(CHINA)
                .single()?
                .to_utc(),
        };
        Some(now.signed_duration_since(made) < REMEMBERED)
    }

    /// Most kinds of notification leave `sign_type` out of what they sign, some do not.
    fn is_signed_for(&self, app: &App) -> bool {
        let Some(sign) = self.get("sign") else {
            return false;
        };
        self.get("sign_type") == Some("RSA2")
            && [&["sign", "sign_type"][..], &["sign"]]
                .iter()
                .any(|unsigned| app.trust.vouches_for(&self.text_without(unsigned), sign))
    }

    fn text_without(&self, names: &[&str]) -> String {
        let joined: Vec<_> = self
            .0
            .iter()
            .filter(|(name, _)| !names.contains(&name.as_str()))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        joined.join("&")
    }

    /// Among the fields, or within `biz_content`.
    fn user(&self) -> Option<(AlipayIdKind, String)> {
        let content = self.get("biz_content");
        let inner: Ids = content
            .and_then(|content| serde_json::from_str(content).ok())
            .unwrap_or_default();
        let own = |name: &str| self.get(name).map(str::to_owned);
        [
            (AlipayIdKind::UserId, own("user_id").or(inner.user_id)),
            (AlipayIdKind::OpenId, own("open_id").or(inner.open_id)),
        ]
        .into_iter()
        .find_map(|(kind, id)| Some((kind, id.filter(|id| is_word(id, LENGTH))?)))
    }
}

#[derive(Default, Deserialize)]
struct Ids {
    user_id: Option<String>,
    open_id: Option<String>,
}
