//! Use case: compare a person's facts, open and release holds, publish the outcome.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    assessment, hold,
    values::{Colour, DeclarationId, HoldId, PersonId},
};
use metrics::gauge;
use sea_orm::{DatabaseTransaction, DbErr};

use super::{
    blaming,
    error::Error,
    hearing, history, loading,
    rules::{self, Change, Facts, NewHold},
    snapshot::{self, Snapshot, Written},
    store,
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    identity,
    notifications::{self, Message},
    platform::db::begin_write,
    policy::{self, Policy},
    recheck::{self, Mark},
};

/// When to try again to share an outcome that the short-lived store did not take.
const STORE_REST: TimeDelta = TimeDelta::seconds(2);

/// People assessed in one go.
const BATCH: u64 = 200;

/// People marked in one go: at midnight there may be millions, and each time those who are marked are
/// passed over.
const DUE_AT_ONCE: u64 = 5_000;

/// Assess everybody whose colour needs another look. Returns how many were.
///
/// A mark is removed only once its outcome is published, so an instance that dies in between costs
/// a repetition and nothing else. Nobody waits for somebody whose record cannot be assessed, nor for
/// the short-lived store.
pub async fn assess_due(deps: &Deps) -> anyhow::Result<u64> {
    let mut assessed = 0;
    let mut away = None;
    for mark in recheck::claim(&deps.db, deps.clock.now(), BATCH).await? {
        match assess_marked(deps, mark, &mut away).await {
            Ok(()) => (),
            Err(error) if error.is_contention() => wait_for_others(deps, mark, &error).await?,
            Err(error) if error.is_outage() => return Err(error.into()),
            // The mark stays, and is due again when its claim runs out.
            Err(error) => tracing::error!(
                person = %mark.person,
                error = &error as &dyn std::error::Error,
                "the colour of {} cannot be decided", mark.person
            ),
        }
        assessed += 1;
    }
    gauge!("recheck_backlog").set(waiting(recheck::backlog(&deps.db).await?));
    match away {
        None => Ok(assessed),
        Some(error) => Err(error.context(format!("{assessed} people were looked at"))),
    }
}

/// Somebody else is at this person just now, which is no reason to let others wait.
async fn wait_for_others(deps: &Deps, mark: Mark, error: &Error) -> Result<(), DbErr> {
    tracing::warn!(
        person = %mark.person,
        error = error as &dyn std::error::Error,
        "the colour of {} has to wait", mark.person
    );
    recheck::give_back(&deps.db, mark, deps.clock.now() + STORE_REST).await
}

/// The failure of the short-lived store, which need not be waited for again.
type Away = Option<anyhow::Error>;

async fn assess_marked(deps: &Deps, mark: Mark, away: &mut Away) -> Result<(), Error> {
    let snapshot = assess(deps, mark.person).await?;
    let written = snapshot::write(deps, mark.person.number(), &snapshot)?;
    publish(deps, mark, &written, away).await
}

