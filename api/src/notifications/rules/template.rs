//! Templates as data: checked once, when they are saved, against everything that they may have to say.

use std::{collections::BTreeSet, fmt, ops::Deref};

use entity::values::{NotificationKind, NotificationLanguage, TemplateChannel};
use serde::{Deserialize, Serialize};

use super::{
    super::{
        message::Message,
        words::{ShownName, Values, extremes},
    },
    values,
};

/// Characters of a template's id, of an app's, and of a page with what we add to it.
const LONGEST_ID: usize = 64;
const LONGEST_WECHAT_PAGE: usize = 1_024;
const LONGEST_ALIPAY_PAGE: usize = 128;

/// Bytes of Alipay's `data`.
const LONGEST_ALIPAY_DATA: usize = 2_048;

/// Keys of one template.
const MOST_SLOTS: usize = 20;

/// What each page is opened with: `?notification=` and an id.
const NOTIFICATION: &str = "notification";
const LONGEST_NOTIFICATION: usize = 1 + NOTIFICATION.len() + 1 + 36;

/// How one platform shows one kind of notification, as its operator wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// What it is for.
    pub kind: NotificationKind,
    /// Who approved it.
    pub channel: TemplateChannel,
    /// In which of our apps. None for SMS.
    #[serde(default)]
    pub app_id: String,
    /// In which language.
    pub language: NotificationLanguage,
    /// The platform's id of it.
    pub template_id: String,
    /// The page that a tap opens.
    #[serde(default)]
    pub page: Option<String>,
    /// The template's keys and what goes there, in the template's order.
    pub texts: Vec<Slot>,
    /// Whether each message needs a form that the user submitted (Alipay).
    #[serde(default)]
    pub form_id: bool,
    /// Whether one permission is good for any number of messages (WeChat).
    #[serde(default)]
    pub long_term: bool,
}

/// A key of a template, and what goes there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// The key: `thing1`, `keyword1`, or a variable's name.
    pub key: String,
    /// What goes there, with variables in braces: `{colour}`.
    pub text: String,
    /// The values that the template lists, for WeChat's `enum`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<String>,
}

/// A template that renders, for every message of its kind, values that its platform takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved(Template);

impl Deref for Approved {
    type Target = Template;

    fn deref(&self) -> &Template {
        &self.0
    }
}

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its id or app is missing, too long, or not of plain characters.
    #[error("its ids must have 1 to 64 plain characters, and SMS has no app")]
    Ids,
    /// Its page is too long, or not a page.
    #[error("its page is too long, or not a page")]
    Page,
    /// A property that its platform does not have.
    #[error("its platform has no such thing as {0}")]
    NotHere(&'static str),
    /// It has no keys, too many, or one twice.
    #[error("it must have 1 to {MOST_SLOTS} keys, each once")]
    Keys,
    /// A key that its platform does not have.
    #[error("its platform has no key such as {0}")]
    Key(String),
    /// A text with braces that name no variable of its kind.
    #[error("{key}: there is no variable {{{variable}}}")]
    Variable {
        /// Where.
        key: String,
        /// What is between the braces.
        variable: String,
    },
    /// A text that says something which its platform does not take.
    #[error("{key}: the platform does not take \"{example}\" there")]
    Value {
        /// Where.
        key: String,
        /// What it would be sent.
        example: String,
    },
    /// More than Alipay takes at once.
    #[error("Alipay takes 2048 bytes at once, and this may come to more")]
    TooMuch,
    /// The same template twice.
    #[error("there is another for the same kind, app and language")]
    Twice,
    /// The two gateways would say different things.
    #[error("both SMS gateways must have the same variables with the same texts in the same order")]
    GatewaysDiffer,
}

/// `template`, if it can say whatever it may have to.
pub fn approve(template: Template) -> Result<Approved, Refusal> {
    check_ids(&template)?;
    check_page(&template)?;
    check_keys(&template)?;
    for (message, name) in extremes(template.kind) {
        check_message(&template, &message, &name)?;
    }
    Ok(Approved(template))
}

/// Several templates that are used together, each approved. Refused with the place of the one that
/// cannot be used.
pub fn approve_all(templates: Vec<Template>) -> Result<Vec<Approved>, (usize, Refusal)> {
    let mut seen = BTreeSet::new();
    let mut approved: Vec<Approved> = Vec::new();
    for (at, template) in templates.into_iter().enumerate() {
        let same = (
            template.kind,
            template.channel,
            template.app_id.clone(),
            template.language,
        );
        if !seen.insert(same) {
            return Err((at, Refusal::Twice));
        }
        let template = approve(template).map_err(|refusal| (at, refusal))?;
        if approved.iter().any(|other| differ(other, &template)) {
            return Err((at, Refusal::GatewaysDiffer));
        }
        approved.push(template);
    }
    Ok(approved)
}

/// Whether two gateways would say different things of one kind in one language.
fn differ(one: &Template, other: &Template) -> bool {
    let both = |it: &Template| is_sms(it.channel);
    both(one)
        && both(other)
        && (one.kind, one.language) == (other.kind, other.language)
        && one.texts != other.texts
}

