//! What WeChat says, and what it means.

use std::fmt;

use anyhow::{Context, anyhow};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use entity::values::Phone;
use serde::{Deserialize, Deserializer};

use super::session::WeChatSession;
use crate::{
    clients::{PlatformError, WeChatUser, word::is_word},
    platform::Secret,
};

/// How pictures begin.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// Longest session key that is taken, in base64; WeChat's have 24 characters.
const KEY_LENGTH: usize = 128;

/// Longest openid or unionid that is taken; WeChat's have 28 characters.
const ID_LENGTH: usize = 128;

/// WeChat's number for what went wrong. An answer without one went well.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct Errcode(i64);

/// What WeChat may answer to a call.
pub(super) trait Answer: Sized {
    /// Read the body of a 2xx answer, `None` if it is in no known form.
    fn read(body: &Bytes) -> Option<Self>;

    fn errcode(&self) -> Errcode;
}

/// Answers that are JSON.
macro_rules! json_answers {
    ($($answer:ty),+ $(,)?) => {$(
        impl Answer for $answer {
            fn read(body: &Bytes) -> Option<Self> {
                serde_json::from_slice(body).ok()
            }

            fn errcode(&self) -> Errcode {
                self.errcode
            }
        }
    )+};
}

json_answers!(
    PhoneAnswer,
    ResetAnswer,
    SessionAnswer,
    TokenAnswer,
    Verdict
);

impl Errcode {
    pub(super) const OK: Self = Self(0);

    /// The user did not allow a message, has used up what they allowed, or turned messages off.
    pub(super) fn says_not_allowed(self) -> bool {
        self.0 == 43101
    }

    /// WeChat is busy, or a quota is used up for now.
    pub(super) fn says_later(self) -> bool {
        matches!(self.0, -1 | 45009 | 45011)
    }

    /// The session key is not, or no longer, the user's.
    pub(super) fn says_session_is_dead(self) -> bool {
        matches!(self.0, 87009 | 40003)
    }

    /// The access token is wrong, superseded, malformed or expired.
    pub(super) fn says_token_is_dead(self) -> bool {
        matches!(self.0, 40001 | 40014 | 42001)
    }

    pub(super) fn of_login_code(self) -> PlatformError {
        match self.0 {
            40029 | 40163 | 41008 => PlatformError::CodeRefused,
            40226 => PlatformError::UserBlocked,
            _ => self.unavailable(),
        }
    }

    /// `40013` and `40003` say here that the code is another app's or another user's.
    pub(super) fn of_phone_code(self) -> PlatformError {
        match self.0 {
            40003 | 40013 | 40029 | 40163 => PlatformError::CodeRefused,
            40226 => PlatformError::UserBlocked,
            _ => self.unavailable(),
        }
    }

    pub(super) fn unavailable(self) -> PlatformError {
        PlatformError::Unavailable(anyhow!("WeChat answered with errcode {}", self.0))
    }
}

impl fmt::Display for Errcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An answer that says no more than how it went, which it therefore has to say.
#[derive(Deserialize)]
pub(super) struct Verdict {
    pub(super) errcode: Errcode,
}

/// The answer of `getwxacodeunlimit`: a picture, or JSON in its place. The content type is not to be
/// relied on, the first byte is.
pub(super) enum Picture {
    Drawn(Bytes),
    Refused(Errcode),
}

impl Answer for Picture {
    fn read(body: &Bytes) -> Option<Self> {
        if [PNG, JPEG].iter().any(|magic| body.starts_with(magic)) {
            return Some(Self::Drawn(body.clone()));
        }
        let verdict: Verdict = serde_json::from_slice(body).ok()?;
        Some(Self::Refused(verdict.errcode))
    }

    fn errcode(&self) -> Errcode {
        match self {
            Self::Drawn(_) => Errcode::OK,
            Self::Refused(errcode) => *errcode,
        }
    }
}

