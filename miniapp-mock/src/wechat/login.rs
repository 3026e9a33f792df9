//! Logging in: a code for an openid and a session key, and checks of that key.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::codes::{BadCode, Purpose};
use super::{
    GRANT_TYPE_INVALID, MINUTE_QUOTA, OPENID_INVALID, Refusal, Style, authenticate, json_body,
    text, tokens,
};
use crate::call::Call;
use crate::clock::millis;
use crate::config::WechatApp;
use crate::crypto::{base64_encode, hmac_sha256, random};
use crate::people::{openid, union_id};
use crate::state::{Inner, lock};

const MINUTE_MS: i64 = 60_000;
const LOGINS_PER_MINUTE: usize = 100;

const CODE_MISSING: Refusal = Refusal::new(41008, "missing code");
const CODE_INVALID: Refusal = Refusal::new(40029, "invalid code").style(Style::Comma);
const CODE_USED: Refusal = Refusal::new(40163, "code been used").style(Style::Comma);
const CODE_BLOCKED: Refusal = Refusal::new(40226, "code blocked").style(Style::Comma);
const SIGNATURE_INVALID: Refusal = Refusal::new(87009, "invalid signature");
const SIG_METHOD_INVALID: Refusal = Refusal::new(87008, "invalid sig_method");

/// Who is logged in where, and who may not be.
#[derive(Default)]
pub(crate) struct Sessions {
    /// By app and openid.
    live: HashMap<(String, String), Session>,
    /// Times of the last minute's logins, by person.
    recent: HashMap<String, Vec<i64>>,
    blocked: HashSet<String>,
}

#[derive(Debug, Clone)]
struct Session {
    key: String,
    dies_at: i64,
}

impl Session {
    fn over() -> Self {
        Self {
            key: new_key(),
            dies_at: i64::MIN,
        }
    }
}

fn new_key() -> String {
    base64_encode(random::<16>())
}

impl Sessions {
    /// Whether WeChat holds `person` for a risk.
    pub(crate) fn set_blocked(&mut self, person: &str, blocked: bool) {
        if blocked {
            self.blocked.insert(person.to_owned());
        } else {
            self.blocked.remove(person);
        }
    }

    fn admit(&mut self, person: &str, now: i64) -> Result<(), Refusal> {
        if self.blocked.contains(person) {
            return Err(CODE_BLOCKED);
        }
        let recent = self.recent.entry(person.to_owned()).or_default();
        recent.retain(|at| now - at < MINUTE_MS);
        if recent.len() >= LOGINS_PER_MINUTE {
            return Err(MINUTE_QUOTA.style(Style::Comma));
        }
        recent.push(now);
        Ok(())
    }

    /// `wx.login`: a new session key if there is none, or if the app's users get one with every login.
    /// Either way the session lives on from here.
    pub(super) fn log_in(&mut self, app: &WechatApp, openid: &str, now: i64) {
        let session = self
            .live
            .entry((app.app_id.clone(), openid.to_owned()))
            .or_insert_with(Session::over);
        if app.rotate_session_keys || now >= session.dies_at {
            session.key = new_key();
        }
        session.dies_at = now.saturating_add(millis(app.session_lifetime));
    }

    /// The session key, while it is good.
    pub(super) fn key(&self, app_id: &str, openid: &str, now: i64) -> Option<String> {
        let session = self.live.get(&(app_id.to_owned(), openid.to_owned()))?;
        (now < session.dies_at).then(|| session.key.clone())
    }

    pub(super) fn end(&mut self, app_id: &str, openid: &str) {
        self.live.remove(&(app_id.to_owned(), openid.to_owned()));
    }

    /// The key that a login code is exchanged for: the current one, if its session was not ended since.
    fn open(&mut self, app: &WechatApp, openid: &str, now: i64) -> String {
        if let Some(key) = self.key(&app.app_id, openid, now) {
            return key;
        }
        self.log_in(app, openid, now);
        self.key(&app.app_id, openid, now).unwrap_or_default()
    }

    /// The live session whose key signs as the call says.
    fn signed(
        &mut self,
        app_id: &str,
        check: &SessionCheck,
        now: i64,
    ) -> Result<&mut Session, Refusal> {
        let session = self
            .live
            .get_mut(&(app_id.to_owned(), check.openid.clone()))
            .ok_or(OPENID_INVALID)?;
        let expected = hex::encode(hmac_sha256(session.key.as_bytes(), b""));
        if now < session.dies_at && expected == check.signature {
            Ok(session)
        } else {
            Err(SIGNATURE_INVALID)
        }
    }
}

/// `GET /sns/jscode2session`.
pub(super) fn code_to_session(world: &Inner, call: &Call) -> Result<Value, Refusal> {
    let app = authenticate(world, call.param("appid"), call.param("secret"))?;
    let code = call.param("js_code").ok_or(CODE_MISSING)?;
    if call.param("grant_type") != Some("authorization_code") {
        return Err(GRANT_TYPE_INVALID);
    }

    let now = world.clock.now_ms();
    let wechat = &mut *lock(&world.wechat);
    let holder = wechat
        .codes
        .look(Purpose::Login, code, &app.app_id, now)
        .map_err(|bad| match bad {
            BadCode::Used => CODE_USED,
            BadCode::Unknown | BadCode::OtherApp => CODE_INVALID,
        })?;
    wechat.sessions.admit(&holder.person, now)?;
    wechat.codes.spend(code);

    let openid = openid(&app.app_id, &holder.person);
    let key = wechat.sessions.open(app, &openid, now);
    let mut reply = json!({"session_key": key, "openid": openid});
    if app.union_ids
        && let Some(members) = reply.as_object_mut()
    {
        members.insert("unionid".to_owned(), union_id(&holder.person).into());
    }
    Ok(reply)
}

/// `GET /wxa/checksession`.
pub(super) fn check_session(world: &Inner, call: &Call) -> Result<Value, Refusal> {
    let app_id = tokens::caller(world, call)?;
    let check = SessionCheck::read(call)?;
    let now = world.clock.now_ms();
    lock(&world.wechat).sessions.signed(&app_id, &check, now)?;
    Ok(json!({"errcode": 0, "errmsg": "ok"}))
}

/// `GET /wxa/resetusersessionkey`. The new key inherits the old one's end.
pub(super) fn reset_session(world: &Inner, call: &Call) -> Result<Value, Refusal> {
    let app_id = tokens::caller(world, call)?;
    let check = SessionCheck::read(call)?;
    let now = world.clock.now_ms();
    let wechat = &mut *lock(&world.wechat);
    let session = wechat.sessions.signed(&app_id, &check, now)?;
    session.key = new_key();
    Ok(json!({
        "errcode": 0, "errmsg": "ok", "openid": check.openid, "session_key": session.key,
    }))
}

/// The parameters both checks take, from the query or from a JSON body.
struct SessionCheck {
    openid: String,
    signature: String,
}

impl SessionCheck {
    fn read(call: &Call) -> Result<Self, Refusal> {
        let body = if call.body.is_empty() {
            Value::Null
        } else {
            json_body(call)?
        };
        let field = |name: &str| -> Result<Option<String>, Refusal> {
            Ok(match call.param(name) {
                Some(value) => Some(value.to_owned()),
                None => text(&body, name)?.map(str::to_owned),
            })
        };
        if field("sig_method")?.as_deref() != Some("hmac_sha256") {
            return Err(SIG_METHOD_INVALID);
        }
        Ok(Self {
            openid: field("openid")?.ok_or(OPENID_INVALID)?,
            signature: field("signature")?.ok_or(SIGNATURE_INVALID)?,
        })
    }
}
