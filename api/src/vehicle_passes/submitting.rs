//! Use cases: submit an application, answer what was asked, take it back.

use chrono::TimeDelta;
use entity::{
    values::{
        CaseAction, CaseSubject, VehicleApplicationId, VehicleApplicationKind,
        VehicleApplicationState,
    },
    vehicle_application::Model,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    caller::Caller,
    checking::{self, Except},
    drafting,
    error::Error,
    form::{self, Asked, Form, KeptDays},
    materials, reading,
    requests::VehicleResubmissionRequest,
    standing,
    store::{aboard, applications, passes},
    types::{self, PassType},
    views::{Findings, RegistryAnswer, VehicleApplicationView},
};
use crate::{
    audit::{self, Event, VehicleEvent},
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity,
    platform::clock::local_date,
    review::{self, By, Move, Opening},
};

/// How long after it did not answer the registry is asked again.
pub(super) const ASK_AGAIN: TimeDelta = TimeDelta::minutes(10);

/// An application as it was read, if it is whole.
struct Whole {
    row: Model,
    of_type: PassType,
    asked: Asked,
}

async fn read_whole(db: &impl ConnectionTrait, deps: &Deps, row: Model) -> Result<Whole, Error> {
    let of_type = types::read(db, &row.type_key, row.type_version).await?;
    let people = aboard::of(db, row.id).await?;
    let materials = applications::materials(db, row.id).await?;
    let today = local_date(deps.clock.now());
    let days = kept_days(db, &row).await?;
    let asked = form::whole(
        &Form::of(&row)?,
        &of_type,
        &people,
        &materials,
        (today, days),
    );
    Ok(Whole {
        asked: asked.map_err(Error::Form)?,
        row,
        of_type,
    })
}

/// The first and the last day of the pass that `row` changes: a change keeps them.
async fn kept_days(db: &impl ConnectionTrait, row: &Model) -> Result<Option<KeptDays>, Error> {
    let changed = row
        .predecessor
        .filter(|_| row.kind == VehicleApplicationKind::Change);
    let Some(id) = changed else {
        return Ok(None);
    };
    let pass = passes::find(db, id).await?.ok_or(Error::NotInForce)?;
    let (_, hours) = standing::way_of(&pass)?;
    Ok(Some((hours.first(), hours.last())))
}

/// Submit an application: everything that can be looked up is looked up first.
///
/// What nobody may drive with is refused by the field at fault, and the application stays a draft. Where
/// the registry does not answer, the case waits for that.
pub(super) async fn submit(
    deps: &Deps,
    caller: &Caller,
    id: VehicleApplicationId,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    const OPERATION: &str = "submit-vehicle-application";
    let given = idempotency::given_before(deps, &caller.key(), OPERATION, key, &id).await?;
    if let Some(answer) = given {
        return Ok(answer);
    }
    let row = applications::find(&deps.db, id).await?;
    let row = caller.own(&deps.db, deps, row).await?;
    if row.state != VehicleApplicationState::Draft {
        return Err(Error::NotADraft);
    }
    let seen = read_whole(&deps.db, deps, row).await?;
    let places = aboard::of(&deps.db, id).await?;
    checking::people(&deps.db, deps, &seen.of_type, &places, deps.clock.now()).await?;
    let registry = checking::registry(deps, &seen.asked).await;
    checking::weigh_registry(registry, &seen.of_type, &seen.asked)?;
    let effect = async |tx: &DatabaseTransaction| {
        identity::lock(tx, seen.row.applied_by).await?;
        let row = drafting::draft(tx, deps, caller, id).await?;
        // What was looked up is worth nothing if something else is asked for by now.
        if row.saved_at != seen.row.saved_at || aboard::of(tx, id).await? != places {
            return Err(review::Error::Overtaken.into());
        }
        let whole = read_whole(tx, deps, row).await?;
        Box::pin(file(tx, deps, caller, whole, registry)).await
    };
    let answer = idempotency::once(deps, &caller.key(), OPERATION, key, &id, effect).await;
    deps.outbox.wake();
    answer
}

/// Keep what was found, and open the case.
async fn file(
    tx: &DatabaseTransaction,
    deps: &Deps,
    caller: &Caller,
    whole: Whole,
    registry: RegistryAnswer,
) -> Result<(Outcome, VehicleApplicationView), Error> {
    let Whole {
        mut row,
        of_type,
        asked,
    } = whole;
    let now = deps.clock.now();
    let except = Except {
        application: row.id,
        predecessor: row.predecessor,
    };
    checking::predecessor(tx, &row).await?;
    checking::overlaps(tx, &asked, except, now).await?;
    let findings = Findings {
        registry,
        route: checking::route(tx, &asked).await?,
        checked_at: now,
    };
    row.findings = Some(serde_json::to_value(&findings)?);
    row.state = VehicleApplicationState::Submitted;
    row.submitted_at = Some(now);
    note_inspection(&mut row, &of_type, registry);
    row.ask_at = (registry == RegistryAnswer::Silent).then(|| now + ASK_AGAIN);
    applications::save(tx, row.clone()).await?;
    let event = Event::Vehicle(VehicleEvent::VehiclePassAppliedFor {
        application: row.id,
        kind: row.kind,
    });
    audit::record(tx, deps, caller.actor(), row.applied_by, &event).await?;
    let opening = Opening {
        subject: CaseSubject::VehiclePass,
        subject_id: row.id.0,
        person: row.applied_by,
        division: row.division.clone(),
        community: None,
        workflow: of_type.workflow.name(),
        by: caller.by(),
    };
    let case = review::open(tx, deps, opening).await?;
    if registry != RegistryAnswer::Silent {
        review::act(tx, deps, &case, By::System, answered()).await?;
    }
    let view = reading::application(tx, deps, row).await?;
    Ok((Outcome::Created, view))
}

