//! What can keep a code from being shown.

use sea_orm::DbErr;

use crate::{
    credentials::keyring::NoKey,
    http::problem::{Fault, INTERNAL, Kind, UNAVAILABLE},
    identity::KeyError,
    notifications,
    platform::{
        db::{is_contention, is_outage},
        vault::Sealed,
    },
    policy, regions,
};

/// A code could not be decided or shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No key to sign with.
    #[error(transparent)]
    NoKey(#[from] NoKey),
    /// The person's data key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The person cannot be told.
    #[error(transparent)]
    Notification(#[from] notifications::Error),
    /// The policy cannot be told.
    #[error(transparent)]
    Policy(#[from] policy::Error),
    /// What was decided on the person's region.
    #[error(transparent)]
    Region(#[from] regions::Error),
    /// The configuration names no province.
    #[error("policy.province is no province")]
    NoProvince,
    /// A snapshot cannot be sealed.
    #[error("a snapshot was not sealed")]
    Unsealed(#[from] Sealed),
    /// A view cannot be written.
    #[error("a code cannot be written")]
    Unwritable(#[from] serde_json::Error),
    /// The database failed.
    #[error("the store of holds failed")]
    Store(#[from] DbErr),
}

impl Error {
    /// Whether somebody else held what one person's assessment needed, which says nothing of others.
    pub(super) fn is_contention(&self) -> bool {
        self.database().is_some_and(is_contention)
    }

    /// Whether nobody's code can be decided now, rather than one person's.
    pub(super) fn is_outage(&self) -> bool {
        match self {
            Self::Notification(error) => error.is_outage(),
            other => other.database().is_some_and(is_outage),
        }
    }

    fn database(&self) -> Option<&DbErr> {
        match self {
            Self::Store(error)
            | Self::Key(KeyError::Store(error))
            | Self::Policy(policy::Error::Store(error))
            | Self::Region(regions::Error::Store(error)) => Some(error),
            Self::NoKey(_)
            | Self::Policy(_)
            | Self::Key(_)
            | Self::Region(_)
            | Self::Notification(_)
            | Self::NoProvince
            | Self::Unsealed(_)
            | Self::Unwritable(_) => None,
        }
    }
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NoKey(_)
            | Self::Store(_)
            | Self::Key(KeyError::Store(_))
            | Self::Policy(policy::Error::Store(_))
            | Self::Region(regions::Error::Store(_)) => UNAVAILABLE,
            Self::Notification(error) => error.kind(),
            Self::Key(_)
            | Self::Policy(_)
            | Self::Region(_)
            | Self::NoProvince
            | Self::Unsealed(_)
            | Self::Unwritable(_) => INTERNAL,
        }
    }
}
