//! One of our apps, with its keys in usable form.

use anyhow::Context;

use super::{
    AlipayApp,
    keys::{AlipayKey, AppKey, ContentKey},
};

/// One of our apps.
pub(super) struct App {
    pub(super) id: String,
    /// Ours: signs what we say.
    pub(super) key: AppKey,
    /// Alipay's: verifies what Alipay says.
    pub(super) alipay: AlipayKey,
    /// Opens what Alipay encrypts.
    pub(super) content: Option<ContentKey>,
}

impl App {
    pub(super) fn read(app: &AlipayApp) -> anyhow::Result<Self> {
        Self::keyed(app).with_context(|| format!("Alipay app {}", app.app_id))
    }

    fn keyed(app: &AlipayApp) -> anyhow::Result<Self> {
        Ok(Self {
            id: app.app_id.clone(),
            key: AppKey::parse(&app.private_key)?,
            alipay: AlipayKey::parse(&app.alipay_public_key)?,
            content: app.aes_key.as_ref().map(ContentKey::parse).transpose()?,
        })
    }
}
