//! What can keep a feature from copying or erasing.

use std::error;

use sea_orm::DbErr;

use crate::{
    http::problem::{Fault, INTERNAL, Kind, UNAVAILABLE},
    platform::db::is_outage,
};

/// A feature could not copy or erase. Any error of a feature is one, and so is the database's.
#[derive(Debug, thiserror::Error)]
#[error("a feature that keeps something about people failed")]
pub struct HoldingError {
    kind: Kind,
    #[source]
    source: Box<dyn error::Error + Send + Sync>,
}

impl HoldingError {
    /// What it is to a caller.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl<E: Fault> From<E> for HoldingError {
    fn from(error: E) -> Self {
        Self {
            kind: error.kind(),
            source: Box::new(error),
        }
    }
}

impl From<DbErr> for HoldingError {
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
