//! Messages by template: `alipay.open.app.mini.templatemessage.send`.

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    HttpAlipay,
    gateway::{Answer, Business, NoAnswer, Refusal},
};
use crate::clients::{AlipayIdKind, AppMessage, MessageOutcome, Messenger, Receiver};

/// The method that sends a message.
const SEND: &str = "alipay.open.app.mini.templatemessage.send";

/// What `alipay.open.app.mini.templatemessage.send` says when it went well: nothing more.
#[derive(Deserialize)]
struct Accepted {
    #[expect(dead_code, reason = "it must be there, and was looked at already")]
    code: String,
}

impl Messenger for HttpAlipay {
    /// The language is that of the template; Alipay's messages have no other frame.
    fn send<'a>(&'a self, message: &'a AppMessage) -> BoxFuture<'a, MessageOutcome> {
        Box::pin(self.send_message(message))
    }
}

impl HttpAlipay {
    async fn send_message(&self, message: &AppMessage) -> MessageOutcome {
        let Ok(app) = self.app(&message.app_id) else {
            return rejected("no_such_app");
        };
        let Some(content) = content(message) else {
            return rejected("not_a_user_of_alipay");
        };
        match self
            .ask::<Accepted>(app, SEND, Business::Content(&content))
            .await
        {
            Ok(Answer::Success(_)) => MessageOutcome::Sent,
            Ok(Answer::Refused(refusal)) => outcome(refusal),
            Err(NoAnswer::NotSent(_)) => MessageOutcome::Retryable,
            Err(NoAnswer::Unusable(_) | NoAnswer::Forged) => MessageOutcome::Unknown,
        }
    }
}

/// The values go in as the text of an object.
fn content(message: &AppMessage) -> Option<Value> {
    let Receiver::Alipay { kind, id } = &message.to else {
        return None;
    };
    let receiver = match kind {
        AlipayIdKind::UserId => "to_user_id",
        AlipayIdKind::OpenId => "to_open_id",
    };
    let data: Map<String, Value> = message
        .values
        .iter()
        .map(|(key, value)| (key.clone(), json!({ "value": value })))
        .collect();
    let members = [
        (receiver, Some(id.clone())),
        ("form_id", message.form_id.clone()),
        ("user_template_id", Some(message.template_id.clone())),
        ("page", message.page.clone()),
        ("data", Some(Value::Object(data).to_string())),
    ];
    let given = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))));
    Some(Value::Object(given.collect()))
}

/// Alipay publishes no closed list of reasons. A form that is spent, expired or somebody else's, and
/// a user who wants no messages, say the same: this user did not allow this message.
fn outcome(refusal: Refusal) -> MessageOutcome {
    match (refusal.code.as_str(), refusal.sub_code.as_deref()) {
        (_, Some("isv.form-id-invalid" | "isv.invalid-form-id" | "isv.user-refused")) => {
            MessageOutcome::NotAllowed
        }
        // Unavailable, or too many calls of late.
        ("20000" | "40005", _) => MessageOutcome::Retryable,
        _ => MessageOutcome::Rejected {
            code: refusal.reason(),
        },
    }
}

fn rejected(code: &str) -> MessageOutcome {
    MessageOutcome::Rejected { code: code.into() }
}
