//! What can keep a report from being made.

use actix_web::http::StatusCode;
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

const NOT_ALIGNED: Kind = Kind {
    slug: "period-not-aligned",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "只统计已结束的整月、整季或整年；逐日统计限一个整月",
        "A report is about one calendar month, quarter or year; by day, about one month",
    ),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Period(PeriodFault::NotAligned) => NOT_ALIGNED,
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
                Text::new("最多 366 天", "makes more than 366 days"),
            ),
            PeriodFault::TooEarly => (
                "too_early",
                Text::new("不能早于 2020 年", "must not begin before 2020"),
            ),
            PeriodFault::Future => ("future", Text::new("须早于今天", "must be before today")),
            PeriodFault::NotAligned => return Vec::new(),
        };
        let field = match fault {
            PeriodFault::TooEarly => "from",
            _ => "to",
        };
        vec![FieldFault::new(field, code, message)]
    }
}
