//! How passes stand at this moment: derived from what is on record, from the time, and from what everybody
//! aboard shows. No column says it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::{
    values::{
        AboardRole, Colour, PersonId, Plate, SectionCode, StatusIndex, VehicleApplicationId,
        VehiclePassId,
    },
    vehicle_aboard,
    vehicle_pass::Model,
};
use futures_util::future::try_join_all;
use sea_orm::{ConnectionTrait, DbErr};

use super::{
    error::Error,
    rules::{self, Cause, Compared, OnRecord, Rider, Standing, Verdict},
    store::{aboard, passes},
};
use crate::{
    deps::Deps,
    health_code::{self, LiveColour},
    roads::{Hours, Route},
};

/// What a gate without a network has to know of a pass that did not end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Its place in the status lists.
    pub index: StatusIndex,
    /// Whose plate it is for. None: of a vehicle that has none yet.
    pub plate: Option<Plate>,
    /// The vehicle's own number, where it has no plate. Its temporary number is in the signed permit.
    pub vin: Option<String>,
    /// Where it may drive.
    pub route: Route,
    /// When.
    pub hours: Hours,
    /// How many are aboard.
    pub aboard: u8,
    /// The first moment that it is good.
    pub valid_from: DateTime<Utc>,
    /// The first moment that it is not good any more.
    pub valid_until: DateTime<Utc>,
}

/// What is asked of a pass on the road.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What the plate of the vehicle says, if somebody read it.
    pub plate: Option<&'a Plate>,
    /// Where it drives, if somebody said it.
    pub section: Option<&'a SectionCode>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Somebody aboard, as they are found now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aboard {
    /// Who.
    pub person: PersonId,
    /// As what.
    pub role: AboardRole,
    /// What their code shows, and how old that is.
    pub live: LiveColour,
}

/// What somebody on the road is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Which pass.
    pub id: VehiclePassId,
    /// Its number, to read out.
    pub number: String,
    /// Whether it is for this vehicle, here and now.
    pub verdict: Verdict,
    /// How it stands by itself.
    pub standing: Standing,
    /// What suspends it. For the service alone: whose colour it is, or that it is one, goes to nobody.
    pub because: Option<Cause>,
    /// Everybody who is aboard by it.
    pub aboard: Vec<Aboard>,
    /// Its plate. None: of a vehicle that has none yet.
    pub plate: Option<Plate>,
    /// What the vehicle is called while it has no plate.
    pub temporary_number: Option<String>,
    /// The vehicle's own number, where it has no plate.
    pub vin: Option<String>,
    /// Where it may drive.
    pub route: Route,
    /// When.
    pub hours: Hours,
    /// The first moment that it is good.
    pub valid_from: DateTime<Utc>,
    /// The first moment that it is not good any more.
    pub valid_until: DateTime<Utc>,
}

/// The passes that did not end, as a bundle carries them. Those that are suspended are among them: the
/// status lists say which.
pub async fn carried(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Carried>, DbErr> {
    let rows = passes::all_unended(db, now).await?;
    let mut counts: BTreeMap<VehicleApplicationId, u8> = BTreeMap::new();
    for ids in rows.chunks(500) {
        let ids = ids.iter().map(|row| row.application_id);
        for place in aboard::of_all(db, ids).await? {
            let count = counts.entry(place.application_id).or_default();
            *count = count.saturating_add(1);
        }
    }
    let carried = |row: Model| {
        let aboard = counts.get(&row.application_id).copied().unwrap_or_default();
        let (route, hours) = way_of(&row)?;
        Ok(Carried {
            index: row.status_index,
            plate: row.plate,
            vin: row.vin,
            route,
            hours,
            aboard,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
        })
    };
    rows.into_iter().map(carried).collect()
}

/// How the pass `id` compares with what is asked, with everybody aboard as they are now. None if there is
/// no such pass.
pub async fn inspect(
    deps: &Deps,
    id: VehiclePassId,
    asked: Asked<'_>,
) -> Result<Option<Inspection>, Error> {
    let Some(pass) = passes::find(&deps.db, id).await? else {
        return Ok(None);
    };
    let now = deps.clock.now();
    let aboard = found_aboard(&deps.db, deps, &pass, now).await?;
    let (standing, because) = standing_with(&pass, &aboard, now);
    let (route, hours) = way_of(&pass)?;
    let on_way = |section: &SectionCode| match &route {
        Route::Sections { sections } => sections.contains(section),
        Route::Freight { .. } => true,
    };
    let compared = Compared {
        vehicle: asked.plate.map(|plate| pass.plate.as_ref() == Some(plate)),
        section: asked.section.map(on_way),
        hour: hours.hold_at(asked.at),
    };
    let temporary_number = super::passes::temporary_number_of(&pass);
    Ok(Some(Inspection {
        id: pass.id,
        number: pass.number,
        verdict: rules::verdict(standing, compared),
        standing,
        because,
        aboard,
        temporary_number,
        plate: pass.plate,
        vin: pass.vin,
        route,
        hours,
        valid_from: pass.valid_from,
        valid_until: pass.valid_until,
    }))
}

/// Where a pass may drive, and when.
pub(super) fn way_of(pass: &Model) -> Result<(Route, Hours), DbErr> {
    let unreadable = |error: serde_json::Error| DbErr::Json(error.to_string());
    let route = serde_json::from_value(pass.route.clone()).map_err(unreadable)?;
    let hours = serde_json::from_value(pass.hours.clone()).map_err(unreadable)?;
    Ok((route, hours))
}

/// What is on record of `pass`.
pub(super) fn on_record(pass: &Model) -> OnRecord {
    OnRecord {
        valid_from: pass.valid_from,
        valid_until: pass.valid_until,
        void: pass.void.zip(pass.void_from),
        inspected_until: pass.inspected_until,
    }
}

/// How `pass` stands at `now` with those `aboard`.
pub(super) fn standing_with(
    pass: &Model,
    aboard: &[Aboard],
    now: DateTime<Utc>,
) -> (Standing, Option<Cause>) {
    let riders: Vec<Rider> = aboard
        .iter()
        .map(|one| Rider {
            drives: one.role == AboardRole::Driver,
            colour: one.live.colour,
        })
        .collect();
    rules::standing(&on_record(pass), &riders, now)
}

/// How `pass` stands at `now`, with the colours of everybody aboard.
pub(super) async fn standing_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    pass: &Model,
    now: DateTime<Utc>,
) -> Result<(Standing, Option<Cause>), Error> {
    let aboard = found_aboard(db, deps, pass, now).await?;
    Ok(standing_with(pass, &aboard, now))
}

async fn found_aboard(
    db: &impl ConnectionTrait,
    deps: &Deps,
    pass: &Model,
    now: DateTime<Utc>,
) -> Result<Vec<Aboard>, Error> {
    let places = aboard::of(db, pass.application_id).await?;
    found(db, deps, &places, now).await
}

/// Those of `places` who agreed, as they are found at `now`.
pub(super) async fn found(
    db: &impl ConnectionTrait,
    deps: &Deps,
    places: &[vehicle_aboard::Model],
    now: DateTime<Utc>,
) -> Result<Vec<Aboard>, Error> {
    let agreed = places
        .iter()
        .filter_map(|place| Some((place.person_id?, place.role)));
    let look = |(person, role)| async move {
        let live = health_code::live_colour_by(db, deps, person, now).await?;
        let live = live.unwrap_or(LiveColour {
            colour: Colour::Grey,
            latest_test: None,
            stale: false,
        });
        Ok::<_, Error>(Aboard { person, role, live })
    };
    try_join_all(agreed.map(look)).await
}
