//! Days: made before anybody comes, each with a key of its own.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr};

use super::store;
use crate::platform::{
    Entropy, Vault,
    vault::{DataKey, Sealed},
};

/// A day could not be made, or its key not be had.
#[derive(Debug, thiserror::Error)]
pub enum DayError {
    /// The database failed.
    #[error("the store of days failed")]
    Store(#[from] DbErr),
    /// The day's key does not open.
    #[error("the key of a day does not open")]
    Sealed(#[from] Sealed),
    /// It has been deleted, which is for good.
    #[error("the visits of {0} have been deleted")]
    Deleted(NaiveDate),
}

/// Makes days, and remembers which there are.
#[derive(Debug)]
pub(super) struct Days {
    db: DatabaseConnection,
    vault: Arc<Vault>,
    entropy: Arc<dyn Entropy>,
    made: Mutex<BTreeSet<NaiveDate>>,
}

impl Days {
    pub(super) fn new(
        db: DatabaseConnection,
        vault: Arc<Vault>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let made = Mutex::default();
        Self {
            db,
            vault,
            entropy,
            made,
        }
    }

    /// Have `day` made, unless this process knows that it is. Returns whether it is new.
    pub(super) async fn make(&self, day: NaiveDate) -> Result<bool, DayError> {
        if self.made().contains(&day) {
            return Ok(false);
        }
        let is_new = store::make_day(&self.db, day, self.new_key(day)?).await?;
        let is_new = is_new.ok_or(DayError::Deleted(day))?;
        self.made().insert(day);
        Ok(is_new)
    }

    /// The same for somebody who holds the transaction `tx`. On SQLite nobody else can make it meanwhile.
    pub(super) async fn make_beside(
        &self,
        tx: &impl ConnectionTrait,
        day: NaiveDate,
    ) -> Result<(), DayError> {
        if tx.get_database_backend() == DbBackend::Postgres {
            self.make(day).await?;
        } else if !self.made().contains(&day) {
            let is_new = store::make_day(tx, day, self.new_key(day)?).await?;
            is_new.ok_or(DayError::Deleted(day))?;
        }
        Ok(())
    }

    fn new_key(&self, day: NaiveDate) -> Result<Vec<u8>, Sealed> {
        let (_, data_key) = self.vault.new_data_key(&owner(day), &*self.entropy)?;
        Ok(data_key)
    }

    /// The key of `day`, which was made.
    pub(super) async fn key(
        &self,
        db: &impl ConnectionTrait,
        day: NaiveDate,
    ) -> Result<DataKey, DayError> {
        let sealed = store::data_key(db, day).await?.ok_or(Sealed)?;
        Ok(self.vault.data_key(&owner(day), &sealed)?)
    }

    /// `day` is no more.
    pub(super) fn forget(&self, day: NaiveDate) {
        self.made().remove(&day);
    }

    fn made(&self) -> std::sync::MutexGuard<'_, BTreeSet<NaiveDate>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn owner(day: NaiveDate) -> Vec<u8> {
    format!("visit_day:{day}").into_bytes()
}
