//! WeChat's server API, as far as the product needs it, and the receiving end of its message push.
//!
//! WeChat answers refusals with HTTP 200 and an `errcode`, under varying content types; neither status
//! nor type says anything about a 2xx answer.

mod answers;
mod code;
mod login;
mod message;
mod open_data;
mod push;
mod seal;
mod session;
mod token;

use std::{collections::HashMap, fmt, sync::Arc};

use anyhow::anyhow;
use serde::Deserialize;
use tokio::{sync::Semaphore, time::Instant};
use url::Url;

use self::{
    answers::Answer,
    push::PushKeys,
    seal::Seal,
    token::{AccessToken, AccessTokens, Wanted},
};
pub use self::{
    code::{CodeRequest, EnvVersion},
    push::{PushMode, WeChatPushSettings},
    session::WeChatSession,
};
use super::{
    Limits, PlatformError,
    outbound::{Call, Outbound, endpoint},
};
use crate::platform::{Clock, Entropy, Ephemeral, Secret, entropy};

/// Longest answer to a call that nobody waits for, in bytes: pictures among them.
const LONG_REPLY: usize = 1024 * 1024;

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
    /// How WeChat's message push reaches us, if it does.
    #[serde(default)]
    pub push: Option<WeChatPushSettings>,
}

/// WeChat over HTTP.
pub struct HttpWeChat {
    /// For what a person waits for.
    front: Way,
    /// For messages and pictures: however many are under way, no log-in is turned away for them.
    backstage: Way,
    urls: Urls,
    apps: HashMap<String, App>,
    /// The app whose codes are drawn.
    first_app: Option<String>,
    tokens: AccessTokens,
    clock: Arc<dyn Clock>,
}

/// A way to WeChat.
struct Way {
    outbound: Arc<Outbound>,
    /// Who waits for an access token here: as many as may have calls in flight, since this is a call
    /// to them, and one more is refused at once.
    waiting: Semaphore,
}

struct App {
    secret: Secret,
    push: Option<PushKeys>,
}

struct Urls {
    session: Url,
    check_session: Url,
    reset_session: Url,
    phone: Url,
    message: Url,
    code: Url,
}

impl Urls {
    fn below(base: &str) -> anyhow::Result<Self> {
        Ok(Self {
            session: endpoint(base, "sns/jscode2session")?,
            check_session: endpoint(base, "wxa/checksession")?,
            reset_session: endpoint(base, "wxa/resetusersessionkey")?,
            phone: endpoint(base, "wxa/business/getuserphonenumber")?,
            message: endpoint(base, "cgi-bin/message/subscribe/send")?,
            code: endpoint(base, "wxa/getwxacodeunlimit")?,
        })
    }
}

/// Why WeChat's word is not known.
#[derive(Debug)]
enum Silence {
    /// WeChat surely did not see the call.
    NotSent(PlatformError),
    /// It may have seen it.
    Unclear(PlatformError),
}

impl From<Silence> for PlatformError {
    fn from(silence: Silence) -> Self {
        match silence {
            Silence::NotSent(why) | Silence::Unclear(why) => why,
        }
    }
}

impl HttpWeChat {
    /// A client for the apps of `settings`.
    ///
    /// Access tokens are shared between instances through `ephemeral`, sealed under `seal_key`, which
    /// is therefore the same on every instance. Fails if an address or a push key is not one.
    pub fn new(
        settings: &WeChatSettings,
        seal_key: &[u8; 32],
        ephemeral: Arc<dyn Ephemeral>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        let (base, limits) = (&settings.base_url, settings.limits);
        let way = |name, limits| Way::new(name, limits, Arc::clone(&clock), Arc::clone(&entropy));
        let front = way("wechat", limits)?;
        let patient = Limits {
            reply_bytes: limits.reply_bytes.max(LONG_REPLY),
            ..limits
        };
        let backstage = way("wechat_backstage", patient)?;
        let apps = settings
            .apps
            .iter()
            .map(|app| Ok((app.app_id.clone(), App::of(app)?)))
            .collect::<anyhow::Result<HashMap<_, _>>>()?;
        let process = entropy::bytes(entropy.as_ref());
        let tokens = AccessTokens::new(
            Arc::clone(&front.outbound),
            endpoint(base, "cgi-bin/stable_token")?,
            apps.keys().cloned(),
            ephemeral,
            Arc::clone(&clock),
            Seal::new(seal_key, entropy)?,
            process,
        );
        Ok(Self {
            front,
            backstage,
            urls: Urls::below(base)?,
            apps,
            first_app: settings.apps.first().map(|app| app.app_id.clone()),
            tokens,
            clock,
        })
    }

