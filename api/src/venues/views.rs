//! What is answered, and what is asked for.

use chrono::{DateTime, Utc};
use entity::{
    organisation, review_case,
    values::{
        CaseOutcome, CaseState, Division, OrganisationId, PersonId, SocialCreditCode,
        VenueApplicationId, VenueApplicationKind, VenueCategory, VenueChannel,
        VenueCodeReplacement, VenueId, VenueState, VenueSuspension,
    },
    venue, venue_application,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::rules::Word;
use crate::{http::page, notifications::Reference, organisations, review::rules::ReasonRule};

/// A check of a field that people print and read: it says something, in characters that are seen.
fn legible(text: &str) -> Result<(), ValidationError> {
    if text.trim().is_empty() {
        return Err(ValidationError::new("length"));
    }
    if text.trim() != text || !organisations::is_legible(text) {
        return Err(ValidationError::new("characters"));
    }
    Ok(())
}

/// A venue that a unit asks a code for.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VenueRequest {
    /// What visitors read.
    #[validate(length(max = 50), custom(function = legible))]
    #[schema(min_length = 1, max_length = 50, example = "人民广场书店")]
    pub(super) name: String,
    /// Its kind.
    pub(super) category: VenueCategory,
    /// The county or district that it lies in.
    #[schema(example = "310101")]
    pub(super) division: Division,
    /// Where it is, in words.
    #[validate(length(max = 100), custom(function = legible))]
    #[schema(min_length = 1, max_length = 100, example = "人民大道 1 号")]
    pub(super) address: String,
    /// Whether only the changing code of its own screen shall count, and no printed one.
    #[serde(default)]
    pub(super) rotating_only: bool,
}

/// Where a venue is from now on.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VenueMoveRequest {
    /// The county or district that it lies in.
    #[schema(example = "310104")]
    pub(super) division: Division,
    /// Where it is, in words.
    #[validate(length(max = 100), custom(function = legible))]
    #[schema(min_length = 1, max_length = 100, example = "肇嘉浜路 1 号")]
    pub(super) address: String,
    /// What visitors read there. As before, where nothing is said.
    #[validate(length(max = 50), custom(function = legible))]
    #[serde(default)]
    #[schema(min_length = 1, max_length = 50)]
    pub(super) name: Option<String>,
}

/// That another code is wanted.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeReplacementRequest {
    /// Why.
    pub(super) reason: VenueCodeReplacement,
    /// Whether only the changing code of the venue's own screen counts from now on. As before, where
    /// nothing is said.
    #[serde(default)]
    pub(super) rotating_only: Option<bool>,
}

/// Why a venue is suspended.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VenueSuspensionRequest {
    /// Why.
    pub(super) reason: VenueSuspension,
}

/// Which venues to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct VenuesParams {
    /// Only those that stand so.
    #[param(inline)]
    pub(super) state: Option<VenueState>,
    /// Only those of this kind.
    #[param(inline)]
    pub(super) category: Option<VenueCategory>,
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

/// Whose a venue is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct VenueUnitView {
    /// Which.
    id: OrganisationId,
    /// Its registered name.
    #[schema(example = "上海某某有限公司")]
    name: String,
    /// Its unified social credit code.
    credit_code: SocialCreditCode,
}

impl From<&organisation::Model> for VenueUnitView {
    fn from(row: &organisation::Model) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            credit_code: row.credit_code.clone(),
        }
    }
}

/// A venue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VenueView {
    /// Which.
    id: VenueId,
    /// Whose.
    organisation: VenueUnitView,
    /// What visitors read.
    name: String,
    /// Its kind.
    category: VenueCategory,
    /// The county or district that it lies in.
    division: Division,
    /// The same by name.
    #[schema(example = "上海市黄浦区")]
    place: Option<String>,
    /// Where it is, in words.
    address: String,
    /// How it stands.
    state: VenueState,
    /// Why it is suspended. Null where it is not.
    suspension: Option<VenueSuspension>,
    /// Through which door it was asked for.
    channel: VenueChannel,
    /// When.
    applied_at: DateTime<Utc>,
    /// Whether only the changing code of its own screen counts.
    rotating_only: bool,
    /// What stands in the code for its door. Null where none counts, and where only its screen does.
    #[schema(example = "https://tongxing.example/v/q3VhL0xkZ2NwYTkxbTd0Zg")]
    code: Option<String>,
}

