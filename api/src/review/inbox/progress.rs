//! Use cases of applicants: see how far a case got, bring what was asked for, take it back.

use chrono::{DateTime, Utc};
use entity::{
    review_case::Model,
    review_step,
    values::{CaseAction, CaseId, CaseOutcome, CaseState, CaseSubject, PersonId, Role},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    super::{By, Move, act, text_of},
    error::Error,
    store::{
        Since,
        cases::{self, since},
    },
    views::{Doer, is_for_the_applicant, reference},
    words::{AreaView, ReasonView, StageView, Telling, name_of},
};
use crate::{
    communities,
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::Page,
        problem::Language,
    },
    identity::{self, Citizen, Subject, acting_for},
    platform::vault::DataKey,
};

/// What the applicant brings.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResubmissionRequest {
    /// The answer to what was asked.
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
}

/// That the applicant takes a case back.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CaseWithdrawalRequest)]
pub(super) struct WithdrawalRequest {
    /// Why, for whoever handled it.
    #[validate(length(min = 1, max = 2000))]
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    text: Option<String>,
}

/// How far a case got.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseProgressView {
    /// Which case.
    id: CaseId,
    /// The same, to read out on the phone. Null if nobody knows what it is about.
    reference: Option<String>,
    /// What it is about.
    subject: CaseSubject,
    /// The same in words.
    title: String,
    /// Whom it concerns.
    person: PersonId,
    /// When it was opened.
    opened_at: DateTime<Utc>,
    /// Whom it waits for.
    state: CaseState,
    /// Where it stands, or stood at its end.
    stage: StageView,
    /// Since when.
    since: DateTime<Utc>,
    /// Until when this stage is to end. Null without a limit, and once the case is over.
    until: Option<DateTime<Utc>>,
    /// Whether that passed a year whose holidays are not known, so that it may move.
    provisional: bool,
    /// Whether a limit was reached without an opinion.
    late: bool,
    /// When the system decides because nobody did in time. Null unless it is about to.
    decides_at: Option<DateTime<Utc>>,
    /// How it ended. Null until it does.
    outcome: Option<CaseOutcome>,
    /// When. Null until it does.
    closed_at: Option<DateTime<Utc>>,
}

impl CaseProgressView {
    fn of(deps: &Deps, case: &Model, telling: &Telling) -> Self {
        let open = case.state != CaseState::Closed;
        Self {
            id: case.id,
            reference: reference(deps, case),
            subject: case.subject,
            title: telling.title(),
            person: case.person_id,
            opened_at: case.opened_at,
            state: case.state,
            stage: telling.stage(&case.stage),
            since: case.stage_since,
            until: case.due_at.filter(|_| open),
            provisional: case.provisional,
            late: case.late_since.is_some() || is_late(deps, case),
            decides_at: telling.decides_at(case),
            outcome: case.outcome,
            closed_at: case.closed_at,
        }
    }
}

/// Whether the authority let the limit of the stage pass, though nothing booked it yet.
fn is_late(deps: &Deps, case: &Model) -> bool {
    let past = case.due_at.is_some_and(|due| due <= deps.clock.now());
    case.state == CaseState::Authority && past
}

/// Who has to do something now.
#[derive(Debug, Serialize, ToSchema)]
struct ResponsibleView {
    /// Where they are.
    area: AreaView,
    /// What the community is called, where one is responsible. Null otherwise, and where nobody
    /// registered it.
    community_name: Option<String>,
    /// What they are. Null where nobody of the authority decides now.
    role: Option<Role>,
    /// The same in words. Null with it.
    role_name: Option<&'static str>,
    /// Whom to call. Null where no office is known.
    telephone: Option<String>,
}

/// What was done to a case. Who of the authority did it is not said.
#[derive(Debug, Serialize, ToSchema)]
struct ProgressStepView {
    /// When.
    at: DateTime<Utc>,
    /// What was done.
    action: CaseAction,
    /// At which stage.
    stage: StageView,
    /// Who did it.
    by: Doer,
    /// Why. Null: no reason was asked for.
    reason: Option<ReasonView>,
    /// The words. Null: none were written.
    text: Option<String>,
}

impl ProgressStepView {
    fn open(step: &review_step::Model, key: &DataKey, telling: &Telling) -> Result<Self, Error> {
        let text = text_of(step, key)?;
        Ok(Self {
            at: step.at,
            action: step.action,
            stage: telling.stage(&step.stage),
            by: Doer::of(step),
            reason: telling.reason(step),
            text: text.map(|text| text.to_string()),
        })
    }
}

/// How far a case got, step by step.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseProgressDetailView {
    /// The case.
    case: CaseProgressView,
    /// Who is responsible. Null once the case is over.
    responsible: Option<ResponsibleView>,
    /// What the applicant is asked for. Null: nothing.
    to_do: Option<String>,
    /// What the applicant may do: `resubmit`, `withdraw`.
    may: Vec<CaseAction>,
    /// What was done so far, in order.
    steps: Vec<ProgressStepView>,
}

