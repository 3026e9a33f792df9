//! Rounds: when what a region offers changes, everybody who lives there is looked at, some at a time.
//!
//! The row of the decision is the job. Whoever knows who lives where claims a round, marks the next
//! people, and says how far it got in the same transaction; if it dies, another goes on from there.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    region_opening::ActiveModel,
    values::{Division, OpeningId, PersonId},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use super::{error::Error, opening, rules::Opening, store};

/// How long one step of a round may take before another instance takes it too.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// A claimed step of a round.
#[derive(Debug, Clone)]
pub struct Round {
    /// Who lives in this region is to be marked.
    pub division: Division,
    /// Where to go on: after this person of this division. None at the beginning.
    pub after: Option<(Division, PersonId)>,
    id: OpeningId,
    opening: Opening,
    /// When the round began.
    began_at: DateTime<Utc>,
    /// Until then the step is claimed.
    until: DateTime<Utc>,
}

/// Claim a step of a round, if one is due.
pub async fn claim_round(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Option<Round>, Error> {
    let Some(row) = store::due(db, now).await? else {
        return Ok(None);
    };
    let Some(due_at) = row.due_at else {
        return Ok(None);
    };
    let began_at = row.round_at.unwrap_or(now);
    let until = now + LEASE;
    let claim = ActiveModel {
        due_at: Set(Some(until)),
        round_at: Set(Some(began_at)),
        ..Default::default()
    };
    if !store::move_on(db, row.id, due_at, claim).await? {
        return Ok(None);
    }
    let after = row.marked_division.clone().zip(row.marked_person);
    Ok(Some(Round {
        division: row.division.clone(),
        after,
        id: row.id,
        opening: opening::read(row)?,
        began_at,
        until,
    }))
}

/// Everybody up to `last` is marked: go on from there at once.
pub async fn go_on(
    tx: &impl ConnectionTrait,
    round: &Round,
    last: (Division, PersonId),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let to = ActiveModel {
        due_at: Set(Some(now)),
        marked_division: Set(Some(last.0)),
        marked_person: Set(Some(last.1)),
        ..Default::default()
    };
    store::move_on(tx, round.id, round.until, to).await?;
    Ok(())
}

/// Everybody is marked. The next round begins when what the region offers has changed since this one
/// began.
pub async fn finish_round(tx: &impl ConnectionTrait, round: &Round) -> Result<(), Error> {
    let to = ActiveModel {
        due_at: Set(round.opening.next_change(round.began_at)),
        round_at: Set(None),
        marked_division: Set(None),
        marked_person: Set(None),
        ..Default::default()
    };
    store::move_on(tx, round.id, round.until, to).await?;
    Ok(())
}
