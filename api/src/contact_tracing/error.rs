//! What can keep visits from being released.

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use super::rules::TimeFault;
use crate::{
    facts,
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    identity::KeyError,
    notifications,
    platform::db::is_outage,
    staff, venues, visits,
};

/// A use case of contact tracing did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such request, venue or person, or not for this caller.
    #[error("nothing of the kind for this caller")]
    NotFound,
    /// A time that may not be asked about.
    #[error("not a time that may be asked about: {0:?}")]
    Time(TimeFault),
    /// Whoever decides is who asked, or of the same unit.
    #[error("one organisation alone")]
    OneOrganisation,
    /// It was decided, or waited too long.
    #[error("nothing is to be decided any more")]
    Decided,
    /// It was not released, or that was too long ago.
    #[error("nothing is released, or not any more")]
    NotReleased,
    /// Nothing at the door vouches for somebody.
    #[error("a printed code alone says that somebody was there")]
    NotVouchedFor,
    /// Something else is known of somebody under the same name.
    #[error("a contact contradicts what is known")]
    Contradiction,
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// Visits.
    #[error(transparent)]
    Visits(#[from] visits::Error),
    /// Venues.
    #[error(transparent)]
    Venues(#[from] venues::Error),
    /// Facts.
    #[error(transparent)]
    Facts(#[from] facts::Error),
    /// Staff.
    #[error(transparent)]
    Staff(#[from] staff::Error),
    /// Messages.
    #[error(transparent)]
    Notification(#[from] notifications::Error),
    /// Somebody's data does not open.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database failed.
    #[error("the store of contact tracing failed")]
    Store(#[from] DbErr),
}

const fn conflict(slug: &'static str, zh: &'static str, en: &'static str) -> Kind {
    Kind {
        slug,
        status: StatusCode::CONFLICT,
        title: Text::new(zh, en),
    }
}

const ONE_ORGANISATION: Kind = Kind {
    slug: "second-organisation-needed",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "须由另一单位的人员批准",
        "Somebody of another organisation must decide",
    ),
};

const DECIDED: Kind = conflict(
    "tracing-decided",
    "该申请已办结或已过期",
    "The request was decided or waited too long",
);

const NOT_RELEASED: Kind = conflict(
    "tracing-not-released",
    "未获批准，或查阅期已过",
    "It was not released, or may not be read any more",
);

const NOT_VOUCHED_FOR: Kind = conflict(
    "presence-not-vouched-for",
    "仅扫描静态场所码，不能作为到访依据",
    "A printed code alone says that they were there: nobody is a contact by that",
);

const CONTRADICTION: Kind = conflict(
    "contact-contradicts",
    "与已有记录不一致",
    "Something else is recorded of this contact",
);

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => NOT_FOUND,
            Self::Time(_) => INVALID_REQUEST,
            Self::OneOrganisation => ONE_ORGANISATION,
            Self::Decided => DECIDED,
            Self::NotReleased => NOT_RELEASED,
            Self::NotVouchedFor => NOT_VOUCHED_FOR,
            Self::Contradiction => CONTRADICTION,
            Self::Idempotency(error) => error.kind(),
            Self::Visits(error) => error.kind(),
            Self::Venues(error) => error.kind(),
            Self::Facts(error) => error.kind(),
            Self::Staff(error) => error.kind(),
            Self::Notification(error) => error.kind(),
            Self::Key(KeyError::Store(error)) | Self::Store(error) if is_outage(error) => {
                UNAVAILABLE
            }
            Self::Key(_) | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Time(fault) => vec![time_fault(*fault)],
            Self::Facts(error) => error.fields(),
            _ => Vec::new(),
        }
    }
}

fn time_fault(fault: TimeFault) -> FieldFault {
    match fault {
        TimeFault::Backwards => FieldFault::new(
            "until",
            "backwards",
            Text::new("必须晚于开始时间", "must be later than from"),
        ),
        TimeFault::TooLong => FieldFault::new(
            "until",
            "too_long",
            Text::new("一次不超过 24 小时", "must be within 24 hours of from"),
        ),
        TimeFault::Ahead => FieldFault::new(
            "until",
            "ahead",
            Text::new("不能晚于现在", "must have passed"),
        ),
        TimeFault::Past => FieldFault::new(
            "from",
            "past",
            Text::new("记录已按期删除", "is older than what is kept"),
        ),
    }
}
