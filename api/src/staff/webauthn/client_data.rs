//! What the browser says (§5.8.1).

use serde::Deserialize;

use super::Refused;

/// What a browser says of what it asked the authenticator for.
#[derive(Debug, Deserialize)]
pub(in crate::staff) struct ClientData {
    #[serde(rename = "type")]
    ceremony: String,
    /// The challenge in base64url.
    pub(in crate::staff) challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
}

/// What an authenticator is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::staff) enum Ceremony {
    /// To make a key.
    Create,
    /// To use one.
    Get,
}

impl ClientData {
    /// Read it. Fields that are not known yet are allowed: browsers may add some.
    pub(in crate::staff) fn read(json: &[u8]) -> Result<Self, Refused> {
        serde_json::from_slice(json).map_err(|_| Refused::ClientData)
    }

    /// Whether it is of this ceremony, answers `challenge`, and was made on one of our pages.
    pub(super) fn check(
        &self,
        ceremony: Ceremony,
        challenge: &str,
        origins: &[String],
    ) -> Result<(), Refused> {
        let expected = match ceremony {
            Ceremony::Create => "webauthn.create",
            Ceremony::Get => "webauthn.get",
        };
        if self.ceremony != expected {
            return Err(Refused::Ceremony);
        }
        if self.challenge != challenge {
            return Err(Refused::Challenge);
        }
        if self.cross_origin || !origins.contains(&self.origin) {
            return Err(Refused::Origin);
        }
        Ok(())
    }
}