/// One of the cases about `citizen` or somebody they act for.
pub(super) async fn find(
    deps: &Deps,
    citizen: &Citizen,
    id: CaseId,
    language: Language,
) -> Result<CaseProgressDetailView, Error> {
    let (case, _) = concerning(deps, citizen, id).await?;
    detail(&deps.db, deps, &case, language).await
}

/// The case `id`, if it concerns `citizen` or somebody they act for. Others answer as missing ones.
async fn concerning(deps: &Deps, citizen: &Citizen, id: CaseId) -> Result<(Model, Subject), Error> {
    let case = cases::find(&deps.db, id).await?.ok_or(Error::NotFound)?;
    let subject = acting_for(deps, citizen, case.person_id).await?;
    Ok((case, subject))
}

async fn detail(
    db: &impl ConnectionTrait,
    deps: &Deps,
    case: &Model,
    language: Language,
) -> Result<CaseProgressDetailView, Error> {
    let telling = Telling::of(db, deps, case, language).await?;
    let key = identity::data_key_of(db, deps, case.person_id).await?;
    let rows = cases::steps(db, case.id).await?;
    let step = |row| ProgressStepView::open(row, &key, &telling);
    Ok(CaseProgressDetailView {
        case: CaseProgressView::of(deps, case, &telling),
        responsible: responsible(db, case, language).await?,
        to_do: asked(case, &rows, &key)?,
        may: telling.allowed(case, is_for_the_applicant),
        steps: rows.iter().map(step).collect::<Result<_, _>>()?,
    })
}

/// What the applicant was asked for last, while the case waits for it.
fn asked(
    case: &Model,
    steps: &[review_step::Model],
    key: &DataKey,
) -> Result<Option<String>, Error> {
    if case.state != CaseState::Applicant {
        return Ok(None);
    }
    let asking = |step: &&review_step::Model| step.action == CaseAction::Ask;
    let Some(step) = steps.iter().rev().find(asking) else {
        return Ok(None);
    };
    Ok(text_of(step, key)?.map(|text| text.to_string()))
}

async fn responsible(
    db: &impl ConnectionTrait,
    case: &Model,
    language: Language,
) -> Result<Option<ResponsibleView>, Error> {
    if case.state == CaseState::Closed {
        return Ok(None);
    }
    let community = case.area.community();
    let office = match &community {
        Some(community) => communities::find(db, community).await?,
        None => None,
    };
    let (community_name, telephone) = office.map(|office| (office.name, office.telephone)).unzip();
    Ok(Some(ResponsibleView {
        area: AreaView::of(&case.area),
        community_name,
        role: case.decider,
        role_name: case.decider.map(|role| name_of(role, language)),
        telephone,
    }))
}

/// Those about `subject`, newest first, after `after`.
pub(super) async fn list(
    deps: &Deps,
    subject: Subject,
    after: Option<Since>,
    limit: u64,
    language: Language,
) -> Result<Page<CaseProgressView>, Error> {
    let rows = cases::of_person(&deps.db, subject.person, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last: &Model| since(last).to_string());
    let mut items = Vec::with_capacity(page.items.len());
    for case in &page.items {
        let telling = Telling::of(&deps.db, deps, case, language).await?;
        items.push(CaseProgressView::of(deps, case, &telling));
    }
    Ok(Page {
        items,
        next: page.next,
    })
}

/// Bring what was asked for, where the case waits for it.
pub(super) async fn resubmit(
    deps: &Deps,
    citizen: &Citizen,
    id: CaseId,
    key: &IdempotencyKey,
    request: ResubmissionRequest,
    language: Language,
) -> Result<Answer, Error> {
    let wanted = Move {
        action: CaseAction::Resubmit,
        reason: None,
        text: Some(request.text),
    };
    done_by_applicant(deps, citizen, id, key, wanted, language).await
}

/// Take a case back, where its stage lets the applicant.
pub(super) async fn take_back(
    deps: &Deps,
    citizen: &Citizen,
    id: CaseId,
    key: &IdempotencyKey,
    request: WithdrawalRequest,
    language: Language,
) -> Result<Answer, Error> {
    let wanted = Move {
        action: CaseAction::Withdraw,
        reason: None,
        text: request.text,
    };
    done_by_applicant(deps, citizen, id, key, wanted, language).await
}

async fn done_by_applicant(
    deps: &Deps,
    citizen: &Citizen,
    id: CaseId,
    key: &IdempotencyKey,
    wanted: Move,
    language: Language,
) -> Result<Answer, Error> {
    let (_, subject) = concerning(deps, citizen, id).await?;
    let effect = async |tx: &DatabaseTransaction| {
        identity::lock(tx, subject.person).await?;
        let case = cases::lock(tx, id).await?.ok_or(Error::NotFound)?;
        let by = By::Person(subject.acting);
        let moved = act(tx, deps, &case, by, wanted.clone()).await?;
        let view = detail(tx, deps, &moved, language).await?;
        Ok::<_, Error>((Outcome::Found, view))
    };
    let caller = citizen.person.0.as_bytes();
    let asked = (id, wanted.action, &wanted.text);
    let answer = idempotency::once(deps, caller, "act-as-applicant", key, &asked, effect).await?;
    deps.recheck.wake();
    deps.outbox.wake();
    Ok(answer)
}
