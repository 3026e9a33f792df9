//! Use cases of staff: enter what is known about people of their region, and take back what is the
//! region's own.

use std::time::Duration;

use entity::{
    health_fact,
    values::{
        Division, Document, DocumentKind, FactId, FactKind, PersonId, RiskAreaId, TestResult,
    },
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;

use super::{
    areas::{self, NewArea},
    error::Error,
    recording::{self, NewFact, NewTest, Recorded},
    requests::{AreaRequest, FactRequest, SourceRequest, TestRequest, WithdrawalRequest},
    rules::{self, STAFF},
    sources::{self, NewSource, Source},
    views::{AreaView, FactView, SourceView, TestView},
    withdrawing::{self, By, Withdrawal},
};
use crate::{
    audit::{self, Actor, Event},
    declarations,
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity,
    platform::{
        db::begin_write,
        ephemeral::{Admission, Quota},
    },
    regions,
    staff::{Scope, Staff},
};

/// Record a report on a sample of somebody who lives within `staff`'s reach.
pub(super) async fn test(
    deps: &Deps,
    staff: &Staff,
    key: &IdempotencyKey,
    request: TestRequest,
) -> Result<Answer, Error> {
    let sample = rules::sample(&request.lab, &request.tube)?;
    if request.result == TestResult::Positive
        && let Some(before) = by_hand(deps, staff, "record_test", key, &request).await?
    {
        return Ok(before);
    }
    let effect = async |tx: &DatabaseTransaction| {
        let (kind, number) = (request.document_kind, &request.document_number);
        let (person, _) = within_reach(tx, deps, &staff.scope, kind, number).await?;
        let new = NewTest {
            person,
            sampled_at: request.sampled_at,
            sample: sample.clone(),
            reported_at: request.reported_at,
            result: request.result,
            tube_size: request.tube_size,
            source: STAFF.into(),
            recorded_by: Some(staff.account),
        };
        let recorded = recording::record_test(tx, deps, new).await?;
        let (outcome, row) = stands(recorded)?;
        Ok((outcome, TestView::from(row)))
    };
    once(deps, staff, "record_test", key, &request, effect).await
}

/// Record a fact about somebody who lives within `staff`'s reach. It is the data of the narrowest
/// region that lets `staff` do so.
pub(super) async fn fact(
    deps: &Deps,
    staff: &Staff,
    key: &IdempotencyKey,
    request: FactRequest,
) -> Result<Answer, Error> {
    if !rules::is_for_one_hand(request.kind) {
        return Err(match request.kind {
            FactKind::Override => Error::OverrideByHand,
            _ => Error::PushByHand,
        });
    }
    if rules::speaks_against(request.kind)
        && let Some(before) = by_hand(deps, staff, "record_fact", key, &request).await?
    {
        return Ok(before);
    }
    let effect = async |tx: &DatabaseTransaction| {
        let (kind, number) = (request.document_kind, &request.document_number);
        let (person, origin) = within_reach(tx, deps, &staff.scope, kind, number).await?;
        let reference = request.source_ref.as_deref();
        let reference = reference.map(|called| rules::staff_reference(&origin, called));
        let new = NewFact {
            person,
            kind: request.kind,
            happened_at: request.happened_at,
            ends_at: request.ends_at,
            origin,
            source: STAFF.into(),
            source_ref: reference.transpose()?,
            detail: serde_json::to_value(&request.detail)?,
            recorded_by: Some(staff.account),
        };
        let recorded = recording::record_fact(tx, deps, new).await?;
        let (outcome, row) = stands(recorded)?;
        // Nobody may go away believing that it counts again.
        if row.withdrawn_at.is_some() {
            return Err(Error::AlreadyWithdrawn);
        }
        let note = withdrawing::note_of(tx, deps, &row).await?;
        Ok((outcome, FactView::new(row, note)?))
    };
    once(deps, staff, "record_fact", key, &request, effect).await
}

/// Count what `staff` enters that speaks against somebody: nobody alone alters the colours of many (S24). What was
/// answered before is not counted again, but answered the same.
async fn by_hand(
    deps: &Deps,
    staff: &Staff,
    operation: &'static str,
    key: &IdempotencyKey,
    request: &impl Serialize,
) -> Result<Option<Answer>, Error> {
    let caller = staff.account.0.as_bytes();
    let before = idempotency::given_before(deps, caller, operation, key, request).await?;
    if before.is_some() {
        return Ok(before);
    }
    count_against(deps, staff, 1).await?;
    Ok(None)
}

/// Count `people` more against whom `staff` has something entered or asked for within a day.
///
/// Refused once that is more than [`rules::MOST_BY_HAND`]. What was counted until then stays counted.
pub async fn count_against(deps: &Deps, staff: &Staff, people: usize) -> Result<(), Error> {
    let name = format!("{{{}}}:against", staff.account.0.as_simple());
    let quota = [Quota::new(
        name,
        rules::MOST_BY_HAND,
        Duration::from_hours(24),
    )];
    for _ in 0..people {
        if let Admission::Refused { retry_after, .. } = deps.ephemeral.hit(&quota).await? {
            return Err(Error::TooManyByHand(retry_after));
        }
    }
    Ok(())
}

/// The fact `id`, if it is about somebody within `staff`'s reach, or the data of a region that is.
/// That it was read is on record (S29).
pub(super) async fn read_fact(deps: &Deps, staff: &Staff, id: FactId) -> Result<FactView, Error> {
    let tx = begin_write(&deps.db).await?;
    let fact = visible(&tx, &staff.scope, id).await?;
    let (actor, read) = (Actor::Staff(staff.account), Event::FactRead { fact: id });
    audit::record(&tx, deps, actor, fact.person_id, &read).await?;
    let note = withdrawing::note_of(&tx, deps, &fact).await?;
    let view = FactView::new(fact, note)?;
    tx.commit().await?;
    Ok(view)
}

/// Withdraw the fact `id`, whose origin lies within `staff`'s reach.
pub(super) async fn withdraw(
    deps: &Deps,
    staff: &Staff,
    id: FactId,
    key: &IdempotencyKey,
    request: WithdrawalRequest,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let fact = visible(tx, &staff.scope, id).await?;
        if !staff.scope.covers(&fact.origin) {
            return Err(Error::NotTheOrigin);
        }
        let withdrawal = Withdrawal {
            by: By::Staff(staff.account),
            reason: request.reason,
            note: request.note.clone(),
        };
        let fact = withdrawing::withdraw(tx, deps, fact, withdrawal).await?;
        Ok((Outcome::Created, FactView::new(fact, request.note.clone())?))
    };
    once(deps, staff, "withdraw_fact", key, &(id, &request), effect).await
}

