//! What can be wrong with a decision on a region, or with a year.

use std::borrow::Cow;

use sea_orm::DbErr;

use super::rules::{PlanError, YearError};
use crate::{
    http::problem::{Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, Text, UNAVAILABLE},
    platform::db::is_outage,
};

/// A region was not decided on, or a year not saved.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such division in force.
    #[error("no division in force has the code {0}")]
    NoSuchDivision(String),
    /// It would open or close in a year that nobody means.
    #[error("a region opens and closes in the years 2000 to 2199")]
    Implausible,
    /// It would close before it opens.
    #[error("a region closes after it opens")]
    Backwards,
    /// The plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The year.
    #[error(transparent)]
    Year(#[from] YearError),
    /// A stored plan is not what was written.
    #[error("a stored plan cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The database failed.
    #[error("the store of regions failed")]
    Store(#[from] DbErr),
}

/// `field` names a division that nobody ever assigned.
pub fn unknown_division(field: impl Into<Cow<'static, str>>) -> FieldFault {
    let message = Text::new("没有这个行政区划代码", "no division has this code");
    FieldFault::new(field, "unknown_division", message)
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NoSuchDivision(_)
            | Self::Implausible
            | Self::Backwards
            | Self::Plan(_)
            | Self::Year(_) => INVALID_REQUEST,
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Unreadable(_) | Self::Store(_) => INTERNAL,
        }
    }
}
