//! What can keep a report from being made.

use rust_xlsxwriter::XlsxError;
use sea_orm::DbErr;

use super::rules::PeriodFault;
use crate::{
    http::problem::{Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, Text, UNAVAILABLE},
    platform::db::is_outage,
};

/// A report was not made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not days that a report can be about.
    #[error(transparent)]
    Period(#[from] PeriodFault),
    /// The table cannot be written.
    #[error("a table cannot be written as CSV")]
    Csv(#[from] csv::Error),
    /// The workbook cannot be written.
    #[error("a table cannot be written as XLSX")]
    Xlsx(#[from] XlsxError),
    /// The database failed.
    #[error("the store of reports failed")]
    Store(#[from] DbErr),
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Period(_) => INVALID_REQUEST,
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Csv(_) | Self::Xlsx(_) | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        let Self::Period(fault) = self else {
            return Vec::new();
        };
        let (code, message) = match fault {
            PeriodFault::Backwards => (
                "date_order",
                Text::new("不能早于起始日期", "must not be before the first day"),
            ),
            PeriodFault::TooLong => (
                "range",
                Text::new(
                    "合计最多 366 天，逐日最多 92 天",
                    "makes more than 366 days together, or 92 one by one",
                ),
            ),
            PeriodFault::TooEarly => (
                "too_early",
                Text::new("不能早于 2020 年", "must not begin before 2020"),
            ),
            PeriodFault::Future => (
                "future",
                Text::new("不能晚于今天", "must not be in the future"),
            ),
        };
        let field = match fault {
            PeriodFault::TooEarly => "from",
            PeriodFault::Backwards | PeriodFault::TooLong | PeriodFault::Future => "to",
        };
        vec![FieldFault::new(field, code, message)]
    }
}
