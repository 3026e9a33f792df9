//! The keys of each app, read once at the start.

use super::certificates::CertificateNames;
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
    /// In certificate mode: what the certificates are called.
    pub(super) certificates: Option<CertificateNames>,
}

impl AppKeys {
    pub(crate) fn read(app: &AlipayApp) -> Result<Self, BadKey> {
        let caller = VerifyingKey::from_base64(&app.app_public_key)?;
        let certificates = app
            .certificates
            .as_ref()
            .map(|certificates| CertificateNames::read(certificates, caller.spki()))
            .transpose()?;
        Ok(Self {
            platform: SigningKey::from_base64(&app.platform_private_key)?,
            caller,
            content: app
                .aes_key
                .as_deref()
                .map(ContentKey::from_base64)
                .transpose()?,
            certificates,
            app: app.clone(),
        })
    }
}
