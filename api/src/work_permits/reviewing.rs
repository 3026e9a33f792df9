//! Workers as cases: what may be done to them, what follows, and what a reviewer sees.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    review_case, review_step,
    values::{
        Authentication, CaseAction, CaseOutcome, CaseSubject, Colour, Community, Division,
        FactKind, ObjectionReason, TestResult, WorkFormId, WorkPermitId,
    },
    work_permit::Model,
};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use serde_json::Value;

use super::{
    error::{BATCH_NEEDED, Error, OBJECTED, OFF_THE_LIST, RED_CODE},
    permits,
    sealed::Content,
    stages,
    store::{self, objections},
    white_list,
};
use crate::{
    deps::Deps,
    facts, health_code,
    http::problem::{Kind, Problem},
    identity,
    notifications::{self, Message, Reference},
    organisations,
    platform::clock::local_date,
    review::{By, Handler, HandlerError, Permit},
};

/// Workers, under review.
#[derive(Debug, Clone, Copy)]
pub struct WorkReviews;

impl Handler for WorkReviews {
    fn subject(&self) -> CaseSubject {
        CaseSubject::WorkPermit
    }

    fn reference(&self, case: &review_case::Model) -> Reference {
        reference_of(WorkPermitId(case.subject_id))
    }

    fn permits<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a review_case::Model,
        action: CaseAction,
        by: By,
    ) -> BoxFuture<'a, Result<Permit, HandlerError>> {
        async move {
            let against = against(tx, deps, case, action, by).await?;
            Ok(against.map_or(Permit::Yes, |kind| Permit::No(Problem::new(kind))))
        }
        .boxed()
    }

    fn moved<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a review_case::Model,
        step: &'a review_step::Model,
    ) -> BoxFuture<'a, Result<(), HandlerError>> {
        async move { Ok(follow(tx, deps, case, step).await?) }.boxed()
    }

    fn show<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a review_case::Model,
    ) -> BoxFuture<'a, Result<Value, HandlerError>> {
        async move {
            let shown = show(tx, deps, case).await?;
            Ok(serde_json::to_value(shown).map_err(Error::from)?)
        }
        .boxed()
    }
}

/// What people call the row `id` when they ask about it.
pub(super) fn reference_of(id: WorkPermitId) -> Reference {
    Reference::of("FG", id.0)
}

async fn row_of(tx: &DatabaseTransaction, case: &review_case::Model) -> Result<Model, Error> {
    let row = store::permits::find(tx, WorkPermitId(case.subject_id)).await?;
    row.ok_or(Error::NotFound)
}

/// What stands against `action`, if anything does.
///
/// Nobody whose code is red is let on, and nobody of an enterprise that is off the list. The city sends
/// workers on in batches. The clock lets nobody on to whose return somebody objects.
async fn against(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &review_case::Model,
    action: CaseAction,
    by: By,
) -> Result<Option<Kind>, Error> {
    let row = row_of(tx, case).await?;
    match action {
        CaseAction::Approve | CaseAction::Decide => {
            let now = deps.clock.now();
            if white_list::entry_in_force(tx, &row.credit_code, now)
                .await?
                .is_none()
            {
                return Ok(Some(OFF_THE_LIST));
            }
            if action == CaseAction::Decide && !objections::to(tx, row.id).await?.is_empty() {
                return Ok(Some(OBJECTED));
            }
            if case.stage == stages::SUMMARY && row.batch_id.is_none() {
                return Ok(Some(BATCH_NEEDED));
            }
            let verdict = health_code::verdict_now(tx, deps, case.person_id).await?;
            Ok((verdict.colour == Colour::Red).then_some(RED_CODE))
        }
        CaseAction::Withdraw => {
            let allowed = match by {
                By::Person(person) if person == case.person_id => true,
                By::Person(person) => {
                    let unit = row.organisation_id;
                    let capacity = organisations::capacity_of(tx, deps, person, unit).await;
                    capacity.is_ok_and(|capacity| capacity.is_some())
                }
                By::Unit(unit) => unit == row.organisation_id,
                _ => true,
            };
            Ok((!allowed).then_some(crate::http::problem::NOT_FOUND))
        }
        _ => Ok(None),
    }
}

/// Do what a move entails.
async fn follow(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &review_case::Model,
    step: &review_step::Model,
) -> Result<(), Error> {
    let id = WorkPermitId(case.subject_id);
    match case.outcome {
        Some(outcome @ (CaseOutcome::Approved | CaseOutcome::ByClock)) => {
            let row = row_of(tx, case).await?;
            return permits::issue(tx, deps, &row, outcome, step.at).await;
        }
        Some(outcome) => {
            let forgotten_at = permits::forgotten_at(deps, step.at);
            store::permits::close(tx, id, outcome, step.at, forgotten_at).await?;
            return Ok(());
        }
        None => (),
    }
    match case.stage.as_str() {
        stages::PUBLICATION => store::permits::publish(tx, id, step.at, case.due_at).await?,
        stages::DECLARATION => {
            store::permits::look_at(tx, id, Some(step.at)).await?;
            if let Some(until) = case.due_at {
                let reference = reference_of(id);
                let message = Message::ReviewDue {
                    case: reference,
                    until,
                };
                notifications::tell(tx, deps, case.person_id, &message).await?;
            }
        }
        _ => (),
    }
    Ok(())
}

