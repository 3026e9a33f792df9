//! What can keep a day from being counted, published or read.

use sea_orm::DbErr;

use crate::{
    credentials::keyring::NoKey,
    http::problem::{Fault, FieldFault, INTERNAL, Kind, NOT_FOUND, UNAVAILABLE},
    platform::db::is_outage,
    transparency,
};

/// A day was not counted, published or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing is published of that day, or not yet.
    #[error("nothing is published of that day")]
    NotPublished,
    /// The configured province is none.
    #[error("the configured province is none")]
    NoProvince,
    /// What is kept cannot be read.
    #[error("what is kept cannot be read")]
    Content(#[from] serde_json::Error),
    /// The table cannot be written.
    #[error("a table cannot be written as CSV")]
    Csv(#[from] csv::Error),
    /// No key signs for the log now.
    #[error(transparent)]
    Key(#[from] NoKey),
    /// The log.
    #[error(transparent)]
    Log(#[from] transparency::Error),
    /// The database failed.
    #[error("the store of daily counts failed")]
    Store(#[from] DbErr),
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NotPublished => NOT_FOUND,
            Self::Key(_) => UNAVAILABLE,
            Self::Log(error) => error.kind(),
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::NoProvince | Self::Content(_) | Self::Csv(_) | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Log(error) => error.fields(),
            _ => Vec::new(),
        }
    }
}
