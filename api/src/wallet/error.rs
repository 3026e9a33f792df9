//! What can keep permits from being listed.

use crate::{
    credentials::RecordsError,
    http::problem::{Fault, Kind},
};

/// The permits of somebody were not listed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A feature whose permits these are could not tell.
    #[error(transparent)]
    Records(#[from] RecordsError),
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Records(error) => error.kind(),
        }
    }
}
