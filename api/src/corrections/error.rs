//! What can keep a correction from being filed, read or decided.

use actix_web::http::StatusCode;
use entity::values::Division;
use sea_orm::DbErr;

use crate::{
    facts,
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    identity::{self, KeyError},
    notifications,
    platform::{db::is_outage, vault::Sealed},
    regions,
};

/// A correction was not filed, read or decided.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such record of the person's that can be taken back, or no more.
    #[error("no such record")]
    NoSuchRecord,
    /// What somebody declared themselves: a new declaration corrects it.
    #[error("one's own report is corrected by another")]
    OwnReport,
    /// A correction of the record waits for a decision.
    #[error("a correction of this record is open")]
    AlreadyOpen,
    /// No such correction, or not for this caller: the two look the same.
    #[error("no such correction")]
    NoSuchCorrection,
    /// It was decided before.
    #[error("the correction was decided")]
    Decided,
    /// The caller recorded what it is about.
    #[error("somebody else decides on what the caller recorded")]
    OwnWork,
    /// Only the region whose data it is decides.
    #[error("only {0:?} decides")]
    OriginDecides(Division),
    /// The record was taken back meanwhile, or cannot be.
    #[error("the record cannot be taken back")]
    RecordGone,
    /// Who may act for whom.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The store of facts.
    #[error(transparent)]
    Facts(#[from] facts::Error),
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// The person's data key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The person cannot be told.
    #[error(transparent)]
    Notification(#[from] notifications::Error),
    /// The working calendar.
    #[error(transparent)]
    Region(#[from] regions::Error),
    /// Stored words do not open.
    #[error("stored words do not open")]
    Damaged(#[from] Sealed),
    /// Stored words are not what was written.
    #[error("stored words cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The database failed.
    #[error("the store of corrections failed")]
    Store(#[from] DbErr),
}

const OWN_REPORT: Kind = Kind {
    slug: "correction-of-own-report",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "本人申报有误时，请重新申报或打卡",
        "What you reported yourself is corrected by declaring or checking in again",
    ),
};

const ALREADY_OPEN: Kind = Kind {
    slug: "correction-already-open",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该记录的更正申请正在处理",
        "A correction of this record is waiting for a decision",
    ),
};

const DECIDED: Kind = Kind {
    slug: "correction-decided",
    status: StatusCode::CONFLICT,
    title: Text::new("该申请已有结论", "This correction was decided before"),
};

const OWN_WORK: Kind = Kind {
    slug: "another-reviewer-needed",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "该记录由您本人录入，须由其他人员处理",
        "You recorded this yourself: somebody else has to decide",
    ),
};

const ORIGIN_DECIDES: Kind = Kind {
    slug: "origin-decides",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "只有数据来源地可以解除该记录",
        "Only the region whose data it is can take this record back",
    ),
};

const RECORD_GONE: Kind = Kind {
    slug: "record-gone",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该记录已被撤回或更正",
        "The record was taken back or corrected meanwhile",
    ),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NoSuchRecord => INVALID_REQUEST,
            Self::OwnReport => OWN_REPORT,
            Self::AlreadyOpen => ALREADY_OPEN,
            Self::NoSuchCorrection => NOT_FOUND,
            Self::Decided => DECIDED,
            Self::OwnWork => OWN_WORK,
            Self::OriginDecides(_) => ORIGIN_DECIDES,
            Self::RecordGone => RECORD_GONE,
            Self::Identity(error) => error.kind(),
            Self::Facts(error) => error.kind(),
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
            Self::NoSuchRecord => vec![FieldFault::new(
                "record",
                "unknown_record",
                Text::new(
                    "不是您的健康码原因中列出的记录",
                    "is no record that the reasons of the code name",
                ),
            )],
            Self::OriginDecides(origin) => vec![FieldFault::new(
                "origin",
                origin.code().to_owned(),
                Text::new("须由该地区解除", "this region has to take it back"),
            )],
            _ => Vec::new(),
        }
    }
}
