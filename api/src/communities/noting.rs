//! Use case: note the communities that have no issuer, or for which nobody had signed in when it was
//! time.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use chrono::NaiveDate;
use entity::{
    coverage_gap::Model,
    values::{Community, Division, Gap},
};
use metrics::counter;
use sea_orm::DatabaseTransaction;

use super::{coverage::Today, error::Error, rules, store::coverage as store};
use crate::{
    audit::{self, Actor, Event, Subject},
    deps::Deps,
    platform::db::begin_write,
    staff,
};

/// Communities looked at in one go.
const BATCH: u64 = 500;

/// How far this process got with today's communities. Nobody is in time any more once it is too late,
/// so each day's communities are gone through once.
#[derive(Debug, Default)]
pub struct Progress(Mutex<Option<Place>>);

/// Where to go on.
#[derive(Debug, Clone)]
struct Place {
    day: NaiveDate,
    after: Option<Community>,
    done: bool,
}

impl Progress {
    fn place(&self, day: NaiveDate) -> Place {
        let place = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        place.filter(|place| place.day == day).unwrap_or(Place {
            day,
            after: None,
            done: false,
        })
    }

    fn go_on(&self, place: Place) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
    }
}

/// Note the next communities that lack somebody, once it is late on a working day. Returns how many.
///
/// What is noted is noted once: of two processes at the same communities one keeps its rows, and the
/// other looks again.
pub(super) async fn note(deps: &Deps) -> Result<u64, Error> {
    let today = deps.clock.today();
    let place = deps.coverage.place(today);
    if place.done || deps.clock.now() <= rules::deadline(today, deps.communities.sign_in_by) {
        return Ok(0);
    }
    let today = Today::of(deps).await?;
    if !today.is_late() {
        deps.coverage.go_on(Place {
            done: true,
            ..place
        });
        return Ok(0);
    }
    let tx = begin_write(&deps.db).await?;
    match note_next(&tx, deps, &today, place.after.as_ref()).await {
        Err(error) if error.is_overtaken() => Ok(0),
        Err(error) => Err(error),
        Ok(noted) => {
            tx.commit().await?;
            count(&noted);
            let found = noted.len() as u64;
            deps.coverage.go_on(Place {
                day: place.day,
                done: found < BATCH,
                after: noted.into_iter().next_back().map(|gap| gap.community),
            });
            Ok(found)
        }
    }
}

async fn note_next(
    tx: &DatabaseTransaction,
    deps: &Deps,
    today: &Today,
    after: Option<&Community>,
) -> Result<Vec<Model>, Error> {
    let has_issuer = staff::community_has_issuer(today.now);
    let (day, deadline) = (today.day, today.deadline);
    let codes = store::not_staffed(tx, day, deadline, has_issuer, after, BATCH).await?;
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let issuers = staff::issuers_of_communities(tx, codes.clone(), today.now).await?;
    let named: BTreeSet<Community> = issuers.into_iter().map(|(code, _)| code).collect();
    let gap = |code: Community| {
        let issuers = usize::from(named.contains(&code));
        Some(Model {
            kind: rules::gap(issuers, 0, true)?,
            community: code,
            day: today.day,
            noted_at: today.now,
        })
    };
    let gaps: Vec<Model> = codes.into_iter().filter_map(gap).collect();
    store::note(tx, gaps.clone()).await?;
    record(tx, deps, today.day, &gaps).await?;
    Ok(gaps)
}

/// Put on record how many were found in each county.
async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    day: NaiveDate,
    gaps: &[Model],
) -> Result<(), Error> {
    let mut found: BTreeMap<(Division, Gap), u64> = BTreeMap::new();
    for gap in gaps {
        if let Ok(division) = gap.community.division() {
            *found.entry((division, gap.kind)).or_default() += 1;
        }
    }
    for ((division, kind), communities) in found {
        let event = Event::CoverageGapsNoted {
            division,
            day,
            kind,
            communities,
        };
        audit::record(tx, deps, Actor::System, Subject::Nobody, &event).await?;
    }
    Ok(())
}

fn count(noted: &[Model]) {
    for (kind, name) in [(Gap::NoIssuer, "no_issuer"), (Gap::NoSignIn, "no_sign_in")] {
        let found = noted.iter().filter(|gap| gap.kind == kind).count();
        counter!("coverage_gaps_total", "kind" => name).increment(found as u64);
    }
}
