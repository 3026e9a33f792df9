//! What a rule would do, and what it did: dry runs are kept, and what happens is held against them.

use chrono::{DateTime, Utc};
use entity::{policy_rule, policy_simulation, policy_term, values::RuleState};
use metrics::counter;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    error::Error,
    in_force::{document_of, rule_of},
    rule::Rule,
    rules::{self, Band, LEAD, Observation, Prediction, Step},
    service::{count, fresh_simulation, load, name_of},
    store,
    version::Version,
};
use crate::{
    audit::{self, Actor, Event, RuleEvent, Subject},
    deps::Deps,
    platform::db::begin_write,
};

/// Rules looked at in one go.
const BATCH: u64 = 100;

/// The rules that wait for their dry run: those that were proposed, and those whose last one is stale.
pub async fn awaiting_simulation(deps: &Deps) -> Result<Vec<Rule>, Error> {
    let mut rows = store::standing_at(&deps.db, RuleState::Proposed, BATCH).await?;
    for state in [RuleState::Simulated, RuleState::Approved] {
        for row in store::standing_at(&deps.db, state, BATCH).await? {
            if fresh_simulation(&deps.db, deps, &row).await?.is_none() {
                rows.push(row);
            }
        }
    }
    rows.iter()
        .map(|row| rule_of(deps, &document_of(row)?))
        .collect()
}

/// Keep what trying `version` of the rule `id` on everybody found. A dry run takes the place of the
/// one before; whoever approved with other numbers before them approves again.
///
/// Refused if the rule moved on while it was tried: somebody else's dry run, or an approval, stands.
pub async fn simulated(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    (id, version): (&str, Version),
    found: &Prediction,
) -> Result<(), Error> {
    let row = load(tx, (id, version)).await?;
    let to = rules::after(row.state, Step::Simulate)?;
    if row.state != RuleState::Proposed && row.changed_at > found.taken_at {
        return Err(Error::Overtaken);
    }
    let simulation = policy_simulation::Model {
        rule: row.rule.clone(),
        version: row.version.clone(),
        taken_at: found.taken_at,
        people: stored(found.people),
        would_change: stored(found.would_change()),
        changes: serde_json::to_value(&found.shifts)?,
        band_low: stored(found.band.low),
        band_high: stored(found.band.high),
        settled_at: None,
    };
    store::forget_approvals(tx, &row.rule, &row.version).await?;
    store::put_simulation(tx, simulation).await?;
    if !store::change(tx, &row, store::moved(to, deps.clock.now())).await? {
        return Err(Error::Overtaken);
    }
    let event = Event::Rule(RuleEvent::RuleSimulated {
        rule: name_of(&row),
        people: found.people,
        would_change: found.would_change(),
    });
    Ok(audit::record(tx, deps, Actor::System, Subject::Nobody, &event).await?)
}

/// A rule that came into force, and is held against its dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Which rule.
    pub rule: String,
    /// Which version.
    pub version: Version,
    /// Since when it has been in force.
    pub since: DateTime<Utc>,
    /// How many people may come to show another colour because of it.
    pub band: Band,
}

/// The rules in force of which it is not known yet whether what happens was predicted.
pub async fn watched(deps: &Deps) -> Result<Vec<Watched>, Error> {
    let mut found = Vec::new();
    for row in store::standing_at(&deps.db, RuleState::Active, BATCH).await? {
        let simulation = store::simulation(&deps.db, &row.rule, &row.version).await?;
        let open = simulation.filter(|simulation| simulation.settled_at.is_none());
        let terms = store::terms_of(&deps.db, &row.rule).await?;
        let term = current(&terms, &row, deps.clock.now());
        if let (Some(simulation), Some(term), Ok(version)) =
            (open, term, Version::try_from(row.version.clone()))
        {
            found.push(Watched {
                version,
                since: term.starts_at,
                band: band_of(&simulation),
                rule: row.rule,
            });
        }
    }
    Ok(found)
}

/// Hold what was `seen` since `version` of the rule `id` came into force against its dry run. Outside
/// of what was predicted, the rule rolls itself back: it ends within seconds, and the version before
/// it is in force again. Returns whether it did.
pub async fn observed(
    deps: &Deps,
    (id, version): (&str, Version),
    seen: Observation,
) -> Result<bool, Error> {
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    let row = load(&tx, (id, version)).await?;
    let terms = store::terms_of(&tx, id).await?;
    let simulation = store::simulation(&tx, &row.rule, &row.version).await?;
    let open = simulation.filter(|simulation| simulation.settled_at.is_none());
    let (Some(simulation), Some(term)) = (open, current(&terms, &row, now)) else {
        return Ok(false);
    };
    let band = band_of(&simulation);
    let outside = rules::outside_band(band, seen);
    if outside {
        roll_back(&tx, deps, &row, term, &terms).await?;
        let event = Event::Rule(RuleEvent::RuleRolledBack {
            rule: name_of(&row),
            changed: seen.changed,
            low: band.low,
            high: band.high,
        });
        audit::record(&tx, deps, Actor::System, Subject::Nobody, &event).await?;
    } else if seen.complete {
        store::settle(&tx, &row.rule, &row.version, now).await?;
    }
    tx.commit().await?;
    if outside {
        deps.law.forget();
        counter!("policy_rollbacks").increment(1);
        let (rule, changed) = (name_of(&row), seen.changed);
        tracing::error!(
            rule,
            changed,
            low = band.low,
            high = band.high,
            "{rule} rolled itself back: it changed {changed} colours, and {} to {} were predicted",
            band.low,
            band.high
        );
    }
    Ok(outside)
}