fn is_sms(channel: TemplateChannel) -> bool {
    match channel {
        TemplateChannel::Wechat | TemplateChannel::Alipay => false,
        TemplateChannel::Aliyun | TemplateChannel::Tencent => true,
    }
}

fn check_ids(template: &Template) -> Result<(), Refusal> {
    let plain = |text: &str| {
        (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
    };
    let app = if is_sms(template.channel) {
        template.app_id.is_empty()
    } else {
        plain(&template.app_id)
    };
    (app && plain(&template.template_id))
        .then_some(())
        .ok_or(Refusal::Ids)
}

fn check_page(template: &Template) -> Result<(), Refusal> {
    if template.form_id && template.channel != TemplateChannel::Alipay {
        return Err(Refusal::NotHere("form_id"));
    }
    if template.long_term && template.channel != TemplateChannel::Wechat {
        return Err(Refusal::NotHere("long_term"));
    }
    let Some(page) = &template.page else {
        return Ok(());
    };
    let longest = match template.channel {
        TemplateChannel::Wechat => LONGEST_WECHAT_PAGE,
        TemplateChannel::Alipay => LONGEST_ALIPAY_PAGE,
        TemplateChannel::Aliyun | TemplateChannel::Tencent => {
            return Err(Refusal::NotHere("page"));
        }
    };
    let fits = page.len() + LONGEST_NOTIFICATION <= longest;
    let is_page = !page.is_empty() && page.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    (fits && is_page).then_some(()).ok_or(Refusal::Page)
}

fn check_keys(template: &Template) -> Result<(), Refusal> {
    let distinct: BTreeSet<&str> = template.texts.iter().map(|it| it.key.as_str()).collect();
    let count = template.texts.len();
    if !(1..=MOST_SLOTS).contains(&count) || distinct.len() != count {
        return Err(Refusal::Keys);
    }
    let known = |slot: &&Slot| {
        values::is_key(template.channel, &slot.key)
            && (slot.one_of.is_empty() || values::is_enumeration(template.channel, &slot.key))
    };
    match template.texts.iter().find(|slot| !known(slot)) {
        Some(slot) => Err(Refusal::Key(slot.key.clone())),
        None => Ok(()),
    }
}

fn check_message(template: &Template, message: &Message, name: &ShownName) -> Result<(), Refusal> {
    let values = message.values(name, template.language);
    let mut all = Vec::new();
    for slot in &template.texts {
        let value = fill(&slot.text, &values).map_err(|variable| Refusal::Variable {
            key: slot.key.clone(),
            variable: variable.into(),
        })?;
        if !values::takes(template.channel, &slot.key, &value, &slot.one_of) {
            return Err(Refusal::Value {
                key: slot.key.clone(),
                example: value,
            });
        }
        all.push((slot.key.as_str(), value));
    }
    let too_much =
        template.channel == TemplateChannel::Alipay && data_bytes(&all) > LONGEST_ALIPAY_DATA;
    if too_much {
        Err(Refusal::TooMuch)
    } else {
        Ok(())
    }
}

/// Bytes of `{"keyword1":{"value":"…"},…}`, each character as long as JSON may write it.
fn data_bytes(values: &[(&str, String)]) -> usize {
    let frame = r#""":{"value":""},"#.len();
    let escaped = |value: &str| -> usize {
        value
            .chars()
            .map(|c| {
                if matches!(c, '"' | '\\') {
                    2
                } else {
                    c.len_utf8()
                }
            })
            .sum()
    };
    let each = values
        .iter()
        .map(|(key, value)| frame + key.len() + escaped(value));
    2 + each.sum::<usize>()
}

/// `text` with its variables replaced. Fails with what is between braces and no variable.
fn fill<'a>(text: &'a str, values: &Values) -> Result<String, &'a str> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (variable, behind) = after.split_once('}').ok_or(after)?;
        let value = values.iter().find(|(name, _)| *name == variable);
        let (_, value) = value.ok_or(variable)?;
        filled.push_str(before);
        filled.push_str(value);
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

impl Approved {
    /// The template's keys and what stands there when it says `message` of somebody called `name`.
    #[must_use]
    pub fn render(&self, message: &Message, name: &ShownName) -> Vec<(String, String)> {
        let values = message.values(name, self.language);
        self.texts
            .iter()
            .map(|slot| {
                let text = fill(&slot.text, &values).unwrap_or_default();
                (slot.key.clone(), text)
            })
            .collect()
    }

    /// The page that a tap opens, saying which notification it was.
    #[must_use]
    pub fn page_for(&self, notification: impl fmt::Display) -> Option<String> {
        let page = self.page.as_ref()?;
        let joint = if page.contains('?') { '&' } else { '?' };
        Some(format!("{page}{joint}{NOTIFICATION}={notification}"))
    }
}

#[cfg(test)]
mod tests;
