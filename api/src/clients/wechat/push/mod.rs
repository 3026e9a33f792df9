//! The receiving end of WeChat's message push.
//!
//! The signature in the query covers token, timestamp and nonce alone; only the encrypted modes vouch
//! for the body. A push in a weaker mode than the app is set to is therefore as good as forged.

mod envelope;
mod message;
mod xml;

use std::time::Duration;

use serde::Deserialize;

use self::{
    envelope::{Envelope, is_signed},
    message::Message,
};
use super::HttpWeChat;
use crate::{
    clients::{PlatformError, PushQuery, WeChatInbox, WeChatPush},
    platform::Secret,
};

/// Longest push that is looked at, in bytes; real ones are under 4 KiB.
const PUSH_LENGTH: usize = 64 * 1024;

/// How far a push's timestamp may lie from our time: WeChat's three attempts take seconds.
const TOLERANCE: Duration = Duration::from_mins(5);

/// What the message push of an app is set to in WeChat's console.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeChatPushSettings {
    /// The `Token`.
    pub token: Secret,
    /// The `EncodingAESKey`: 43 letters and digits.
    pub encoding_aes_key: Secret,
    /// The mode.
    #[serde(default)]
    pub mode: PushMode,
}

/// How pushes are protected. A push in a weaker mode than this is refused.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushMode {
    /// Nothing vouches for the body.
    Plaintext,
    /// The message stands in the clear, and encrypted beside it; we read the latter.
    Compatible,
    /// Encrypted only.
    #[default]
    Secure,
}

/// What it takes to verify and read the pushes for one app.
pub(super) struct PushKeys {
    token: Secret,
    envelope: Envelope,
    mode: PushMode,
}

impl PushKeys {
    pub(super) fn read(settings: &WeChatPushSettings) -> anyhow::Result<Self> {
        Ok(Self {
            token: settings.token.clone(),
            envelope: Envelope::new(&settings.encoding_aes_key)?,
            mode: settings.mode,
        })
    }

    fn verify(&self, query: &PushQuery) -> Option<()> {
        let parts = [self.token.reveal(), &query.timestamp, &query.nonce];
        is_signed(parts, &query.signature)
    }

    /// The message in `body`, by way of the strongest mode that it came in.
    fn message(&self, app_id: &str, query: &PushQuery, body: &[u8]) -> Option<Message> {
        let outer = Message::read(body)?;
        let Some(sealed) = &outer.encrypt else {
            return (self.mode == PushMode::Plaintext && query.encrypt_type.is_none())
                .then_some(outer);
        };
        if self.mode == PushMode::Secure && outer.speaks_in_the_clear() {
            return None;
        }
        let signature = query.msg_signature.as_deref()?;
        let parts = [self.token.reveal(), &query.timestamp, &query.nonce, sealed];
        is_signed(parts, signature)?;
        let inner = Message::read(&self.envelope.open(sealed, app_id)?)?;
        inner.encrypt.is_none().then_some(inner)
    }
}

impl WeChatInbox for HttpWeChat {
    fn signed(&self, app_id: &str, query: &PushQuery) -> Result<(), PlatformError> {
        let keys = self.push_keys(app_id)?;
        keys.verify(query).ok_or(PlatformError::Forged)
    }

    fn open(
        &self,
        app_id: &str,
        query: &PushQuery,
        body: &[u8],
    ) -> Result<WeChatPush, PlatformError> {
        let keys = self.push_keys(app_id)?;
        if body.len() > PUSH_LENGTH {
            return Err(PlatformError::Forged);
        }
        keys.verify(query)
            .and_then(|()| keys.message(app_id, query, body))
            .and_then(|message| message.into_push(app_id, &keys.token))
            .ok_or(PlatformError::Forged)
    }

    fn tolerance(&self) -> Duration {
        TOLERANCE
    }
}

impl HttpWeChat {
    /// An app without push is, to whoever pushes, no app of ours.
    fn push_keys(&self, app_id: &str) -> Result<&PushKeys, PlatformError> {
        let push = self.app(app_id)?.push.as_ref();
        push.ok_or(PlatformError::UnknownApp)
    }
}
