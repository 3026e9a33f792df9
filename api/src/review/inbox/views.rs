//! Cases in words, for members of staff.

use chrono::{DateTime, Utc};
use entity::{
    review_breach, review_case, review_contact, review_step,
    values::{
        Area, CaseAction, CaseId, CaseOutcome, CaseState, CaseSubject, Community, ContactId,
        ContactMeans, ContactResult, Role, StaffId,
    },
};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    super::{contacting::NOTE, text_of},
    error::Error,
    rules::{Accused, Desk, Lateness, Place, Right},
    store::cases::Times,
    words::{ActionView, AreaView, ReasonView, StageView, Telling},
};
use crate::{deps::Deps, http::problem::Language, platform::vault::DataKey};

/// Where `case` stands, as far as it says who may see and decide it.
pub(super) fn place(case: &review_case::Model) -> Place<'_> {
    Place {
        decider: case.decider,
        area: &case.area,
        accused: case.against.as_ref().zip(case.against_since).map(accused),
    }
}

fn accused((unit, since): (&Area, DateTime<Utc>)) -> Accused<'_> {
    Accused { unit, since }
}

/// How people call `case`.
pub(super) fn reference(deps: &Deps, case: &review_case::Model) -> Option<String> {
    let handler = deps.reviews.of(case.subject)?;
    Some(handler.reference(case).into())
}

/// A case as inboxes list it: without anybody's words.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReviewCaseView {
    /// Which.
    pub(super) id: CaseId,
    /// How people call it on the phone. Null if nobody knows what it is about.
    reference: Option<String>,
    /// What it is about.
    subject: CaseSubject,
    /// When it was opened.
    opened_at: DateTime<Utc>,
    /// The community that it is of. Null where none handles it.
    community: Option<Community>,
    /// Whom it waits for.
    state: CaseState,
    /// Where it stands.
    stage: StageView,
    /// Since when.
    since: DateTime<Utc>,
    /// The role that decides now. Null where nobody of the authority does.
    decider: Option<Role>,
    /// Who is responsible.
    area: AreaView,
    /// Until when. Null without a limit.
    due_at: Option<DateTime<Utc>>,
    /// Whether that passed a year whose holidays are not known, so that it may move.
    provisional: bool,
    /// How near it is to that.
    lateness: Lateness,
    /// When the system decides, because nobody did in time. Null unless it is about to.
    decides_at: Option<DateTime<Utc>>,
    /// When a limit was reached first without an opinion. Null if none was.
    late_since: Option<DateTime<Utc>>,
    /// Who took it on. Null: nobody.
    assignee: Option<StaffId>,
    /// When. Null: nobody did.
    assigned_at: Option<DateTime<Utc>>,
    /// In whose place the caller decides it. Null where they do in their own right, or do not.
    in_place_of: Option<StaffId>,
    /// How it ended. Null until it does.
    outcome: Option<CaseOutcome>,
    /// When. Null until it does.
    closed_at: Option<DateTime<Utc>>,
}

impl ReviewCaseView {
    /// The view of `case` for somebody at `desk`.
    pub(super) async fn of(
        db: &impl ConnectionTrait,
        deps: &Deps,
        desk: &Desk,
        case: &review_case::Model,
        times: Times,
        language: Language,
    ) -> Result<Self, Error> {
        let telling = Telling::of(db, deps, case, language).await?;
        Ok(Self::told(deps, desk, case, times, &telling))
    }

    pub(super) fn told(
        deps: &Deps,
        desk: &Desk,
        case: &review_case::Model,
        times: Times,
        telling: &Telling,
    ) -> Self {
        let right = desk.decides(place(case));
        let open = case.state != CaseState::Closed;
        let due_at = case.due_at.filter(|_| open);
        Self {
            id: case.id,
            reference: reference(deps, case),
            subject: case.subject,
            opened_at: case.opened_at,
            community: case.community.clone(),
            state: case.state,
            stage: telling.stage(&case.stage),
            since: case.stage_since,
            decider: case.decider,
            area: AreaView::of(&case.area),
            due_at,
            provisional: case.provisional,
            lateness: Lateness::of(due_at, times.now, times.nearing),
            decides_at: telling.decides_at(case),
            late_since: case.late_since,
            assignee: case.assignee,
            assigned_at: case.assigned_at,
            in_place_of: right.and_then(Right::instead_of),
            outcome: case.outcome,
            closed_at: case.closed_at,
        }
    }
}

/// What was done to a case.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReviewStepView {
    /// Counts from 1: its opening.
    turn: i64,
    /// When.
    at: DateTime<Utc>,
    /// What was done.
    action: CaseAction,
    /// At which stage.
    stage: StageView,
    /// The stage after it. Null where that was the end.
    stage_after: Option<StageView>,
    /// Who did it.
    by: Doer,
    /// The member of staff who did it. Null: none did.
    account_id: Option<StaffId>,
    /// In whose place. Null: in their own right.
    for_account_id: Option<StaffId>,
    /// Why. Null: no reason was asked for.
    reason: Option<ReasonView>,
    /// The words. Null: none were written.
    text: Option<String>,
}

