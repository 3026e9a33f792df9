//! What can be wrong with a form's id.

use sea_orm::DbErr;

use crate::{
    http::{
        idempotency,
        problem::{Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, Text, UNAVAILABLE},
    },
    platform::db::is_outage,
};

/// A form's id was not kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller has no account in that app, or it is not one of ours.
    #[error("no account in that app")]
    NoAccount,
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// The database failed.
    #[error("the store of subscriptions failed")]
    Store(#[from] DbErr),
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NoAccount => INVALID_REQUEST,
            Self::Idempotency(error) => error.kind(),
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::NoAccount => vec![FieldFault::new(
                "app_id",
                "no_account",
                Text::new("未在该应用登录过", "is no app that you logged in through"),
            )],
            Self::Idempotency(_) | Self::Store(_) => Vec::new(),
        }
    }
}
