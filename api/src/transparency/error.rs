//! What can keep the log from growing, and somebody from reading it.

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use crate::{
    credentials::keyring::NoKey,
    http::problem::{
        Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
    },
    identity,
    platform::db::is_outage,
};

/// The log did not grow, or was not read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such tile or checkpoint, or none yet.
    #[error("the log has no such tile or checkpoint")]
    NoSuchPart,
    /// What is kept of the tree is not what was signed last: somebody changed it.
    #[error("what is kept of the log is not what was signed: somebody changed it")]
    Tampered,
    /// The note is no checkpoint of this log, or of a tree that this log never was.
    #[error("not a checkpoint of this log")]
    NotOurs,
    /// No witness that is known signed the note, or one did not who is said to have.
    #[error("no witness that is known signed this")]
    NotWitnessed,
    /// The witness signed a later checkpoint before.
    #[error("the witness signed a later checkpoint before")]
    Outdated,
    /// No key signs checkpoints now.
    #[error(transparent)]
    Key(#[from] NoKey),
    /// Who somebody is.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The database failed.
    #[error("the store of the log failed")]
    Store(#[from] DbErr),
}

const OUTDATED: Kind = Kind {
    slug: "cosignature-outdated",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该见证方已签署过更新的检查点",
        "The witness signed a later checkpoint before",
    ),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NoSuchPart => NOT_FOUND,
            Self::NotOurs | Self::NotWitnessed => INVALID_REQUEST,
            Self::Outdated => OUTDATED,
            Self::Identity(error) => error.kind(),
            Self::Key(_) => UNAVAILABLE,
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Tampered | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        let (code, message) = match self {
            Self::NotOurs => (
                "not_ours",
                Text::new(
                    "不是本日志的检查点",
                    "is no checkpoint of a tree that this log was",
                ),
            ),
            Self::NotWitnessed => (
                "not_witnessed",
                Text::new(
                    "没有已知见证方的有效签名",
                    "has no good signature of a witness that is known",
                ),
            ),
            Self::Identity(error) => return error.fields(),
            _ => return Vec::new(),
        };
        vec![FieldFault::new("note", code, message)]
    }
}
