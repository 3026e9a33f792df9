//! WeChat's server API, what its phones do, and what it pushes to servers.
//!
//! Business errors are HTTP 200 with `errcode` and `errmsg`. Unknown query parameters are ignored
//! and bodies are read as JSON whatever their content type.

mod cipher;
mod codes;
mod login;
mod on_phone;
mod phone_number;
mod picture;
mod push;
mod subscribe;
mod tokens;
mod users;

use serde_json::{Value, json};

use crate::call::{Call, Endpoint, Reply, Trouble};
use crate::config::WechatApp;
use crate::crypto::{random_hex, random_letters};
use crate::state::{Inner, World, lock};

pub(crate) use codes::{Codes, Purpose};
pub(crate) use login::Sessions;
pub(crate) use picture::Drawn;
pub(crate) use push::Pushes;
pub(crate) use subscribe::Permissions;
pub(crate) use tokens::Tokens;
pub(crate) use users::Users;

pub use on_phone::{EncryptedData, UserInfo};
pub use picture::ScanResult;
pub use push::{PushError, PushRecord};
pub use subscribe::{
    MessageLine, SubscribeAnswer, SubscribeError, SubscribeQuestion, WechatMessage,
};

/// What WeChat calls JSON (sic: `encoding`).
const JSON: &str = "application/json; encoding=utf-8";

/// What WeChat remembers.
#[derive(Default)]
pub(crate) struct Wechat {
    pub(crate) tokens: Tokens,
    pub(crate) codes: Codes,
    pub(crate) sessions: Sessions,
    pub(crate) users: Users,
    pub(crate) permissions: Permissions,
    /// Every message, oldest first.
    pub(crate) messages: Vec<WechatMessage>,
    pub(crate) drawn: Drawn,
    pub(crate) pushes: Pushes,
}

impl Inner {
    pub(crate) fn wechat_app(&self, app_id: &str) -> Option<&WechatApp> {
        let apps = &self.config.wechat_apps;
        apps.iter().find(|app| app.app_id == app_id)
    }
}

impl World {
    /// Every subscription message that WeChat delivered, oldest first.
    #[must_use]
    pub fn wechat_messages(&self) -> Vec<WechatMessage> {
        lock(&self.0.wechat).messages.clone()
    }
}

/// A refusal: its number and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    code: i64,
    words: &'static str,
    style: Style,
}

/// How an endpoint puts the request id behind its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Comma,
    Hint,
}

impl Refusal {
    const fn new(code: i64, words: &'static str) -> Self {
        Self {
            code,
            words,
            style: Style::Plain,
        }
    }

    const fn style(self, style: Style) -> Self {
        Self { style, ..self }
    }

    fn reply(&self, now_ms: i64) -> Reply {
        refused(self.code, self.words, self.style, now_ms)
    }
}

/// A refusal with a request id, as WeChat makes them.
fn refused(code: i64, words: &str, style: Style, now_ms: i64) -> Reply {
    let rid = format!(
        "{:08x}-{}-{}",
        now_ms / 1000,
        random_hex::<4>(),
        random_hex::<4>()
    );
    let message = match style {
        Style::Plain => format!("{words} rid: {rid}"),
        Style::Comma => format!("{words}, rid: {rid}"),
        Style::Hint => format!("{words} hint: [{}] rid: {rid}", random_letters::<16>()),
    };
    let body = json!({"errcode": code, "errmsg": message});
    Reply::new(JSON, body.to_string(), code.to_string())
}

const BUSY: Refusal = Refusal::new(-1, "system error");
const APP_ID_MISSING: Refusal = Refusal::new(41002, "appid missing");
const APP_ID_INVALID: Refusal = Refusal::new(40013, "invalid appid");
const SECRET_MISSING: Refusal = Refusal::new(41004, "appsecret missing");
const SECRET_INVALID: Refusal = Refusal::new(40125, "invalid appsecret");
const GRANT_TYPE_INVALID: Refusal = Refusal::new(40002, "invalid grant_type");
const POST_REQUIRED: Refusal = Refusal::new(43002, "require POST method");
const BODY_EMPTY: Refusal = Refusal::new(44002, "empty post data");
const BODY_MALFORMED: Refusal = Refusal::new(47001, "data format error");
const DAY_QUOTA: Refusal = Refusal::new(45009, "reach max api daily quota limit");
const MINUTE_QUOTA: Refusal = Refusal::new(
    45011,
    "api minute-quota reach limit mustslower retry next minute",
);
const OPENID_INVALID: Refusal = Refusal::new(40003, "invalid openid");
const PATH_INVALID: Refusal = Refusal::new(40066, "invalid url");

