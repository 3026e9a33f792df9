//! The features whose records are permits.

use std::{collections::BTreeMap, error, fmt, sync::Arc};

use chrono::{DateTime, Utc};
use entity::values::PersonId;
use futures_util::future::BoxFuture;
use sea_orm::{DatabaseConnection, DbErr};
use uuid::Uuid;

use super::permit::{Permit, PermitKind, StatusIndex};
use crate::{
    deps::Deps,
    http::problem::{Fault, INTERNAL, Kind, UNAVAILABLE},
    platform::db::is_outage,
};

/// Permits that one key signs, unless it is set otherwise.
const MOST_A_KEY: u32 = 100_000;

/// How a permit stands, with the numbers that the standard gives these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It is good, as long as its days run.
    Valid,
    /// It ended before its time, for good.
    Invalid,
    /// It does not count for now.
    Suspended,
}

impl Status {
    /// The bits of its place in a list.
    #[must_use]
    pub const fn bits(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Invalid => 1,
            Self::Suspended => 2,
        }
    }

    /// What `bits` stand for. What is not used here counts as taken back.
    #[must_use]
    pub const fn of_bits(bits: u8) -> Self {
        match bits {
            0 => Self::Valid,
            2 => Self::Suspended,
            _ => Self::Invalid,
        }
    }
}

/// How a record stands at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordStanding {
    /// How it stands, with the colours of everybody whom it is about.
    pub status: Status,
    /// Whom it is about: everybody aboard, or the holder.
    pub people: Vec<PersonId>,
    /// When its days are over.
    pub valid_until: DateTime<Utc>,
}

/// What every copy of a permit must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The permit as its record makes it.
    pub permit: Permit,
    /// How its record stands.
    pub status: Status,
}

/// A permit that somebody carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Its record.
    pub record: Uuid,
    /// The number that people read out.
    pub number: String,
    /// How it stands.
    pub status: Status,
    /// Since when it is good. None where its days have not begun.
    pub valid_from: Option<DateTime<Utc>>,
    /// When it stops being good. None likewise.
    pub valid_until: Option<DateTime<Utc>>,
}

/// The feature whose records are permits of one kind. [`crate::assembly`] registers it in
/// [`Deps::permits`].
pub trait PermitRecords: Send + Sync + fmt::Debug {
    /// Of which kind.
    fn kind(&self) -> PermitKind;

    /// The places of every record whose days are not over at `now` and that is not plainly good: what was
    /// taken back or superseded is [`Status::Invalid`]; what is suspended, or has somebody who is not green,
    /// is [`Status::Suspended`].
    fn not_valid<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        deps: &'a Deps,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Vec<(StatusIndex, Status)>, RecordsError>>;

    /// How the record `id` stands at `now`. None if there is none.
    fn standing<'a>(
        &'a self,
        deps: &'a Deps,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Option<RecordStanding>, RecordsError>>;

    /// What `person` holds at `now`, and whose days are not over: never more than a page.
    fn carried_by<'a>(
        &'a self,
        deps: &'a Deps,
        person: PersonId,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Vec<Carried>, RecordsError>>;

    /// Up to `limit` records that are permits and whose days are not over at `now`, in ascending order of
    /// their ids, from the first after `after` on.
    fn expected<'a>(
        &'a self,
        deps: &'a Deps,
        after: Option<Uuid>,
        limit: u64,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Vec<Expected>, RecordsError>>;
}

/// The feature whose records these are could not tell. Any error of a feature is one.
#[derive(Debug, thiserror::Error)]
#[error("the feature whose permit it is failed")]
pub struct RecordsError {
    kind: Kind,
    #[source]
    source: Box<dyn error::Error + Send + Sync>,
}

impl RecordsError {
    /// What it is to a caller.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl<E: Fault> From<E> for RecordsError {
    fn from(error: E) -> Self {
        Self {
            kind: error.kind(),
            source: Box::new(error),
        }
    }
}

impl From<DbErr> for RecordsError {
    fn from(error: DbErr) -> Self {
        Self {
            kind: if is_outage(&error) {
                UNAVAILABLE
            } else {
                INTERNAL
            },
            source: Box::new(error),
        }
    }
}

/// The features whose records are permits, by kind.
#[derive(Debug, Clone)]
pub struct Kinds {
    features: BTreeMap<PermitKind, Arc<dyn PermitRecords>>,
    most_a_key: u32,
}

impl Default for Kinds {
    fn default() -> Self {
        Self {
            features: BTreeMap::new(),
            most_a_key: MOST_A_KEY,
        }
    }
}

impl Kinds {
    /// These and `records`, in place of others of the same kind.
    #[must_use]
    pub fn with(mut self, records: impl PermitRecords + 'static) -> Self {
        self.features.insert(records.kind(), Arc::new(records));
        self
    }

    /// The same, with so many permits for each key at the most.
    #[must_use]
    pub fn with_most_a_key(self, most_a_key: u32) -> Self {
        Self { most_a_key, ..self }
    }

    /// Those of `kind`.
    #[must_use]
    pub fn of(&self, kind: PermitKind) -> Option<&dyn PermitRecords> {
        self.features.get(&kind).map(|records| &**records)
    }

    /// All of them, in the order of their kinds.
    pub fn iter(&self) -> impl Iterator<Item = &dyn PermitRecords> {
        self.features.values().map(|records| &**records)
    }

    /// How many permits one key signs at the most.
    #[must_use]
    pub const fn most_a_key(&self) -> u32 {
        self.most_a_key
    }
}
