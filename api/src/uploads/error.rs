//! What can keep a file from being taken in, and from being read.

use sea_orm::DbErr;

use crate::{
    clients::ObjectsUnavailable,
    http::problem::{Fault, INTERNAL, Kind, NOT_FOUND, UNAVAILABLE},
    platform::{db::is_outage, vault::Sealed},
};

/// A use case of uploads did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such upload, or somebody else's, or another record's: the three look the same.
    #[error("no such upload for this caller")]
    NoSuchUpload,
    /// What is in the store is not what was put there.
    #[error("an upload does not open")]
    Sealed(#[from] Sealed),
    /// The store of objects has lost it.
    #[error("the object of an upload is missing")]
    Missing,
    /// The store of objects does not answer.
    #[error("the store of objects failed")]
    Objects(#[from] ObjectsUnavailable),
    /// The database failed.
    #[error("the store of uploads failed")]
    Store(#[from] DbErr),
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NoSuchUpload => NOT_FOUND,
            Self::Objects(_) => UNAVAILABLE,
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Sealed(_) | Self::Missing | Self::Store(_) => INTERNAL,
        }
    }
}
