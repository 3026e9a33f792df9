//! One of our apps, with its keys in usable form.

use anyhow::{Context, anyhow};

use super::{
    AlipayApp,
    keys::{AppKey, ContentKey},
    trust::Trust,
};

/// One of our apps.
pub(super) struct App {
    pub(super) id: String,
    /// Ours: signs what we say.
    pub(super) key: AppKey,
    /// Verifies what Alipay says.
    pub(super) trust: Trust,
    /// Opens what Alipay encrypts.
    pub(super) content: Option<ContentKey>,
    encrypts: bool,
}

impl App {
    pub(super) fn read(app: &AlipayApp) -> anyhow::Result<Self> {
        Self::keyed(app).with_context(|| format!("Alipay app {}", app.app_id))
    }

    fn keyed(app: &AlipayApp) -> anyhow::Result<Self> {
        let key = AppKey::parse(&app.private_key)?;
        let content = app.aes_key.as_ref().map(ContentKey::parse).transpose()?;
        if app.encrypt_content && content.is_none() {
            return Err(anyhow!("encrypt_content needs an aes_key"));
        }
        Ok(Self {
            id: app.app_id.clone(),
            trust: Trust::read(app, &key)?,
            key,
            content,
            encrypts: app.encrypt_content,
        })
    }

    /// The key under which requests and replies are encrypted, if they are.
    pub(super) fn cipher(&self) -> Option<&ContentKey> {
        self.content.as_ref().filter(|_| self.encrypts)
    }
}
