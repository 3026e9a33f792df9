//! What is asked for, and what is answered.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{
    override_request::Model,
    override_subject,
    values::{
        Division, FactId, OverrideEffect, OverrideGround, OverrideId, OverrideState, PersonId,
        ReasonCode,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::rules::{self, Asked};
use crate::{
    facts::WithdrawalReason,
    http::{body::visible_ascii, page},
    platform::vault::Column,
};

pub(super) const WORDS: Column = Column("override_request.words");
pub(super) const CLOSING_WORDS: Column = Column("override_request.closing_words");

/// That the colours of some people be turned.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideRequest {
    /// A worse colour for a time, or the end of a cause before its time.
    pub(super) effect: OverrideEffect,
    /// The cause that is to end. Of a release, and of nothing else.
    #[serde(default)]
    pub(super) cause: Option<ReasonCode>,
    /// Why.
    pub(super) ground: OverrideGround,
    /// The same in words, for those who approve. Kept sealed.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub(super) words: String,
    /// Until when a colour is to be worse: of that, and of nothing else.
    #[serde(default)]
    pub(super) until: Option<DateTime<Utc>>,
    /// Whom: fifty at the most, each by what is on record about them.
    #[validate(length(min = 1, max = 50), nested)]
    #[schema(min_items = 1, max_items = 50)]
    pub(super) people: Vec<PersonRequest>,
}

/// Somebody, and what is on record about them that a request rests on.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OverridePersonRequest)]
pub(super) struct PersonRequest {
    /// Whom.
    pub(super) person: PersonId,
    /// The record: `fact/` and its id, or `test/` and the sample. Somebody else's is none.
    #[validate(length(min = 1, max = 96), custom(function = "visible_ascii"))]
    #[schema(min_length = 1, max_length = 96, pattern = "^[!-~]+$")]
    pub(super) evidence: String,
}

impl OverrideRequest {
    pub(super) fn asked(&self) -> Asked {
        Asked {
            effect: self.effect,
            ground: self.ground,
            cause: self.cause,
            until: self.until,
        }
    }
}

/// Why a request is refused.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OverrideRefusalRequest)]
pub(super) struct RefusalRequest {
    /// Why. Kept sealed.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub(super) words: String,
}

/// Why a request is taken back.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OverrideWithdrawalRequest)]
pub(super) struct WithdrawalRequest {
    /// Why.
    pub(super) reason: WithdrawalReason,
    /// The same in words. Kept sealed.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub(super) words: String,
}

/// Which requests.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParams {
    /// Those that got so far. Absent: all.
    pub(super) state: Option<OverrideState>,
    /// `next` of the page before; absent for the first.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64)]
    pub(super) after: Option<String>,
    /// Entries of a page, at the most.
    #[validate(range(min = 1, max = 100))]
    #[serde(default = "page::usual")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: u64,
}

/// A request, and how far it got.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverrideView {
    /// Which.
    id: OverrideId,
    /// The region that answers for it.
    division: Division,
    /// What is asked for.
    effect: OverrideEffect,
    /// The cause that is to end. Null but of a release.
    cause: Option<ReasonCode>,
    /// Why.
    ground: OverrideGround,
    /// Until when a colour is worse. Null of a release.
    until: Option<DateTime<Utc>>,
    /// How far it got.
    state: OverrideState,
    /// When it was asked for.
    requested_at: DateTime<Utc>,
    /// When it ends undone, if two others have not approved it by then.
    lapses_at: DateTime<Utc>,
    /// How many approved it.
    approvals: usize,
    /// When it took effect. Null if it did not.
    applied_at: Option<DateTime<Utc>>,
    /// When it was refused, lapsed or was taken back. Null while it was not.
    closed_at: Option<DateTime<Utc>>,
    /// How many people it names.
    people: usize,
    /// The kinds of evidence that it rests on, such as `close_contact` or `nucleic_acid_test`.
    evidence: BTreeSet<String>,
}

impl OverrideView {
    pub(super) fn new<'a>(
        row: Model,
        people: impl IntoIterator<Item = &'a override_subject::Model>,
        approvals: usize,
    ) -> Self {
        let kinds: Vec<&str> = people
            .into_iter()
            .map(|named| named.evidence_kind.as_str())
            .collect();
        Self {
            id: row.id,
            division: row.division,
            effect: row.effect,
            cause: row.reason,
            ground: row.ground,
            until: row.until_at,
            state: row.state,
            requested_at: row.requested_at,
            lapses_at: row.requested_at + rules::WAITS,
            approvals,
            applied_at: row.applied_at,
            closed_at: row.closed_at,
            people: kinds.len(),
            evidence: kinds.into_iter().map(str::to_owned).collect(),
        }
    }
}

/// A request with its words and whom it names.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverrideCaseView {
    /// The request.
    pub(super) request: OverrideView,
    /// What whoever asked wrote.
    pub(super) words: String,
    /// What whoever refused it or took it back wrote. Null if nobody did.
    pub(super) closing_words: Option<String>,
    /// Whom it names, in the order of the request.
    pub(super) people: Vec<NamedView>,
}

/// Somebody whom a request names.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OverridePersonView)]
pub(super) struct NamedView {
    /// Whom.
    pub(super) person: PersonId,
    /// Their name, masked. Null where no registry vouched for one.
    pub(super) masked_name: Option<String>,
    /// The record that it rests on.
    pub(super) evidence: String,
    /// What that says.
    pub(super) evidence_kind: String,
    /// Whether it is on record still, and shows something that this can rest on.
    pub(super) stands: bool,
    /// The fact that followed. Null before it is applied.
    pub(super) fact: Option<FactId>,
}
