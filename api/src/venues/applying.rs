//! Use cases of units: ask for a code, or to move; take that back; read what became of it.

use entity::{
    values::{
        CaseAction, CaseSubject, Division, PersonId, VenueApplicationId, VenueApplicationKind,
        VenueChannel, VenueId, VenueState,
    },
    venue,
    venue_application::Model,
};
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    reading,
    store::{self, applications},
    views::{VenueApplicationView, VenueMoveRequest, VenueRequest},
};
use crate::{
    audit::{self, DoorEvent, Event, Subject},
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity,
    organisations::UnitActor,
    regions::{self, Standing},
    review::{self, Move, Opening},
};

/// The workflow of applications.
const WORKFLOW: &str = "venue";

/// Ask for a code for a venue of `unit`.
///
/// Refused if the unit has as many as it may have through this door: of any number that are asked for at
/// once, no more are taken.
pub(super) async fn apply(
    deps: &Deps,
    unit: &UnitActor,
    key: &IdempotencyKey,
    request: VenueRequest,
) -> Result<Answer, Error> {
    check_place(deps, &request.division)?;
    let asked = (unit.organisation, &request);
    let effect = async |tx: &DatabaseTransaction| record(tx, deps, unit, &request).await;
    idempotency::once(deps, &unit.caller(), "apply-for-venue", key, &asked, effect).await
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    unit: &UnitActor,
    request: &VenueRequest,
) -> Result<(Outcome, VenueApplicationView), Error> {
    let applicant = applicant(tx, unit).await?;
    take_place(tx, deps, unit).await?;
    let now = deps.clock.now();
    let venue = venue::Model {
        id: VenueId(deps.entropy.id()),
        organisation_id: unit.organisation,
        name: request.name.clone(),
        category: request.category,
        division: request.division.clone(),
        address: request.address.clone(),
        state: VenueState::Applied,
        suspension: None,
        channel: unit.door,
        applied_by: applicant,
        applied_at: now,
        rotating_only: request.rotating_only,
        changed_at: now,
    };
    store::insert(tx, venue.clone()).await?;
    let row = application(deps, VenueApplicationKind::New, venue, unit, applicant);
    file(tx, deps, unit, row).await
}

/// Ask that a venue of `unit` be somewhere else from now on. Its code counts until that is granted, and
/// another one from then on.
pub(super) async fn move_elsewhere(
    deps: &Deps,
    unit: &UnitActor,
    venue: VenueId,
    key: &IdempotencyKey,
    request: VenueMoveRequest,
) -> Result<Answer, Error> {
    check_place(deps, &request.division)?;
    let effect = async |tx: &DatabaseTransaction| {
        let applicant = applicant(tx, unit).await?;
        let row = store::lock(tx, venue).await?;
        let row = row.filter(|row| row.organisation_id == unit.organisation);
        let mut row = row.ok_or(Error::NoSuchVenue)?;
        if row.state != VenueState::Active {
            return Err(Error::NotActive);
        }
        row.division = request.division.clone();
        row.address.clone_from(&request.address);
        if let Some(name) = &request.name {
            row.name.clone_from(name);
        }
        let row = application(deps, VenueApplicationKind::Move, row, unit, applicant);
        file(tx, deps, unit, row).await
    };
    let asked = (unit.organisation, venue, &request);
    idempotency::once(deps, &unit.caller(), "move-venue", key, &asked, effect).await
}

/// Who is told what becomes of an application, locked.
async fn applicant(tx: &DatabaseTransaction, unit: &UnitActor) -> Result<PersonId, Error> {
    let person = unit.person.ok_or(Error::NobodyToTell)?;
    identity::lock(tx, person).await?;
    if identity::verified_at(tx, person).await?.is_none() {
        return Err(identity::Error::NotVerified.into());
    }
    Ok(person)
}

async fn take_place(tx: &DatabaseTransaction, deps: &Deps, unit: &UnitActor) -> Result<(), Error> {
    let organisation = unit.organisation;
    match unit.door {
        VenueChannel::MiniProgram => {
            let most = deps.venues.mini_program_codes;
            if !store::take_place(tx, organisation, most).await? {
                return Err(Error::NoPlaceLeft);
            }
        }
        VenueChannel::OpenPlatform => {
            let taken = store::count(tx, organisation, VenueChannel::OpenPlatform).await?;
            if taken >= deps.venues.open_platform_codes {
                return Err(Error::TooMany);
            }
        }
    }
    Ok(())
}

