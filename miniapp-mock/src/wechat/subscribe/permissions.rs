//! What users allowed: messages are sent by their leave alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use crate::config::{SubscribeKind, SubscribeTemplate, WechatApp};

/// Templates that one question may be about.
const MOST_AT_ONCE: usize = 3;

/// What the user is asked, and answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct SubscribeQuestion {
    /// The templates that the page asks for.
    pub templates: Vec<String>,
    /// Those that the user allows; the rest is refused.
    pub accept: Vec<String>,
    /// Whether the user ticks "always keep this choice": they are not asked again.
    pub keep: bool,
}

/// What a page is told of one template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SubscribeAnswer {
    /// Allowed.
    Accept,
    /// Refused.
    Reject,
    /// WeChat has banned the template.
    Ban,
    /// Another template of the question has the same title.
    Filter,
}

/// Why nobody was asked: the `errCode` of `wx.requestSubscribeMessage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubscribeError {
    /// No template is named.
    #[error("requestSubscribeMessage:fail TmplIds can't be empty")]
    Empty,
    /// Not a template of this app.
    #[error("requestSubscribeMessage:fail No template data return, verify the template id exist")]
    NoSuchTemplate,
    /// One-time and long-term templates in one question.
    #[error("requestSubscribeMessage:fail Templates type must be same")]
    Mixed,
    /// More than three templates.
    #[error("requestSubscribeMessage:fail Templates count out of max bounds")]
    TooMany,
    /// The user has turned all messages of the app off.
    #[error("requestSubscribeMessage:fail The main switch is switched off")]
    SwitchedOff,
}

impl SubscribeError {
    /// The number that goes with it.
    #[must_use]
    pub fn code(self) -> u32 {
        match self {
            Self::Empty => 10001,
            Self::NoSuchTemplate => 20001,
            Self::Mixed => 20002,
            Self::TooMany => 20003,
            Self::SwitchedOff => 20004,
        }
    }
}

/// By app and openid.
#[derive(Default)]
pub(crate) struct Permissions {
    users: HashMap<(String, String), OfUser>,
}

#[derive(Default)]
struct OfUser {
    /// Messages left, by one-time template.
    left: HashMap<String, u32>,
    /// Long-term templates that are allowed.
    standing: BTreeSet<String>,
    /// Answers that the user is not asked for again.
    kept: HashMap<String, bool>,
    switched_off: bool,
}

/// What came of a question.
pub(in crate::wechat) struct Asked {
    pub(in crate::wechat) answers: BTreeMap<String, SubscribeAnswer>,
    /// What the user answered there and then, in the order of the question.
    pub(in crate::wechat) tapped: Vec<(String, bool)>,
}

impl Permissions {
    fn user(&mut self, app_id: &str, openid: &str) -> &mut OfUser {
        let user = (app_id.to_owned(), openid.to_owned());
        self.users.entry(user).or_default()
    }

    pub(in crate::wechat) fn ask(
        &mut self,
        app: &WechatApp,
        openid: &str,
        question: &SubscribeQuestion,
    ) -> Result<Asked, SubscribeError> {
        let templates = named(app, question)?;
        let user = self.user(&app.app_id, openid);
        if user.switched_off {
            return Err(SubscribeError::SwitchedOff);
        }
        let mut asked = Asked {
            answers: BTreeMap::new(),
            tapped: Vec::new(),
        };
        let mut titles = BTreeSet::new();
        for template in templates {
            let answer = if template.banned {
                SubscribeAnswer::Ban
            } else if titles.insert(template.title.as_str()) {
                user.answer(template, question, &mut asked.tapped)
            } else {
                SubscribeAnswer::Filter
            };
            asked.answers.insert(template.id.clone(), answer);
        }
        Ok(asked)
    }

    /// Change an answer in the settings.
    pub(in crate::wechat) fn settle(
        &mut self,
        app_id: &str,
        openid: &str,
        template: &SubscribeTemplate,
        accept: bool,
    ) {
        let user = self.user(app_id, openid);
        user.kept.insert(template.id.clone(), accept);
        if !accept {
            user.left.remove(&template.id);
            user.standing.remove(&template.id);
        } else if template.kind == SubscribeKind::LongTerm {
            user.standing.insert(template.id.clone());
        }
    }

    pub(in crate::wechat) fn switch(&mut self, app_id: &str, openid: &str, on: bool) {
        self.user(app_id, openid).switched_off = !on;
    }

    /// Use up one permission; `false` if there is none.
    pub(super) fn spend(
        &mut self,
        app_id: &str,
        openid: &str,
        template: &SubscribeTemplate,
    ) -> bool {
        let user = self.user(app_id, openid);
        if user.switched_off {
            return false;
        }
        match template.kind {
            SubscribeKind::LongTerm => user.standing.contains(&template.id),
            SubscribeKind::OneTime => match user.left.get_mut(&template.id) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    true
                }
                _ => false,
            },
        }
    }

    /// Messages that may still be sent; `None` is without limit.
    pub(in crate::wechat) fn left(
        &mut self,
        app_id: &str,
        openid: &str,
        template: &SubscribeTemplate,
    ) -> Option<u32> {
        let user = self.user(app_id, openid);
        match template.kind {
            SubscribeKind::LongTerm if user.standing.contains(&template.id) => None,
            SubscribeKind::LongTerm => Some(0),
            SubscribeKind::OneTime => Some(user.left.get(&template.id).copied().unwrap_or(0)),
        }
    }
}

impl OfUser {
    fn answer(
        &mut self,
        template: &SubscribeTemplate,
        question: &SubscribeQuestion,
        tapped: &mut Vec<(String, bool)>,
    ) -> SubscribeAnswer {
        let accept = self.kept.get(&template.id).copied().unwrap_or_else(|| {
            let accept = question.accept.contains(&template.id);
            tapped.push((template.id.clone(), accept));
            accept
        });
        if question.keep {
            self.kept.insert(template.id.clone(), accept);
        }
        match (accept, template.kind) {
            (true, SubscribeKind::OneTime) => {
                *self.left.entry(template.id.clone()).or_default() += 1;
            }
            (true, SubscribeKind::LongTerm) => {
                self.standing.insert(template.id.clone());
            }
            (false, SubscribeKind::OneTime) => {}
            (false, SubscribeKind::LongTerm) => {
                self.standing.remove(&template.id);
            }
        }
        if accept {
            SubscribeAnswer::Accept
        } else {
            SubscribeAnswer::Reject
        }
    }
}

fn named<'a>(
    app: &'a WechatApp,
    question: &SubscribeQuestion,
) -> Result<Vec<&'a SubscribeTemplate>, SubscribeError> {
    if question.templates.is_empty() {
        return Err(SubscribeError::Empty);
    }
    if question.templates.len() > MOST_AT_ONCE {
        return Err(SubscribeError::TooMany);
    }
    let templates: Vec<&SubscribeTemplate> = question
        .templates
        .iter()
        .map(|id| app.template(id).ok_or(SubscribeError::NoSuchTemplate))
        .collect::<Result<_, _>>()?;
    let mut kinds = templates.iter().map(|template| template.kind);
    let first = kinds.next();
    if kinds.any(|kind| Some(kind) != first) {
        return Err(SubscribeError::Mixed);
    }
    Ok(templates)
}
