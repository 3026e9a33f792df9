//! Applications and marks in words.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    pass_application::Model,
    pass_false_mark, review_case,
    values::{
        CaseId, CaseOutcome, CaseState, Colour, Community, DeclarationId, Division, DocumentKind,
        FalseMarkId, Falsehood, PassApplicationId, PassCardId, PassCardReplacement, PersonId,
        ReasonCode,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::error::Error;
use crate::{
    declarations::{DeclarationReport, Place, must_be_true},
    http::body::visible_ascii,
    notifications::Reference,
    platform::vault::{Column, DataKey},
    regions,
};

pub(super) const CONTENT: Column = Column("pass_application.content");
pub(super) const MARK_TEXT: Column = Column("pass_false_mark.text");
pub(super) const LIFTED_BECAUSE: Column = Column("pass_false_mark.lifted_because");

/// What people call an application begins with this.
const REFERENCE: &str = "TX";

/// What people call the application `id`.
pub(super) fn reference_of(id: Uuid) -> Reference {
    Reference::of(REFERENCE, id)
}

/// An arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PassArrival)]
pub(super) struct Arrival {
    /// From where: county or district, or `abroad`.
    pub(super) from: Place,
    /// On which day.
    pub(super) on: NaiveDate,
}

/// An application for a pass card.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PassApplicationRequest {
    /// Where the person stays: the community or village that issues the card.
    pub(super) community: Community,
    /// From where and when the person arrived. Null if they did not.
    #[serde(default)]
    pub(super) arrival: Option<Arrival>,
    /// Whoever applies confirms that the newest declaration is true and knows what a false one entails.
    #[validate(custom(function = "must_be_true"))]
    #[schema(example = true)]
    pub(super) confirmed_true: bool,
}

/// An application that a clerk takes down.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WindowRequest {
    /// Name as on the document.
    #[validate(length(min = 1, max = 50))]
    #[schema(min_length = 1, max_length = 50, example = "李秀英")]
    pub(super) name: String,
    /// Kind of document.
    pub(super) document_kind: DocumentKind,
    /// Its number.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "11010519491231002X")]
    pub(super) document_number: String,
    /// Where the person can be called. Null if nowhere. Nobody logs in with it: it was not proved.
    #[validate(length(min = 3, max = 32), custom(function = "visible_ascii"))]
    #[serde(default)]
    #[schema(min_length = 3, max_length = 32, pattern = "^[!-~]+$")]
    pub(super) telephone: Option<String>,
    /// Where the person stays.
    pub(super) community: Community,
    /// From where and when the person arrived. Null if they did not.
    #[serde(default)]
    pub(super) arrival: Option<Arrival>,
    /// What the person declares.
    #[validate(nested)]
    pub(super) declaration: DeclarationReport,
}

/// What else is said in an application, as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) arrival: Option<Arrival>,
    pub(super) telephone: Option<String>,
}

impl Content {
    /// That of `row`, which opens with the person's `key`.
    pub(super) fn open(row: &Model, key: &DataKey) -> Result<Self, Error> {
        let content = key.open(CONTENT.owned_by(row.id.0.as_bytes()), &row.content)?;
        Ok(serde_json::from_slice(&content)?)
    }
}

/// Why another card is asked for.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplacementRequest {
    /// Why.
    pub(super) reason: PassCardReplacement,
}

/// A mark on an application whose declaration is not true.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FalseDeclarationRequest {
    /// What is not true.
    pub(super) falsehood: Falsehood,
    /// The same in words, for whom it concerns.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub(super) text: String,
    /// What shows it: `contact/…`, a contact of this application that contradicted it, or `fact/…`, a
    /// fact about the person.
    #[validate(length(min = 1, max = 96), custom(function = "visible_ascii"))]
    #[schema(min_length = 1, max_length = 96, pattern = "^[!-~]+$")]
    pub(super) evidence: String,
}

