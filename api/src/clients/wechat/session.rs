//! A user's session with a mini-program, and the key that only WeChat and this client know.

use aws_lc_rs::hmac;

use super::{
    HttpWeChat,
    answers::{Errcode, ResetAnswer, Verdict},
    token::AccessToken,
};
use crate::{
    clients::{PlatformError, WeChatUser, outbound::Call},
    platform::Secret,
};

/// What a log-in code was exchanged for. Nothing outside this client reads the key in it.
pub struct WeChatSession {
    user: WeChatUser,
    key: Secret,
}

impl WeChatSession {
    pub(super) fn new(user: WeChatUser, key: Secret) -> Self {
        Self { user, key }
    }

    /// Whose session it is.
    #[must_use]
    pub fn user(&self) -> &WeChatUser {
        &self.user
    }

    pub(super) fn into_user(self) -> WeChatUser {
        self.user
    }

    /// The key in base64, as WeChat gives it.
    pub(super) fn key(&self) -> &Secret {
        &self.key
    }
}

impl HttpWeChat {
    /// Whether `session` still is the user's: `checksession`.
    pub async fn check_session(
        &self,
        app_id: &str,
        session: &WeChatSession,
    ) -> Result<bool, PlatformError> {
        let answer: Verdict = self
            .with_token(&self.front, app_id, |token| {
                signed(&self.urls.check_session, token, session)
            })
            .await?;
        match answer.errcode {
            Errcode::OK => Ok(true),
            dead if dead.says_session_is_dead() => Ok(false),
            other => Err(other.unavailable()),
        }
    }

    /// Have WeChat replace the key of `session`, so that nothing encrypted or signed under the old one
    /// is good any more: `resetusersessionkey`. A session that is over already is
    /// [`PlatformError::CodeRefused`].
    pub async fn reset_session(
        &self,
        app_id: &str,
        session: &WeChatSession,
    ) -> Result<WeChatSession, PlatformError> {
        let answer: ResetAnswer = self
            .with_token(&self.front, app_id, |token| {
                signed(&self.urls.reset_session, token, session)
            })
            .await?;
        match answer.errcode {
            Errcode::OK => Ok(WeChatSession::new(session.user.clone(), answer.key()?)),
            dead if dead.says_session_is_dead() => Err(PlatformError::CodeRefused),
            other => Err(other.unavailable()),
        }
    }
}

/// A call that proves possession of the session's key.
fn signed(url: &url::Url, token: &AccessToken, session: &WeChatSession) -> Call {
    let mut url = super::under(token, url);
    url.query_pairs_mut()
        .append_pair("openid", &session.user.openid)
        .append_pair("signature", &signature(&session.key, ""))
        .append_pair("sig_method", "hmac_sha256");
    Call::get(url).kind("session_key")
}

/// WeChat keys the HMAC with the text of the key, not with what it decodes to.
fn signature(key: &Secret, message: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.reveal().as_bytes());
    hex::encode(hmac::sign(&key, message.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_signatures_are_those_of_wechats_own_samples() {
        assert_eq!(
            signature(&"o0q0otL8aEzpcZL/FT9WsQ==".into(), r#"{"foo":"bar"}"#),
            "654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b"
        );
        assert_eq!(
            signature(&"tiihtNczf5v6AKRyjwEUhQ==".into(), ""),
            "7154f9f8b4b76b92f541cbf0e37d48840fa06e5e42da92a6f80168a1516a4735"
        );
    }
}
