//! Subscription messages.

use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::{
    HttpWeChat, Silence,
    answers::{Errcode, Verdict},
    under,
};
use crate::clients::{
    AppMessage, MessageLanguage, MessageOutcome, Messenger, PlatformError, Receiver,
    outbound::{Call, JSON},
};

impl HttpWeChat {
    async fn send_message(&self, message: &AppMessage) -> MessageOutcome {
        let Receiver::WeChat { openid } = &message.to else {
            return rejected("receiver");
        };
        let body = body(message, openid);
        let answer: Result<Verdict, _> = self
            .with_token(&self.backstage, &message.app_id, |token| {
                Call::post(under(token, &self.urls.message), JSON, body.clone().into())
            })
            .await;
        match answer {
            Ok(answer) => meaning(answer.errcode),
            Err(Silence::NotSent(PlatformError::UnknownApp)) => rejected("app"),
            Err(Silence::NotSent(_)) => MessageOutcome::Retryable,
            Err(Silence::Unclear(_)) => MessageOutcome::Unknown,
        }
    }
}

impl Messenger for HttpWeChat {
    fn send<'a>(&'a self, message: &'a AppMessage) -> BoxFuture<'a, MessageOutcome> {
        Box::pin(self.send_message(message))
    }
}

fn body(message: &AppMessage, openid: &str) -> String {
    let data: Map<String, Value> = message
        .values
        .iter()
        .map(|(key, value)| (key.clone(), json!({ "value": value })))
        .collect();
    let mut body = json!({
        "touser": openid,
        "template_id": message.template_id,
        "data": data,
        "lang": match message.language {
            MessageLanguage::Chinese => "zh_CN",
            MessageLanguage::English => "en_US",
        },
    });
    if let (Some(page), Some(members)) = (&message.page, body.as_object_mut()) {
        members.insert("page".to_owned(), page.as_str().into());
    }
    body.to_string()
}

fn meaning(errcode: Errcode) -> MessageOutcome {
    match errcode {
        Errcode::OK => MessageOutcome::Sent,
        no if no.says_not_allowed() => MessageOutcome::NotAllowed,
        later if later.says_later() || later.says_token_is_dead() => MessageOutcome::Retryable,
        other => rejected(&other.to_string()),
    }
}

fn rejected(code: &str) -> MessageOutcome {
    MessageOutcome::Rejected { code: code.into() }
}
