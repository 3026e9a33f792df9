//! What WeChat says, and what it means for log-in.

use anyhow::{Context, anyhow};
use entity::values::Phone;
use serde::{Deserialize, Deserializer};

use crate::{
    clients::{PlatformError, WeChatUser, word::is_word},
    platform::Secret,
};

/// Longest openid or unionid that is taken; WeChat's have 28 characters.
const ID_LENGTH: usize = 128;

/// WeChat's number for what went wrong. An answer without one went well.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct Errcode(i64);

impl Errcode {
    pub(super) const OK: Self = Self(0);

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

/// The answer of `code2Session`. The session key is not read.
#[derive(Deserialize)]
pub(super) struct SessionAnswer {
    #[serde(default)]
    pub(super) errcode: Errcode,
    openid: Option<String>,
    unionid: Option<String>,
}

impl SessionAnswer {
    pub(super) fn user(self) -> Result<WeChatUser, PlatformError> {
        let openid = self
            .openid
            .filter(|id| is_word(id, ID_LENGTH))
            .context("WeChat named no user")
            .map_err(PlatformError::Unavailable)?;
        Ok(WeChatUser {
            openid,
            unionid: self.unionid.filter(|id| is_word(id, ID_LENGTH)),
        })
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhoneInfo {
    phone_number: Option<String>,
    pure_phone_number: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    country_code: String,
    watermark: Option<Watermark>,
}

#[derive(Deserialize)]
struct Watermark {
    appid: String,
}

impl PhoneAnswer {
    /// The number, if it is a mainland mobile; an answer that is not marked as meant for `app_id` is
    /// forged.
    pub(super) fn phone(self, app_id: &str) -> Result<Option<Phone>, PlatformError> {
        let info = self
            .phone_info
            .context("WeChat gave no number")
            .map_err(PlatformError::Unavailable)?;
        if info.watermark.is_none_or(|mark| mark.appid != app_id) {
            return Err(PlatformError::Forged);
        }
        let number = info
            .pure_phone_number
            .or(info.phone_number)
            .filter(|_| info.country_code.trim_start_matches('+') == "86");
        Ok(number.and_then(|number| Phone::parse(&number).ok()))
    }
}

/// WeChat's own sample has a bare 86 where its table says string.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(u32),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::Text(text) => text,
        Either::Number(number) => number.to_string(),
    })
}
