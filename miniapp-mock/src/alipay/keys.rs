//! The keys of each app, read once at the start.

use crate::config::AlipayApp;
use crate::crypto::{BadKey, ContentKey, SigningKey, VerifyingKey};

/// An app and its keys, ready for use.
pub(crate) struct AppKeys {
    pub(crate) app: AlipayApp,
    /// Signs replies.
    pub(super) platform: SigningKey,
    /// Checks calls.
    pub(super) caller: VerifyingKey,
    /// Encrypts contents.
    pub(super) content: Option<ContentKey>,
}

impl AppKeys {
    pub(crate) fn read(app: &AlipayApp) -> Result<Self, BadKey> {
        Ok(Self {
            platform: SigningKey::from_base64(&app.platform_private_key)?,
            caller: VerifyingKey::from_base64(&app.app_public_key)?,
            content: app
                .aes_key
                .as_deref()
                .map(ContentKey::from_base64)
                .transpose()?,
            app: app.clone(),
        })
    }
}