    fn app(&self, app_id: &str) -> Result<&App, PlatformError> {
        self.apps.get(app_id).ok_or(PlatformError::UnknownApp)
    }

    /// Make the call that `make` makes of an access token. A token that WeChat no longer accepts is
    /// replaced and the call made again: once.
    async fn with_token<A: Answer>(
        &self,
        way: &Way,
        app_id: &str,
        make: impl Fn(&AccessToken) -> Call,
    ) -> Result<A, Silence> {
        let by = way.outbound.deadline();
        self.with_token_by(way, by, app_id, make).await
    }

    /// The same as a part of what must be over `by` then.
    async fn with_token_by<A: Answer>(
        &self,
        Way { outbound, waiting }: &Way,
        by: Instant,
        app_id: &str,
        make: impl Fn(&AccessToken) -> Call,
    ) -> Result<A, Silence> {
        let secret = &self.app(app_id).map_err(Silence::NotSent)?.secret;
        let deadline = outbound.deadline_within(by);
        let wanted = Wanted {
            app_id,
            secret,
            dead: None,
            waiting,
            deadline,
        };
        let token = self.tokens.get(wanted).await.map_err(Silence::NotSent)?;
        let answer: A = ask(outbound, make(&token), deadline).await?;
        if !answer.errcode().says_token_is_dead() {
            return Ok(answer);
        }
        let dead = Some(&token);
        let token = self.tokens.get(Wanted { dead, ..wanted }).await;
        ask(outbound, make(&token.map_err(Silence::NotSent)?), deadline).await
    }
}

impl Way {
    fn new(
        name: &'static str,
        limits: Limits,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            outbound: Arc::new(Outbound::new(name, limits, clock, entropy)?),
            waiting: Semaphore::new(limits.in_flight.min(Semaphore::MAX_PERMITS)),
        })
    }
}

impl App {
    fn of(settings: &WeChatApp) -> anyhow::Result<Self> {
        let push = settings.push.as_ref().map(PushKeys::read).transpose()?;
        Ok(Self {
            secret: settings.secret.clone(),
            push,
        })
    }
}

impl fmt::Debug for HttpWeChat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpWeChat").finish_non_exhaustive()
    }
}

/// `url` with the access token, where WeChat wants it.
fn under(token: &AccessToken, url: &Url) -> Url {
    let mut url = url.clone();
    url.query_pairs_mut()
        .append_pair("access_token", token.reveal());
    url
}

/// Ask WeChat and read the answer, whatever it calls itself.
async fn ask<A: Answer>(outbound: &Outbound, call: Call, deadline: Instant) -> Result<A, Silence> {
    let reply = outbound.call(call, deadline).await.map_err(|failure| {
        let surely = failure.surely_not_sent();
        let why = PlatformError::Unavailable(failure.into());
        if surely {
            Silence::NotSent(why)
        } else {
            Silence::Unclear(why)
        }
    })?;
    if !reply.status.is_success() {
        return Err(unclear(anyhow!(
            "WeChat answered with status {}",
            reply.status.as_u16()
        )));
    }
    // The parser's own words may quote the answer.
    A::read(&reply.body)
        .ok_or_else(|| unclear(anyhow!("WeChat answered in a form that is not known")))
}

fn unclear(why: anyhow::Error) -> Silence {
    Silence::Unclear(PlatformError::Unavailable(why))
}

#[cfg(test)]
mod tests;
