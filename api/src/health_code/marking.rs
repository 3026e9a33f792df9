//! Use case: have everybody looked at whom a rule concerns that came into force or ended.
//!
//! Some at a time: the row of the rule is the job. Rules that turn at the same time make one round
//! where one of them concerns everybody.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    rule_round::Model,
    values::{Division, PersonId},
};
use sea_orm::DatabaseConnection;

use super::{error::Error, store::rounds};
use crate::{
    deps::Deps,
    platform::db::begin_write,
    policy::{self, Policy},
    recheck,
};

/// People marked in one go.
const BATCH: u64 = 1_000;

/// How long one step of a round may take before another instance takes it too.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// Mark the next people whom a rule concerns that came into force or ended. Returns how much was
/// done.
pub(super) async fn mark_ruled(deps: &Deps) -> Result<u64, Error> {
    let now = deps.clock.now();
    let policy = policy::in_force(deps, now).await?;
    notice(&deps.db, &policy, now).await?;
    let Some(row) = rounds::due(&deps.db, now).await? else {
        return Ok(0);
    };
    let until = now + LEASE;
    if !rounds::claim(&deps.db, &row, until).await? {
        return Ok(0);
    }
    let scope: Vec<Division> = serde_json::from_value(row.scope.clone())?;
    let people = rounds::assessed(&deps.db, &scope, row.marked_person, BATCH).await?;
    step(&deps.db, &row, &people, now, until).await?;
    deps.recheck.wake();
    // A round over nobody is something done, too: others may be due.
    Ok(u64::try_from(people.len()).unwrap_or(BATCH) + 1)
}

/// Mark `people`, and say how far the round of `row` got, which is claimed until `until`: one
/// transaction, so nobody is left out whoever dies.
async fn step(
    db: &DatabaseConnection,
    row: &Model,
    people: &[PersonId],
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<(), Error> {
    let full = u64::try_from(people.len()) == Ok(BATCH);
    let go_on = full.then_some(now);
    let tx = begin_write(db).await?;
    recheck::mark_all_in_turn(&tx, people, now).await?;
    rounds::go_on(&tx, row, until, go_on, people.last().copied()).await?;
    tx.commit().await?;
    Ok(())
}

/// Begin a round for whatever came into force or ended since somebody looked.
async fn notice(db: &DatabaseConnection, policy: &Policy, now: DateTime<Utc>) -> Result<(), Error> {
    let known = rounds::in_force(db).await?;
    let turned = turned(policy, &known, now)?;
    if turned.is_empty() {
        return Ok(());
    }
    let tx = begin_write(db).await?;
    for row in turned {
        rounds::save(&tx, row).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What of `known` is in force no more by `policy`, and what is that is not known.
fn turned(policy: &Policy, known: &[Model], now: DateTime<Utc>) -> Result<Vec<Model>, Error> {
    let key = |row: &Model| (row.rule.clone(), row.rule_version.clone());
    let known: BTreeMap<_, _> = known.iter().map(|row| (key(row), row)).collect();
    let mut current = BTreeMap::new();
    for rule in &policy.rules {
        let row = Model {
            rule: rule.id.clone(),
            rule_version: rule.version.to_string(),
            scope: serde_json::to_value(&rule.scope)?,
            in_force: true,
            since: now,
            due_at: Some(now),
            marked_person: None,
        };
        current.insert(key(&row), row);
    }
    let ended = known
        .iter()
        .filter(|(key, _)| !current.contains_key(*key))
        .map(|(_, row)| Model {
            in_force: false,
            since: now,
            due_at: Some(now),
            marked_person: None,
            ..(*row).clone()
        });
    let begun = current
        .iter()
        .filter(|(key, _)| !known.contains_key(*key))
        .map(|(_, row)| row.clone());
    Ok(one_for_all(ended.chain(begun).collect()))
}

/// Everybody is looked at once, if one of the rules of `turned` concerns them all.
fn one_for_all(mut turned: Vec<Model>) -> Vec<Model> {
    let for_all = |row: &Model| row.scope.as_array().is_some_and(Vec::is_empty);
    if let Some(first) = turned.iter().position(for_all) {
        for (at, row) in turned.iter_mut().enumerate() {
            row.due_at = row.due_at.filter(|_| at == first);
        }
    }
    turned
}
