//! Alipay: who a user is and what their number is, messages to users, and what Alipay tells us.
//!
//! Nothing that Alipay is said to have said is believed before its signature was verified.

mod app;
mod code;
mod gateway;
mod keys;
mod messages;
mod notification;
mod phone;
mod trust;

use std::{collections::HashMap, fmt, sync::Arc};

use anyhow::anyhow;
use futures_util::future::BoxFuture;
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

pub use self::code::AlipayCodeRequest;
use self::{
    app::App,
    gateway::{Answer, Business, NoAnswer, Refusal},
};
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
    /// Alipay's RSA public key for this app: base64 or PEM. For an app that is not in certificate mode.
    #[serde(default)]
    pub alipay_public_key: Option<String>,
    /// For an app in certificate mode.
    #[serde(default)]
    pub certificates: Option<AlipayCertificates>,
    /// The content key in base64, 16 bytes. Without it there are no phone numbers.
    #[serde(default)]
    pub aes_key: Option<Secret>,
    /// Whether requests and replies are encrypted with `aes_key`, where Alipay allows it.
    #[serde(default)]
    pub encrypt_content: bool,
}

/// The certificates of an app in certificate mode, PEM, as Alipay hands them out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlipayCertificates {
    /// Ours: `appCertPublicKey_….crt`.
    pub app: String,
    /// Alipay's: `alipayCertPublicKey_RSA2.crt`. The next one may stand behind the present one.
    pub alipay: String,
    /// The roots: `alipayRootCert.crt`.
    pub roots: String,
}

/// Alipay over HTTP.
pub struct HttpAlipay {
    outbound: Outbound,
    gateway: Url,
    apps: HashMap<String, App>,
    /// The app whose codes are drawn.
    first_app: Option<String>,
    clock: Arc<dyn Clock>,
}

/// What `alipay.system.oauth.token` says. The tokens and their lifetimes are of no use here.
#[derive(Deserialize)]
struct OauthAnswer {
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
            .map(|app| Ok((app.app_id.clone(), App::read(app)?)))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self {
            outbound: Outbound::new("alipay", settings.limits, Arc::clone(&clock), entropy)?,
            gateway: endpoint(&settings.gateway, "")?,
            apps,
            first_app: settings.apps.first().map(|app| app.app_id.clone()),
            clock,
        })
    }

    fn app(&self, app_id: &str) -> Result<&App, PlatformError> {
        self.apps.get(app_id).ok_or(PlatformError::UnknownApp)
    }

    /// Call `method` in the name of `app`.
    async fn ask<T: DeserializeOwned>(
        &self,
        app: &App,
        method: &'static str,
        business: Business<'_>,
    ) -> Result<Answer<T>, NoAnswer> {
        let call = gateway::signed(&self.gateway, app, method, &business, self.clock.now())
            .map_err(NoAnswer::NotSent)?;
        let reply = self.outbound.call(call, self.outbound.deadline()).await?;
        gateway::verified(&reply, method, app)
    }

    async fn exchange(&self, app_id: &str, code: &str) -> Result<AlipayUser, PlatformError> {
        let app = self.app(app_id)?;
        if !is_word(code, LENGTH) {
            return Err(PlatformError::CodeRefused);
        }
        let fields = [("code", code), ("grant_type", "authorization_code")];
        let answer = self
            .ask(app, OAUTH_TOKEN, Business::Fields(&fields))
            .await?;
        match answer {
            Answer::Success(answer) => OauthAnswer::user(answer),
            Answer::Refused(refusal) => Err(refused(refusal)),
        }
    }
}

impl OauthAnswer {
    /// `user_id` where Alipay gives it: it is what older sign-ups are stored under, and stays the same
    /// when an app is moved to `open_id`.
    fn user(self) -> Result<AlipayUser, PlatformError> {
        let names = [
            (AlipayIdKind::UserId, self.user_id),
            (AlipayIdKind::OpenId, self.open_id),
        ];
        names
            .into_iter()
            .filter_map(|(kind, id)| Some((kind, id.filter(|id| is_word(id, LENGTH))?)))
            .map(|(kind, id)| AlipayUser { kind, id })
            .next()
            .ok_or_else(|| gateway::unintelligible().into())
    }
}

fn refused(refusal: Refusal) -> PlatformError {
    match refusal.reason().as_str() {
        "isv.code-invalid" => PlatformError::CodeRefused,
        code => PlatformError::Unavailable(anyhow!("Alipay refused the request: {code}")),
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
        let app = self.app(app_id)?;
        phone::open(payload, &app.trust, app.content.as_ref())
    }
}

impl fmt::Debug for HttpAlipay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAlipay").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