/// An application of `unit` that `venue` be as it is said there.
fn application(
    deps: &Deps,
    kind: VenueApplicationKind,
    venue: venue::Model,
    unit: &UnitActor,
    applicant: PersonId,
) -> Model {
    Model {
        id: VenueApplicationId(deps.entropy.id()),
        kind,
        venue_id: venue.id,
        organisation_id: venue.organisation_id,
        applied_by: applicant,
        applied_at: deps.clock.now(),
        channel: unit.door,
        name: venue.name,
        category: venue.category,
        division: venue.division,
        address: venue.address,
        rotating_only: venue.rotating_only,
        open_of: Some(venue.id),
        outcome: None,
        closed_at: None,
    }
}

/// Keep an application, and open its case.
async fn file(
    tx: &DatabaseTransaction,
    deps: &Deps,
    unit: &UnitActor,
    row: Model,
) -> Result<(Outcome, VenueApplicationView), Error> {
    if !applications::insert(tx, row.clone()).await? {
        return Err(Error::AlreadyOpen);
    }
    let event = Event::Door(DoorEvent::VenueAppliedFor {
        application: row.id,
        venue: row.venue_id,
        kind: row.kind,
        channel: row.channel,
    });
    audit::record(tx, deps, unit.actor(), Subject::Nobody, &event).await?;
    let opening = Opening {
        subject: CaseSubject::Venue,
        subject_id: row.id.0,
        person: row.applied_by,
        division: row.division.clone(),
        community: None,
        workflow: WORKFLOW,
        by: unit.by(),
    };
    let case = review::open(tx, deps, opening).await?;
    Ok((Outcome::Created, VenueApplicationView::of(row, &case, None)))
}

/// Take back what `unit` asked for at a venue and nobody decided yet.
pub(super) async fn withdraw(
    deps: &Deps,
    unit: &UnitActor,
    id: VenueApplicationId,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let row = applications::find(tx, id).await?;
        let row = row.filter(|row| row.organisation_id == unit.organisation);
        let row = row.ok_or(Error::NoSuchVenue)?;
        let case = review::case_about(tx, CaseSubject::Venue, id.0).await?;
        let case = case.ok_or(Error::NoSuchVenue)?;
        let what = Move {
            action: CaseAction::Withdraw,
            reason: None,
            text: None,
        };
        let case = review::act(tx, deps, &case, unit.by(), what).await?;
        Ok((Outcome::Found, VenueApplicationView::of(row, &case, None)))
    };
    let asked = (unit.organisation, id);
    let caller = unit.caller();
    let answer = idempotency::once(
        deps,
        &caller,
        "withdraw-venue-application",
        key,
        &asked,
        effect,
    )
    .await;
    deps.outbox.wake();
    answer
}

/// One application of `unit`.
pub(super) async fn find(
    deps: &Deps,
    unit: &UnitActor,
    id: VenueApplicationId,
) -> Result<VenueApplicationView, Error> {
    let row = applications::find(&deps.db, id).await?;
    let row = row.filter(|row| row.organisation_id == unit.organisation);
    let row = row.ok_or(Error::NoSuchVenue)?;
    let views = reading::tell(deps, vec![row]).await?;
    views.into_iter().next().ok_or(Error::NoSuchVenue)
}

/// Whether a venue can lie in `division`: a county or district in force, or a city without any,
/// that somebody here decides for.
fn check_place(deps: &Deps, division: &Division) -> Result<(), Error> {
    let innermost = regions::children(Some(division)).is_empty();
    if !innermost || regions::standing(division) != Standing::Current {
        return Err(Error::NoSuchPlace);
    }
    let here = [&deps.policy.province].into_iter();
    let mut here = here.chain(&deps.organisations.registered_in);
    if here.any(|place| division.code().starts_with(place)) {
        Ok(())
    } else {
        Err(Error::Elsewhere)
    }
}
