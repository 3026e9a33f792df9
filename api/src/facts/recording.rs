//! Use case: record what somebody else knows about a person.

use chrono::{DateTime, SubsecRound, Utc};
use entity::{
    health_fact, test_result,
    values::{Division, FactId, FactKind, PersonId, StaffId, TestResult},
};
use sea_orm::DatabaseTransaction;
use serde_json::Value;

use super::{error::Error, rules, store};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    identity, recheck,
};

/// What became of something that was brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded<T> {
    /// It was not known. It is now.
    New(T),
    /// It was known, as this. Nothing changed.
    Known(T),
    /// Something else is known under the same name: this, which stands. Nothing changed.
    Contradiction(T),
}

/// A report on one person's sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTest {
    /// Whose sample.
    pub person: PersonId,
    /// When it was taken.
    pub sampled_at: DateTime<Utc>,
    /// Laboratory and tube, as [`rules::sample`] writes them.
    pub sample: String,
    /// When the laboratory reported it.
    pub reported_at: DateTime<Utc>,
    /// What was found.
    pub result: TestResult,
    /// How many people's samples share the tube.
    pub tube_size: i16,
    /// Who brings it.
    pub source: String,
    /// The member of staff who records it, if not a file brings it.
    pub recorded_by: Option<StaffId>,
}

/// A fact about a person.
#[derive(Debug, Clone, PartialEq)]
pub struct NewFact {
    /// Whom it is about.
    pub person: PersonId,
    /// What it says.
    pub kind: FactKind,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// When it ends, where it has an end.
    pub ends_at: Option<DateTime<Utc>>,
    /// The region whose data it is.
    pub origin: Division,
    /// Who brings it.
    pub source: String,
    /// What the source calls it. None: it brings it once, and has no name for it.
    pub source_ref: Option<String>,
    /// What the kind has besides.
    pub detail: Value,
    /// The member of staff who records it, if not a file brings it.
    pub recorded_by: Option<StaffId>,
}

/// Record a report, as part of the transaction `tx`. If it is new the person is marked: wake
/// `deps.recheck` after the commit.
///
/// A report that was made later of the same sample takes the place of this one when the dossier is
/// read; here both are kept. Only whoever brought the first report of a sample brings another:
/// nobody overrules somebody else's laboratory by the name of its tube.
pub async fn record_test(
    tx: &DatabaseTransaction,
    deps: &Deps,
    new: NewTest,
) -> Result<Recorded<test_result::Model>, Error> {
    record_report(tx, deps, new, Overrules::Own).await
}

/// Whose reports a report may take the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overrules {
    /// Those of its own source.
    Own,
    /// Anyone's: it was decided that they are wrong.
    Anyones,
}

/// Record a report that may take the place of those that `overrules` says. See [`record_test`].
pub(super) async fn record_report(
    tx: &DatabaseTransaction,
    deps: &Deps,
    new: NewTest,
    overrules: Overrules,
) -> Result<Recorded<test_result::Model>, Error> {
    let now = deps.clock.now();
    rules::possible_test(new.sampled_at, new.reported_at, new.tube_size, now)?;
    let row = test_result::Model {
        person_id: new.person,
        sampled_at: new.sampled_at.trunc_subsecs(3),
        sample: new.sample,
        reported_at: new.reported_at.trunc_subsecs(3),
        result: new.result,
        tube_size: new.tube_size,
        source: new.source,
        recorded_at: now,
    };
    identity::lock(tx, new.person).await?;
    if let Some(known) = store::report(tx, new.person, &row.sample, row.reported_at).await? {
        return Ok(if says_the_same_test(&known, &row) {
            Recorded::Known(known)
        } else {
            Recorded::Contradiction(known)
        });
    }
    if overrules == Overrules::Own
        && let Some(first) = store::first_report(tx, new.person, &row.sample).await?
        && first.source != row.source
    {
        return Ok(Recorded::Contradiction(first));
    }
    store::insert_report(tx, row.clone()).await?;
    recheck::mark(tx, new.person, now).await?;
    let event = Event::TestRecorded {
        sample: row.sample.clone(),
        source: row.source.clone(),
    };
    audit::record(tx, deps, actor(new.recorded_by), new.person, &event).await?;
    Ok(Recorded::New(row))
}

/// Record a fact, as part of the transaction `tx`. If it is new the person is marked: wake
/// `deps.recheck` after the commit.
pub async fn record_fact(
    tx: &DatabaseTransaction,
    deps: &Deps,
    new: NewFact,
) -> Result<Recorded<health_fact::Model>, Error> {
    let now = deps.clock.now();
    rules::possible_fact(new.kind, new.happened_at, new.ends_at, now)?;
    let id = FactId(deps.entropy.id());
    let row = health_fact::Model {
        id,
        person_id: new.person,
        kind: new.kind,
        happened_at: new.happened_at.trunc_subsecs(3),
        ends_at: new.ends_at.map(|at| at.trunc_subsecs(3)),
        origin: new.origin,
        source: new.source,
        source_ref: new.source_ref.unwrap_or_else(|| id.to_string()),
        detail: rules::canonical(new.kind, new.detail)?,
        recorded_at: now,
        recorded_by: new.recorded_by,
        withdrawn_at: None,
        withdrawn_by: None,
        withdrawal_reason: None,
        withdrawal_note: None,
    };
    if !store::insert_fact(tx, row.clone()).await? {
        let known = store::fact_called(tx, &row.source, &row.source_ref).await?;
        let known = known.ok_or(Error::Overtaken)?;
        return Ok(if says_the_same_fact(&known, &row) {
            Recorded::Known(known)
        } else {
            Recorded::Contradiction(known)
        });
    }
    recheck::mark(tx, new.person, now).await?;
    let event = Event::FactRecorded {
        fact: id,
        kind: row.kind,
        source: row.source.clone(),
    };
    audit::record(tx, deps, actor(new.recorded_by), new.person, &event).await?;
    Ok(Recorded::New(row))
}

fn actor(recorded_by: Option<StaffId>) -> Actor {
    recorded_by.map_or(Actor::System, Actor::Staff)
}

fn says_the_same_test(known: &test_result::Model, new: &test_result::Model) -> bool {
    let what = |row: &test_result::Model| (row.sampled_at, row.result, row.tube_size);
    what(known) == what(new)
}

fn says_the_same_fact(known: &health_fact::Model, new: &health_fact::Model) -> bool {
    let what = |row: &health_fact::Model| (row.person_id, row.kind, row.happened_at, row.ends_at);
    what(known) == what(new) && known.origin == new.origin && known.detail == new.detail
}
