//! Applications as cases: what follows from a decision, and what a reviewer sees.

use entity::{
    review_case, review_step,
    values::{
        CaseAction, CaseOutcome, CaseSubject, Division, VenueApplicationId, VenueApplicationKind,
        VenueCategory, VenueChannel, VenueState,
    },
    venue,
    venue_application::Model,
};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::{ActiveValue::Set, DatabaseTransaction};
use serde::Serialize;
use serde_json::Value;

use super::{
    error::Error,
    keeping,
    store::{self, applications},
    views::{VenueUnitView, reference},
};
use crate::{
    deps::Deps,
    http::problem::Problem,
    notifications::Reference,
    organisations, regions,
    review::{By, Handler, HandlerError, Permit},
};

/// Applications of units, under review.
#[derive(Debug, Clone, Copy)]
pub struct VenueReviews;

impl Handler for VenueReviews {
    fn subject(&self) -> CaseSubject {
        CaseSubject::Venue
    }

    fn reference(&self, case: &review_case::Model) -> Reference {
        reference(case.subject_id)
    }

    fn permits<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a review_case::Model,
        _: CaseAction,
        by: By,
    ) -> BoxFuture<'a, Result<Permit, HandlerError>> {
        async move {
            if acts_for_the_unit(tx, deps, case, by).await? {
                return Ok(Permit::Yes);
            }
            let problem = Problem::from(Error::NotOfTheUnit);
            Ok(Permit::No(problem))
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
            Ok(serde_json::to_value(shown).unwrap_or_default())
        }
        .boxed()
    }
}

/// Whether `by`, where they come for the unit that applied, act for it now: who once did does not any more.
async fn acts_for_the_unit(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &review_case::Model,
    by: By,
) -> Result<bool, Error> {
    if matches!(by, By::Staff { .. } | By::Clock | By::System) {
        return Ok(true);
    }
    let row = applications::find(tx, VenueApplicationId(case.subject_id)).await?;
    let unit = row.ok_or(Error::NoSuchVenue)?.organisation_id;
    match by {
        By::Person(person) => {
            let capacity = organisations::capacity_of(tx, deps, person, unit).await?;
            Ok(capacity.is_some())
        }
        by => Ok(by == By::Unit(unit)),
    }
}

/// Do what was decided, and close the application.
async fn follow(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &review_case::Model,
    step: &review_step::Model,
) -> Result<(), Error> {
    let Some(outcome) = case.outcome else {
        return Ok(());
    };
    let row = applications::find(tx, VenueApplicationId(case.subject_id)).await?;
    let row = row.ok_or(Error::NoSuchVenue)?;
    applications::close(tx, row.id, outcome, step.at).await?;
    let granted = matches!(outcome, CaseOutcome::Approved | CaseOutcome::ByClock);
    match (row.kind, granted) {
        (VenueApplicationKind::New, true) => open(tx, deps, &row).await?,
        (VenueApplicationKind::New, false) => refuse(tx, deps, &row).await?,
        (VenueApplicationKind::Move, true) => relocate(tx, deps, &row).await?,
        (VenueApplicationKind::Move, false) => (),
    }
    deps.doors.forget(row.venue_id);
    Ok(())
}

/// The venue gets its first code.
async fn open(tx: &DatabaseTransaction, deps: &Deps, row: &Model) -> Result<(), Error> {
    let (now, from) = (deps.clock.now(), [VenueState::Applied]);
    let to = (VenueState::Active, None);
    if store::change_state(tx, row.venue_id, &from, to, now).await? {
        keeping::give_code(tx, deps, row.venue_id).await?;
    }
    Ok(())
}

/// The venue never gets a code, and its place is another's.
async fn refuse(tx: &DatabaseTransaction, deps: &Deps, row: &Model) -> Result<(), Error> {
    let (now, from) = (deps.clock.now(), [VenueState::Applied]);
    let to = (VenueState::Refused, None);
    let refused = store::change_state(tx, row.venue_id, &from, to, now).await?;
    if refused && row.channel == VenueChannel::MiniProgram {
        store::give_place_back(tx, row.organisation_id).await?;
    }
    Ok(())
}

/// The venue is elsewhere from now on: what hangs at the old door counts no more.
async fn relocate(tx: &DatabaseTransaction, deps: &Deps, row: &Model) -> Result<(), Error> {
    let moved = venue::ActiveModel {
        name: Set(row.name.clone()),
        division: Set(row.division.clone()),
        address: Set(row.address.clone()),
        changed_at: Set(deps.clock.now()),
        ..Default::default()
    };
    store::change(tx, row.venue_id, moved).await?;
    keeping::replace(tx, deps, row.venue_id).await
}

/// An application, for whoever decides.
#[derive(Debug, Serialize)]
struct ReviewView {
    application: VenueApplicationId,
    reference: Reference,
    kind: VenueApplicationKind,
    organisation: Option<VenueUnitView>,
    /// Where the unit is registered.
    registered_in: Option<Division>,
    channel: VenueChannel,
    /// How many venues the unit has, or asks for, through this door.
    venues: u64,
    name: String,
    category: VenueCategory,
    division: Division,
    place: Option<String>,
    address: String,
    rotating_only: bool,
    /// Where the venue is now, where it is to move.
    moves_from: Option<FromView>,
}

/// Where a venue is.
#[derive(Debug, Serialize)]
struct FromView {
    name: String,
    division: Division,
    address: String,
}

async fn show(
    tx: &DatabaseTransaction,
    _: &Deps,
    case: &review_case::Model,
) -> Result<ReviewView, Error> {
    let row = applications::find(tx, VenueApplicationId(case.subject_id)).await?;
    let row = row.ok_or(Error::NoSuchVenue)?;
    let units = store::units(tx, vec![row.organisation_id]).await?;
    let unit = units.first();
    let moves = row.kind == VenueApplicationKind::Move && row.open_of.is_some();
    let from = if moves {
        store::find(tx, row.venue_id).await?
    } else {
        None
    };
    Ok(ReviewView {
        application: row.id,
        reference: reference(row.id.0),
        kind: row.kind,
        organisation: unit.map(Into::into),
        registered_in: unit.map(|unit| unit.division.clone()),
        channel: row.channel,
        venues: store::count(tx, row.organisation_id, row.channel).await?,
        name: row.name,
        category: row.category,
        place: regions::full_name(&row.division),
        division: row.division,
        address: row.address,
        rotating_only: row.rotating_only,
        moves_from: from.map(|venue| FromView {
            name: venue.name,
            division: venue.division,
            address: venue.address,
        }),
    })
}