/// End `term`, and begin another with the version before it.
async fn roll_back(
    tx: &DatabaseTransaction,
    deps: &Deps,
    row: &policy_rule::Model,
    term: &policy_term::Model,
    terms: &[policy_term::Model],
) -> Result<(), Error> {
    let now = deps.clock.now();
    let to = rules::after(row.state, Step::RollBack)?;
    if !store::change(tx, row, store::moved(to, now)).await? {
        return Err(Error::Overtaken);
    }
    let ends_at = now + LEAD;
    store::end_term(tx, &row.rule, term.starts_at, Some(ends_at), true).await?;
    let before = terms
        .iter()
        .find(|before| before.ends_at == Some(term.starts_at) && before.version != row.version);
    let Some(before) = before.filter(|_| term.ends_at.is_none_or(|end| end > ends_at)) else {
        return Ok(());
    };
    let again = policy_term::Model {
        starts_at: ends_at,
        ends_at: term.ends_at,
        ..before.clone()
    };
    store::insert_terms(tx, vec![again]).await?;
    revive(tx, deps, &before.rule, &before.version).await
}

async fn revive(
    tx: &DatabaseTransaction,
    deps: &Deps,
    rule: &str,
    version: &str,
) -> Result<(), Error> {
    let versions = store::versions_locked(tx, rule).await?;
    let Some(row) = versions.into_iter().find(|row| row.version == version) else {
        return Ok(());
    };
    // Until the sweep has seen that it was superseded, it still stands as active.
    let Ok(to) = rules::after(row.state, Step::Begin) else {
        return Ok(());
    };
    if !store::change(tx, &row, store::moved(to, deps.clock.now())).await? {
        return Err(Error::Overtaken);
    }
    let event = Event::Rule(RuleEvent::RuleMoved {
        rule: name_of(&row),
        to,
    });
    Ok(audit::record(tx, deps, Actor::System, Subject::Nobody, &event).await?)
}

/// The term of `row` that is running at `now`.
fn current<'a>(
    terms: &'a [policy_term::Model],
    row: &policy_rule::Model,
    now: DateTime<Utc>,
) -> Option<&'a policy_term::Model> {
    terms.iter().find(|term| {
        let running = term.starts_at <= now && term.ends_at.is_none_or(|end| now < end);
        term.version == row.version && running && !term.rolled_back
    })
}

/// Have every version stand where its time says: begun, or over. Returns how many moved.
pub(super) async fn turn(deps: &Deps) -> Result<u64, Error> {
    let now = deps.clock.now();
    let mut moved = 0;
    for (state, step) in [
        (RuleState::Scheduled, Step::Begin),
        (RuleState::Active, Step::End),
    ] {
        for row in store::standing_at(&deps.db, state, BATCH).await? {
            moved += u64::from(turn_one(deps, &row, step, now).await?);
        }
    }
    Ok(moved)
}

async fn turn_one(
    deps: &Deps,
    row: &policy_rule::Model,
    step: Step,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let tx = begin_write(&deps.db).await?;
    let terms = store::terms_of(&tx, &row.rule).await?;
    let own = || terms.iter().filter(|term| term.version == row.version);
    let is_due = match step {
        Step::Begin => own().any(|term| term.starts_at <= now),
        _ => own().all(|term| term.ends_at.is_some_and(|end| end <= now)),
    };
    let to = rules::after(row.state, step)?;
    if !is_due || !store::change(&tx, row, store::moved(to, now)).await? {
        return Ok(false);
    }
    let event = Event::Rule(RuleEvent::RuleMoved {
        rule: name_of(row),
        to,
    });
    audit::record(&tx, deps, Actor::System, Subject::Nobody, &event).await?;
    tx.commit().await?;
    tracing::info!(
        rule = name_of(row),
        "{} is {to:?} from now on",
        name_of(row)
    );
    Ok(true)
}

fn band_of(simulation: &policy_simulation::Model) -> Band {
    Band {
        low: count(simulation.band_low),
        high: count(simulation.band_high),
    }
}

fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
