//! Why a call was not taken in.

use std::time::Duration;

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use crate::{
    clients::PlatformError,
    http::problem::{Fault, INTERNAL, Kind, Text, UNAVAILABLE},
    notifications,
    platform::db::is_outage,
};

/// When a platform that was turned away may come again.
const SOON: Duration = Duration::from_secs(1);

/// One answer for every way in which a call is not the platform's: whoever tries learns nothing.
const REFUSED: Kind = Kind {
    slug: "call-refused",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "该请求不是平台为本应用签发的",
        "This call is not one that the platform signed for this app",
    ),
};

/// A call was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not what the platform signed, is for another app, or cannot be read.
    #[error("the call does not verify")]
    Forged,
    /// The app is not one of ours.
    #[error("no such app is configured")]
    UnknownApp,
    /// It was made too long ago, or is dated in the future.
    #[error("the call is too old")]
    Replayed,
    /// Too many calls at once.
    #[error("too many calls at once")]
    Busy,
    /// It could not be taken in before the platform gives up.
    #[error("the call could not be taken in in time")]
    TooSlow,
    /// What became of a notification could not be noted.
    #[error(transparent)]
    Notification(#[from] notifications::Error),
    /// The database failed.
    #[error("the store of calls failed")]
    Store(#[from] DbErr),
}

impl Error {
    /// The same as a metric's label.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Forged => "forged",
            Self::UnknownApp => "unknown_app",
            Self::Replayed => "replayed",
            Self::Busy => "busy",
            Self::TooSlow => "too_slow",
            Self::Notification(_) | Self::Store(_) => "store",
        }
    }
}

impl From<PlatformError> for Error {
    fn from(error: PlatformError) -> Self {
        match error {
            PlatformError::UnknownApp => Self::UnknownApp,
            PlatformError::Forged
            | PlatformError::CodeRefused
            | PlatformError::UserBlocked
            | PlatformError::Unavailable(_) => Self::Forged,
        }
    }
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Forged | Self::UnknownApp | Self::Replayed => REFUSED,
            Self::Busy | Self::TooSlow => UNAVAILABLE,
            Self::Notification(error) => error.kind(),
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Store(_) => INTERNAL,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        matches!(self, Self::Busy).then_some(SOON)
    }
}