/// Share `written` and finish `mark`. While the short-lived store is away the mark stays, so that the
/// store hears of the outcome soon after it is back.
async fn publish(deps: &Deps, mark: Mark, written: &Written, away: &mut Away) -> Result<(), Error> {
    let number = mark.person.number();
    if away.is_none() {
        match snapshot::share(deps, number, written).await {
            Ok(()) => recheck::finish(&deps.db, mark).await?,
            Err(error) => *away = Some(error),
        }
    }
    if away.is_some() {
        recheck::give_back(&deps.db, mark, deps.clock.now() + STORE_REST).await?;
    }
    deps.codes.forget(number);
    deps.outbox.wake();
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a gauge needs no exact number")]
fn waiting(marks: u64) -> f64 {
    marks as f64
}

/// Ask for another look at everybody whose outcome time alone has changed. Returns how many.
pub(super) async fn mark_due(deps: &Deps) -> anyhow::Result<u64> {
    let now = deps.clock.now();
    let due = store::due(&deps.db, now, recheck::marked(), DUE_AT_ONCE).await?;
    let marked = recheck::mark_unless_marked(&deps.db, &due, now).await?;
    if marked > 0 {
        deps.recheck.wake();
    }
    Ok(marked)
}

/// Assess `person` in one transaction.
async fn assess(deps: &Deps, person: PersonId) -> Result<Snapshot, Error> {
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, person).await?;
    // Whatever was recorded while this waited is not of the future.
    let now = deps.clock.now();

    let mut loaded = loading::load(&tx, deps, person, None).await?;
    let previous = loaded.assessment.take();
    let policy = policy::in_force(deps, now).await?;
    // What was on record before this look, where that may be asked for.
    let found = (!blaming::young(&policy, now).is_empty()).then(|| loaded.facts.clone());
    let scene = Scene {
        tx: &tx,
        deps,
        person,
        now,
    };
    scene.settle(&mut loaded.facts, &policy).await?;
    let compared = compared(&loaded.facts, previous.as_ref(), now);
    loaded.facts.compared = compared.is_some();

    let masked_name = identity::masked_name_of(&tx, deps, person).await?;
    let version = previous.as_ref().map_or(1, |previous| previous.version + 1);
    let division = loaded.facts.division.clone();
    let record_at = loaded.facts.record_at();
    let holds = loaded.facts.holds.clone();
    let outcome = snapshot::assemble(loaded, &policy, masked_name, version, now);
    let compared_at = previous.as_ref().and_then(|previous| previous.compared_at);
    let row = assessment::Model {
        person_id: person,
        version,
        declaration_id: compared,
        assessed_at: now,
        next_change_at: outcome.good_until,
        shown: outcome.colour,
        division,
        compared_at: compared_at.or_else(|| compared.map(|_| now)),
        record_at,
    };
    store::save_assessment(&tx, row).await?;
    // What the last assessment found, so each change on record begins where the one before it ended.
    let before = previous.map_or(Colour::Grey, |previous| previous.shown);
    if before != outcome.colour {
        history::note(&tx, person, before, &outcome, &holds).await?;
        if let Some(facts) = found {
            let facts = Facts {
                compared: compared.is_some(),
                ..facts
            };
            let causes = blaming::causes(&facts, &policy, outcome.colour, now);
            history::note_causes(&tx, person, &outcome, causes).await?;
        }
        note_change(&tx, deps, person, before, &outcome).await?;
    }
    tx.commit().await?;
    Ok(outcome)
}

/// The declaration that was compared last: the newest one, unless the region is not open and it has
/// to wait.
fn compared(
    facts: &Facts,
    previous: Option<&assessment::Model>,
    now: DateTime<Utc>,
) -> Option<DeclarationId> {
    if facts.opened.is_open(now) {
        facts.declaration
    } else {
        previous.and_then(|previous| previous.declaration_id)
    }
}

/// Record that `person` shows another colour than `from`, and tell them (N1).
async fn note_change(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    from: Colour,
    outcome: &Snapshot,
) -> Result<(), Error> {
    let to = outcome.colour;
    let event = Event::ColourChanged {
        from,
        to,
        version: outcome.version,
    };
    audit::record(tx, deps, Actor::System, person, &event).await?;
    let message = Message::CodeChanged {
        assessment: outcome.version,
        colour: to,
        reason: outcome.reasons.first().map(|worst| worst.code),
        at: outcome.decided_at,
    };
    notifications::tell(tx, deps, person, &message).await?;
    Ok(hearing::tell(tx, deps, person, to).await?)
}

/// An assessment that is going on.
struct Scene<'a> {
    tx: &'a DatabaseTransaction,
    deps: &'a Deps,
    person: PersonId,
    now: DateTime<Utc>,
}

impl Scene<'_> {
    /// Open and release what `facts` ask for, until they ask for nothing more.
    async fn settle(&self, facts: &mut Facts, policy: &Policy) -> Result<(), Error> {
        let next_id = || HoldId(self.deps.entropy.id());
        for (id, change) in rules::settle(facts, policy, self.now, next_id) {
            let event = match change {
                Change::Open(new) => self.open(new, id).await?,
                Change::Release { by, .. } => self.release(id, by).await?,
            };
            audit::record(self.tx, self.deps, Actor::System, self.person, &event).await?;
        }
        Ok(())
    }

    async fn release(&self, hold: HoldId, by: String) -> Result<Event, Error> {
        store::release_hold(self.tx, self.person, hold, &by, self.now).await?;
        Ok(Event::HoldReleased { hold, by })
    }

    async fn open(&self, new: NewHold, id: HoldId) -> Result<Event, Error> {
        let row = hold::Model {
            id,
            person_id: self.person,
            reason: new.reason,
            rule: new.rule.clone(),
            rule_version: new.rule_version.clone(),
            evidence: new.evidence.clone(),
            phase: new.phase.number(),
            found: new.found.map(serde_json::to_value).transpose()?,
            source_region: new.source_region,
            starts_at: self.now,
            earliest_release_at: new.until,
            released_at: None,
            released_by: None,
        };
        store::open_hold(self.tx, row).await?;
        Ok(Event::HoldOpened {
            hold: id,
            reason: new.reason,
            rule: format!("{}@{}", new.rule, new.rule_version),
            evidence: new.evidence,
        })
    }
}
