//! Use cases: say that a place has a level, lift it, and list the places that have one.

use chrono::{DateTime, SubsecRound, Utc};
use entity::{
    risk_area::Model,
    values::{Division, RiskAreaId, RiskLevel},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::{error::Error, rules, store, withdrawing::By};
use crate::{
    audit::{self, Event, Subject},
    deps::Deps,
};

/// A place with a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArea {
    /// The place.
    pub division: Division,
    /// Its level.
    pub level: RiskLevel,
    /// Since when.
    pub starts_at: DateTime<Utc>,
    /// Until when, if that is decided with it.
    pub ends_at: Option<DateTime<Utc>>,
    /// The region whose decision it is.
    pub origin: Division,
    /// Who brings it.
    pub by: By,
}

/// Record that a place has a level, as part of the transaction `tx`. Everybody who declared to have
/// stayed there is looked at soon.
///
/// Refused if the same place has the same level already.
pub async fn record_area(
    tx: &DatabaseTransaction,
    deps: &Deps,
    new: NewArea,
) -> Result<Model, Error> {
    let now = deps.clock.now();
    rules::possible_area(new.starts_at, new.ends_at, now)?;
    if store::areas::stands(tx, &new.division, new.level, now).await? {
        return Err(Error::AreaStands);
    }
    let row = Model {
        id: RiskAreaId(deps.entropy.id()),
        division: new.division,
        level: new.level,
        starts_at: new.starts_at.trunc_subsecs(3),
        ends_at: new.ends_at.map(|at| at.trunc_subsecs(3)),
        origin: new.origin,
        source: new.by.source().to_owned(),
        recorded_at: now,
        lifted_at: None,
        lifted_by: None,
        due_at: Some(now),
        round_at: None,
        marked_division: None,
        marked_person: None,
    };
    store::areas::insert(tx, row.clone()).await?;
    let event = Event::RiskAreaRecorded {
        area: row.id,
        division: row.division.clone(),
        level: row.level,
    };
    audit::record(tx, deps, new.by.actor(), Subject::Nobody, &event).await?;
    Ok(row)
}

/// The area `id`.
pub async fn area(db: &impl ConnectionTrait, id: RiskAreaId) -> Result<Option<Model>, DbErr> {
    store::areas::find(db, id).await
}

/// Lift the level of `area` now, as part of the transaction `tx`. Everybody who declared to have
/// stayed there is looked at soon. Whoever calls has seen to it that `by` is of the area's origin.
///
/// Refused if it is over: lifted, or ended by itself.
pub async fn lift_area(
    tx: &DatabaseTransaction,
    deps: &Deps,
    area: Model,
    by: &By,
) -> Result<Model, Error> {
    let now = deps.clock.now();
    if area.ends_at.is_some_and(|at| at <= now) {
        return Err(Error::AreaOver);
    }
    let lifted = Model {
        lifted_at: Some(now),
        lifted_by: Some(by.text()),
        ..area
    };
    if !store::areas::lift(tx, &lifted, now).await? {
        return Err(Error::AreaOver);
    }
    let event = Event::RiskAreaLifted { area: lifted.id };
    audit::record(tx, deps, by.actor(), Subject::Nobody, &event).await?;
    Ok(lifted)
}

/// Up to `most` places that have a level now, by division and id, after `after`; those that touch
/// `place`, if it is given.
pub(super) async fn current(
    deps: &Deps,
    place: Option<&Division>,
    after: Option<&(Division, RiskAreaId)>,
    most: u64,
) -> Result<Vec<Model>, Error> {
    let now = deps.clock.now();
    Ok(store::areas::current(&deps.db, place, after, most, now).await?)
}
