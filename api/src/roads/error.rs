//! What can keep a section or a plate from counting.

use actix_web::http::StatusCode;
use entity::values::PlateError;
use sea_orm::{DbErr, SqlErr};

use super::bringing_in::RowFlaw;
use crate::{
    http::problem::{
        Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
    },
    platform::db::is_outage,
};

/// A use case of roads did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such section, or not for this caller: the two look the same.
    #[error("no such section for this caller")]
    NotFound,
    /// What was written cannot be decided.
    #[error("what was written cannot be decided")]
    Unfit(Vec<FieldFault>),
    /// A file that cannot be brought in.
    #[error("nothing of the file is kept")]
    File(Vec<RowFlaw>),
    /// The database failed.
    #[error("the store of sections failed")]
    Store(#[from] DbErr),
}

const OVERTAKEN: Kind = Kind {
    slug: "road-section-overtaken",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该路段刚被他人修改，请重新查看",
        "Somebody else decided on the section just now; please read it again",
    ),
};

/// Whether somebody else decided on the same section at the same time.
fn is_overtaken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => NOT_FOUND,
            Self::Unfit(_) | Self::File(_) => INVALID_REQUEST,
            Self::Store(error) if is_overtaken(error) => OVERTAKEN,
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Unfit(faults) => faults.clone(),
            _ => Vec::new(),
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
