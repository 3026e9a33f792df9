//! Use case: the end of an account, and of those whom nobody else acts for (P7).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::values::PersonId;
use sea_orm::DatabaseTransaction;

use super::{
    copying::fresh,
    error::{Error, Obstacle},
    rules,
    views::{DeletionRequest, DeletionView, ForeseenView},
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    health_code,
    holdings::Erased,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity::{self, Citizen},
    platform::db::begin_write,
};

/// Somebody whose data was erased.
struct Gone {
    person: PersonId,
    /// The version of their last assessment: what shared stores still have of them is not newer.
    version: i64,
}

/// What a deletion would do now, and what stands in its way. Nothing is changed.
pub(super) async fn foresee(deps: &Deps, citizen: &Citizen) -> Result<ForeseenView, Error> {
    let tx = begin_write(&deps.db).await?;
    let dependants = lock(&tx, citizen.person).await?;
    let obstacles = obstacles(&tx, deps, citizen.person, &dependants).await?;
    tx.rollback().await?;
    Ok(ForeseenView::new(dependants, obstacles))
}

/// Delete the account of `citizen`, who logged in a moment ago, and confirmed it.
///
/// Refused while a measure is in force or others rely on what would go. Of two at once, one deletes, and the
/// other finds that its session is over.
pub(super) async fn delete(
    deps: &Deps,
    citizen: &Citizen,
    key: &IdempotencyKey,
    request: &DeletionRequest,
) -> Result<Answer, Error> {
    let mut gone = Vec::new();
    let effect = async |tx: &DatabaseTransaction| {
        let (people, view) = erase(tx, deps, citizen).await?;
        gone = people;
        Ok::<_, Error>((Outcome::Found, view))
    };
    let caller = citizen.person.0.as_bytes();
    let answer = idempotency::once(deps, caller, "delete-account", key, request, effect).await?;
    tell_other_stores(deps, citizen.person, &gone).await;
    deps.outbox.wake();
    Ok(answer)
}

async fn erase(
    tx: &DatabaseTransaction,
    deps: &Deps,
    citizen: &Citizen,
) -> Result<(Vec<Gone>, DeletionView), Error> {
    let guardian = citizen.person;
    let dependants = lock(tx, guardian).await?;
    // Asked under the lock: whoever comes second finds the session ended.
    fresh(tx, deps, citizen).await?;
    let obstacles = obstacles(tx, deps, guardian, &dependants).await?;
    if !obstacles.is_empty() {
        return Err(stopped(obstacles, deps.clock.now()));
    }
    let people: Vec<PersonId> = dependants.iter().copied().chain([guardian]).collect();
    let mut gone = Vec::with_capacity(people.len());
    let mut erased: BTreeMap<&'static str, u64> = BTreeMap::new();
    for person in &people {
        let last = health_code::last_comparison(tx, *person).await?;
        gone.push(Gone {
            person: *person,
            version: last.map_or(0, |last| last.version),
        });
        for Erased { table, rows } in erase_one(tx, deps, *person).await? {
            *erased.entry(table).or_default() += rows;
        }
        let event = if *person == guardian {
            Event::AccountDeleted {}
        } else {
            Event::DependantErased { guardian }
        };
        audit::record(tx, deps, Actor::Person(guardian), *person, &event).await?;
    }
    let view = DeletionView::new(people, deps.clock.now(), erased);
    Ok((gone, view))
}

async fn erase_one(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, Error> {
    for holding in deps.holdings.iter() {
        holding.leave(tx, deps, person).await?;
    }
    let mut erased = Vec::new();
    for holding in deps.holdings.iter() {
        erased.extend(holding.erase(tx, deps, person).await?);
    }
    Ok(erased)
}

/// Have `guardian` and those who go with them to oneself until the transaction ends, in the order of their ids.
/// Who acts for somebody holds their own row while they begin to, so once it is held nobody is added.
async fn lock(tx: &DatabaseTransaction, guardian: PersonId) -> Result<BTreeSet<PersonId>, Error> {
    let seen: BTreeSet<PersonId> = identity::go_with(tx, guardian).await?.into_iter().collect();
    let in_order: BTreeSet<PersonId> = seen.iter().copied().chain([guardian]).collect();
    for person in &in_order {
        identity::lock(tx, *person).await?;
    }
    let dependants: BTreeSet<PersonId> =
        identity::go_with(tx, guardian).await?.into_iter().collect();
    for added in dependants.difference(&seen) {
        identity::lock(tx, *added).await?;
    }
    Ok(dependants)
}

async fn obstacles(
    tx: &DatabaseTransaction,
    deps: &Deps,
    guardian: PersonId,
    dependants: &BTreeSet<PersonId>,
) -> Result<Vec<Obstacle>, Error> {
    let mut obstacles = Vec::new();
    for person in dependants.iter().copied().chain([guardian]) {
        for holding in deps.holdings.iter() {
            let stops = holding.stops(tx, deps, person).await?;
            obstacles.extend(stops.into_iter().map(|stop| Obstacle {
                person,
                dependant: person != guardian,
                stop,
            }));
        }
    }
    Ok(obstacles)
}

fn stopped(obstacles: Vec<Obstacle>, now: DateTime<Utc>) -> Error {
    let untils = obstacles.iter().map(|obstacle| obstacle.stop.until);
    let retry_after = rules::try_again_after(untils, now);
    Error::Stopped {
        obstacles,
        retry_after,
    }
}

/// Tell every instance of what was committed. What a store does not hear now, it finds out by itself: a session
/// with the next sweep, a code once what it showed is a few seconds old.
async fn tell_other_stores(deps: &Deps, guardian: PersonId, gone: &[Gone]) {
    if gone.is_empty() {
        return;
    }
    let dependants: Vec<PersonId> = gone
        .iter()
        .map(|gone| gone.person)
        .filter(|person| *person != guardian)
        .collect();
    if let Err(error) = identity::announce_erasure(deps, guardian, &dependants).await {
        tracing::warn!(
            error = &error as &(dyn std::error::Error + 'static),
            "the end of an account is told later"
        );
    }
    for Gone { person, version } in gone {
        let numbers = [person.number()];
        let told = deps
            .codes
            .forget_everywhere(&*deps.ephemeral, &numbers, *version);
        if let Err(error) = told.await {
            tracing::warn!(
                error = &error as &(dyn std::error::Error + 'static),
                "what a deleted account showed is forgotten later"
            );
        }
    }
}
