//! Subscription messages: `POST /cgi-bin/message/subscribe/send`, and where they arrive.

mod permissions;
mod values;

use actix_web::http::Method;
use serde::Serialize;
use serde_json::Value;

use super::{
    BODY_MALFORMED, OPENID_INVALID, POST_REQUIRED, Refusal, json_body, push::Event, text, tokens,
};
use crate::call::Call;
use crate::config::{SubscribeTemplate, WechatApp};
use crate::crypto::random;
use crate::state::{Inner, lock};

pub(crate) use permissions::Permissions;
pub use permissions::{SubscribeAnswer, SubscribeError, SubscribeQuestion};

const TEMPLATE_INVALID: Refusal = Refusal::new(40037, "invalid template_id");
const PAGE_INVALID: Refusal = Refusal::new(41030, "invalid page");
const NOT_ALLOWED: Refusal = Refusal::new(43101, "user refuse to accept the msg");
const STATE_INVALID: Refusal = Refusal::new(47003, "argument invalid! miniprogram_state invalid");
const LANGUAGE_INVALID: Refusal = Refusal::new(47003, "argument invalid! lang invalid");

const STATES: [&str; 3] = ["developer", "trial", "formal"];
const LANGUAGES: [&str; 4] = ["zh_CN", "en_US", "zh_HK", "zh_TW"];

/// A message as the user reads it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct WechatMessage {
    /// When, in Unix milliseconds of the mock's clock.
    pub at_ms: i64,
    /// Which mini-program speaks.
    pub app_id: String,
    /// To whom.
    pub openid: String,
    /// By which template.
    pub template_id: String,
    /// The template's title.
    pub title: String,
    /// The lines of the message, in the template's order.
    pub values: Vec<MessageLine>,
    /// The page that a tap opens, if it opens one.
    pub page: Option<String>,
    /// `developer`, `trial` or `formal`.
    pub miniprogram_state: String,
    /// `zh_CN`, `en_US`, `zh_HK` or `zh_TW`.
    pub lang: String,
    /// WeChat's id of the message, as `subscribe_msg_sent_event` names it.
    pub message_id: String,
}

/// A line of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageLine {
    /// The template's key, such as `thing1`.
    pub key: String,
    /// What stands in front.
    pub label: String,
    /// What the app put there.
    pub value: String,
}

/// Why a message was not sent.
pub(super) enum NotSent {
    Refused(Refusal),
    /// A value is missing, empty or not of its kind.
    Argument {
        key: String,
        empty: bool,
    },
}

impl From<Refusal> for NotSent {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl NotSent {
    pub(super) fn code_and_words(&self) -> (i64, String) {
        match self {
            Self::Refused(refusal) => (refusal.code, refusal.words.to_owned()),
            Self::Argument { key, empty } => {
                let fault = if *empty { "is emtpy" } else { "invalid" };
                (47003, format!("argument invalid! data.{key}.value {fault}"))
            }
        }
    }
}

/// `POST /cgi-bin/message/subscribe/send`.
pub(super) fn send(world: &Inner, call: &Call) -> Result<(), NotSent> {
    if call.method != Method::POST {
        return Err(POST_REQUIRED.into());
    }
    let app_id = tokens::caller(world, call)?;
    let body = json_body(call)?;
    let app = world.wechat_app(&app_id).ok_or(BODY_MALFORMED)?;
    let openid = text(&body, "touser")?.ok_or(OPENID_INVALID)?;
    let template = text(&body, "template_id")?
        .and_then(|id| app.template(id))
        .ok_or(TEMPLATE_INVALID)?;
    let message = compose(app, openid, template, &body)?;

    let now = world.clock.now_ms();
    let message = WechatMessage {
        at_ms: now,
        ..message
    };
    let wechat = &mut *lock(&world.wechat);
    if !wechat.users.knows(&app_id, openid) {
        return Err(OPENID_INVALID.into());
    }
    if template.banned || !wechat.permissions.spend(&app_id, openid, template) {
        return Err(NOT_ALLOWED.into());
    }
    let sent = Event::sent(openid, &template.id, &message.message_id);
    wechat.messages.push(message);
    world.tell(wechat, app, sent, now);
    Ok(())
}

fn compose(
    app: &WechatApp,
    openid: &str,
    template: &SubscribeTemplate,
    body: &Value,
) -> Result<WechatMessage, NotSent> {
    let page = text(body, "page")?;
    if !page.is_none_or(|page| app.has_page(path_of(page))) {
        return Err(PAGE_INVALID.into());
    }
    let state = text(body, "miniprogram_state")?.unwrap_or("formal");
    if !STATES.contains(&state) {
        return Err(STATE_INVALID.into());
    }
    let lang = text(body, "lang")?.unwrap_or("zh_CN");
    if !LANGUAGES.contains(&lang) {
        return Err(LANGUAGE_INVALID.into());
    }
    Ok(WechatMessage {
        at_ms: 0,
        app_id: app.app_id.clone(),
        openid: openid.to_owned(),
        template_id: template.id.clone(),
        title: template.title.clone(),
        values: lines(template, body)?,
        page: page.map(str::to_owned),
        miniprogram_state: state.to_owned(),
        lang: lang.to_owned(),
        message_id: message_id(),
    })
}

fn path_of(page: &str) -> &str {
    page.split('?').next().unwrap_or_default()
}

/// The template filled in. Keys that it does not have are ignored.
fn lines(template: &SubscribeTemplate, body: &Value) -> Result<Vec<MessageLine>, NotSent> {
    let data = match body.get("data") {
        None | Some(Value::Object(_)) => body.get("data"),
        Some(_) => return Err(BODY_MALFORMED.into()),
    };
    let line = |field: &crate::config::TemplateField| {
        let refused = |empty| NotSent::Argument {
            key: field.key.clone(),
            empty,
        };
        let entry = data.and_then(|data| data.get(&field.key));
        let entry = entry.ok_or_else(|| refused(true))?;
        let value = entry.get("value").and_then(Value::as_str);
        let value = value.ok_or_else(|| refused(false))?;
        if value.trim().is_empty() {
            return Err(refused(true));
        }
        if !values::fits(&field.key, value, &field.choices) {
            return Err(refused(false));
        }
        Ok(MessageLine {
            key: field.key.clone(),
            label: field.label.clone(),
            value: value.to_owned(),
        })
    };
    template.fields.iter().map(line).collect()
}

/// Nineteen digits.
fn message_id() -> String {
    let number = u64::from_be_bytes(random::<8>()) % 1_000_000_000_000_000_000;
    (number + 1_000_000_000_000_000_000).to_string()
}
