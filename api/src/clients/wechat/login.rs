//! What log-in needs: who a code stands for, and their phone.

use entity::values::Phone;
use futures_util::future::BoxFuture;
use serde_json::json;

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
    pub async fn session(&self, app_id: &str, code: &str) -> Result<WeChatSession, PlatformError> {
        let secret = &self.app(app_id)?.secret;
        expect_code(code)?;
        let mut url = self.urls.session.clone();
        url.query_pairs_mut()
            .append_pair("appid", app_id)
            .append_pair("secret", secret.reveal())
            .append_pair("js_code", code)
            .append_pair("grant_type", "authorization_code");
        let deadline = self.outbound.deadline();
        let answer: SessionAnswer = ask(&self.outbound, Call::get(url), deadline).await?;
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
    ) -> Result<Option<Phone>, PlatformError> {
        self.app(app_id)?;
        expect_code(code)?;
        let body = json!({ "code": code, "openid": openid }).to_string();
        let answer: PhoneAnswer = self
            .with_token(&self.outbound, app_id, |token| {
                Call::post(under(token, &self.urls.phone), JSON, body.clone().into())
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
    ) -> Result<(WeChatUser, Option<Phone>), PlatformError> {
        let session = self.session(app_id, login_code).await?;
        let phone = open_data::open_phone(app_id, &session, phone, self.clock.now())?;
        Ok((session.into_user(), phone))
    }
}

impl WeChat for HttpWeChat {
    fn user<'a>(
        &'a self,
        app_id: &'a str,
        login_code: &'a str,
    ) -> BoxFuture<'a, Result<WeChatUser, PlatformError>> {
        Box::pin(async move { Ok(self.session(app_id, login_code).await?.into_user()) })
    }

    fn phone<'a>(
        &'a self,
        app_id: &'a str,
        phone_code: &'a str,
        openid: &'a str,
    ) -> BoxFuture<'a, Result<Option<Phone>, PlatformError>> {
        Box::pin(self.exchange_phone(app_id, phone_code, openid))
    }

    fn user_and_phone<'a>(
        &'a self,
        app_id: &'a str,
        login_code: &'a str,
        phone: EncryptedPhone<'a>,
    ) -> BoxFuture<'a, Result<(WeChatUser, Option<Phone>), PlatformError>> {
        Box::pin(self.exchange_login_and_open(app_id, login_code, phone))
    }
}

/// Spare WeChat, and our quota there, what is no code at all.
fn expect_code(code: &str) -> Result<(), PlatformError> {
    is_word(code, CODE_LENGTH)
        .then_some(())
        .ok_or(PlatformError::CodeRefused)
}