/// Why a mark is taken back.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LiftRequest {
    /// Why, for whom it concerns.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub(super) because: String,
}

/// What the data comparison found, as it is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Findings {
    /// The causes, worst first.
    pub(super) reasons: Vec<ReasonCode>,
    /// The holds among them.
    pub(super) holds: Vec<Uuid>,
}

/// What the data comparison found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PassComparison)]
pub(super) struct ComparisonView {
    /// When it answered.
    at: DateTime<Utc>,
    /// The colour that it found.
    colour: Colour,
    /// The causes, worst first. Empty for green.
    reasons: Vec<ReasonCode>,
    /// How many of them are holds.
    holds: usize,
}

impl ComparisonView {
    pub(super) fn of(row: &Model) -> Result<Option<Self>, Error> {
        let (Some(at), Some(colour)) = (row.compared_at, row.found_colour) else {
            return Ok(None);
        };
        let found = row.found.clone().map(serde_json::from_value);
        let found: Findings = found.transpose()?.unwrap_or_default();
        Ok(Some(Self {
            at,
            colour,
            reasons: found.reasons,
            holds: found.holds.len(),
        }))
    }
}

/// A community and where to call it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PassCommunity)]
pub(super) struct CommunityView {
    /// Its code.
    pub(super) code: Community,
    /// Its name. Empty if it is not in the directory any more.
    pub(super) name: String,
    /// The telephone of its office. Null if there is none.
    pub(super) telephone: Option<String>,
    /// The county or district that it lies in, with those around it.
    pub(super) region: String,
}

impl CommunityView {
    pub(super) fn of(
        code: &Community,
        division: &Division,
        row: Option<entity::community::Model>,
    ) -> Self {
        Self {
            code: code.clone(),
            region: regions::full_name(division).unwrap_or_default(),
            telephone: row.as_ref().map(|row| row.telephone.clone()),
            name: row.map(|row| row.name).unwrap_or_default(),
        }
    }
}

/// What a mark entails while it stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Consequence {
    /// The card that was issued on this application does not count.
    CardSuspended,
    /// The next application is decided by a person: no card is issued by the clock.
    NoCardByClock,
}

/// A mark of a false declaration. What was declared stays as it was declared.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FalseDeclarationMark)]
pub(super) struct MarkView {
    /// Which.
    id: FalseMarkId,
    /// When it was made.
    marked_at: DateTime<Utc>,
    /// What is not true.
    falsehood: Falsehood,
    /// The same in words.
    text: String,
    /// What shows it.
    evidence: String,
    /// What it entails. Empty once it was taken back.
    consequences: Vec<Consequence>,
    /// Whom to call about it.
    call: CommunityView,
    /// When it was taken back. Null while it stands.
    lifted_at: Option<DateTime<Utc>>,
    /// Why. Null while it stands.
    lifted_because: Option<String>,
}

impl MarkView {
    /// The view of `row`, whose words open with the person's `key`.
    pub(super) fn open(
        row: &pass_false_mark::Model,
        key: &DataKey,
        call: CommunityView,
    ) -> Result<Self, Error> {
        let place = row.id.0.as_bytes();
        let because = row.lifted_because.as_deref();
        let because = because.map(|because| key.open_text(LIFTED_BECAUSE.owned_by(place), because));
        let stands = row.lifted_at.is_none();
        let consequences = [Consequence::CardSuspended, Consequence::NoCardByClock];
        Ok(Self {
            id: row.id,
            marked_at: row.marked_at,
            falsehood: row.falsehood,
            text: key
                .open_text(MARK_TEXT.owned_by(place), &row.text)?
                .to_string(),
            evidence: row.evidence.clone(),
            consequences: consequences.into_iter().filter(|_| stands).collect(),
            call,
            lifted_at: row.lifted_at,
            lifted_because: because.transpose()?.map(|because| because.to_string()),
        })
    }
}

