//! Use case: forget what is recorded about people once its time is over (H9, P1).
//!
//! What a colour is decided from goes a person at a time, in one transaction: it is taken away, what is left is read
//! again, and unless the person shows the same by it, now and for as long as time alone goes on, it all stays. So
//! whatever the policy in force asks of the past, nobody's colour changes because something was forgotten.
//!
//! Whose records are old is found by an index for each kind of them, once a day: what has to stay a while longer is
//! passed over, and looked at again the next day. Check-ins of people whom nothing was ever found about are most of
//! what is forgotten, and nothing counts them: they go many at a time.

mod kept;

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, NaiveDate, Utc};
use entity::values::{HoldId, PersonId};
use sea_orm::{DatabaseTransaction, DbErr};

use self::kept::{Kept, Limits};
use super::{
    error::Error,
    loading,
    rules::{self, Facts},
    store::forgetting as store,
};
use crate::{
    declarations,
    deps::Deps,
    facts,
    http::page::Place,
    identity,
    platform::{clock::local_date, db::begin_write},
    policy, recheck,
};

/// Old records that one run comes to.
const BATCH: u64 = 500;

/// Check-ins of people whom nothing was found about that one run forgets.
const PLAIN: u64 = 2_000;

/// Changes of colour that one run forgets.
const CHANGES: u64 = 1_000;

/// Kinds of records, each of which has an order of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Test,
    Fact,
    Hold,
    Declaration,
    CheckIn,
}

const KINDS: [Kind; 5] = [
    Kind::Test,
    Kind::Fact,
    Kind::Hold,
    Kind::Declaration,
    Kind::CheckIn,
];

/// How far this process got today with the old records of each kind.
#[derive(Debug, Default)]
pub struct Forgetting(Mutex<Vec<Reached>>);

#[derive(Debug, Clone, Copy)]
struct Reached {
    day: NaiveDate,
    kind: Kind,
    place: Place,
}

impl Forgetting {
    /// Where to go on with records of `kind` on `day`. None: at the oldest.
    fn after(&self, day: NaiveDate, kind: Kind) -> Option<Place> {
        let reached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reached = reached.iter();
        let reached = reached.find(|reached| reached.day == day && reached.kind == kind);
        reached.map(|reached| reached.place)
    }

    fn go_on(&self, to: Reached) {
        let mut reached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reached.retain(|reached| reached.kind != to.kind);
        reached.push(to);
    }
}

/// Come to the next old records, and forget what may go of everybody whose they are. Returns to how many.
pub(super) async fn forget_records(deps: &Deps) -> Result<u64, Error> {
    let now = deps.clock.now();
    let (day, limits) = (local_date(now), Limits::at(deps, now));
    let plain = local_date(limits.check_ins);
    let forgotten = store::forget_plain_check_ins(&deps.db, plain, PLAIN).await?;
    if forgotten > 0 {
        return Ok(forgotten);
    }
    for kind in KINDS {
        let after = deps.forgetting.after(day, kind);
        let rows = next(deps, kind, limits, after).await?;
        let Some((place, _, _)) = rows.last().copied() else {
            continue;
        };
        let old = rows.iter().filter(|(_, _, may_go)| *may_go);
        let people: BTreeSet<PersonId> = old.map(|(_, person, _)| *person).collect();
        let forgotten = forget_all(deps, people).await?;
        deps.forgetting.go_on(Reached { day, kind, place });
        if forgotten > 0 {
            tracing::info!(
                records = forgotten,
                "forgot {forgotten} records whose time was over"
            );
        }
        return Ok(u64::try_from(rows.len()).unwrap_or(BATCH));
    }
    Ok(0)
}

/// The next old records of a kind, with their places, whose they are, and whether they may go at all.
async fn next(
    deps: &Deps,
    kind: Kind,
    before: Limits,
    after: Option<Place>,
) -> Result<Vec<(Place, PersonId, bool)>, DbErr> {
    let db = &deps.db;
    match kind {
        Kind::Test => {
            let rows = facts::sampled_before(db, before.tests, after, BATCH).await?;
            let may_go = |(place, person, since): (Place, PersonId, bool)| {
                (place, person, since || place.at < before.facts)
            };
            Ok(rows.into_iter().map(may_go).collect())
        }
        Kind::Fact => {
            let rows = facts::happened_before(db, before.facts, after, BATCH).await?;
            let may_go = |(place, person)| (place, person, true);
            Ok(rows.into_iter().map(may_go).collect())
        }
        Kind::Hold => {
            let rows = store::released_before(db, before.facts, after, BATCH).await?;
            let may_go = |(at, id, person): (DateTime<Utc>, HoldId, PersonId)| {
                let place = Place { at, id: id.0 };
                (place, person, true)
            };
            Ok(rows.into_iter().map(may_go).collect())
        }
        Kind::Declaration => {
            declarations::declared_before(db, before.declarations, after, BATCH).await
        }
        Kind::CheckIn => {
            let day = local_date(before.check_ins);
            declarations::checked_in_before(db, day, after, BATCH).await
        }
    }
}

/// Forget what may go of `people`. Nobody waits for somebody whose records cannot be read.
async fn forget_all(deps: &Deps, people: BTreeSet<PersonId>) -> Result<u64, Error> {
    let mut forgotten = 0;
    for person in people {
        match forget_of(deps, person).await {
            Ok(records) => forgotten += records,
            Err(error) if error.is_outage() => return Err(error),
            Err(error) => tracing::error!(
                %person,
                error = &error as &dyn std::error::Error,
                "what is old of {person} cannot be forgotten"
            ),
        }
    }
    Ok(forgotten)
}

