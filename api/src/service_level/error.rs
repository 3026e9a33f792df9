//! What can keep a level from being ordered.

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use crate::{
    http::problem::{Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, Text, UNAVAILABLE},
    platform::db::is_outage,
    policy,
};

/// A use case of service levels did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The lowest level is above the highest.
    #[error("the lowest level is above the highest")]
    Backwards,
    /// The caller's role does not reach the whole province.
    #[error("only for the whole province")]
    ProvinceOnly,
    /// Which province it is.
    #[error(transparent)]
    Policy(#[from] policy::Error),
    /// The database failed.
    #[error("the store of service levels failed")]
    Store(#[from] DbErr),
}

const PROVINCE_ONLY: Kind = Kind {
    slug: "province-only",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "服务等级由省级统一调整",
        "Only the province orders how far the service is reduced",
    ),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Backwards => INVALID_REQUEST,
            Self::ProvinceOnly => PROVINCE_ONLY,
            Self::Policy(error) => error.kind(),
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Backwards => vec![FieldFault::new(
                "at_most",
                "backwards",
                Text::new("不能低于最低等级", "must not be below at_least"),
            )],
            _ => Vec::new(),
        }
    }
}
