//! What can keep a notification from being written, read or sent.

use sea_orm::DbErr;

use crate::{
    http::problem::{Fault, INTERNAL, Kind, NOT_FOUND, UNAVAILABLE},
    identity::KeyError,
    platform::{db::is_outage, vault::Sealed},
};

/// A notification was not written, read or sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such notification, or another person's.
    #[error("no such notification")]
    NoSuchNotification,
    /// The person's data key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A stored notification does not open.
    #[error("a stored notification does not open")]
    Damaged(#[from] Sealed),
    /// A stored notification is not what was written.
    #[error("a stored notification cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The database failed.
    #[error("the store of notifications failed")]
    Store(#[from] DbErr),
}

impl Error {
    /// Whether nobody's notification can be looked at now, rather than this one.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Store(error) | Self::Key(KeyError::Store(error)) if is_outage(error))
    }
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NoSuchNotification => NOT_FOUND,
            error if error.is_outage() => UNAVAILABLE,
            Self::Key(_) | Self::Damaged(_) | Self::Unreadable(_) | Self::Store(_) => INTERNAL,
        }
    }
}
