//! What can keep a section or a plate from counting.

use entity::values::PlateError;
use sea_orm::DbErr;

use crate::{
    http::problem::{Fault, FieldFault, INTERNAL, Kind, Text, UNAVAILABLE},
    platform::db::is_outage,
};

/// A use case of roads did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the store of sections failed")]
    Store(#[from] DbErr),
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Store(_) => INTERNAL,
        }
    }
}

/// That `field` is no plate, and why not.
#[must_use]
pub fn plate_fault(field: &'static str, error: PlateError) -> FieldFault {
    let message = match error {
        PlateError::Length => Text::new("须为 7 位或 8 位", "must have 7 or 8 characters"),
        PlateError::UnknownProvince => Text::new(
            "须以省、自治区、直辖市简称开头",
            "must begin with the character of a province",
        ),
        PlateError::ForbiddenLetter(_) => Text::new(
            "号牌中没有字母 I 和 O，请核对是否为 1 和 0",
            "must not have the letters I and O: look whether they are 1 and 0",
        ),
        PlateError::Form => Text::new("号牌号码的格式不正确", "is not made up like a plate"),
    };
    FieldFault::new(field, error.code(), message)
}