/// That what was asked of the registry is answered.
pub(super) fn answered() -> Move {
    Move {
        action: CaseAction::Answer,
        reason: None,
        text: None,
    }
}

/// Keep in `row` until when the vehicle is inspected, where its type asks.
pub(super) fn note_inspection(row: &mut Model, of_type: &PassType, registry: RegistryAnswer) {
    row.inspected_until = match registry {
        RegistryAnswer::Registered {
            inspected_until, ..
        } if of_type.inspected => Some(inspected_until),
        _ => row.inspected_until,
    };
}

/// Ask the registry about an application for which it did not answer. `true` if it did now.
pub(super) async fn ask_again(deps: &Deps, seen: &Model) -> Result<bool, Error> {
    let of_type = types::read(&deps.db, &seen.type_key, seen.type_version).await?;
    let Some(asked) = asked_by(seen)? else {
        return Ok(false);
    };
    let registry = checking::registry(deps, &asked).await;
    let tx = crate::platform::db::begin_write(&deps.db).await?;
    identity::lock(&tx, seen.applied_by).await?;
    let row = applications::lock(&tx, seen.id).await?;
    let Some(mut row) = row.filter(|row| row.ask_at == seen.ask_at) else {
        return Ok(false);
    };
    let silent = registry == RegistryAnswer::Silent;
    row.ask_at = silent.then(|| deps.clock.now() + ASK_AGAIN);
    if !silent {
        let found = row.findings.map(serde_json::from_value).transpose()?;
        let found = Findings {
            registry,
            checked_at: deps.clock.now(),
            ..found.unwrap_or_default()
        };
        row.findings = Some(serde_json::to_value(&found)?);
        note_inspection(&mut row, &of_type, registry);
    }
    applications::save(&tx, row).await?;
    if !silent {
        let case = review::case_about(&tx, CaseSubject::VehiclePass, seen.id.0).await?;
        let waiting = case.filter(|case| case.state == entity::values::CaseState::Answer);
        if let Some(case) = waiting {
            review::act(&tx, deps, &case, By::System, answered()).await?;
        }
    }
    tx.commit().await?;
    Ok(!silent)
}

/// What `row`, which was whole when it was submitted, asks for.
pub(super) fn asked_by(row: &Model) -> Result<Option<Asked>, Error> {
    let way = form::route_of(row)?.zip(form::hours_of(row)?);
    let plate = row.plate.clone().zip(row.plate_colour);
    let mark = row.plate.as_ref().map(|plate| plate.as_str().to_owned());
    let mark = mark.or_else(|| row.vin.clone());
    Ok(way.zip(mark).map(|((route, hours), mark)| Asked {
        plate,
        mark,
        route,
        hours,
    }))
}

/// Answer what a reviewer asked for.
pub(super) async fn resubmit(
    deps: &Deps,
    caller: &Caller,
    id: VehicleApplicationId,
    key: &IdempotencyKey,
    request: VehicleResubmissionRequest,
) -> Result<Answer, Error> {
    let what = Move {
        action: CaseAction::Resubmit,
        reason: None,
        text: Some(request.text.clone()),
    };
    let effect = async |tx: &DatabaseTransaction| {
        let row = submitted(tx, deps, caller, id).await?;
        materials::hold_more(tx, deps, caller.actor(), &row, &request.materials).await?;
        done(tx, deps, caller, row, what.clone()).await
    };
    let asked = (id, &request);
    let operation = "resubmit-vehicle-application";
    let answer = idempotency::once(deps, &caller.key(), operation, key, &asked, effect).await;
    deps.outbox.wake();
    answer
}

/// Take an application back that nobody decided yet.
pub(super) async fn withdraw(
    deps: &Deps,
    caller: &Caller,
    id: VehicleApplicationId,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let what = Move {
        action: CaseAction::Withdraw,
        reason: None,
        text: None,
    };
    let effect = async |tx: &DatabaseTransaction| {
        let row = submitted(tx, deps, caller, id).await?;
        done(tx, deps, caller, row, what.clone()).await
    };
    let operation = "withdraw-vehicle-application";
    let answer = idempotency::once(deps, &caller.key(), operation, key, &id, effect).await;
    deps.outbox.wake();
    answer
}

/// The application `id` of the caller, of which there is a case. Its applicant is locked.
async fn submitted(
    tx: &DatabaseTransaction,
    deps: &Deps,
    caller: &Caller,
    id: VehicleApplicationId,
) -> Result<Model, Error> {
    let row = applications::find(tx, id).await?;
    let row = caller.own(tx, deps, row).await?;
    identity::lock(tx, row.applied_by).await?;
    Ok(row)
}

async fn done(
    tx: &DatabaseTransaction,
    deps: &Deps,
    caller: &Caller,
    row: Model,
    what: Move,
) -> Result<(Outcome, VehicleApplicationView), Error> {
    let case = review::case_about(tx, CaseSubject::VehiclePass, row.id.0).await?;
    let case = case.ok_or(Error::NotFound)?;
    review::act(tx, deps, &case, caller.by(), what).await?;
    let row = applications::find(tx, row.id).await?;
    let row = row.ok_or(Error::NotFound)?;
    Ok((Outcome::Found, reading::application(tx, deps, row).await?))
}