/// Say that a place within `staff`'s reach has a level.
pub(super) async fn area(
    deps: &Deps,
    staff: &Staff,
    key: &IdempotencyKey,
    request: AreaRequest,
) -> Result<Answer, Error> {
    let origin = own_region(&staff.scope, &request.division)?;
    let effect = async |tx: &DatabaseTransaction| {
        let new = NewArea {
            division: request.division.clone(),
            level: request.level,
            starts_at: request.starts_at,
            ends_at: request.ends_at,
            origin: origin.clone(),
            by: By::Staff(staff.account),
        };
        let area = areas::record_area(tx, deps, new).await?;
        Ok((Outcome::Created, AreaView::from(area)))
    };
    once(deps, staff, "record_risk_area", key, &request, effect).await
}

/// Lift the level `id`, whose origin lies within `staff`'s reach.
pub(super) async fn lift(
    deps: &Deps,
    staff: &Staff,
    id: RiskAreaId,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let area = areas::area(tx, id).await?;
        let area = area.filter(|area| staff.scope.covers(&area.origin));
        let area = area.ok_or(Error::NotFound)?;
        let lifted = areas::lift_area(tx, deps, area, &By::Staff(staff.account)).await?;
        Ok((Outcome::Created, AreaView::from(lifted)))
    };
    once(deps, staff, "lift_risk_area", key, &id, effect).await
}

/// Have somebody of a region within `staff`'s reach be known who is to bring files of facts.
pub(super) async fn source(
    deps: &Deps,
    staff: &Staff,
    key: &IdempotencyKey,
    request: SourceRequest,
) -> Result<Answer, Error> {
    own_region(&staff.scope, &request.division)?;
    let effect = async |tx: &DatabaseTransaction| {
        let new = NewSource {
            id: request.id.clone(),
            name: request.name.clone(),
            division: request.division.clone(),
            kinds: request.kinds.clone(),
            public_key: request.public_key.map(|key| key.0),
        };
        let source = sources::register(tx, deps, staff.account, new).await?;
        Ok((Outcome::Created, SourceView::from(source)))
    };
    once(deps, staff, "register_fact_source", key, &request, effect).await
}