/// Where an application stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PassApplicationStage)]
pub(super) struct StageView {
    /// The case: its progress can be read, something brought to it, and it can be taken back.
    case: CaseId,
    /// Its name within the workflow, such as `comparison` or `community`.
    stage: String,
    /// Whom it waits for.
    state: CaseState,
    /// Since when.
    since: DateTime<Utc>,
    /// When the limit of the stage is reached. Null without one.
    due_at: Option<DateTime<Utc>>,
    /// When a limit was reached first without an opinion. Null if none was.
    late_since: Option<DateTime<Utc>>,
}

impl StageView {
    fn of(case: &review_case::Model) -> Self {
        Self {
            case: case.id,
            stage: case.stage.clone(),
            state: case.state,
            since: case.stage_since,
            due_at: case.due_at,
            late_since: case.late_since,
        }
    }
}

/// An application, as lists show it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PassApplicationSummary)]
pub(super) struct SummaryView {
    /// Which.
    id: PassApplicationId,
    /// The same, to read out on the phone.
    #[schema(value_type = String)]
    reference: Reference,
    /// When it was filed.
    filed_at: DateTime<Utc>,
    /// Whether a clerk took it down.
    at_window: bool,
    /// Where the person stays.
    community: Community,
    /// How it ended. Null while it is open.
    outcome: Option<CaseOutcome>,
    /// When. Null while it is open.
    closed_at: Option<DateTime<Utc>>,
}

impl From<&Model> for SummaryView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            reference: reference_of(row.id.0),
            filed_at: row.filed_at,
            at_window: row.taken_by.is_some(),
            community: row.community.clone(),
            outcome: row.outcome,
            closed_at: row.closed_at,
        }
    }
}

/// An application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PassApplicationView)]
pub(super) struct ApplicationView {
    /// Which.
    id: PassApplicationId,
    /// The same, to read out on the phone.
    #[schema(value_type = String)]
    reference: Reference,
    /// For whom.
    person: PersonId,
    /// When it was filed.
    filed_at: DateTime<Utc>,
    /// Whether a clerk took it down.
    at_window: bool,
    /// Where the person stays, and whom to call.
    community: CommunityView,
    /// The declaration that it was filed with.
    declaration: DeclarationId,
    /// From where and when the person arrived. Null if they did not.
    arrival: Option<Arrival>,
    /// What the data comparison found. Null until it answered.
    comparison: Option<ComparisonView>,
    /// Where it stands, or stood at its end.
    stage: Option<StageView>,
    /// How it ended. Null while it is open.
    outcome: Option<CaseOutcome>,
    /// When. Null while it is open.
    closed_at: Option<DateTime<Utc>>,
    /// The card that was issued on it. Null while none was.
    card: Option<PassCardId>,
    /// Marks of a false declaration, in order.
    marks: Vec<MarkView>,
}

/// What an application is shown with.
pub(super) struct Around {
    pub(super) community: CommunityView,
    pub(super) case: Option<review_case::Model>,
    pub(super) card: Option<PassCardId>,
    pub(super) marks: Vec<pass_false_mark::Model>,
}

impl ApplicationView {
    /// The view of `row`, whose words open with the person's `key`.
    pub(super) fn open(row: &Model, key: &DataKey, around: Around) -> Result<Self, Error> {
        let Content { arrival, .. } = Content::open(row, key)?;
        let marks = around.marks.iter();
        let marks = marks.map(|mark| MarkView::open(mark, key, around.community.clone()));
        Ok(Self {
            id: row.id,
            reference: reference_of(row.id.0),
            person: row.person_id,
            filed_at: row.filed_at,
            at_window: row.taken_by.is_some(),
            declaration: row.declaration_id,
            arrival,
            comparison: ComparisonView::of(row)?,
            stage: around.case.as_ref().map(StageView::of),
            outcome: row.outcome,
            closed_at: row.closed_at,
            card: around.card,
            marks: marks.collect::<Result<_, _>>()?,
            community: around.community,
        })
    }
}