/// The answer of `resetusersessionkey`.
#[derive(Deserialize)]
pub(super) struct ResetAnswer {
    #[serde(default)]
    pub(super) errcode: Errcode,
    session_key: Option<Secret>,
}

impl ResetAnswer {
    pub(super) fn key(self) -> Result<Secret, PlatformError> {
        session_key(self.session_key)
    }
}

fn session_key(key: Option<Secret>) -> Result<Secret, PlatformError> {
    key.filter(|key| is_word(key.reveal(), KEY_LENGTH))
        .context("WeChat gave no session key")
        .map_err(PlatformError::Unavailable)
}

/// The answer of `code2Session`.
#[derive(Deserialize)]
pub(super) struct SessionAnswer {
    #[serde(default)]
    pub(super) errcode: Errcode,
    openid: Option<String>,
    unionid: Option<String>,
    session_key: Option<Secret>,
}

impl SessionAnswer {
    pub(super) fn session(self) -> Result<WeChatSession, PlatformError> {
        let openid = self
            .openid
            .filter(|id| is_word(id, ID_LENGTH))
            .context("WeChat named no user")
            .map_err(PlatformError::Unavailable)?;
        let user = WeChatUser {
            openid,
            unionid: self.unionid.filter(|id| is_word(id, ID_LENGTH)),
        };
        Ok(WeChatSession::new(user, session_key(self.session_key)?))
    }
}

/// The answer of `stable_token`.
#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    #[serde(default)]
    pub(super) errcode: Errcode,
    pub(super) access_token: Option<Secret>,
    #[serde(default)]
    pub(super) expires_in: u32,
}

/// The answer of `getuserphonenumber`.
#[derive(Deserialize)]
pub(super) struct PhoneAnswer {
    #[serde(default)]
    pub(super) errcode: Errcode,
    phone_info: Option<PhoneInfo>,
}

/// A phone number and where it comes from, as a call answers it and as open data hold it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhoneInfo {
    phone_number: Option<String>,
    pure_phone_number: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    country_code: String,
    watermark: Option<Watermark>,
}

#[derive(Deserialize)]
struct Watermark {
    appid: String,
    timestamp: Option<i64>,
}

impl PhoneInfo {
    /// Whether WeChat gave it out for `app_id`.
    pub(super) fn is_marked_for(&self, app_id: &str) -> bool {
        let mark = self.watermark.as_ref();
        mark.is_some_and(|mark| mark.appid == app_id)
    }

    /// Whether WeChat gave it out at `now`, within `tolerance` either way.
    pub(super) fn is_from(&self, now: DateTime<Utc>, tolerance: TimeDelta) -> bool {
        let at = self.watermark.as_ref().and_then(|mark| mark.timestamp);
        at.and_then(|at| DateTime::from_timestamp(at, 0))
            .is_some_and(|at| (now - at).abs() <= tolerance)
    }

    /// The number, if it is a mainland mobile.
    pub(super) fn mainland_mobile(self) -> Option<Phone> {
        let number = self
            .pure_phone_number
            .or(self.phone_number)
            .filter(|_| self.country_code.trim_start_matches('+') == "86");
        Phone::parse(&number?).ok()
    }
}

impl PhoneAnswer {
    /// The number, if it is a mainland mobile; an answer that is not marked as meant for `app_id` is
    /// forged.
    pub(super) fn phone(self, app_id: &str) -> Result<Option<Phone>, PlatformError> {
        let info = self
            .phone_info
            .context("WeChat gave no number")
            .map_err(PlatformError::Unavailable)?;
        if !info.is_marked_for(app_id) {
            return Err(PlatformError::Forged);
        }
        Ok(info.mainland_mobile())
    }
}

/// WeChat's own sample has a bare 86 where its table says string.
pub(super) fn text_or_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(u64),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::Text(text) => text,
        Either::Number(number) => number.to_string(),
    })
}
