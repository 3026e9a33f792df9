//! What log-in needs: who a code stands for, and their phone.

use entity::values::Phone;
use futures_util::future::BoxFuture;
use serde_json::json;
use tokio::time::Instant;

use super::{
    HttpWeChat,
    answers::{Errcode, PhoneAnswer, SessionAnswer},
    ask, open_data,
    session::WeChatSession,
    under,
};
use crate::clients::{
    EncryptedPhone, PlatformError, WeChat, WeChatUser,
    outbound::{Call, JSON},
    word::is_word,
};

/// Longest code that is worth asking about; WeChat's are 32 and 64 characters.
pub(super) const CODE_LENGTH: usize = 512;

impl HttpWeChat {
    /// Exchange a `wx.login` code for the session that it began: `code2Session`.
    ///
    /// Over `by` then, and sooner where the limits say so.
    pub async fn session(
        &self,
        app_id: &str,
        code: &str,
        by: Instant,
    ) -> Result<WeChatSession, PlatformError> {
        let secret = &self.app(app_id)?.secret;
        expect_code(code)?;
        let mut url = self.urls.session.clone();
        url.query_pairs_mut()
            .append_pair("appid", app_id)
            .append_pair("secret", secret.reveal())
            .append_pair("js_code", code)
            .append_pair("grant_type", "authorization_code");
        let deadline = self.front.outbound.deadline_within(by);
        let answer: SessionAnswer = ask(
            &self.front.outbound,
            Call::get(url).kind("session"),
            deadline,
        )
        .await?;
        match answer.errcode {
            Errcode::OK => answer.session(),
            refused => Err(refused.of_login_code()),
        }
    }

    async fn exchange_phone(
        &self,
        app_id: &str,
        code: &str,
        openid: &str,
        by: Instant,
    ) -> Result<Option<Phone>, PlatformError> {
        self.app(app_id)?;
        expect_code(code)?;
        let body = json!({ "code": code, "openid": openid }).to_string();
        let answer: PhoneAnswer = self
            .with_token_by(&self.front, by, app_id, |token| {
                Call::post(under(token, &self.urls.phone), JSON, body.clone().into()).kind("phone")
            })
            .await?;
        match answer.errcode {
            Errcode::OK => answer.phone(app_id),
            refused => Err(refused.of_phone_code()),
        }
    }

    async fn exchange_login_and_open(
        &self,
        app_id: &str,
        login_code: &str,
        phone: EncryptedPhone<'_>,
        by: Instant,
    ) -> Result<(WeChatUser, Option<Phone>), PlatformError> {
        let session = self.session(app_id, login_code, by).await?;
        let phone = open_data::open_phone(app_id, &session, phone, self.clock.now())?;
        Ok((session.into_user(), phone))
    }
}

impl WeChat for HttpWeChat {
    fn user<'a>(
        &'a self,
        app_id: &'a str,
        login_code: &'a str,
        by: Instant,
    ) -> BoxFuture<'a, Result<WeChatUser, PlatformError>> {
        Box::pin(async move { Ok(self.session(app_id, login_code, by).await?.into_user()) })
    }

    fn phone<'a>(
        &'a self,
        app_id: &'a str,
        phone_code: &'a str,
        openid: &'a str,
        by: Instant,
    ) -> BoxFuture<'a, Result<Option<Phone>, PlatformError>> {
        Box::pin(self.exchange_phone(app_id, phone_code, openid, by))
    }

    fn user_and_phone<'a>(
        &'a self,
        app_id: &'a str,
        login_code: &'a str,
        phone: EncryptedPhone<'a>,
        by: Instant,
    ) -> BoxFuture<'a, Result<(WeChatUser, Option<Phone>), PlatformError>> {
        Box::pin(self.exchange_login_and_open(app_id, login_code, phone, by))
    }
}

/// Spare WeChat, and our quota there, what is no code at all.
fn expect_code(code: &str) -> Result<(), PlatformError> {
    is_word(code, CODE_LENGTH)
        .then_some(())
        .ok_or(PlatformError::CodeRefused)
}
