//! A message on its way to one platform.

use entity::values::{NotificationId, NotificationLanguage, Platform, TemplateChannel};

use super::{
    message::Message,
    rules::{Approved, Outcome, Route},
    words::ShownName,
};
use crate::{
    clients::{AppMessage, MessageLanguage, MessageOutcome, SmsNotice, SmsOutcome, SmsProvider},
    deps::Deps,
    identity::Reach,
};

/// Everything that one copy needs.
pub(super) struct Letter<'a> {
    pub(super) notification: NotificationId,
    pub(super) route: &'a Route<'a>,
    pub(super) reach: &'a Reach,
    pub(super) message: &'a Message,
    pub(super) name: &'a ShownName,
    pub(super) form_id: Option<&'a str>,
}

/// Send one copy. Its page or, to the gateway, its key says which notification it is.
pub(super) async fn send(deps: &Deps, letter: &Letter<'_>) -> Outcome {
    match letter.route {
        Route::App {
            account,
            platform,
            template,
        } => {
            let Some(message) = app_message(letter, *account, template) else {
                return Outcome::Rejected(NO_ACCOUNT.into());
            };
            let messenger = match platform {
                Platform::Wechat => &deps.wechat_messages,
                Platform::Alipay => &deps.alipay_messages,
            };
            of_app(messenger.send(&message).await)
        }
        Route::Sms(templates) => {
            let Some(phone) = &letter.reach.phone else {
                return Outcome::Rejected(NO_ACCOUNT.into());
            };
            of_sms(
                deps.sms
                    .send_notice(phone, &notice(letter, templates))
                    .await,
            )
        }
    }
}

const NO_ACCOUNT: &str = "no_account";
const BAD_NUMBER: &str = "bad_number";

fn app_message(letter: &Letter<'_>, account: usize, template: &Approved) -> Option<AppMessage> {
    let account = letter.reach.accounts.get(account)?;
    Some(AppMessage {
        app_id: account.app_id.clone(),
        to: account.receiver.clone(),
        template_id: template.template_id.clone(),
        page: template.page_for(letter.notification),
        values: template.render(letter.message, letter.name),
        language: match template.language {
            NotificationLanguage::Zh => MessageLanguage::Chinese,
            NotificationLanguage::En => MessageLanguage::English,
        },
        form_id: letter.form_id.map(str::to_owned),
    })
}

/// All templates say the same: which gateway sends is the gateways' affair.
fn notice(letter: &Letter<'_>, templates: &[&Approved]) -> SmsNotice {
    let at = |template: &&Approved| {
        let provider = match template.channel {
            TemplateChannel::Aliyun => SmsProvider::Aliyun,
            TemplateChannel::Tencent => SmsProvider::Tencent,
            TemplateChannel::Wechat | TemplateChannel::Alipay => return None,
        };
        Some((provider, template.template_id.clone()))
    };
    let first = templates.first();
    SmsNotice {
        templates: templates.iter().filter_map(at).collect(),
        values: first.map_or_else(Vec::new, |it| it.render(letter.message, letter.name)),
        key: letter.notification.to_string(),
    }
}

fn of_app(outcome: MessageOutcome) -> Outcome {
    match outcome {
        MessageOutcome::Sent => Outcome::Sent,
        MessageOutcome::NotAllowed => Outcome::NotAllowed,
        MessageOutcome::Rejected { code } => Outcome::Rejected(kept(&code)),
        MessageOutcome::Retryable => Outcome::Retryable,
        MessageOutcome::Unknown => Outcome::Unknown,
    }
}

fn of_sms(outcome: SmsOutcome) -> Outcome {
    match outcome {
        SmsOutcome::Sent { .. } => Outcome::Sent,
        SmsOutcome::RateLimited | SmsOutcome::Retryable => Outcome::Retryable,
        SmsOutcome::BadNumber => Outcome::Rejected(BAD_NUMBER.into()),
        SmsOutcome::Rejected { code } => Outcome::Rejected(kept(&code)),
        SmsOutcome::Unknown => Outcome::Unknown,
    }
}

/// A platform's code as the outbox keeps it: the words that are ours stay ours.
fn kept(code: &str) -> String {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_graphic)
        .take(100)
        .collect();
    format!("rejected/{plain}")
}
