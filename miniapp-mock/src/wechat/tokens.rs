//! Access tokens: two pools per app that do not touch each other.

use std::collections::HashMap;

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{DAY_QUOTA, GRANT_TYPE_INVALID, POST_REQUIRED, Refusal, authenticate, json_body, text};
use crate::call::Call;
use crate::crypto::{base64_encode, random};
use crate::state::{Inner, lock};

const LIFETIME_MS: i64 = 7_200_000;
const OVERLAP_MS: i64 = 300_000;
const FORCED_APART_MS: i64 = 30_000;
const FORCED_PER_DAY: usize = 20;
const DAY_MS: i64 = 86_400_000;

const TOKEN_MISSING: Refusal = Refusal::new(41001, "access_token missing");
const TOKEN_EXPIRED: Refusal = Refusal::new(42001, "access_token expired");
const TOKEN_INVALID: Refusal = Refusal::new(
    40001,
    "invalid credential, access_token is invalid or not latest, could get access_token by \
     getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r",
);

/// Every token handed out, per app and pool.
#[derive(Default)]
pub(crate) struct Tokens {
    plain: HashMap<String, Vec<Token>>,
    stable: HashMap<String, Vec<Token>>,
    forced: HashMap<String, Vec<i64>>,
}

/// A token; the last of its pool is the newest.
#[derive(Debug, Clone)]
struct Token {
    text: String,
    dies_at: i64,
}

impl Tokens {
    /// A new token; the one before it lives on for five minutes.
    fn issue_plain(&mut self, app_id: &str, now: i64) -> Token {
        let pool = self.plain.entry(app_id.to_owned()).or_default();
        if let Some(last) = pool.last_mut() {
            last.dies_at = last.dies_at.min(now + OVERLAP_MS);
        }
        issue(pool, now)
    }

    /// The current token, or a new one in the last five minutes of its life.
    fn stable(&mut self, app_id: &str, now: i64) -> Token {
        let pool = self.stable.entry(app_id.to_owned()).or_default();
        match pool.last() {
            Some(token) if token.dies_at - now > OVERLAP_MS => token.clone(),
            _ => issue(pool, now),
        }
    }

    /// A new token, the old ones dead at once; calls too close together change nothing.
    fn force_stable(&mut self, app_id: &str, now: i64) -> Result<Token, Refusal> {
        let forced = self.forced.entry(app_id.to_owned()).or_default();
        forced.retain(|at| now - at < DAY_MS);
        if forced.last().is_some_and(|at| now - at < FORCED_APART_MS) {
            return Ok(self.stable(app_id, now));
        }
        if forced.len() >= FORCED_PER_DAY {
            return Err(DAY_QUOTA);
        }
        forced.push(now);
        let pool = self.stable.entry(app_id.to_owned()).or_default();
        for token in &mut *pool {
            token.dies_at = token.dies_at.min(now);
        }
        Ok(issue(pool, now))
    }

    /// The app that `token` speaks for.
    fn owner(&self, token: &str, now: i64) -> Result<String, Refusal> {
        for (app_id, pool) in self.plain.iter().chain(&self.stable) {
            let Some(place) = pool.iter().position(|known| known.text == token) else {
                continue;
            };
            let alive = pool.get(place).is_some_and(|known| now < known.dies_at);
            let newest = place + 1 == pool.len();
            return match (alive, newest) {
                (true, _) => Ok(app_id.clone()),
                (false, true) => Err(TOKEN_EXPIRED),
                (false, false) => Err(TOKEN_INVALID),
            };
        }
        Err(TOKEN_INVALID)
    }

    /// Bring the death of every token nearer by `by_ms`.
    pub(crate) fn age(&mut self, by_ms: i64) {
        let pools = self.plain.values_mut().chain(self.stable.values_mut());
        for token in pools.flatten() {
            token.dies_at = token.dies_at.saturating_sub(by_ms);
        }
    }
}

fn issue(pool: &mut Vec<Token>, now: i64) -> Token {
    let token = Token {
        text: format!("{}_{}", random::<1>()[0], token_text()),
        dies_at: now + LIFETIME_MS,
    };
    pool.retain(|old| now - old.dies_at < DAY_MS);
    pool.push(token.clone());
    token
}

/// 136 characters of the URL-safe alphabet, as tokens look.
fn token_text() -> String {
    base64_encode(random::<102>())
        .replace('+', "-")
        .replace('/', "_")
}

/// `GET /cgi-bin/token`.
pub(super) fn token(world: &Inner, call: &Call) -> Result<Value, Refusal> {
    if call.param("grant_type") != Some("client_credential") {
        return Err(GRANT_TYPE_INVALID);
    }
    let app = authenticate(world, call.param("appid"), call.param("secret"))?;
    let now = world.clock.now_ms();
    let token = lock(&world.wechat).tokens.issue_plain(&app.app_id, now);
    Ok(token_reply(&token, now))
}

/// `POST /cgi-bin/stable_token`.
pub(super) fn stable_token(world: &Inner, call: &Call) -> Result<Value, Refusal> {
    if call.method != Method::POST {
        return Err(POST_REQUIRED);
    }
    let body = json_body(call)?;
    if text(&body, "grant_type")? != Some("client_credential") {
        return Err(GRANT_TYPE_INVALID);
    }
    let app = authenticate(world, text(&body, "appid")?, text(&body, "secret")?)?;
    let force = match body.get("force_refresh") {
        None => false,
        Some(force) => force.as_bool().ok_or(super::BODY_MALFORMED)?,
    };

    let now = world.clock.now_ms();
    let tokens = &mut lock(&world.wechat).tokens;
    let token = if force {
        tokens.force_stable(&app.app_id, now)?
    } else {
        tokens.stable(&app.app_id, now)
    };
    Ok(token_reply(&token, now))
}

fn token_reply(token: &Token, now: i64) -> Value {
    json!({"access_token": token.text, "expires_in": (token.dies_at - now) / 1000})
}

/// The app that the call's `access_token` speaks for.
pub(super) fn caller(world: &Inner, call: &Call) -> Result<String, Refusal> {
    let token = call.param("access_token").ok_or(TOKEN_MISSING)?;
    lock(&world.wechat)
        .tokens
        .owner(token, world.clock.now_ms())
}
