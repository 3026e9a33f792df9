//! Keys of authenticators, as pages send and get them.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::super::service::KeyUsed;
use crate::http::problem::{FieldFault, INVALID_REQUEST, Problem, Text};

/// The use of a key: what `navigator.credentials.get` gave, each part in base64url.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyUse {
    /// `rawId`.
    #[validate(length(min = 1, max = 1_400))]
    #[schema(min_length = 1, max_length = 1_400)]
    credential_id: String,
    /// `response.clientDataJSON`.
    #[validate(length(min = 1, max = 4_096))]
    #[schema(min_length = 1, max_length = 4_096)]
    client_data: String,
    /// `response.authenticatorData`.
    #[validate(length(min = 1, max = 4_096))]
    #[schema(min_length = 1, max_length = 4_096)]
    authenticator_data: String,
    /// `response.signature`.
    #[validate(length(min = 1, max = 1_024))]
    #[schema(min_length = 1, max_length = 1_024)]
    signature: String,
}

/// What to ask the browser for: `publicKey` of `navigator.credentials.get`, with the challenge in
/// base64url. No key is named, so it says nothing about anybody.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyRequestView {
    /// Random, good once, for five minutes.
    challenge: String,
    /// The domain that the key is for.
    rp_id: String,
    /// Always `required`: the authenticator asks who is there.
    user_verification: &'static str,
    /// Milliseconds that the browser may take.
    timeout: u32,
}

/// Milliseconds that a challenge is good for.
pub(super) const TIMEOUT: u32 = 300_000;

impl KeyRequestView {
    pub(super) fn new(challenge: String, rp_id: &str) -> Self {
        Self {
            challenge,
            rp_id: rp_id.to_owned(),
            user_verification: "required",
            timeout: TIMEOUT,
        }
    }
}

impl TryFrom<&KeyUse> for KeyUsed {
    type Error = Problem;

    fn try_from(used: &KeyUse) -> Result<Self, Problem> {
        Ok(Self {
            credential: bytes("credential_id", &used.credential_id)?,
            client_data: bytes("client_data", &used.client_data)?,
            authenticator_data: bytes("authenticator_data", &used.authenticator_data)?,
            signature: bytes("signature", &used.signature)?,
        })
    }
}

/// What `text` is the base64url of.
pub(super) fn bytes(field: &'static str, text: &str) -> Result<Vec<u8>, Problem> {
    BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| {
        let message = Text::new("不是 base64url", "is not base64url");
        Problem::field(
            INVALID_REQUEST,
            FieldFault::new(field, "base64url", message),
        )
    })
}
