//! What may go wrong, and what a caller is told of it.

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use crate::{
    http::problem::{Fault, INTERNAL, Kind, Text, UNAUTHENTICATED, UNAVAILABLE},
    platform::{db::is_outage, vault::Sealed},
};

/// A use case of staff did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No token, or none that is good: the caller cannot tell why.
    #[error("no session of staff")]
    Unauthenticated,
    /// No grant in force names a role that may do this. The routes and their roles are published, so
    /// this hides nothing by being told apart from a route that does not exist; an object that is out
    /// of reach is another matter, and answers as a missing one.
    #[error("no role that may do this")]
    RoleRequired,
    /// The caller has to prove themselves anew first (S10).
    #[error("a fresh proof of the caller is needed")]
    StepUpNeeded,
    /// A sealed value does not open.
    #[error("a sealed value of staff does not open")]
    Sealed(#[from] Sealed),
    /// The database failed.
    #[error("the store of staff failed")]
    Store(#[from] DbErr),
}

const ROLE_REQUIRED: Kind = Kind {
    slug: "role-required",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "您没有可执行此操作的有效角色",
        "You hold no role that may do this",
    ),
};

const STEP_UP_NEEDED: Kind = Kind {
    slug: "step-up-needed",
    status: StatusCode::FORBIDDEN,
    title: Text::new("请先再次验证身份", "Please prove yourself again first"),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Unauthenticated => UNAUTHENTICATED,
            Self::RoleRequired => ROLE_REQUIRED,
            Self::StepUpNeeded => STEP_UP_NEEDED,
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Sealed(_) | Self::Store(_) => INTERNAL,
        }
    }
}
