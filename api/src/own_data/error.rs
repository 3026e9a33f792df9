//! What can go wrong with a copy or a deletion, and which problem it is to the caller.

use std::time::Duration;

use actix_web::http::StatusCode;
use entity::values::PersonId;
use sea_orm::DbErr;

use crate::{
    holdings::{HoldingError, Stop},
    http::{
        idempotency,
        problem::{Fault, FieldFault, INTERNAL, Kind, Text, UNAVAILABLE},
    },
    identity,
    platform::{db::is_outage, ephemeral::Unavailable},
};

/// What stands in the way of a deletion, and of whose data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// Whose data it is about.
    pub person: PersonId,
    /// Whether that is somebody who would go along, rather than whoever leaves.
    pub dependant: bool,
    /// What it is.
    pub stop: Stop,
}

/// No copy was made, or nothing was deleted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log-in is too long ago.
    #[error("the log-in is too long ago")]
    NotFresh,
    /// A measure is in force, or others rely on what would go.
    #[error("{} things stand in the way of a deletion", .obstacles.len())]
    Stopped {
        /// What they are.
        obstacles: Vec<Obstacle>,
        /// When trying again may help, if that is known.
        retry_after: Option<Duration>,
    },
    /// Too many copies in a day.
    #[error("too many copies in a day")]
    TooManyCopies(Duration),
    /// Whose data it is, or whether the session goes on.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// A feature could not copy or erase.
    #[error(transparent)]
    Holding(#[from] HoldingError),
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// The short-lived store failed: copies cannot be counted.
    #[error("the short-lived store failed")]
    Ephemeral(#[from] Unavailable),
    /// The database failed.
    #[error("the store failed")]
    Store(#[from] DbErr),
}

const FRESH_LOGIN_REQUIRED: Kind = Kind {
    slug: "fresh-login-required",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "为保护您的信息，请重新登录，并在登录后十分钟内操作",
        "To protect your data, please log in anew and do this within ten minutes",
    ),
};

const DELETION_STOPPED: Kind = Kind {
    slug: "deletion-stopped",
    status: StatusCode::CONFLICT,
    title: Text::new("目前不能注销账号", "The account cannot be deleted now"),
};

const TOO_MANY_COPIES: Kind = Kind {
    slug: "too-many-copies",
    status: StatusCode::TOO_MANY_REQUESTS,
    title: Text::new(
        "今日获取个人信息副本的次数已达上限",
        "Too many copies were made today",
    ),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFresh => FRESH_LOGIN_REQUIRED,
            Self::Stopped { .. } => DELETION_STOPPED,
            Self::TooManyCopies(_) => TOO_MANY_COPIES,
            Self::Identity(error) => error.kind(),
            Self::Holding(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Ephemeral(_) => UNAVAILABLE,
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        let Self::Stopped { obstacles, .. } = self else {
            return Vec::new();
        };
        let fault = |obstacle: &Obstacle| {
            let whose = if obstacle.dependant {
                format!("dependants/{}", obstacle.person)
            } else {
                "account".to_owned()
            };
            FieldFault::new(whose, obstacle.stop.cause, obstacle.stop.words)
        };
        obstacles.iter().map(fault).collect()
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Stopped { retry_after, .. } => *retry_after,
            Self::TooManyCopies(wait) => Some(*wait),
            Self::Idempotency(error) => error.retry_after(),
            _ => None,
        }
    }
}
