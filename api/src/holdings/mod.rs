//! What is kept about people, feature by feature: who copies it for them, who erases it, and what stands in
//! the way (H9, P6, P7).
//!
//! No feature opens another's tables, so each that has rows about people hands over a [`Holding`], and whoever
//! copies or erases somebody's data goes through all of them. [`crate::assembly`] registers them in
//! [`Deps::holdings`], in the order in which they erase: who somebody is goes last, and their data key with it.

mod error;
mod rows;

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use entity::values::PersonId;
use futures_util::future::{BoxFuture, FutureExt, ready};
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

pub use self::{
    error::HoldingError,
    rows::{MOST_ROWS, changed, copied, delete, document, patient, words},
};
use crate::{deps::Deps, http::problem::Text};

/// What one table keeps about somebody.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = OwnDataSection)]
pub struct Section {
    /// The table, as the data map names it.
    #[schema(value_type = String, example = "declaration")]
    pub table: &'static str,
    /// Its rows, the newest first: each an object that is named after what the table holds, opened.
    #[schema(value_type = Vec<std::collections::BTreeMap<String, Value>>)]
    pub rows: Vec<Value>,
    /// Whether there are more than are copied at a time.
    pub truncated: bool,
}

/// How many rows of one table were erased, or emptied of what says anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ErasedRows)]
pub struct Erased {
    /// The table, as the data map names it.
    #[schema(value_type = String, example = "declaration")]
    pub table: &'static str,
    /// How many rows.
    pub rows: u64,
}

/// Why somebody's data cannot be erased now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Stable name of the reason.
    pub cause: &'static str,
    /// Until when at the least, where that is known.
    pub until: Option<DateTime<Utc>>,
    /// The same in words, and what can be done about it.
    pub words: Text,
}

/// What comes of asking a feature.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, HoldingError>>;

/// A feature that keeps something about people.
pub trait Holding: Send + Sync + fmt::Debug {
    /// The tables of which [`Holding::copy`] tells.
    fn tables(&self) -> &'static [&'static str];

    /// What stands in the way of erasing what is kept about `person`, whose row is locked. Nothing does where
    /// nobody else relies on it.
    fn stops<'a>(
        &'a self,
        _: &'a DatabaseTransaction,
        _: &'a Deps,
        _: PersonId,
    ) -> Answer<'a, Vec<Stop>> {
        ready(Ok(Vec::new())).boxed()
    }

    /// Take back what is under way for `person` and what others wait for, before anything is erased.
    fn leave<'a>(&'a self, _: &'a DatabaseTransaction, _: &'a Deps, _: PersonId) -> Answer<'a, ()> {
        ready(Ok(())).boxed()
    }

    /// What is kept about `person`, opened for them: a section for each of [`Holding::tables`], empty ones
    /// among them. Nothing in it is about anybody else.
    fn copy<'a>(&'a self, deps: &'a Deps, person: PersonId) -> Answer<'a, Vec<Section>>;

    /// Erase what may be erased of what is kept about `person`, whose row is locked, as part of the
    /// transaction `tx`. What stays says nothing but under an id that leads to nobody.
    fn erase<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        person: PersonId,
    ) -> Answer<'a, Vec<Erased>>;
}

/// The features that keep something about people, in the order in which they erase.
#[derive(Debug, Clone, Default)]
pub struct Holdings(Vec<Arc<dyn Holding>>);

impl Holdings {
    /// These, and then `holding`.
    #[must_use]
    pub fn with(mut self, holding: impl Holding + 'static) -> Self {
        self.0.push(Arc::new(holding));
        self
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Holding> {
        self.0.iter().map(|holding| &**holding)
    }
}