impl VenueView {
    /// `row` of `unit`, with what stands in its code.
    pub(super) fn of(
        row: venue::Model,
        unit: VenueUnitView,
        place: Option<String>,
        code: Option<String>,
    ) -> Self {
        let counts = row.state == VenueState::Active && !row.rotating_only;
        Self {
            id: row.id,
            organisation: unit,
            name: row.name,
            category: row.category,
            division: row.division,
            place,
            address: row.address,
            state: row.state,
            suspension: row.suspension,
            channel: row.channel,
            applied_at: row.applied_at,
            rotating_only: row.rotating_only,
            code: code.filter(|_| counts),
        }
    }
}

/// Why an application was refused.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VenueRefusalView {
    /// The reason's name; stable.
    code: String,
    /// In Chinese.
    zh: String,
    /// In English.
    en: String,
}

impl From<&ReasonRule> for VenueRefusalView {
    fn from(rule: &ReasonRule) -> Self {
        Self {
            code: rule.code.clone(),
            zh: rule.zh.clone(),
            en: rule.en.clone(),
        }
    }
}

/// An application about a venue, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VenueApplicationView {
    /// Which.
    id: VenueApplicationId,
    /// The same, to read out on the phone.
    reference: String,
    /// What is asked for.
    kind: VenueApplicationKind,
    /// About which venue.
    venue: VenueId,
    /// Whose.
    organisation: OrganisationId,
    /// Who applied.
    applied_by: PersonId,
    /// When.
    applied_at: DateTime<Utc>,
    /// Through which door.
    channel: VenueChannel,
    /// What visitors shall read.
    name: String,
    /// The kind of venue.
    category: VenueCategory,
    /// Where it lies.
    division: Division,
    /// The same in words.
    address: String,
    /// Whether only the changing code of its own screen shall count.
    rotating_only: bool,
    /// Whom it waits for.
    state: CaseState,
    /// Until when somebody has to decide. Null once it is closed.
    due_at: Option<DateTime<Utc>>,
    /// How it ended. Null while it is open.
    outcome: Option<CaseOutcome>,
    /// When it did. Null while it is open.
    closed_at: Option<DateTime<Utc>>,
    /// Why it was refused. Null where it was not.
    refusal: Option<VenueRefusalView>,
}

impl VenueApplicationView {
    pub(super) fn of(
        row: venue_application::Model,
        case: &review_case::Model,
        refusal: Option<VenueRefusalView>,
    ) -> Self {
        Self {
            id: row.id,
            reference: reference(row.id.0).into(),
            kind: row.kind,
            venue: row.venue_id,
            organisation: row.organisation_id,
            applied_by: row.applied_by,
            applied_at: row.applied_at,
            channel: row.channel,
            name: row.name,
            category: row.category,
            division: row.division,
            address: row.address,
            rotating_only: row.rotating_only,
            state: case.state,
            due_at: case.due_at,
            outcome: case.outcome,
            closed_at: case.closed_at,
            refusal,
        }
    }
}

/// How people call an application on the phone.
pub(super) fn reference(id: Uuid) -> Reference {
    Reference::of("CS", id)
}

/// What the screen of a venue shows now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScreenView {
    /// What visitors read.
    pub(super) name: String,
    /// What stands in the code: draw it on the device.
    pub(super) code: String,
    /// When to ask for the next one.
    pub(super) code_until: DateTime<Utc>,
    /// The word that the page of everybody who scans shows as well.
    pub(super) word: Word,
    /// When another word takes its place.
    pub(super) word_until: DateTime<Utc>,
    /// The time here, for screens whose clock is wrong.
    pub(super) now: DateTime<Utc>,
}

/// Where a platform serves the picture of a code.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlatformPictureView {
    /// The address of the picture.
    pub(super) picture_url: String,
}
