//! Use case: count the next day that is over, and publish it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::{
    daily_count,
    values::{CauseClass, Colour, Division, PersonId},
};
use metrics::gauge;

use super::{
    error::Error,
    publishing::{Counted, publish},
    rules,
    store::{self, People, Span, Turn},
};
use crate::{
    audit::{self, Actor, Event, Subject},
    credentials::day_note::DayNote,
    deps::Deps,
    health_code,
    platform::{
        db::begin_write,
        digest::{canonical_json, sha256},
    },
};

/// People counted in one go.
const AT_ONCE: u64 = 1_000;

/// Go on with the oldest day that is over and not published. Returns whether something was done: 1 or 0.
///
/// Days come one after the other, from the one on which this ran first, so that one that was missed is counted
/// before those that follow it. What is counted is history, which nothing recorded later changes. How far a day got
/// stands in its row and moves with the numbers, in one transaction: what is broken off is gone on with, and of two
/// workers one counts.
pub(super) async fn go_on(deps: &Deps) -> Result<u64, Error> {
    let today = deps.clock.today();
    let Some(newest) = store::newest(&deps.db).await? else {
        store::begin(&deps.db, today).await?;
        return Ok(0);
    };
    let behind = today.signed_duration_since(newest.day).num_days();
    #[expect(clippy::cast_precision_loss, reason = "a meter")]
    gauge!("daily_counts_days_behind").set(behind as f64);
    if newest.published_at.is_some() {
        let next = newest.day.succ_opt().filter(|next| *next <= today);
        return Ok(match next {
            Some(next) => store::begin(&deps.db, next).await?.into(),
            None => 0,
        });
    }
    let Some(span) = rules::span(newest.day) else {
        return Ok(0);
    };
    if !rules::is_over(newest.day, deps.clock.now()) {
        return Ok(0);
    }
    let done = if newest.counted_at.is_none() {
        count_some(deps, &newest, span).await?
    } else {
        publish_day(deps, newest.day).await?
    };
    Ok(done.into())
}

/// Count some more people of the day `row`. `false` if somebody else did.
async fn count_some(deps: &Deps, row: &daily_count::Model, span: Span) -> Result<bool, Error> {
    let ids = store::people_after(&deps.db, row.counted_to, AT_ONCE).await?;
    let all = u64::try_from(ids.len()).is_ok_and(|count| count < AT_ONCE);
    let last = ids.last().copied().or(row.counted_to);
    let counted = match ids.last() {
        Some(last) => {
            let people = People {
                after: row.counted_to,
                last: *last,
            };
            count(deps, people, span).await?
        }
        None => Counted::default(),
    };
    let tx = begin_write(&deps.db).await?;
    let done_at = all.then(|| deps.clock.now());
    if !store::go_on(&tx, row, last, done_at).await? {
        return Ok(false);
    }
    store::add(&tx, row.day, counted).await?;
    tx.commit().await?;
    Ok(true)
}

/// Count `people` as they were when the day was over.
///
/// Whoever had declared by then or shown a colour counts: where they declared to live, at the province's own code
/// if nowhere, with what they had come to show last, grey if nothing.
async fn count(deps: &Deps, people: People, span: Span) -> Result<Counted, Error> {
    let (_, end) = span;
    let homes: BTreeMap<PersonId, Division> = store::homes(&deps.db, people, end)
        .await?
        .into_iter()
        .collect();
    let shown: BTreeMap<PersonId, Colour> = store::shown(&deps.db, people, end)
        .await?
        .into_iter()
        .collect();
    let nowhere = deps.policy.region();
    let nowhere = Division::try_from(nowhere).map_err(|_| Error::NoProvince)?;
    let home = |person: &PersonId| homes.get(person).unwrap_or(&nowhere).clone();

    let mut counted = Counted::default();
    let known: BTreeSet<&PersonId> = homes.keys().chain(shown.keys()).collect();
    for person in known {
        let colour = shown.get(person).copied().unwrap_or(Colour::Grey);
        *counted.standing.entry((home(person), colour)).or_default() += 1;
    }
    for (person, colour, cause) in turns(deps, people, span).await? {
        let key = (home(&person), colour, cause);
        *counted.turned.entry(key).or_default() += 1;
    }
    Ok(counted)
}

/// Who of `people` came to show what on the day, and for what, each once.
async fn turns(
    deps: &Deps,
    people: People,
    span: Span,
) -> Result<BTreeSet<(PersonId, Colour, CauseClass)>, Error> {
    let turns = store::turns(&deps.db, people, span).await?.into_iter();
    let class = |turn: Turn| -> Result<_, Error> {
        let causes = health_code::causes_at_change(turn.reasons)?;
        let causes = causes.iter().map(|(cause, rule)| (*cause, rule.as_str()));
        let class = rules::class_of(turn.from, turn.to, causes);
        Ok((turn.person, turn.to, class))
    };
    turns.map(class).collect()
}

/// Publish `day`: its document, the note that signs it, and the entry of the log that says its digest, in one
/// transaction. `false` if somebody else did.
async fn publish_day(deps: &Deps, day: NaiveDate) -> Result<bool, Error> {
    let now = deps.clock.now();
    let counted = store::counted(&deps.db, day).await?;
    let issuer = deps.log.name_of("daily-counts");
    let told = publish(&counted, day, issuer.clone(), deps.reports.smallest);
    let document = canonical_json(&serde_json::to_value(&told)?)?;
    let digest = sha256(&[&document]);
    let note = DayNote {
        name: issuer,
        day,
        digest,
    };
    let note = deps.keyring.issue_day_note(&note, now)?;
    let event = Event::DailyCountsPublished {
        day,
        sha256: hex::encode(digest),
    };
    let document = String::from_utf8_lossy(&document).into_owned();

    let tx = begin_write(&deps.db).await?;
    let entry = audit::record_named(&tx, deps, Actor::System, Subject::Nobody, &event).await?;
    let published = store::Published {
        document,
        note,
        log_entry: entry,
        at: now,
    };
    if !store::publish(&tx, day, published).await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}
