//! What may go wrong, and what a caller is told of it.

use std::time::Duration;

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use crate::{
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    identity::{self, KeyError},
    notifications,
    platform::{db::is_outage, vault::Sealed},
    review,
};

/// A refusal was not reported, or not read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such venue or report, or not for this caller: they look the same.
    #[error("no such thing for this caller")]
    NotFound,
    /// What was read from the person's screen is no code that is good now.
    #[error("the code is not good")]
    CodeNotGood,
    /// More was reported at one door in an hour than anybody can see to.
    #[error("too many reports at one door")]
    TooMany(Duration),
    /// The review of cases.
    #[error(transparent)]
    Review(#[from] review::Error),
    /// Who may act for whom.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// Messages.
    #[error(transparent)]
    Notification(#[from] notifications::Error),
    /// A person's data key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Stored words do not open.
    #[error("stored words do not open")]
    Sealed(#[from] Sealed),
    /// The database failed.
    #[error("the store of control actions failed")]
    Store(#[from] DbErr),
}

const TOO_MANY: Kind = Kind {
    slug: "too-many-refusals",
    status: StatusCode::TOO_MANY_REQUESTS,
    title: Text::new(
        "该场所上报过于频繁，请稍后再试或电话联系属地指挥部",
        "Too many were reported at this door; please try again later, or call the headquarters",
    ),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => NOT_FOUND,
            Self::CodeNotGood => INVALID_REQUEST,
            Self::TooMany(_) => TOO_MANY,
            Self::Review(error) => error.kind(),
            Self::Identity(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Notification(error) => error.kind(),
            Self::Store(error) | Self::Key(KeyError::Store(error)) if is_outage(error) => {
                UNAVAILABLE
            }
            Self::Key(_) | Self::Sealed(_) | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::CodeNotGood => vec![FieldFault::new(
                "code",
                "not_good",
                Text::new(
                    "不是有效的健康码，无码时请留空",
                    "is no code that is good now; leave it out where there is none",
                ),
            )],
            Self::Review(error) => error.fields(),
            Self::Identity(error) => error.fields(),
            Self::Idempotency(error) => error.fields(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany(wait) => Some(*wait),
            Self::Review(error) => error.retry_after(),
            Self::Identity(error) => error.retry_after(),
            Self::Idempotency(error) => error.retry_after(),
            _ => None,
        }
    }
}
