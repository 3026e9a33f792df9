//! Use case: take a fact back.

use entity::{
    health_fact,
    values::{FactId, FactKind, StaffId},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::{
    error::Error,
    rules::{self, STAFF, WithdrawalReason},
    store,
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    identity,
    platform::vault::Column,
    recheck,
};

pub(super) const NOTE: Column = Column("health_fact.withdrawal_note");

/// Who takes something back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A member of staff.
    Staff(StaffId),
    /// A source of facts, by its short name.
    Source(String),
}

impl By {
    pub(super) fn actor(&self) -> Actor {
        match self {
            Self::Staff(staff) => Actor::Staff(*staff),
            Self::Source(_) => Actor::System,
        }
    }

    /// What is recorded as the source of what they bring.
    pub(super) fn source(&self) -> &str {
        match self {
            Self::Staff(_) => STAFF,
            Self::Source(source) => source,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Staff(staff) => format!("staff/{staff}"),
            Self::Source(source) => format!("source/{source}"),
        }
    }
}

/// How a fact is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// By whom: somebody of the fact's origin. Whoever calls has seen to that.
    pub by: By,
    /// Why.
    pub reason: WithdrawalReason,
    /// What there is to say besides. It may name people, so it is sealed.
    pub note: Option<String>,
}

/// The fact `id`.
pub async fn fact(
    db: &impl ConnectionTrait,
    id: FactId,
) -> Result<Option<health_fact::Model>, DbErr> {
    store::fact(db, id).await
}

/// What `source` calls `reference`.
pub async fn fact_called(
    db: &impl ConnectionTrait,
    source: &str,
    reference: &str,
) -> Result<Option<health_fact::Model>, DbErr> {
    store::fact_called(db, source, reference).await
}

/// Withdraw `fact`, as part of the transaction `tx`, and mark the person: wake `deps.recheck` after
/// the commit. What the fact did until now is not undone, and the row stays.
///
/// Refused if it is withdrawn, and if it is a release that several people decided: what they lifted
/// comes back by nobody's hand alone.
pub async fn withdraw(
    tx: &DatabaseTransaction,
    deps: &Deps,
    fact: health_fact::Model,
    withdrawal: Withdrawal,
) -> Result<health_fact::Model, Error> {
    if is_release(&fact) {
        return Err(Error::ReleaseDecided);
    }
    let now = deps.clock.now();
    let withdrawn = health_fact::Model {
        withdrawn_at: Some(now),
        withdrawn_by: Some(withdrawal.by.text()),
        withdrawal_reason: Some(withdrawal.reason.name().into()),
        withdrawal_note: match &withdrawal.note {
            Some(note) => Some(sealed(tx, deps, &fact, note).await?),
            None => None,
        },
        ..fact
    };
    if !store::withdraw(tx, &withdrawn).await? {
        return Err(Error::AlreadyWithdrawn);
    }
    recheck::mark(tx, withdrawn.person_id, now).await?;
    let event = Event::FactWithdrawn {
        fact: withdrawn.id,
        reason: withdrawal.reason.name(),
    };
    let actor = withdrawal.by.actor();
    audit::record(tx, deps, actor, withdrawn.person_id, &event).await?;
    Ok(withdrawn)
}

fn is_release(fact: &health_fact::Model) -> bool {
    let decided: Result<rules::Override, _> = serde_json::from_value(fact.detail.clone());
    fact.kind == FactKind::Override && !decided.is_ok_and(|decided| decided.effect.worsens())
}

async fn sealed(
    tx: &DatabaseTransaction,
    deps: &Deps,
    fact: &health_fact::Model,
    note: &str,
) -> Result<Vec<u8>, Error> {
    let key = identity::data_key_of(tx, deps, fact.person_id).await?;
    let place = NOTE.owned_by(fact.id.0.as_bytes());
    Ok(key.seal(place, note.as_bytes(), &*deps.entropy)?)
}

/// What was said when `fact` was withdrawn.
pub(super) async fn note_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    fact: &health_fact::Model,
) -> Result<Option<String>, Error> {
    let Some(note) = &fact.withdrawal_note else {
        return Ok(None);
    };
    let key = identity::data_key_of(db, deps, fact.person_id).await?;
    let opened = key.open_text(NOTE.owned_by(fact.id.0.as_bytes()), note)?;
    Ok(Some(opened.to_string()))
}