/// Answer `call`.
pub(crate) fn answer(world: &Inner, endpoint: Endpoint, call: &Call) -> Reply {
    match endpoint {
        Endpoint::WechatCode => answer_with_picture(world, call),
        Endpoint::WechatMessage => answer_message(world, call),
        _ => answer_with_json(world, endpoint, call),
    }
}

/// The type says JPEG whatever the picture is; an error says that it is JSON.
fn answer_with_picture(world: &Inner, call: &Call) -> Reply {
    match picture::unlimited_code(world, call) {
        Ok(picture) => Reply::new("image/jpeg", picture, "0"),
        Err(refusal) => refusal.reply(world.clock.now_ms()),
    }
}

fn answer_message(world: &Inner, call: &Call) -> Reply {
    match subscribe::send(world, call) {
        Ok(()) => Reply::new(JSON, json!({"errcode": 0, "errmsg": "ok"}).to_string(), "0"),
        Err(why) => {
            let (code, words) = why.code_and_words();
            refused(code, &words, Style::Plain, world.clock.now_ms())
        }
    }
}

fn answer_with_json(world: &Inner, endpoint: Endpoint, call: &Call) -> Reply {
    let answer = match endpoint {
        Endpoint::WechatToken => tokens::token(world, call),
        Endpoint::WechatStableToken => tokens::stable_token(world, call),
        Endpoint::WechatSession => login::code_to_session(world, call),
        Endpoint::WechatCheckSession => login::check_session(world, call),
        Endpoint::WechatResetSession => login::reset_session(world, call),
        Endpoint::WechatPhoneNumber => phone_number::phone_number(world, call),
        _ => Err(PATH_INVALID),
    };
    let reply = match answer {
        Ok(body) => Reply::new(JSON, body.to_string(), "0"),
        Err(refusal) => refusal.reply(world.clock.now_ms()),
    };
    typed(endpoint, reply)
}

/// Refuse a call in WeChat's words without looking at it.
pub(crate) fn refuse(world: &Inner, endpoint: Endpoint, trouble: &Trouble) -> Reply {
    let refusal = match trouble {
        Trouble::Busy => BUSY,
        Trouble::Quota if endpoint == Endpoint::WechatSession => MINUTE_QUOTA,
        Trouble::Quota => DAY_QUOTA,
        Trouble::Code(code) => Refusal::new(code.parse().unwrap_or(-1), "refused"),
    };
    typed(endpoint, refusal.reply(world.clock.now_ms()))
}

/// `jscode2session` calls its JSON plain text; every other endpoint calls it JSON.
fn typed(endpoint: Endpoint, reply: Reply) -> Reply {
    if endpoint == Endpoint::WechatSession {
        return Reply {
            content_type: "text/plain".to_owned(),
            ..reply
        };
    }
    reply
}

/// The app whose id and secret these are.
fn authenticate<'w>(
    world: &'w Inner,
    app_id: Option<&str>,
    secret: Option<&str>,
) -> Result<&'w WechatApp, Refusal> {
    let app_id = app_id.ok_or(APP_ID_MISSING)?;
    let app = world.wechat_app(app_id).ok_or(APP_ID_INVALID)?;
    let secret = secret.ok_or(SECRET_MISSING)?;
    if app.secret == secret {
        Ok(app)
    } else {
        Err(SECRET_INVALID)
    }
}

/// The body as a JSON object.
fn json_body(call: &Call) -> Result<Value, Refusal> {
    if call.body.is_empty() {
        return Err(BODY_EMPTY);
    }
    serde_json::from_slice(&call.body)
        .ok()
        .filter(Value::is_object)
        .ok_or(BODY_MALFORMED)
}

/// The member `name` of `body`: `None` if absent or empty, refused if it is not a string.
fn text<'b>(body: &'b Value, name: &str) -> Result<Option<&'b str>, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        Some(_) => Err(BODY_MALFORMED),
    }
}