/// Whether only the applicant, or who acts for them, does `action`.
pub(super) fn is_for_the_applicant(action: CaseAction) -> bool {
    matches!(action, CaseAction::Resubmit | CaseAction::Withdraw)
}

/// Who did something to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReviewDoer)]
pub(super) enum Doer {
    /// Somebody of the authority.
    Authority,
    /// The applicant, or who acts for them.
    Applicant,
    /// The system, by its clock or because another answered.
    System,
}

impl Doer {
    pub(super) fn of(step: &review_step::Model) -> Self {
        if step.account_id.is_some() {
            Self::Authority
        } else if step.person_id.is_some() || is_for_the_applicant(step.action) {
            Self::Applicant
        } else {
            Self::System
        }
    }
}

impl ReviewStepView {
    pub(super) fn open(
        step: &review_step::Model,
        key: &DataKey,
        telling: &Telling,
    ) -> Result<Self, Error> {
        let text = text_of(step, key)?;
        Ok(Self {
            turn: step.turn,
            at: step.at,
            action: step.action,
            stage: telling.stage(&step.stage),
            stage_after: step
                .stage_after
                .as_deref()
                .map(|stage| telling.stage(stage)),
            by: Doer::of(step),
            account_id: step.account_id,
            for_account_id: step.for_account_id,
            reason: telling.reason(step),
            text: text.map(|text| text.to_string()),
        })
    }
}

/// An attempt to reach the applicant.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReviewContactView {
    /// Which.
    id: ContactId,
    /// Who tried.
    account_id: StaffId,
    /// When.
    at: DateTime<Utc>,
    /// How.
    means: ContactMeans,
    /// What came of it.
    result: ContactResult,
    /// A note. Null: none was written.
    note: Option<String>,
}

impl ReviewContactView {
    pub(super) fn open(row: &review_contact::Model, key: &DataKey) -> Result<Self, Error> {
        let place = NOTE.owned_by(row.id.0.as_bytes());
        let note = row.note.as_deref().map(|note| key.open_text(place, note));
        let note = note.transpose()?;
        Ok(Self {
            id: row.id,
            account_id: row.account_id,
            at: row.at,
            means: row.means,
            result: row.result,
            note: note.map(|note| note.to_string()),
        })
    }
}

/// A limit that was reached without an opinion.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReviewBreachView {
    /// Of which case.
    case: CaseId,
    /// How people call it. Null if nobody knows what it is about.
    reference: Option<String>,
    /// At which stage.
    stage: StageView,
    /// On whom it is booked.
    area: AreaView,
    /// Which role there. Null where none decides.
    decider: Option<Role>,
    /// The limit.
    due_at: DateTime<Utc>,
    /// When it was booked.
    booked_at: DateTime<Utc>,
    /// When it was found that by the calendar as announced the limit was not reached, which was worked out
    /// before that. Null while it stands.
    corrected_at: Option<DateTime<Utc>>,
    /// The limit by that calendar. Null while it stands.
    corrected_to: Option<DateTime<Utc>>,
    /// How the case ended. Null until it does.
    outcome: Option<CaseOutcome>,
}

impl ReviewBreachView {
    pub(super) fn of(
        deps: &Deps,
        row: &review_breach::Model,
        case: &review_case::Model,
        telling: &Telling,
    ) -> Self {
        Self {
            case: row.case_id,
            reference: reference(deps, case),
            stage: telling.stage(&row.stage),
            area: AreaView::of(&row.area),
            decider: row.decider,
            due_at: row.due_at,
            booked_at: row.booked_at,
            corrected_at: row.corrected_at,
            corrected_to: row.corrected_to,
            outcome: case.outcome,
        }
    }
}

/// A case, for whoever decides it or is above.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReviewDossierView {
    /// The case.
    pub(super) case: ReviewCaseView,
    /// What the caller may do now. Empty for whoever may only read, and while somebody else has it.
    pub(super) actions: Vec<ActionView>,
    /// What was done so far, in order.
    pub(super) steps: Vec<ReviewStepView>,
    /// How the applicant was reached, in order.
    pub(super) contacts: Vec<ReviewContactView>,
    /// The limits that were reached without an opinion, in order.
    pub(super) breaches: Vec<ReviewBreachView>,
    /// What the case is about, as its subject shows it.
    #[schema(value_type = Object)]
    pub(super) about: serde_json::Value,
}

/// How much there is to do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReviewCountsView {
    /// Cases that wait for a decision of the caller's or of whom they stand in for.
    pub(super) due: i64,
    /// Of these, those with less than an hour of working time left.
    pub(super) nearing: i64,
    /// Of these, those whose limit is past.
    pub(super) late: i64,
    /// Of these, those that nobody took on.
    pub(super) unassigned: i64,
    /// Of these, those that the caller took on.
    pub(super) mine: i64,
    /// Limits reached without an opinion, booked within the last seven days in the caller's areas.
    pub(super) breaches: u64,
}