/// What may go together.
#[derive(Debug, Clone, Copy)]
struct Share {
    reports: bool,
    tests: bool,
    facts: bool,
}

/// All at once; and where that would make a difference, one kind after the other.
const SHARES: [Share; 4] = [
    Share {
        reports: true,
        tests: true,
        facts: true,
    },
    Share {
        reports: true,
        tests: false,
        facts: false,
    },
    Share {
        reports: false,
        tests: true,
        facts: false,
    },
    Share {
        reports: false,
        tests: false,
        facts: true,
    },
];

/// Forget what may go of `person`. Returns how many records there were.
async fn forget_of(deps: &Deps, person: PersonId) -> Result<u64, Error> {
    let [all, parts @ ..] = SHARES;
    if let Some(forgotten) = forget_share(deps, person, all).await? {
        return Ok(forgotten);
    }
    let mut forgotten = 0;
    for part in parts {
        forgotten += forget_share(deps, person, part).await?.unwrap_or(0);
    }
    Ok(forgotten)
}

/// Forget `share` of what is old of `person`. None, and nothing is, if that would make a difference.
async fn forget_share(deps: &Deps, person: PersonId, share: Share) -> Result<Option<u64>, Error> {
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, person).await?;
    let now = deps.clock.now();
    let before = loading::load(&tx, deps, person, None).await?;
    let limits = Limits::at(deps, now);
    let kept = Kept::of(&before, &store::named(&tx, person).await?, limits.facts);
    let limits = limits.not_since(rules::held_since(&before.facts));

    let deleted = delete(&tx, person, share, limits, &kept).await?;
    let ended = if share.facts {
        ended(&before.facts, limits.facts)
    } else {
        Vec::new()
    };
    if deleted == 0 && ended.is_empty() {
        return Ok(Some(0));
    }
    let after = loading::load(&tx, deps, person, None).await?;
    let policy = policy::in_force(deps, now).await?;
    let same = |rest: &Facts| rules::shows_the_same(&before.facts, rest, &policy, now);
    let Some(over) = over(&after.facts, ended, same) else {
        return Ok(None);
    };
    let forgotten = deleted + store::forget_holds(&tx, person, &over).await?;
    if forgotten == 0 {
        return Ok(Some(0));
    }
    let shown_otherwise = before.latest_test != after.latest_test;
    if shown_otherwise {
        recheck::mark(&tx, person, now).await?;
    }
    tx.commit().await?;
    if shown_otherwise {
        deps.recheck.wake();
    }
    Ok(Some(forgotten))
}

async fn delete(
    tx: &DatabaseTransaction,
    person: PersonId,
    share: Share,
    before: Limits,
    kept: &Kept,
) -> Result<u64, Error> {
    let mut forgotten = 0;
    if share.tests {
        forgotten += facts::forget_reports(tx, person, before.tests, &kept.samples).await?;
    }
    if share.facts {
        forgotten += facts::forget_facts(tx, person, before.facts, &kept.facts).await?;
    }
    if share.reports {
        let day = local_date(before.check_ins);
        forgotten += declarations::forget_check_ins(tx, person, day, &kept.check_ins).await?;
    }
    if share.reports && !kept.stays {
        let (until, named) = (before.declarations, &kept.declarations);
        forgotten += declarations::forget_declarations(tx, person, until, named).await?;
    }
    Ok(forgotten)
}

/// The causes of `facts` that ended before `before`, but for those that another one follows which holds.
fn ended(facts: &Facts, before: DateTime<Utc>) -> Vec<HoldId> {
    let held = rules::held_in(facts);
    let ended = facts.holds.iter().filter(|hold| {
        let released = hold.released.as_ref();
        released.is_some_and(|released| released.at < before)
    });
    ended
        .filter(|hold| !held.contains(&*hold.evidence))
        .map(|hold| hold.id)
        .collect()
}

/// Those of `ended` without which somebody of whom `facts` are on record still shows the `same`: all; or else those
/// that were found in what is not on record any more, since what is would be found again without them; or none. None
/// at all, if the person shows something else even so.
fn over(facts: &Facts, ended: Vec<HoldId>, same: impl Fn(&Facts) -> bool) -> Option<Vec<HoldId>> {
    let known: BTreeSet<&str> = facts
        .findings
        .iter()
        .map(|found| found.evidence.as_str())
        .collect();
    let gone = facts
        .holds
        .iter()
        .filter(|hold| ended.contains(&hold.id) && !known.contains(&*hold.evidence));
    let gone: Vec<HoldId> = gone.map(|hold| hold.id).collect();
    let without = |over: &Vec<HoldId>| {
        let mut rest = facts.clone();
        rest.holds.retain(|hold| !over.contains(&hold.id));
        same(&rest)
    };
    [ended, gone, Vec::new()].into_iter().find(without)
}

/// Forget changes of colour whose time is over. Returns how many rows there were.
pub(super) async fn forget_changes(deps: &Deps) -> Result<u64, Error> {
    let before = deps.clock.now() - deps.retention.decisions();
    let changes = store::forget_changes(&deps.db, before, CHANGES).await?;
    Ok(changes + store::forget_causes(&deps.db, before, CHANGES).await?)
}