/// A worker, for whoever decides.
#[derive(Debug, Serialize)]
struct ReviewView {
    permit: WorkPermitId,
    reference: Reference,
    form: WorkFormId,
    line: i64,
    enterprise: Option<EnterpriseView>,
    masked_name: Option<String>,
    /// Where the worker can be called.
    telephone: Option<String>,
    job: Option<String>,
    returns_on: Option<NaiveDate>,
    residence_division: Option<Division>,
    residence_community: Option<Community>,
    /// What the worker's code shows now.
    colour: Colour,
    /// The last test, and whether its sample was taken within 48 hours.
    latest_test: Option<TestView>,
    /// The days of isolation that are on record.
    isolations: Vec<IsolationView>,
    /// What the data centre said.
    authentication: Option<Authentication>,
    public_until: Option<DateTime<Utc>>,
    objections: Vec<ObjectionView>,
}

#[derive(Debug, Serialize)]
struct EnterpriseView {
    short_name: String,
    credit_code: String,
    kind: entity::values::EnterpriseKind,
    division: Division,
    listed_until: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
struct TestView {
    sampled_at: DateTime<Utc>,
    result: TestResult,
    within_48_hours: bool,
}

#[derive(Debug, Serialize)]
struct IsolationView {
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
    days: Option<i64>,
}

#[derive(Debug, Serialize)]
struct ObjectionView {
    made_at: DateTime<Utc>,
    reason: ObjectionReason,
    text: Option<String>,
}

async fn show(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &review_case::Model,
) -> Result<ReviewView, Error> {
    let row = row_of(tx, case).await?;
    let now = deps.clock.now();
    let content = Content::open(deps, &row)?;
    let entry = store::enterprises::find(tx, &row.credit_code).await?;
    let dossier = facts::dossier(tx, case.person_id, None).await?;
    let verdict = health_code::verdict_now(tx, deps, case.person_id).await?;
    let reach = identity::reach_of(tx, deps, case.person_id).await?;
    let own = reach.phone.map(|phone| phone.reveal().to_owned());
    let said = content.as_ref().map(|content| content.phone.clone());
    Ok(ReviewView {
        permit: row.id,
        reference: reference_of(row.id),
        form: row.form_id,
        line: row.line,
        enterprise: entry.map(|entry| EnterpriseView {
            short_name: entry.short_name,
            credit_code: entry.credit_code.as_str().to_owned(),
            kind: entry.kind,
            division: entry.division,
            listed_until: entry.listed_until,
        }),
        masked_name: identity::masked_name_of(tx, deps, case.person_id).await?,
        telephone: own.or(said),
        job: content.as_ref().map(|content| content.job.clone()),
        returns_on: content.as_ref().map(|content| content.returns_on),
        residence_division: row.residence_division.clone(),
        residence_community: row.residence_community.clone(),
        colour: verdict.colour,
        latest_test: dossier.tests.first().map(|test| TestView {
            sampled_at: test.sampled_at,
            result: test.result,
            within_48_hours: now - test.sampled_at <= chrono::TimeDelta::hours(48),
        }),
        isolations: isolations(&dossier),
        authentication: row.authentication,
        public_until: row.public_until,
        objections: told(tx, deps, row.id).await?,
    })
}

/// The isolations on record, each from its beginning to its end as far as they are known.
fn isolations(dossier: &facts::Dossier) -> Vec<IsolationView> {
    let stands = |fact: &&facts::Fact| fact.withdrawn_at.is_none();
    let mut found: Vec<IsolationView> = Vec::new();
    for fact in dossier.facts.iter().filter(stands) {
        match fact.kind {
            FactKind::IsolationStarted => {
                let (from, until) = (local_date(fact.at), fact.until.map(local_date));
                found.push(IsolationView {
                    from: Some(from),
                    until,
                    days: until.map(|until| (until - from).num_days()),
                });
            }
            FactKind::IsolationEnded => {
                let until = local_date(fact.at);
                match found.last_mut().filter(|last| last.from.is_some()) {
                    Some(last) => {
                        last.until = Some(until);
                        last.days = last.from.map(|from| (until - from).num_days());
                    }
                    None => found.push(IsolationView {
                        from: None,
                        until: Some(until),
                        days: None,
                    }),
                }
            }
            _ => (),
        }
    }
    found
}

/// What was objected, in words. Who objects stays unsaid: a neighbour would not otherwise.
async fn told(
    tx: &DatabaseTransaction,
    deps: &Deps,
    permit: WorkPermitId,
) -> Result<Vec<ObjectionView>, Error> {
    let mut told = Vec::new();
    for row in objections::to(tx, permit).await? {
        told.push(ObjectionView {
            made_at: row.made_at,
            reason: row.reason,
            text: super::objecting::words_of(tx, deps, &row).await?,
        });
    }
    Ok(told)
}
