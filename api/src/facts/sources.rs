//! Use cases: say who may bring files of facts, and no longer.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{
    fact_source::Model,
    values::{Division, StaffId},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    error::Error,
    rules::{self, Brings},
    store,
};
use crate::{
    audit::{self, Actor, Event, Subject},
    deps::Deps,
};

/// Who may bring facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its short name.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The region that its facts belong to.
    pub division: Division,
    /// What it may bring.
    pub kinds: BTreeSet<Brings>,
    /// Its public key of Ed25519. None if it signs nothing.
    pub public_key: Option<[u8; 32]>,
    /// Since when it is known.
    pub created_at: DateTime<Utc>,
    /// Who registered it.
    pub registered_by: Option<StaffId>,
    /// Since when it may bring facts, if somebody else approved it.
    pub approved_at: Option<DateTime<Utc>>,
    /// Until when, if it may no more.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Source {
    /// Whether it may bring `what` now.
    #[must_use]
    pub fn may_bring(&self, what: Brings) -> bool {
        self.approved_at.is_some() && self.revoked_at.is_none() && self.kinds.contains(&what)
    }
}

/// Somebody who is to bring facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSource {
    /// Its short name, which nobody has.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The region that its facts belong to.
    pub division: Division,
    /// What it may bring: something.
    pub kinds: BTreeSet<Brings>,
    /// Its public key of Ed25519, if it signs.
    pub public_key: Option<[u8; 32]>,
}

/// The source with the short name `id`, also if it may bring nothing any more.
pub async fn source(db: &impl ConnectionTrait, id: &str) -> Result<Option<Source>, Error> {
    let row = store::sources::find(db, id).await?;
    row.map(read).transpose()
}

/// Have somebody be known who is to bring facts, as part of the transaction `tx`. Nothing of theirs counts
/// until it is approved by somebody else. A short name is given once: whoever needs another key takes another name.
pub async fn register(
    tx: &DatabaseTransaction,
    deps: &Deps,
    by: StaffId,
    new: NewSource,
) -> Result<Source, Error> {
    if !rules::is_source_name(&new.id) {
        return Err(Error::SourceName);
    }
    let row = Model {
        id: new.id,
        name: new.name,
        division: new.division,
        kinds: serde_json::to_value(&new.kinds)?,
        public_key: new.public_key.map(|key| key.to_vec()),
        created_at: deps.clock.now(),
        registered_by: Some(by),
        approved_by: None,
        approved_at: None,
        revoked_at: None,
    };
    if !store::sources::insert(tx, row.clone()).await? {
        return Err(Error::SourceExists);
    }
    let event = Event::FactSourceRegistered {
        source: row.id.clone(),
        division: row.division.clone(),
    };
    audit::record(tx, deps, Actor::Staff(by), Subject::Nobody, &event).await?;
    read(row)
}

/// Let `source` bring facts from now on, as part of the transaction `tx`: what whoever holds its key signs
/// can alter a million colours, so that it takes two people (S24). Done again, it changes nothing.
pub(super) async fn approve(
    tx: &DatabaseTransaction,
    deps: &Deps,
    by: StaffId,
    source: &Source,
) -> Result<Source, Error> {
    if source.registered_by == Some(by) {
        return Err(Error::OwnSource);
    }
    if source.revoked_at.is_some() {
        return Err(Error::SourceRevoked);
    }
    if store::sources::approve(tx, &source.id, by, deps.clock.now()).await? {
        let event = Event::FactSourceApproved {
            source: source.id.clone(),
        };
        audit::record(tx, deps, Actor::Staff(by), Subject::Nobody, &event).await?;
    }
    let row = store::sources::find(tx, &source.id).await?;
    read(row.ok_or(Error::NotFound)?)
}

/// Let `source` bring nothing more, as part of the transaction `tx`. What it brought stays. Done
/// again, it changes nothing.
pub async fn revoke(
    tx: &DatabaseTransaction,
    deps: &Deps,
    by: StaffId,
    source: &Source,
) -> Result<Source, Error> {
    if store::sources::revoke(tx, &source.id, deps.clock.now()).await? {
        let event = Event::FactSourceRevoked {
            source: source.id.clone(),
        };
        audit::record(tx, deps, Actor::Staff(by), Subject::Nobody, &event).await?;
    }
    let row = store::sources::find(tx, &source.id).await?;
    read(row.ok_or(Error::NotFound)?)
}

fn read(row: Model) -> Result<Source, Error> {
    let key = row.public_key.map(<[u8; 32]>::try_from).transpose();
    Ok(Source {
        id: row.id,
        name: row.name,
        division: row.division,
        kinds: serde_json::from_value(row.kinds)?,
        public_key: key.map_err(|_| Error::DamagedKey)?,
        created_at: row.created_at,
        registered_by: row.registered_by,
        approved_at: row.approved_at,
        revoked_at: row.revoked_at,
    })
}
