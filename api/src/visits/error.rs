//! What can keep a visit from being written down.

use std::time::Duration;

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use super::{days::DayError, ingest::Unwritten, rules::Untimely};
use crate::{
    credentials::keyring::NoKey,
    health_code,
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    identity::{self, KeyError},
    platform::{db::is_outage, ephemeral::Unavailable, vault::Sealed},
    venues,
};

/// A use case of visits did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// More arrive than can be written down. Nothing was.
    #[error("the queue of visits is full")]
    Full,
    /// The database is away or has too much to do. It may have been written down.
    #[error("visits are not written down at the moment")]
    Outage,
    /// The database refuses it.
    #[error("the visit cannot be written down")]
    Refused,
    /// It lies ahead of us.
    #[error("the visit is dated in the future")]
    Ahead,
    /// Its day has been deleted.
    #[error("the visit is older than what is kept")]
    Past,
    /// There is no such thing, or not for this caller.
    #[error("not found")]
    NotFound,
    /// Nobody here has this document or phone.
    #[error("nobody is known by this")]
    Unknown,
    /// The unit looked up more people than come through a door. Again after that time.
    #[error("too many people were looked up")]
    TooManyLookUps(Duration),
    /// Nobody counts who is looked up.
    #[error(transparent)]
    Uncounted(#[from] Unavailable),
    /// Several ways to say who somebody is, or none.
    #[error("not said once who came")]
    NotOne,
    /// A period that nothing is told of.
    #[error("not a period that records are kept of")]
    Period,
    /// No key to sign with.
    #[error(transparent)]
    NoKey(#[from] NoKey),
    /// A document or a phone that cannot be one.
    #[error("not a document, or not a phone")]
    Malformed(FieldFault),
    /// A table cannot be written as CSV.
    #[error("a table cannot be written as CSV")]
    Csv(#[from] csv::Error),
    /// A table cannot be written as a workbook.
    #[error("a table cannot be written as a workbook")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The sealed words about somebody.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The code on the door.
    #[error(transparent)]
    Venue(#[from] venues::Error),
    /// What somebody shows.
    #[error(transparent)]
    Code(#[from] health_code::Error),
    /// Who may act for whom.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// A day and its key.
    #[error(transparent)]
    Day(#[from] DayError),
    /// Stored words do not open.
    #[error("stored words do not open")]
    Damaged(#[from] Sealed),
    /// Something cannot be written as JSON.
    #[error("a visit cannot be written")]
    Unwritable(#[from] serde_json::Error),
    /// The database failed.
    #[error("the store of visits failed")]
    Store(#[from] DbErr),
}

impl From<Unwritten> for Error {
    fn from(why: Unwritten) -> Self {
        match why {
            Unwritten::Outage => Self::Outage,
            Unwritten::Refused => Self::Refused,
            Unwritten::Past => Self::Past,
        }
    }
}

impl From<Untimely> for Error {
    fn from(why: Untimely) -> Self {
        match why {
            Untimely::Ahead => Self::Ahead,
            Untimely::Past => Self::Past,
        }
    }
}

/// More arrive than can be written down.
pub(super) const FULL: Kind = Kind {
    slug: "visits-too-many",
    status: StatusCode::SERVICE_UNAVAILABLE,
    title: Text::new(
        "登记人数过多，请稍候再扫",
        "Too many people register at the moment; please scan again in a moment",
    ),
};

const AHEAD: Kind = Kind {
    slug: "visit-in-the-future",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new("到访时间晚于当前时间", "The visit is dated later than now"),
};

const PAST: Kind = Kind {
    slug: "visit-too-old",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "到访时间超出保存期限",
        "The visit is older than what is kept",
    ),
};

const UNKNOWN: Kind = Kind {
    slug: "visitor-unknown",
    status: StatusCode::NOT_FOUND,
    title: Text::new(
        "查无此人，请登记其姓名和联系方式",
        "Nobody is known by this; please write down their name and how to reach them",
    ),
};

const TOO_MANY_LOOK_UPS: Kind = Kind {
    slug: "visitors-too-many-look-ups",
    status: StatusCode::TOO_MANY_REQUESTS,
    title: Text::new(
        "查询人数过多，请稍后再试，或登记其姓名和联系方式",
        "Too many people were looked up; please try again later, or write down their name and how to reach them",
    ),
};

/// When trying again may help.
pub(super) const SOON: Duration = Duration::from_secs(1);

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Full => FULL,
            Self::Ahead => AHEAD,
            Self::Past | Self::Day(DayError::Deleted(_)) => PAST,
            Self::NotFound => NOT_FOUND,
            Self::Unknown => UNKNOWN,
            Self::TooManyLookUps(_) => TOO_MANY_LOOK_UPS,
            Self::Period | Self::NotOne | Self::Malformed(_) => INVALID_REQUEST,
            Self::Key(KeyError::Store(error)) if is_outage(error) => UNAVAILABLE,
            Self::Outage | Self::NoKey(_) | Self::Uncounted(_) => UNAVAILABLE,
            Self::Venue(error) => error.kind(),
            Self::Code(error) => error.kind(),
            Self::Identity(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Store(error) | Self::Day(DayError::Store(error)) if is_outage(error) => {
                UNAVAILABLE
            }
            Self::Refused
            | Self::Damaged(_)
            | Self::Csv(_)
            | Self::Xlsx(_)
            | Self::Key(_)
            | Self::Unwritable(_)
            | Self::Day(_)
            | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Venue(error) => error.fields(),
            Self::Identity(error) => error.fields(),
            Self::Malformed(fault) => vec![fault.clone()],
            Self::NotOne => vec![FieldFault::new(
                "document",
                "one_of",
                Text::new(
                    "document、phone、guest 须且仅须填写一项",
                    "exactly one of `document`, `phone` and `guest` says who came",
                ),
            )],
            Self::Period => vec![FieldFault::new(
                "to",
                "period",
                Text::new(
                    "应为不早于 from 的 31 天内",
                    "must be within 31 days of `from`",
                ),
            )],
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Full | Self::Outage => Some(SOON),
            Self::TooManyLookUps(wait) => Some(*wait),
            _ => None,
        }
    }
}
