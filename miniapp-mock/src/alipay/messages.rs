//! `alipay.open.app.mini.templatemessage.send`, and the forms that allow it.
//!
//! The sub-codes of business refusals are the mock's own: Alipay publishes no list of them.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::envelope::Refusal;
use super::gateway::{Request, with_code};
use crate::config::AlipayTemplate;
use crate::crypto::random_hex;
use crate::people::{alipay_open_id, alipay_user_id};
use crate::state::{Inner, lock};

const FORM_MS: i64 = 7 * 86_400_000;

/// A message as the person reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlipayMessage {
    /// When, in Unix milliseconds of the mock's clock.
    pub at_ms: i64,
    /// From which app.
    pub app_id: String,
    /// By which template.
    pub template: String,
    /// What a tap opens.
    pub page: String,
    /// What stands under each keyword.
    pub values: BTreeMap<String, String>,
    /// The form that it was sent for.
    pub form_id: Option<String>,
}

/// Who may be written to, and what was written.
#[derive(Default)]
pub(crate) struct Messages {
    people: HashMap<String, String>,
    forms: HashMap<String, Form>,
    refusing: HashSet<String>,
    inbox: HashMap<String, Vec<AlipayMessage>>,
}

struct Form {
    app_id: String,
    person: String,
    made_at: i64,
}

impl Messages {
    /// From now on `app_id` can write to `person` by the ids that it knows.
    pub(crate) fn meet(&mut self, app_id: &str, person: &str) {
        for id in [alipay_user_id(person), alipay_open_id(app_id, person)] {
            self.people.insert(id, person.to_owned());
        }
    }

    /// `person` submits a form: its id is good for one message of the app within seven days.
    pub(crate) fn submit_form(&mut self, app_id: &str, person: &str, now: i64) -> String {
        self.meet(app_id, person);
        let id = random_hex::<16>();
        let form = Form {
            app_id: app_id.to_owned(),
            person: person.to_owned(),
            made_at: now,
        };
        self.forms.insert(id.clone(), form);
        id
    }

    pub(crate) fn set_refused(&mut self, person: &str, refused: bool) {
        if refused {
            self.refusing.insert(person.to_owned());
        } else {
            self.refusing.remove(person);
        }
    }

    /// What `person` received, oldest first.
    pub(crate) fn inbox_of(&self, person: &str) -> Vec<AlipayMessage> {
        self.inbox.get(person).cloned().unwrap_or_default()
    }

    fn receiver(&self, app_id: &str, to: &To<'_>) -> Option<String> {
        let (To::User(id) | To::Open(id)) = to;
        let person = self.people.get(*id)?;
        let known_as = match to {
            To::User(_) => alipay_user_id(person),
            To::Open(_) => alipay_open_id(app_id, person),
        };
        (known_as == *id).then(|| person.clone())
    }

    fn deliver(&mut self, person: String, message: AlipayMessage) -> Result<(), Refusal> {
        if self.refusing.contains(&person) {
            return Err(failed("isv.user-refused", "用户拒收消息"));
        }
        if let Some(form_id) = &message.form_id {
            self.forms
                .get(form_id)
                .filter(|form| form.app_id == message.app_id && form.person == person)
                .filter(|form| message.at_ms - form.made_at < FORM_MS)
                .ok_or_else(|| failed("isv.form-id-invalid", "表单号无效、过期或已使用"))?;
            self.forms.remove(form_id);
        }
        self.inbox.entry(person).or_default().push(message);
        Ok(())
    }
}

enum To<'a> {
    User(&'a str),
    Open(&'a str),
}

/// Answer `alipay.open.app.mini.templatemessage.send`.
pub(super) fn send(world: &Inner, request: &Request<'_>) -> Result<Value, Refusal> {
    let content = request.content()?;
    let app = &request.keys.app;
    let to = match text(&content, "to_user_id", 20)? {
        Some(id) => To::User(id),
        None => To::Open(need(&content, "to_open_id", 128)?),
    };
    let template = need(&content, "user_template_id", 64)?;
    let form_id = text(&content, "form_id", 64)?;
    let page = need(&content, "page", 128)?;
    let data = need(&content, "data", 2048)?;

    let template = app
        .templates
        .iter()
        .find(|known| known.id == template)
        .ok_or_else(|| failed("isv.template-not-found", "模板不存在"))?;
    if template.needs_form && form_id.is_none() {
        return Err(Refusal::missing("form-id"));
    }
    let values = values(template, data)?;

    let messages = &mut lock(&world.alipay).messages;
    let person = messages
        .receiver(&app.app_id, &to)
        .ok_or_else(|| failed("isv.user-not-found", "用户不存在"))?;
    let message = AlipayMessage {
        at_ms: world.clock.now_ms(),
        app_id: app.app_id.clone(),
        template: template.id.clone(),
        page: page.to_owned(),
        values,
        form_id: form_id.map(str::to_owned),
    };
    messages.deliver(person, message)?;
    Ok(with_code(json!({})))
}

/// `data` is the text of an object that has every keyword of the template and no other.
fn values(template: &AlipayTemplate, data: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let members: Map<String, Value> =
        serde_json::from_str(data).map_err(|_| Refusal::invalid("parameter"))?;
    let value = |(keyword, member): (String, Value)| {
        let value = member.get("value").and_then(Value::as_str)?;
        Some((keyword, value.to_owned()))
    };
    let values: BTreeMap<String, String> = members
        .into_iter()
        .map(value)
        .collect::<Option<_>>()
        .ok_or_else(|| Refusal::invalid("parameter"))?;
    let exact = values.len() == template.keywords.len()
        && template
            .keywords
            .iter()
            .all(|keyword| values.contains_key(keyword));
    if exact {
        Ok(values)
    } else {
        Err(failed("isv.template-data-mismatch", "模板关键词不匹配"))
    }
}

/// The member `name`: `None` if absent or empty, refused if it is no string or too long.
pub(super) fn text<'c>(
    content: &'c Map<String, Value>,
    name: &str,
    longest: usize,
) -> Result<Option<&'c str>, Refusal> {
    match content.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= longest => {
            Ok(Some(text.as_str()).filter(|text| !text.is_empty()))
        }
        Some(_) => Err(Refusal::invalid("parameter")),
    }
}

/// The member `name`, which must be there.
pub(super) fn need<'c>(
    content: &'c Map<String, Value>,
    name: &str,
    longest: usize,
) -> Result<&'c str, Refusal> {
    text(content, name, longest)?.ok_or_else(|| Refusal::missing(&name.replace('_', "-")))
}

fn failed(sub_code: &str, words: &str) -> Refusal {
    Refusal::new("40004", sub_code, words)
}