/// Let the source `id`, of a region within `staff`'s reach, bring files of facts.
pub(super) async fn approve(
    deps: &Deps,
    staff: &Staff,
    id: &str,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let source = own_source(tx, &staff.scope, id).await?;
        let source = sources::approve(tx, deps, staff.account, &source).await?;
        Ok((Outcome::Found, SourceView::from(source)))
    };
    once(deps, staff, "approve_fact_source", key, &id, effect).await
}

/// The source `id`, of a region within `scope`.
async fn own_source(db: &impl ConnectionTrait, scope: &Scope, id: &str) -> Result<Source, Error> {
    let source = sources::source(db, id).await?;
    let source = source.filter(|source| scope.covers(&source.division));
    source.ok_or(Error::NotFound)
}

/// Let the source `id`, of a region within `staff`'s reach, bring nothing more.
pub(super) async fn revoke(
    deps: &Deps,
    staff: &Staff,
    id: &str,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let source = own_source(tx, &staff.scope, id).await?;
        let source = sources::revoke(tx, deps, staff.account, &source).await?;
        Ok((Outcome::Found, SourceView::from(source)))
    };
    once(deps, staff, "revoke_fact_source", key, &id, effect).await
}

/// Give a request of `staff` its effect once, and have those looked at whom it marked.
async fn once<T: Serialize>(
    deps: &Deps,
    staff: &Staff,
    operation: &'static str,
    key: &IdempotencyKey,
    request: &impl Serialize,
    effect: impl AsyncFnOnce(&DatabaseTransaction) -> Result<(Outcome, T), Error>,
) -> Result<Answer, Error> {
    let caller = staff.account.0.as_bytes();
    let answer = idempotency::once(deps, caller, operation, key, request, effect).await?;
    deps.recheck.wake();
    Ok(answer)
}

/// What stands after something was brought, and whether that was new.
fn stands<T>(recorded: Recorded<T>) -> Result<(Outcome, T), Error> {
    match recorded {
        Recorded::New(row) => Ok((Outcome::Created, row)),
        Recorded::Known(row) => Ok((Outcome::Found, row)),
        Recorded::Contradiction(_) => Err(Error::Contradiction),
    }
}

/// Who has the document, with the narrowest region of `scope` that they live in. Whoever lives
/// elsewhere, or has not said where, is as unknown as somebody who is not here.
async fn within_reach(
    db: &impl ConnectionTrait,
    deps: &Deps,
    scope: &Scope,
    kind: DocumentKind,
    number: &str,
) -> Result<(PersonId, Division), Error> {
    let document = Document::parse(kind, number, deps.clock.today())?;
    let person = identity::person_with_document(db, deps, &document).await?;
    let person = person.ok_or(Error::UnknownPerson)?;
    let declared = declarations::latest_declaration(db, person, None).await?;
    let region = declared.and_then(|declared| narrowest(scope, &declared.division));
    Ok((person, region.ok_or(Error::UnknownPerson)?))
}

/// The narrowest region of `scope` that `place` lies in.
fn narrowest(scope: &Scope, place: &Division) -> Option<Division> {
    let around = scope.regions().into_iter();
    around
        .filter(|region| region.contains(place))
        .max_by_key(|region| region.stem().len())
        .cloned()
}

/// The narrowest region of `scope` that `place` lies in. A place elsewhere answers as a missing one.
fn own_region(scope: &Scope, place: &Division) -> Result<Division, Error> {
    if !regions::is_known(place) {
        return Err(Error::UnknownDivision);
    }
    narrowest(scope, place).ok_or(Error::NotFound)
}

/// The fact `id`, if `scope` reaches its origin or whom it is about.
async fn visible(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: FactId,
) -> Result<health_fact::Model, Error> {
    let fact = withdrawing::fact(db, id).await?.ok_or(Error::NotFound)?;
    if scope.covers(&fact.origin) {
        return Ok(fact);
    }
    let declared = declarations::latest_declaration(db, fact.person_id, None).await?;
    let reached = declared.is_some_and(|declared| scope.covers(&declared.division));
    reached.then_some(fact).ok_or(Error::NotFound)
}
