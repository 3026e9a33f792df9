//! What can keep somebody from complaining, and from deciding on it.

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
    platform::{db::is_outage, vault::Sealed},
    review,
};

/// A complaint was not filed, read or taken back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such case of the person's, or one that is a complaint itself.
    #[error("no such case")]
    NoSuchCase,
    /// A complaint of this kind about the case waits for an answer.
    #[error("a complaint of this kind about the case is open")]
    AlreadyOpen,
    /// The province itself handled the case: nobody here is above it.
    #[error("nobody is above who handled the case")]
    NobodyAbove,
    /// No such complaint, or not for this caller: the two look the same.
    #[error("no such complaint")]
    NoSuchComplaint,
    /// The review of cases.
    #[error(transparent)]
    Review(#[from] review::Error),
    /// Who may act for whom.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// The person's data key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Stored words do not open.
    #[error("stored words do not open")]
    Damaged(#[from] Sealed),
    /// The database failed.
    #[error("the store of complaints failed")]
    Store(#[from] DbErr),
}

const ALREADY_OPEN: Kind = Kind {
    slug: "complaint-already-open",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "您对该事项的同类投诉正在办理",
        "A complaint of this kind about the case is waiting for an answer",
    ),
};

const NOBODY_ABOVE: Kind = Kind {
    slug: "complaint-nobody-above",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该事项由省级办理，请拨打 12345 投诉",
        "The province itself handled this; please complain by calling 12345",
    ),
};

/// Whoever tries to decide on a complaint about their own work.
pub(super) const OWN_WORK: Kind = Kind {
    slug: "complaint-about-own-work",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "您办理过被投诉的事项，须由其他人员处理",
        "You handled the case that is complained about: somebody else has to decide",
    ),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NoSuchCase => INVALID_REQUEST,
            Self::AlreadyOpen => ALREADY_OPEN,
            Self::NobodyAbove => NOBODY_ABOVE,
            Self::NoSuchComplaint => NOT_FOUND,
            Self::Review(error) => error.kind(),
            Self::Identity(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Store(error) | Self::Key(KeyError::Store(error)) if is_outage(error) => {
                UNAVAILABLE
            }
            Self::Key(_) | Self::Damaged(_) | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::NoSuchCase => vec![FieldFault::new(
                "case",
                "unknown_case",
                Text::new("不是您的申请事项", "is no case of an application of yours"),
            )],
            Self::Review(error) => error.fields(),
            _ => Vec::new(),
        }
    }
}
