//! Alipay's gateway and phone-number payloads, as far as log-in needs them.
//!
//! Nothing that Alipay is said to have said is believed before its signature was verified.

mod gateway;
mod keys;
mod phone;

use std::{collections::HashMap, fmt, sync::Arc};

use anyhow::{Context, anyhow};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use url::Url;

use self::keys::{AlipayKey, AppKey, ContentKey};
use super::{
    Alipay, AlipayIdKind, AlipayPhone, AlipayUser, Limits, PlatformError,
    outbound::{Outbound, endpoint},
    word::is_word,
};
use crate::platform::{Clock, Entropy, Secret};

/// The method that exchanges authorisation codes.
const OAUTH_TOKEN: &str = "alipay.system.oauth.token";

/// Longest code, user id and error code that is taken.
const LENGTH: usize = 128;

/// How to reach Alipay, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlipaySettings {
    /// `https://openapi.alipay.com/gateway.do`.
    #[serde(default = "production")]
    pub gateway: String,
    /// Our mini-programs.
    pub apps: Vec<AlipayApp>,
    /// What Alipay may cost us.
    #[serde(default)]
    pub limits: Limits,
}

fn production() -> String {
    "https://openapi.alipay.com/gateway.do".into()
}

/// One mini-program.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlipayApp {
    /// Sixteen digits.
    pub app_id: String,
    /// Our RSA private key: PKCS #8 or PKCS #1, base64 or PEM.
    pub private_key: Secret,
    /// Alipay's RSA public key for this app: base64 or PEM.
    pub alipay_public_key: String,
    /// The content key in base64, 16 bytes. Without it there are no phone numbers.
    #[serde(default)]
    pub aes_key: Option<Secret>,
}

struct Keys {
    app: AppKey,
    alipay: AlipayKey,
    content: Option<ContentKey>,
}

impl Keys {
    fn parse(app: &AlipayApp) -> anyhow::Result<Self> {
        Ok(Self {
            app: AppKey::parse(&app.private_key)?,
            alipay: AlipayKey::parse(&app.alipay_public_key)?,
            content: app.aes_key.as_ref().map(ContentKey::parse).transpose()?,
        })
    }
}

/// Alipay over HTTP.
pub struct HttpAlipay {
    outbound: Outbound,
    gateway: Url,
    apps: HashMap<String, Keys>,
    clock: Arc<dyn Clock>,
}

/// What `alipay.system.oauth.token` says. The tokens and their lifetimes are of no use here.
#[derive(Deserialize)]
struct OauthAnswer {
    code: Option<String>,
    sub_code: Option<String>,
    user_id: Option<String>,
    open_id: Option<String>,
}

impl HttpAlipay {
    /// A client for the apps of `settings`. Fails if a key cannot be read.
    pub fn new(
        settings: &AlipaySettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        let apps = settings
            .apps
            .iter()
            .map(|app| {
                let keys =
                    Keys::parse(app).with_context(|| format!("Alipay app {}", app.app_id))?;
                Ok((app.app_id.clone(), keys))
            })
            .collect::<anyhow::Result<_>>()?;
        Ok(Self {
            outbound: Outbound::new("alipay", settings.limits, Arc::clone(&clock), entropy)?,
            gateway: endpoint(&settings.gateway, "")?,
            apps,
            clock,
        })
    }

    fn keys(&self, app_id: &str) -> Result<&Keys, PlatformError> {
        self.apps.get(app_id).ok_or(PlatformError::UnknownApp)
    }

    async fn exchange(&self, app_id: &str, code: &str) -> Result<AlipayUser, PlatformError> {
        let keys = self.keys(app_id)?;
        if !is_word(code, LENGTH) {
            return Err(PlatformError::CodeRefused);
        }
        let business = [("code", code), ("grant_type", "authorization_code")];
        let now = self.clock.now();
        let call = gateway::signed(
            &self.gateway,
            &keys.app,
            app_id,
            OAUTH_TOKEN,
            &business,
            now,
        )
        .map_err(PlatformError::Unavailable)?;
        let reply = self
            .outbound
            .call(call, self.outbound.deadline())
            .await
            .map_err(|failure| PlatformError::Unavailable(failure.into()))?;
        if !reply.status.is_success() {
            return Err(PlatformError::Unavailable(anyhow!(
                "Alipay answered with status {}",
                reply.status.as_u16()
            )));
        }
        gateway::verified::<OauthAnswer>(&reply.body, OAUTH_TOKEN, &keys.alipay)?.user()
    }
}

impl OauthAnswer {
    /// `user_id` where Alipay gives it: it is what older sign-ups are stored under, and stays the same
    /// when an app is moved to `open_id`.
    fn user(self) -> Result<AlipayUser, PlatformError> {
        if self.code.is_some_and(|code| code != "10000") || self.sub_code.is_some() {
            return Err(refusal(self.sub_code.as_deref()));
        }
        let names = [
            (AlipayIdKind::UserId, self.user_id),
            (AlipayIdKind::OpenId, self.open_id),
        ];
        names
            .into_iter()
            .filter_map(|(kind, id)| Some((kind, id.filter(|id| is_word(id, LENGTH))?)))
            .map(|(kind, id)| AlipayUser { kind, id })
            .next()
            .ok_or_else(gateway::unintelligible)
    }
}

fn refusal(sub_code: Option<&str>) -> PlatformError {
    match sub_code.filter(|code| is_word(code, LENGTH)) {
        Some("isv.code-invalid") => PlatformError::CodeRefused,
        Some(code) => PlatformError::Unavailable(anyhow!("Alipay refused the request: {code}")),
        None => PlatformError::Unavailable(anyhow!("Alipay refused the request")),
    }
}

impl Alipay for HttpAlipay {
    fn user<'a>(
        &'a self,
        app_id: &'a str,
        auth_code: &'a str,
    ) -> BoxFuture<'a, Result<AlipayUser, PlatformError>> {
        Box::pin(self.exchange(app_id, auth_code))
    }

    fn open_phone(&self, app_id: &str, payload: &str) -> Result<AlipayPhone, PlatformError> {
        let keys = self.keys(app_id)?;
        phone::open(payload, &keys.alipay, keys.content.as_ref())
    }
}

impl fmt::Debug for HttpAlipay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAlipay").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
