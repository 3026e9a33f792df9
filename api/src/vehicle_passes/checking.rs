//! What is looked up before a reviewer sees an application (T3, T4).

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    values::{Colour, PlateClass, VehicleApplicationId, VehiclePassId},
    vehicle_aboard,
    vehicle_application::Model,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    error::Error,
    form::{self, Asked},
    standing,
    store::{applications, passes},
    types::PassType,
    views::RegistryAnswer,
};
use crate::{
    deps::Deps,
    facts::Finding,
    http::problem::{FieldFault, Text},
    roads::{self, RouteFinding, routes_overlap},
};

/// Refuse `row` if the pass in whose place another is asked for ended: of two that were begun for one pass,
/// one takes its place. The applicant's row is locked.
pub(super) async fn predecessor(tx: &DatabaseTransaction, row: &Model) -> Result<(), Error> {
    let Some(id) = row.predecessor else {
        return Ok(());
    };
    let pass = passes::find(tx, id).await?;
    let stands = pass.is_some_and(|pass| pass.void.is_none());
    stands.then_some(()).ok_or(Error::NotInForce)
}

/// What the registry says of the vehicle.
pub(super) async fn registry(deps: &Deps, asked: &Asked) -> RegistryAnswer {
    let Some((plate, colour)) = &asked.plate else {
        return RegistryAnswer::NotAsked;
    };
    match deps.vehicles.look_up(plate, *colour).await {
        Ok(None) => RegistryAnswer::Unregistered,
        Ok(Some(record)) => RegistryAnswer::Registered {
            violations: record.unresolved_violations,
            inspected_until: record.inspected_until,
        },
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a vehicle was not looked up"
            );
            RegistryAnswer::Silent
        }
    }
}

/// Refuse what the registry says nobody may drive with.
pub(super) fn weigh_registry(
    answer: RegistryAnswer,
    of_type: &PassType,
    asked: &Asked,
) -> Result<(), Error> {
    match answer {
        RegistryAnswer::NotAsked | RegistryAnswer::Silent => Ok(()),
        RegistryAnswer::Unregistered => Err(Error::NotRegistered),
        RegistryAnswer::Registered {
            violations,
            inspected_until,
        } => {
            if violations > 0 {
                return Err(Error::Violations);
            }
            if of_type.inspected && inspected_until < asked.hours.first() {
                return Err(Error::NotInspected);
            }
            Ok(())
        }
    }
}

/// What speaks against the route and is left to a reviewer: that there is another way only a person can
/// weigh. Everything else is refused.
pub(super) async fn route(
    db: &impl ConnectionTrait,
    asked: &Asked,
) -> Result<Vec<RouteFinding>, Error> {
    let (route, hours) = (&asked.route, &asked.hours);
    let found = match &asked.plate {
        Some((plate, _)) => roads::judge(db, route, hours, plate).await?,
        None => roads::judge_class(db, route, hours, PlateClass::Ordinary).await?,
    };
    let (left, refused): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|finding| matches!(finding, RouteFinding::OtherWay { .. }));
    if refused.is_empty() {
        return Ok(left);
    }
    let faults = refused.iter().map(|finding| finding.fault(route, "route"));
    Err(Error::Route(faults.collect()))
}

fn of_person(at: usize, code: &'static str, message: Text) -> FieldFault {
    FieldFault::new(format!("people[{at}]"), code, message)
}

/// Refuse if somebody aboard did not agree, is not green, or has no test that is new enough.
pub(super) async fn people(
    db: &impl ConnectionTrait,
    deps: &Deps,
    of_type: &PassType,
    places: &[vehicle_aboard::Model],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let silent = places.iter().enumerate();
    let silent = silent.filter(|(_, place)| place.agreed_at.is_none());
    let silent: Vec<FieldFault> = silent
        .map(|(at, _)| {
            let message = Text::new("尚未确认同行", "did not agree to ride along");
            of_person(at, "not_agreed", message)
        })
        .collect();
    if !silent.is_empty() {
        return Err(Error::NotAgreed(silent));
    }
    let aboard = standing::found(db, deps, places, now).await?;
    let others = aboard.iter().enumerate();
    let others = others.filter(|(_, one)| one.live.colour != Colour::Green);
    let others: Vec<FieldFault> = others
        .map(|(at, _)| of_person(at, "not_green", Text::new("不是绿码", "is not green")))
        .collect();
    if !others.is_empty() {
        return Err(Error::NotGreen(others));
    }
    let Some(hours) = of_type.test_hours else {
        return Ok(());
    };
    let since = now - TimeDelta::hours(hours.into());
    let untested = aboard.iter().enumerate().filter(|(_, one)| {
        let test = one.live.latest_test;
        !test.is_some_and(|test| test.result == Finding::Negative && test.sampled_at >= since)
    });
    let untested: Vec<FieldFault> = untested
        .map(|(at, _)| {
            let message = Text::new(
                "缺少有效的阴性结果",
                "has no negative test that is new enough",
            );
            of_person(at, "not_tested", message)
        })
        .collect();
    if untested.is_empty() {
        Ok(())
    } else {
        Err(Error::NotTested(untested))
    }
}

/// What does not count when passes are compared: the application itself, and the pass whose place the new
/// one takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Except {
    pub(super) application: VehicleApplicationId,
    pub(super) predecessor: Option<VehiclePassId>,
}

/// Refuse if the vehicle has a pass, or one waits for a decision, that is for the same way at the same time.
/// The vehicle is the caller's until the transaction ends, so of two at once one is refused.
pub(super) async fn overlaps(
    tx: &DatabaseTransaction,
    asked: &Asked,
    except: Except,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    applications::lock_vehicle(tx, &asked.mark, now).await?;
    for pass in passes::of_vehicle(tx, &asked.mark, now).await? {
        if Some(pass.id) == except.predecessor {
            continue;
        }
        let (route, hours) = standing::way_of(&pass)?;
        if routes_overlap(&route, &asked.route) && hours.overlap(&asked.hours) {
            return Err(Error::Overlaps);
        }
    }
    for other in applications::submitted_for(tx, &asked.mark).await? {
        if other.id == except.application {
            continue;
        }
        if except.predecessor.is_some() && other.predecessor == except.predecessor {
            return Err(Error::SuccessorOpen);
        }
        if meets(&other, asked)? {
            return Err(Error::Overlaps);
        }
    }
    Ok(())
}

fn meets(other: &Model, asked: &Asked) -> Result<bool, Error> {
    let way = form::route_of(other)?.zip(form::hours_of(other)?);
    Ok(way.is_some_and(|(route, hours)| {
        routes_overlap(&route, &asked.route) && hours.overlap(&asked.hours)
    }))
}
