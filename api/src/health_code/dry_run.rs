//! Dry runs: what a rule would do to everybody's colour, before it does (DOMAIN §12).
//!
//! A rule that shows a cause while something simple holds of the person is asked of the database, all
//! people at once. For any other, those are looked at whom it can concern, one by one, as an assessment
//! would; of many a part, which stands for the rest. Nothing is changed.

mod counting;
mod looking;
mod rules;
mod watching;

pub(super) use watching::watch;

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use entity::values::{Colour, Division};

use super::error::Error;
use crate::{
    deps::Deps,
    platform::db::begin_write,
    policy::{self, Effect, Policy, Prediction, Rule, Shift},
};

/// What a dry run is about.
struct Trial {
    /// The rules of now.
    before: Arc<Policy>,
    /// The same with the rule that is tried.
    after: Policy,
    rule: Arc<Rule>,
    now: DateTime<Utc>,
}

impl Trial {
    /// The version of the rule that is in force.
    fn predecessor(&self) -> Option<&Rule> {
        let same = |known: &&Arc<Rule>| known.id == self.rule.id;
        self.before.rules.iter().find(same).map(|known| &**known)
    }
}

/// People by where they live, what they show, and what they would show.
type Counts = BTreeMap<(Division, Colour, Colour), u64>;

/// Try every rule that was proposed and waits for it. Returns how many were tried.
pub(super) async fn try_proposed(deps: &Deps) -> anyhow::Result<u64> {
    let mut tried = 0;
    for rule in policy::awaiting_simulation(deps).await? {
        let (id, version) = (rule.id.clone(), rule.version);
        match try_one(deps, rule).await {
            Ok(()) => tried += 1,
            Err(error) if error.is_outage() => return Err(error.into()),
            // It waits on, and keeps no other waiting.
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "{id}@{version} cannot be tried"
            ),
        }
    }
    Ok(tried)
}

async fn try_one(deps: &Deps, rule: Rule) -> Result<(), Error> {
    let (id, version) = (rule.id.clone(), rule.version);
    let found = dry_run(deps, rule).await?;
    let tx = begin_write(&deps.db).await?;
    match policy::simulated(&tx, deps, (&id, version), &found).await {
        // Another instance was faster, or somebody moved it: what they did stands.
        Err(policy::Error::Overtaken) => return Ok(()),
        kept => kept?,
    }
    tx.commit().await?;
    let (would_change, people) = (found.would_change(), found.people);
    tracing::info!(
        rule = id,
        would_change,
        people,
        "{id}@{version} would change the colour of {would_change} of {people} people"
    );
    Ok(())
}

/// What `rule` would do if it came into force now.
pub async fn dry_run(deps: &Deps, rule: Rule) -> Result<Prediction, Error> {
    let now = deps.clock.now();
    let before = policy::in_force(deps, now).await?;
    let trial = Trial {
        after: before.with(rule.clone()),
        rule: Arc::new(rule),
        before,
        now,
    };
    let (people, counts) = if let Some(counted) = counted(deps, &trial).await? {
        counted
    } else {
        let (people, _) = counting::everybody(&deps.db, None).await?;
        (people, looking::look(deps, &trial).await?)
    };
    let shifts = counts
        .into_iter()
        .map(|((division, from, to), people)| Shift {
            division,
            from,
            to,
            people,
        });
    Ok(Prediction::of(now, people, shifts.collect()))
}

/// Everybody, and what the database can count of them, if it can.
///
/// Whom the rule newly concerns shows its colour where they showed a better one. Whom it concerns no
/// more may have other causes, so they are looked at.
async fn counted(deps: &Deps, trial: &Trial) -> Result<Option<(u64, Counts)>, Error> {
    let Effect::Show { reason, .. } = &trial.rule.effect else {
        return Ok(None);
    };
    let Some(asked) = rules::questions(&trial.rule, trial.predecessor(), trial.now) else {
        return Ok(None);
    };
    let colour = reason.colour();
    let now = trial.now;
    let Some(worse) = counting::newly_concerned(&deps.db, &trial.rule, &asked, colour, now).await?
    else {
        return Ok(None);
    };
    let mut counts: Counts = worse
        .into_iter()
        .map(|(division, from, people)| ((division, from, colour), people))
        .collect();
    let released = counting::concerned_no_more(&trial.rule, &asked, now);
    let (everybody, all) = counting::everybody(&deps.db, released.clone()).await?;
    if let Some(released) = released {
        for (key, people) in looking::look_at(deps, trial, &released, all).await? {
            *counts.entry(key).or_default() += people;
        }
    }
    Ok(Some((everybody, counts)))
}
