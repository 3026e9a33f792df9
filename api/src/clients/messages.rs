//! Messages that platforms show people for us, and what platforms tell us of their own accord.

use std::{fmt::Debug, time::Duration};

use futures_util::future::BoxFuture;
use serde::Deserialize;

use super::{AlipayIdKind, PlatformError};

/// The languages that templates are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageLanguage {
    /// Simplified Chinese.
    Chinese,
    /// English.
    English,
}

/// Whom a super-app knows by an id of its own.
#[derive(Clone, PartialEq, Eq)]
pub enum Receiver {
    /// A user of a WeChat mini-program.
    WeChat {
        /// The user within the app.
        openid: String,
    },
    /// A user of an Alipay mini-program.
    Alipay {
        /// Which of Alipay's two names `id` is.
        kind: AlipayIdKind,
        /// The user.
        id: String,
    },
}

/// A message by a template that the platform approved.
#[derive(Clone, PartialEq, Eq)]
pub struct AppMessage {
    /// Which of our apps speaks.
    pub app_id: String,
    /// To whom.
    pub to: Receiver,
    /// The platform's id of the template.
    pub template_id: String,
    /// The page that a tap opens, with its query.
    pub page: Option<String>,
    /// The template's keys (`thing1`, `keyword1`) and what stands there.
    pub values: Vec<(String, String)>,
    /// The language of the frame around the values.
    pub language: MessageLanguage,
    /// Alipay's `form_id`, where the template wants one.
    pub form_id: Option<String>,
}

/// What became of a message, in one vocabulary for both super-apps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageOutcome {
    /// Accepted by the platform.
    Sent,
    /// The user did not allow it, or it has been used up: another channel may be open.
    NotAllowed,
    /// Refused for a reason that trying again does not cure: template, value, receiver, permission.
    Rejected {
        /// The platform's own code.
        code: String,
    },
    /// Surely not sent; may be tried again.
    Retryable,
    /// No answer in time: it may have been sent.
    Unknown,
}

/// A super-app that shows our messages to its users.
pub trait Messenger: Debug + Send + Sync {
    /// Send `message`, once.
    fn send<'a>(&'a self, message: &'a AppMessage) -> BoxFuture<'a, MessageOutcome>;
}

/// The query of a call that WeChat makes to us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PushQuery {
    /// Over token, timestamp and nonce.
    pub signature: String,
    /// Unix seconds, as written.
    pub timestamp: String,
    /// WeChat's nonce.
    pub nonce: String,
    /// Over the encrypted body as well, in the encrypted modes.
    pub msg_signature: Option<String>,
    /// `aes` in the encrypted modes.
    pub encrypt_type: Option<String>,
}

/// What a user answered to a question for permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// One more message by this template; any number if the template is long-term.
    Accepted,
    /// None, until the user says otherwise.
    Rejected,
}

/// A verified message of WeChat's to us.
#[derive(Clone, PartialEq, Eq)]
pub struct WeChatPush {
    /// The same for every delivery of one message, and for no other.
    pub key: String,
    /// The user within the app, if it is about one.
    pub openid: Option<String>,
    /// When it came about, in Unix seconds.
    pub created_at: i64,
    /// What happened.
    pub events: Vec<WeChatEvent>,
}

/// What happened. Kinds that the product has no use for do not appear.
#[derive(Clone, PartialEq, Eq)]
pub enum WeChatEvent {
    /// The user answered, or changed an earlier answer.
    Permission {
        /// For which template.
        template_id: String,
        /// What they said.
        permission: Permission,
        /// Whether it is a change in the settings, and not an answer to a question.
        by_settings: bool,
    },
    /// A message that WeChat accepted came to its end.
    Delivered {
        /// By which template.
        template_id: String,
        /// WeChat's id of the message.
        message_id: Option<String>,
        /// Whether it reached the user.
        delivered: bool,
    },
}

/// The receiving end of WeChat's message push.
pub trait WeChatInbox: Debug + Send + Sync {
    /// Whether WeChat signed `query`, as it does to verify our address.
    fn signed(&self, app_id: &str, query: &PushQuery) -> Result<(), PlatformError>;

    /// Verify and read a push. [`PlatformError::Forged`] covers every way in which it is not WeChat's,
    /// not for this app, or not readable.
    fn open(
        &self,
        app_id: &str,
        query: &PushQuery,
        body: &[u8],
    ) -> Result<WeChatPush, PlatformError>;

    /// How far `timestamp` may lie from our time: older pushes are replays.
    fn tolerance(&self) -> Duration;
}

/// A verified notification of Alipay's to us.
#[derive(Clone, PartialEq, Eq)]
pub struct AlipayNotification {
    /// Alipay's `notify_id`: the same for every delivery of one notification, and for no other.
    pub key: String,
    /// Our app that it is for.
    pub app_id: String,
    /// Alipay's `notify_type`, or its message method.
    pub kind: String,
    /// The user that it is about, where it names one.
    pub user: Option<(AlipayIdKind, String)>,
}

/// The receiving end of Alipay's asynchronous notifications.
pub trait AlipayInbox: Debug + Send + Sync {
    /// Verify and read the form `body`. [`PlatformError::Forged`] covers every way in which it is not
    /// Alipay's, not for one of our apps, or not readable.
    fn open(&self, body: &[u8]) -> Result<AlipayNotification, PlatformError>;
}

/// A short message by an approved template, other than a log-in code.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsNotice {
    /// The approved template at each gateway that has one.
    pub templates: Vec<(SmsProvider, String)>,
    /// The template's variables in their order: Aliyun goes by the names, Tencent by the order.
    pub values: Vec<(String, String)>,
    /// Our key for the message: Aliyun's `OutId`, Tencent's `SessionContext`.
    pub key: String,
}

impl SmsNotice {
    /// The template to use at `provider`.
    #[must_use]
    pub fn template_at(&self, provider: SmsProvider) -> Option<&str> {
        self.templates
            .iter()
            .find(|(of, _)| *of == provider)
            .map(|(_, id)| id.as_str())
    }
}

/// A company that sends SMS for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsProvider {
    /// Aliyun.
    Aliyun,
    /// Tencent Cloud.
    Tencent,
}
