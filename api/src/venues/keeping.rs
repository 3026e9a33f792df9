//! Use cases around a code that was given: suspend and resume, replace, close.

use entity::{
    values::{VenueChannel, VenueId, VenueState, VenueSuspension},
    venue,
};
use sea_orm::{ActiveValue::Set, DatabaseTransaction};

use super::{
    error::Error,
    reading,
    rules::CodeId,
    store::{self, applications},
    views::{CodeReplacementRequest, VenueView},
};
use crate::{
    audit::{self, Actor, DoorEvent, Event, Subject},
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    notifications::{self, Message, Reference},
    organisations::{self, UnitActor},
    platform::{db::begin_write, entropy},
    staff::Staff,
};

/// Let the code of a venue where `staff` decide count no more until it is resumed.
pub(super) async fn suspend(
    deps: &Deps,
    staff: &Staff,
    id: VenueId,
    reason: VenueSuspension,
) -> Result<VenueView, Error> {
    let from = [VenueState::Active, VenueState::Suspended];
    let to = (VenueState::Suspended, Some(reason));
    let event = Event::Door(DoorEvent::VenueSuspended { venue: id, reason });
    decide(deps, staff, id, (&from, to), &event).await
}

/// Let the code of a suspended venue count again.
pub(super) async fn resume(deps: &Deps, staff: &Staff, id: VenueId) -> Result<VenueView, Error> {
    let from = [VenueState::Suspended];
    let event = Event::Door(DoorEvent::VenueResumed { venue: id });
    decide(deps, staff, id, (&from, (VenueState::Active, None)), &event).await
}

async fn decide(
    deps: &Deps,
    staff: &Staff,
    id: VenueId,
    (from, to): (&[VenueState], (VenueState, Option<VenueSuspension>)),
    event: &Event,
) -> Result<VenueView, Error> {
    let tx = begin_write(&deps.db).await?;
    let row = reading::in_charge(&tx, staff, id).await?;
    if (row.state, row.suspension) != to {
        // People before what is theirs: whoever is told is locked.
        let stands = to.0 == VenueState::Active;
        if (row.state == VenueState::Active) != stands {
            tell(&tx, deps, &row, stands).await?;
        }
        if !store::change_state(&tx, id, from, to, deps.clock.now()).await? {
            return Err(Error::NotActive);
        }
        let actor = Actor::Staff(staff.account);
        audit::record(&tx, deps, actor, Subject::Nobody, event).await?;
    }
    let row = reading::in_charge(&tx, staff, id).await?;
    let view = reading::view(&tx, deps, row).await?;
    tx.commit().await?;
    deps.doors.forget(id);
    deps.outbox.wake();
    Ok(view)
}

/// Tell everybody who acts for the unit of `venue` whether its code counts from now on.
async fn tell(
    tx: &DatabaseTransaction,
    deps: &Deps,
    venue: &venue::Model,
    stands: bool,
) -> Result<(), Error> {
    let message = Message::VenueStanding {
        venue: Reference::of("CS", venue.id.0),
        stands,
        at: deps.clock.now(),
    };
    for person in organisations::who_act_for(tx, venue.organisation_id).await? {
        notifications::tell(tx, deps, person, &message).await?;
    }
    Ok(())
}

/// Give a venue of `unit` another code in place of the one that it has, which counts no more.
pub(super) async fn replace_code(
    deps: &Deps,
    unit: &UnitActor,
    id: VenueId,
    key: &IdempotencyKey,
    request: CodeReplacementRequest,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let row = store::lock(tx, id).await?;
        let row = row.filter(|row| row.organisation_id == unit.organisation);
        let row = row.ok_or(Error::NoSuchVenue)?;
        if row.state != VenueState::Active {
            return Err(Error::NotActive);
        }
        let changed = venue::ActiveModel {
            rotating_only: Set(request.rotating_only.unwrap_or(row.rotating_only)),
            changed_at: Set(deps.clock.now()),
            ..Default::default()
        };
        store::change(tx, id, changed).await?;
        replace(tx, deps, id).await?;
        let reason = request.reason;
        let event = Event::Door(DoorEvent::VenueCodeReplaced { venue: id, reason });
        audit::record(tx, deps, unit.actor(), Subject::Nobody, &event).await?;
        let row = reading::own(tx, unit, id).await?;
        Ok((Outcome::Found, reading::view(tx, deps, row).await?))
    };
    let asked = (unit.organisation, id, &request);
    let caller = unit.caller();
    let answer = idempotency::once(deps, &caller, "replace-venue-code", key, &asked, effect).await;
    deps.doors.forget(id);
    answer
}

/// Let a venue of `unit` have no code any more, for good. Its place is free again.
pub(super) async fn close(
    deps: &Deps,
    unit: &UnitActor,
    id: VenueId,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let row = store::lock(tx, id).await?;
        let row = row.filter(|row| row.organisation_id == unit.organisation);
        let row = row.ok_or(Error::NoSuchVenue)?;
        if applications::open_about(tx, id).await?.is_some() {
            return Err(Error::AlreadyOpen);
        }
        let (now, from) = (
            deps.clock.now(),
            [VenueState::Active, VenueState::Suspended],
        );
        let to = (VenueState::Closed, None);
        if !store::change_state(tx, id, &from, to, now).await? {
            return Err(Error::NotActive);
        }
        store::doors::end(tx, id, now).await?;
        if row.channel == VenueChannel::MiniProgram {
            store::give_place_back(tx, unit.organisation).await?;
        }
        let event = Event::Door(DoorEvent::VenueClosed { venue: id });
        audit::record(tx, deps, unit.actor(), Subject::Nobody, &event).await?;
        let row = reading::own(tx, unit, id).await?;
        Ok((Outcome::Found, reading::view(tx, deps, row).await?))
    };
    let asked = (unit.organisation, id);
    let caller = unit.caller();
    let answer = idempotency::once(deps, &caller, "close-venue", key, &asked, effect).await;
    deps.doors.forget(id);
    answer
}

/// Give `venue`, which has none, a code.
pub(super) async fn give_code(
    tx: &DatabaseTransaction,
    deps: &Deps,
    venue: VenueId,
) -> Result<(), Error> {
    let id = CodeId(entropy::bytes(&*deps.entropy));
    store::doors::give(tx, venue, id, deps.clock.now()).await?;
    let event = Event::Door(DoorEvent::VenueCodeGiven { venue });
    Ok(audit::record(tx, deps, Actor::System, Subject::Nobody, &event).await?)
}

/// Give `venue` a code in place of the one that it has.
pub(super) async fn replace(
    tx: &DatabaseTransaction,
    deps: &Deps,
    venue: VenueId,
) -> Result<(), Error> {
    store::doors::end(tx, venue, deps.clock.now()).await?;
    give_code(tx, deps, venue).await
}
