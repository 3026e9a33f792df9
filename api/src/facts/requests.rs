//! What members of staff send.

use std::{collections::BTreeSet, fmt};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use entity::values::{
    Division, DocumentKind, FactKind, OverrideEffect, OverrideGround, ReasonCode, RiskLevel,
    TestResult,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::rules::{ArrivedFrom, Brings, IsolationPlace, PushedColour, WithdrawalReason};

/// A report on one person's sample.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TestRequest {
    /// Kind of the person's document.
    pub(super) document_kind: DocumentKind,
    /// Its number.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "310101199003070019")]
    pub(super) document_number: String,
    /// The laboratory: Latin letters, digits, dashes, underscores and dots.
    #[validate(length(min = 1, max = 31))]
    #[schema(min_length = 1, max_length = 31, example = "huangpu-cdc")]
    pub(super) lab: String,
    /// The tube, by the laboratory's number of it.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "H20260302-0042")]
    pub(super) tube: String,
    /// How many people's samples share the tube: 1, 5, 10 or 20.
    #[validate(range(min = 1, max = 20))]
    #[schema(minimum = 1, maximum = 20)]
    pub(super) tube_size: i16,
    /// When the sample was taken: within the last 60 days.
    pub(super) sampled_at: DateTime<Utc>,
    /// When the laboratory reported it. Of several reports on a sample the last one counts; whoever
    /// brought the first brings the others.
    pub(super) reported_at: DateTime<Utc>,
    /// What was found. `inconclusive` also takes back what was reported before.
    pub(super) result: TestResult,
}

/// A fact about a person.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FactRequest {
    /// Kind of the person's document.
    pub(super) document_kind: DocumentKind,
    /// Its number.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "310101199003070019")]
    pub(super) document_number: String,
    /// What it says.
    pub(super) kind: FactKind,
    /// When it happened, within the last 366 days: the last exposure, the arrival, the start.
    pub(super) happened_at: DateTime<Utc>,
    /// When it ends, where facts of its kind do.
    pub(super) ends_at: Option<DateTime<Utc>>,
    /// What the region calls it, such as the number of a case. The same brought twice changes
    /// nothing.
    #[validate(length(min = 1, max = 57))]
    #[schema(
        min_length = 1,
        max_length = 57,
        nullable = false,
        example = "CC-2026-0117"
    )]
    pub(super) source_ref: Option<String>,
    /// What facts of its kind have besides.
    #[serde(default)]
    #[validate(nested)]
    pub(super) detail: FactDetail,
}

/// What some kinds of facts have besides. A kind has what is named for it, and nothing else.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FactDetail {
    /// `arrival`: from where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<ArrivedFrom>,
    /// `arrival` from another province, if it is known: from which division.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) division: Option<Division>,
    /// `confirmed_case`: infected without symptoms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) asymptomatic: Option<bool>,
    /// `isolation_started`: where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<IsolationPlace>,
    /// `push`: what the origin wants shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) colour: Option<PushedColour>,
    /// `push`: the origin's own code of its cause.
    #[validate(length(min = 1, max = 32))]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 32)]
    pub(super) reason: Option<String>,
    /// `override`: what was decided. Nobody enters that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) effect: Option<OverrideEffect>,
    /// `override`: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ground: Option<OverrideGround>,
    /// `override`: the cause that ends, of a release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cause: Option<ReasonCode>,
}

/// Why a fact is withdrawn.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FactWithdrawalRequest)]
pub(super) struct WithdrawalRequest {
    /// Why.
    pub(super) reason: WithdrawalReason,
    /// What there is to say besides. Kept sealed.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub(super) note: Option<String>,
}

/// A place that gets a level.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AreaRequest {
    /// The place: it and everything within it.
    pub(super) division: Division,
    /// Its level.
    pub(super) level: RiskLevel,
    /// Since when: within the last 60 days.
    pub(super) starts_at: DateTime<Utc>,
    /// Until when, if that is decided with it.
    pub(super) ends_at: Option<DateTime<Utc>>,
}

/// Somebody who is to bring files of facts.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceRequest {
    /// Its short name, given once: small letters, digits and dashes, a letter first.
    #[validate(length(min = 2, max = 32))]
    #[schema(min_length = 2, max_length = 32, example = "huangpu-cdc")]
    pub(super) id: String,
    /// What people call it.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64, example = "黄浦区疾病预防控制中心")]
    pub(super) name: String,
    /// The region that its facts belong to. Only that region may take them back.
    pub(super) division: Division,
    /// What it may bring.
    #[validate(length(min = 1, max = 12))]
    #[schema(min_items = 1, max_items = 12)]
    pub(super) kinds: BTreeSet<Brings>,
    /// Its public key of Ed25519, if it signs its files.
    pub(super) public_key: Option<PublicKey>,
}

/// A public key of Ed25519: 32 bytes, written as base64 (RFC 4648 §4).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[A-Za-z0-9+/]{43}=$")]
pub(super) struct PublicKey(pub(super) [u8; 32]);

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from(*self))
    }
}

impl TryFrom<String> for PublicKey {
    type Error = ValidationError;

    fn try_from(text: String) -> Result<Self, ValidationError> {
        let bytes = BASE64_STANDARD.decode(text).ok();
        let key = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        key.map(Self).ok_or_else(|| ValidationError::new("key"))
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        BASE64_STANDARD.encode(key.0)
    }
}
