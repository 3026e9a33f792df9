//! What can be wrong with a report.

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use super::rules::Impossible;
use crate::{
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    identity::KeyError,
    notifications,
    platform::{db::is_outage, vault::Sealed},
    regions,
};

/// A report was not taken, or not found.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be true.
    #[error(transparent)]
    Impossible(#[from] Impossible),
    /// It names divisions that nobody ever assigned, in these fields.
    #[error("unknown divisions")]
    UnknownDivision(Vec<String>),
    /// No such report, or another person's.
    #[error("no such report")]
    NoSuchReport,
    /// Another version was declared at the same moment.
    #[error("another declaration was made meanwhile")]
    Overtaken,
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// The person's data key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Somebody cannot be reminded.
    #[error(transparent)]
    Notification(#[from] notifications::Error),
    /// A stored report does not open.
    #[error("a stored report does not open")]
    Damaged(#[from] Sealed),
    /// A stored report is not what was written.
    #[error("a stored report cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// What was decided on a region.
    #[error(transparent)]
    Region(#[from] regions::Error),
    /// The database failed.
    #[error("the store of reports failed")]
    Store(#[from] DbErr),
}

const OVERTAKEN: Kind = Kind {
    slug: "declaration-overtaken",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "同时提交了另一份申报，请重试",
        "Another declaration was made at the same moment; please try again",
    ),
};

impl Error {
    /// Whether nobody's report can be looked at now, rather than one person's.
    pub(super) fn is_outage(&self) -> bool {
        match self {
            Self::Store(error) | Self::Key(KeyError::Store(error)) => is_outage(error),
            Self::Notification(error) => error.is_outage(),
            _ => false,
        }
    }
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Impossible(_) | Self::UnknownDivision(_) => INVALID_REQUEST,
            Self::NoSuchReport => NOT_FOUND,
            Self::Overtaken => OVERTAKEN,
            Self::Idempotency(error) => error.kind(),
            Self::Notification(error) => error.kind(),
            Self::Region(error) => error.kind(),
            Self::Store(error) | Self::Key(KeyError::Store(error)) if is_outage(error) => {
                UNAVAILABLE
            }
            Self::Key(_) | Self::Damaged(_) | Self::Unreadable(_) | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Impossible(Impossible::StayInFuture(at)) => vec![FieldFault::new(
                format!("residence[{at}].until"),
                "future",
                Text::new("不能晚于今天", "must not be after today"),
            )],
            Self::Impossible(Impossible::StaysOverlap(at)) => vec![FieldFault::new(
                format!("residence[{at}].from"),
                "overlap",
                Text::new("与另一段停留时间重叠", "overlaps another stay"),
            )],
            Self::UnknownDivision(fields) => {
                let named = fields.iter().cloned();
                named.map(regions::unknown_division).collect()
            }
            _ => Vec::new(),
        }
    }
}
