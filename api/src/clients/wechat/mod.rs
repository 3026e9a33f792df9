//! WeChat's server API, as far as log-in needs it.
//!
//! WeChat answers refusals with HTTP 200 and an `errcode`, under varying content types; neither status
//! nor type says anything about a 2xx answer.

mod answers;
mod seal;
mod token;

use std::{collections::HashMap, fmt, sync::Arc};

use anyhow::{Context, anyhow};
use entity::values::Phone;
use futures_util::future::BoxFuture;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use tokio::time::Instant;
use url::Url;

use self::{
    answers::{Errcode, PhoneAnswer, SessionAnswer},
    seal::Seal,
    token::{AccessToken, AccessTokens, Wanted},
};
use super::{
    Limits, PlatformError, WeChat, WeChatUser,
    outbound::{Call, JSON, Outbound, endpoint},
    word::is_word,
};
use crate::platform::{Clock, Entropy, Ephemeral, Secret, entropy};

/// Longest code that is worth asking about; WeChat's are 32 and 64 characters.
const CODE_LENGTH: usize = 512;

/// How to reach WeChat, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeChatSettings {
    /// `https://api.weixin.qq.com`.
    #[serde(default = "production")]
    pub base_url: String,
    /// Our mini-programs.
    pub apps: Vec<WeChatApp>,
    /// What WeChat may cost us.
    #[serde(default)]
    pub limits: Limits,
}

fn production() -> String {
    "https://api.weixin.qq.com".into()
}

/// One mini-program.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeChatApp {
    /// `wx` and sixteen hex digits.
    pub app_id: String,
    /// Its `AppSecret`.
    pub secret: Secret,
}

/// WeChat over HTTP.
pub struct HttpWeChat {
    outbound: Arc<Outbound>,
    session_url: Url,
    phone_url: Url,
    apps: HashMap<String, Secret>,
    tokens: AccessTokens,
}

impl HttpWeChat {
    /// A client for the apps of `settings`.
    ///
    /// Access tokens are shared between instances through `ephemeral`, sealed under `seal_key`, which
    /// is therefore the same on every instance.
    pub fn new(
        settings: &WeChatSettings,
        seal_key: &[u8; 32],
        ephemeral: Arc<dyn Ephemeral>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        let base = &settings.base_url;
        let (session_url, phone_url) = (
            endpoint(base, "sns/jscode2session")?,
            endpoint(base, "wxa/business/getuserphonenumber")?,
        );
        let token_url = endpoint(base, "cgi-bin/stable_token")?;
        let outbound = Arc::new(Outbound::new(
            "wechat",
            settings.limits,
            Arc::clone(&clock),
            Arc::clone(&entropy),
        )?);
        let process = entropy::bytes(entropy.as_ref());
        let seal = Seal::new(seal_key, entropy)?;
        let apps: HashMap<_, _> = settings
            .apps
            .iter()
            .map(|app| (app.app_id.clone(), app.secret.clone()))
            .collect();
        let tokens = AccessTokens::new(
            Arc::clone(&outbound),
            token_url,
            apps.keys().cloned(),
            ephemeral,
            clock,
            seal,
            process,
        );
        Ok(Self {
            outbound,
            session_url,
            phone_url,
            apps,
            tokens,
        })
    }

    fn secret(&self, app_id: &str) -> Result<&Secret, PlatformError> {
        self.apps.get(app_id).ok_or(PlatformError::UnknownApp)
    }

    async fn exchange_login(&self, app_id: &str, code: &str) -> Result<WeChatUser, PlatformError> {
        let secret = self.secret(app_id)?;
        expect_code(code)?;
        let mut url = self.session_url.clone();
        url.query_pairs_mut()
            .append_pair("appid", app_id)
            .append_pair("secret", secret.reveal())
            .append_pair("js_code", code)
            .append_pair("grant_type", "authorization_code");
        let answer: SessionAnswer =
            ask(&self.outbound, Call::get(url), self.outbound.deadline()).await?;
        match answer.errcode {
            Errcode::OK => answer.user(),
            refused => Err(refused.of_login_code()),
        }
    }

    /// An access token that WeChat no longer accepts is replaced and the call made again: once.
    async fn exchange_phone(
        &self,
        app_id: &str,
        code: &str,
        openid: &str,
    ) -> Result<Option<Phone>, PlatformError> {
        let secret = self.secret(app_id)?;
        expect_code(code)?;
        let deadline = self.outbound.deadline();
        let wanted = Wanted {
            app_id,
            secret,
            dead: None,
            deadline,
        };
        let token = self.tokens.get(wanted).await?;
        let mut answer = self.ask_phone(&token, code, openid, deadline).await?;
        if answer.errcode.says_token_is_dead() {
            let dead = Some(&token);
            let token = self.tokens.get(Wanted { dead, ..wanted }).await?;
            answer = self.ask_phone(&token, code, openid, deadline).await?;
        }
        match answer.errcode {
            Errcode::OK => answer.phone(app_id),
            refused => Err(refused.of_phone_code()),
        }
    }

    async fn ask_phone(
        &self,
        token: &AccessToken,
        code: &str,
        openid: &str,
        deadline: Instant,
    ) -> Result<PhoneAnswer, PlatformError> {
        let mut url = self.phone_url.clone();
        url.query_pairs_mut()
            .append_pair("access_token", token.reveal());
        let body = json!({ "code": code, "openid": openid });
        let call = Call::post(url, JSON, body.to_string().into_bytes());
        ask(&self.outbound, call, deadline).await
    }
}

impl WeChat for HttpWeChat {
    fn user<'a>(
        &'a self,
        app_id: &'a str,
        login_code: &'a str,
    ) -> BoxFuture<'a, Result<WeChatUser, PlatformError>> {
        Box::pin(self.exchange_login(app_id, login_code))
    }

    fn phone<'a>(
        &'a self,
        app_id: &'a str,
        phone_code: &'a str,
        openid: &'a str,
    ) -> BoxFuture<'a, Result<Option<Phone>, PlatformError>> {
        Box::pin(self.exchange_phone(app_id, phone_code, openid))
    }
}

impl fmt::Debug for HttpWeChat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpWeChat").finish_non_exhaustive()
    }
}

/// Spare WeChat, and our quota there, what is no code at all.
fn expect_code(code: &str) -> Result<(), PlatformError> {
    is_word(code, CODE_LENGTH)
        .then_some(())
        .ok_or(PlatformError::CodeRefused)
}

/// Ask WeChat and read the answer as JSON, whatever it calls itself.
async fn ask<T: DeserializeOwned>(
    outbound: &Outbound,
    call: Call,
    deadline: Instant,
) -> Result<T, PlatformError> {
    let reply = outbound
        .call(call, deadline)
        .await
        .map_err(|failure| PlatformError::Unavailable(failure.into()))?;
    if !reply.status.is_success() {
        return Err(PlatformError::Unavailable(anyhow!(
            "WeChat answered with status {}",
            reply.status.as_u16()
        )));
    }
    // The parser's own words may quote the answer.
    serde_json::from_slice(&reply.body)
        .ok()
        .context("WeChat answered in a form that is not known")
        .map_err(PlatformError::Unavailable)
}

#[cfg(test)]
mod tests;
