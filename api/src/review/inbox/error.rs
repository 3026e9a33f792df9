//! What can keep a case from being found, taken on or decided, and somebody from standing in.

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use super::{
    super::{Error as CaseError, error::NOT_WAITING},
    rules::TermFault,
};
use crate::{
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    identity::{self, KeyError},
    platform::{db::is_outage, vault::Sealed},
    regions,
};

/// A use case of an inbox did not go through. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such thing, or not for this caller: the two look the same.
    #[error("no such thing for this caller")]
    NotFound,
    /// The caller may read the case, and somebody else decides it now.
    #[error("somebody else decides the case now")]
    NotYours,
    /// Somebody else took the case on.
    #[error("somebody else took the case on")]
    Claimed,
    /// The case waits for nobody of the authority.
    #[error("the case does not wait for a decision")]
    NotWaiting,
    /// Whoever is to have the case does not exist, or does not decide it.
    #[error("not somebody who decides the case")]
    NoAssignee,
    /// The caller does not hold the role that somebody is to stand in for.
    #[error("the caller does not hold the role")]
    RoleNotHeld,
    /// Whoever is to stand in does not exist, or does not hold the role in the province.
    #[error("not somebody who holds the role in the province")]
    NoPeer,
    /// The time for which somebody is to stand in.
    #[error(transparent)]
    Term(#[from] TermFault),
    /// The case cannot be moved so.
    #[error(transparent)]
    Case(#[from] CaseError),
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
    /// The working calendar.
    #[error(transparent)]
    Region(#[from] regions::Error),
    /// The database failed.
    #[error("the store of cases failed")]
    Store(#[from] DbErr),
}

const NOT_YOURS: Kind = Kind {
    slug: "case-not-yours",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "该事项目前不由您办理",
        "This case is somebody else's to decide now",
    ),
};

const CLAIMED: Kind = Kind {
    slug: "case-claimed",
    status: StatusCode::CONFLICT,
    title: Text::new("该事项已由他人领办", "Somebody else took this case on"),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => NOT_FOUND,
            Self::NotYours => NOT_YOURS,
            Self::Claimed => CLAIMED,
            Self::NotWaiting => NOT_WAITING,
            Self::NoAssignee | Self::RoleNotHeld | Self::NoPeer | Self::Term(_) => INVALID_REQUEST,
            Self::Case(error) => error.kind(),
            Self::Identity(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Region(error) => error.kind(),
            Self::Store(error) | Self::Key(KeyError::Store(error)) if is_outage(error) => {
                UNAVAILABLE
            }
            Self::Key(_) | Self::Damaged(_) | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        let fault = match self {
            Self::Case(error) => return error.fields(),
            Self::NoAssignee => FieldFault::new(
                "account_id",
                "decides_not",
                Text::new("该人员不办理此事项", "does not decide this case"),
            ),
            Self::RoleNotHeld => FieldFault::new(
                "role",
                "not_held",
                Text::new(
                    "您没有该角色，或该角色不办理审核事项",
                    "is not a role that you hold, or decides no cases",
                ),
            ),
            Self::NoPeer => FieldFault::new(
                "to_account_id",
                "no_peer",
                Text::new(
                    "须为本省持有同一有效角色的其他人员",
                    "must be somebody else who holds the role in the province",
                ),
            ),
            Self::Term(TermFault::Over) => FieldFault::new(
                "ends_at",
                "date_order",
                Text::new(
                    "须晚于开始时间和当前时间",
                    "must be after the start, and to come",
                ),
            ),
            Self::Term(TermFault::TooLong) => FieldFault::new(
                "ends_at",
                "range",
                Text::new("最长六十天", "must be within sixty days of the start"),
            ),
            Self::Term(TermFault::TooFar) => FieldFault::new(
                "starts_at",
                "range",
                Text::new("须在六十天之内", "must be within sixty days"),
            ),
            _ => return Vec::new(),
        };
        vec![fault]
    }
}
