//! `alipay.system.oauth.token`: a code, or a refresh token, for an access token.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::envelope::Refusal;
use super::gateway::Params;
use super::keys::AppKeys;
use crate::clock::{beijing_text, millis};
use crate::config::{AlipayApp, AlipayUserIds};
use crate::crypto::{random_hex, sha256_hex};
use crate::people::{alipay_open_id, alipay_user_id};
use crate::state::{Inner, lock};

const ACCESS_MS: i64 = 15 * 86_400_000;
const REFRESH_MS: i64 = 30 * 86_400_000;

/// Authorisation codes and what they were exchanged for.
#[derive(Default)]
pub(crate) struct Grants {
    codes: HashMap<String, AuthCode>,
    /// By refresh token.
    grants: HashMap<String, Grant>,
}

struct AuthCode {
    app_id: String,
    person: String,
    scope: String,
    made_at: i64,
}

/// What a person allowed an app.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) app_id: String,
    pub(super) person: String,
    pub(super) scope: String,
    access_token: String,
    refresh_token: String,
    started_at: i64,
    access_dies_at: i64,
    refresh_dies_at: i64,
}

/// Why an access token is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadToken {
    Unknown,
    Expired,
}

impl Grants {
    /// A fresh code with which `app_id` may learn who `person` is.
    pub(crate) fn make_code(
        &mut self,
        app_id: &str,
        person: &str,
        scope: &str,
        now: i64,
    ) -> String {
        let code = AuthCode {
            app_id: app_id.to_owned(),
            person: person.to_owned(),
            scope: scope.to_owned(),
            made_at: now,
        };
        let text = random_hex::<16>();
        self.codes.insert(text.clone(), code);
        text
    }

    fn exchange(
        &mut self,
        app_id: &str,
        text: &str,
        lifetime: Duration,
        now: i64,
    ) -> Result<Grant, Refusal> {
        self.codes
            .get(text)
            .filter(|code| code.app_id == app_id && now - code.made_at < millis(lifetime))
            .ok_or_else(code_invalid)?;
        let code = self.codes.remove(text).ok_or_else(code_invalid)?;
        Ok(self.keep(Grant {
            app_id: code.app_id,
            person: code.person,
            scope: code.scope,
            access_token: new_token(),
            refresh_token: new_token(),
            started_at: now,
            access_dies_at: now + ACCESS_MS,
            refresh_dies_at: now + REFRESH_MS,
        }))
    }

    /// New tokens for old: the old ones die, the end of the refresh token stays.
    fn refresh(&mut self, app_id: &str, token: &str, now: i64) -> Result<Grant, Refusal> {
        self.grants
            .get(token)
            .filter(|grant| grant.app_id == app_id && now < grant.refresh_dies_at)
            .ok_or_else(refresh_token_invalid)?;
        let old = self
            .grants
            .remove(token)
            .ok_or_else(refresh_token_invalid)?;
        Ok(self.keep(Grant {
            access_token: new_token(),
            refresh_token: new_token(),
            access_dies_at: now + ACCESS_MS,
            ..old
        }))
    }

    fn keep(&mut self, grant: Grant) -> Grant {
        self.grants
            .insert(grant.refresh_token.clone(), grant.clone());
        grant
    }

    /// What `token` allows `app_id`.
    pub(super) fn of_access_token(
        &self,
        app_id: &str,
        token: &str,
        now: i64,
    ) -> Result<Grant, BadToken> {
        let grant = self
            .grants
            .values()
            .find(|grant| grant.access_token == token && grant.app_id == app_id)
            .ok_or(BadToken::Unknown)?;
        if now < grant.access_dies_at {
            Ok(grant.clone())
        } else {
            Err(BadToken::Expired)
        }
    }

    /// Bring the end of every token nearer by `by_ms`.
    pub(crate) fn age(&mut self, by_ms: i64) {
        for grant in self.grants.values_mut() {
            grant.access_dies_at = grant.access_dies_at.saturating_sub(by_ms);
            grant.refresh_dies_at = grant.refresh_dies_at.saturating_sub(by_ms);
        }
    }
}

fn new_token() -> String {
    format!("authusrB{}", random_hex::<16>())
}

fn code_invalid() -> Refusal {
    Refusal::new("40002", "isv.code-invalid", "授权码code无效")
}

fn refresh_token_invalid() -> Refusal {
    Refusal::new(
        "40002",
        "isv.refresh-token-invalid",
        "刷新令牌refresh_token无效",
    )
}

/// Answer `alipay.system.oauth.token`.
pub(super) fn token(world: &Inner, keys: &AppKeys, params: &Params) -> Result<Value, Refusal> {
    let app = &keys.app;
    let now = world.clock.now_ms();
    let need = |name: &str| {
        params
            .get(name)
            .ok_or_else(|| Refusal::missing(&name.replace('_', "-")))
    };
    let alipay = &mut *lock(&world.alipay);
    let grants = &mut alipay.grants;
    let grant = match need("grant_type")? {
        "authorization_code" => {
            grants.exchange(&app.app_id, need("code")?, app.auth_code_lifetime, now)?
        }
        "refresh_token" => grants.refresh(&app.app_id, need("refresh_token")?, now)?,
        _ => return Err(Refusal::invalid("grant-type")),
    };
    alipay.messages.meet(&app.app_id, &grant.person);
    Ok(token_reply(app, &grant, now))
}

fn token_reply(app: &AlipayApp, grant: &Grant, now: i64) -> Value {
    let mut reply = json!({
        "access_token": grant.access_token,
        "auth_start": beijing_text(grant.started_at),
        "expires_in": (grant.access_dies_at - now) / 1000,
        "re_expires_in": (grant.refresh_dies_at - now) / 1000,
        "refresh_token": grant.refresh_token,
    });
    if let Some(members) = reply.as_object_mut() {
        members.extend(user_ids(app, &grant.person));
        if app.user_ids != AlipayUserIds::OpenId {
            let legacy: String = sha256_hex(grant.person.as_bytes())
                .chars()
                .take(32)
                .collect();
            members.insert("alipay_user_id".to_owned(), legacy.into());
        }
    }
    reply
}

/// The identifiers that `app` gets of `person`.
pub(super) fn user_ids(app: &AlipayApp, person: &str) -> serde_json::Map<String, Value> {
    let mut ids = serde_json::Map::new();
    if app.user_ids != AlipayUserIds::OpenId {
        ids.insert("user_id".to_owned(), alipay_user_id(person).into());
    }
    if app.user_ids != AlipayUserIds::UserId {
        ids.insert(
            "open_id".to_owned(),
            alipay_open_id(&app.app_id, person).into(),
        );
    }
    ids
}
