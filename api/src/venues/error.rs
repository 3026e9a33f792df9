//! What can keep a code from counting, and somebody from getting one.

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use super::rules::CodeError;
use crate::{
    http::problem::{Fault, FieldFault, INTERNAL, Kind, Text, UNAVAILABLE},
    platform::db::is_outage,
};

/// A use case of venues did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The scanned text is no code of ours, or not any more.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// No venue was ever given the code.
    #[error("nobody was given this venue code")]
    UnknownCode,
    /// Another code took its place.
    #[error("the venue code was replaced")]
    ReplacedCode,
    /// The venue takes the code of its own screen, and no printed one.
    #[error("the venue takes the code of its screen alone")]
    ScreenOnly,
    /// The venue's code does not count for now.
    #[error("the venue is suspended")]
    Suspended,
    /// The venue has no code any more.
    #[error("the venue is closed")]
    Closed,
    /// The database failed.
    #[error("the store of venues failed")]
    Store(#[from] DbErr),
}

const FOREIGN: Kind = Kind {
    slug: "venue-code-foreign",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "这不是本系统的场所码",
        "This is not a venue code of this service",
    ),
};

const UPPER_CASED: Kind = Kind {
    slug: "venue-code-in-capitals",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "场所码被改成了大写，请直接扫描门口的码",
        "The venue code was written in capitals; please scan the one at the door",
    ),
};

const TRUNCATED: Kind = Kind {
    slug: "venue-code-truncated",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "场所码不完整，请重新扫描",
        "A part of the venue code is missing; please scan it again",
    ),
};

const FORGED: Kind = Kind {
    slug: "venue-code-forged",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "这个场所码是伪造的，请告知场所工作人员",
        "This venue code was made up; please tell the staff of the venue",
    ),
};

const WINDOW_OVER: Kind = Kind {
    slug: "venue-code-expired",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "屏幕上的码已更新，请重新扫描",
        "The code on the screen has changed; please scan it again",
    ),
};

const REPLACED: Kind = Kind {
    slug: "venue-code-replaced",
    status: StatusCode::GONE,
    title: Text::new(
        "该场所码已更换，请扫描新的场所码",
        "This venue code was replaced; please scan the new one",
    ),
};

const SCREEN_ONLY: Kind = Kind {
    slug: "venue-code-on-screen-only",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该场所只认屏幕上的动态码",
        "This venue takes the code on its screen alone",
    ),
};

const SUSPENDED: Kind = Kind {
    slug: "venue-suspended",
    status: StatusCode::CONFLICT,
    title: Text::new("该场所码已暂停使用", "The code of this venue is suspended"),
};

const CLOSED: Kind = Kind {
    slug: "venue-closed",
    status: StatusCode::GONE,
    title: Text::new("该场所已注销", "This venue is closed"),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Code(CodeError::Foreign) => FOREIGN,
            Self::Code(CodeError::UpperCased) => UPPER_CASED,
            Self::Code(CodeError::Truncated) => TRUNCATED,
            Self::Code(CodeError::Forged) | Self::UnknownCode => FORGED,
            Self::Code(CodeError::WindowOver) => WINDOW_OVER,
            Self::ReplacedCode => REPLACED,
            Self::ScreenOnly => SCREEN_ONLY,
            Self::Suspended => SUSPENDED,
            Self::Closed => CLOSED,
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        let code =
            |what: &'static str, zh, en| vec![FieldFault::new("code", what, Text::new(zh, en))];
        match self {
            Self::Code(CodeError::Foreign) => code("foreign", "不是本系统的场所码", "is not ours"),
            Self::Code(CodeError::UpperCased) => code("capitals", "被改成了大写", "is in capitals"),
            Self::Code(CodeError::Truncated) => code("truncated", "不完整", "is not whole"),
            Self::Code(CodeError::Forged) | Self::UnknownCode => {
                code("forged", "是伪造的", "was made up")
            }
            Self::Code(CodeError::WindowOver) => code("expired", "已过期", "is over"),
            Self::ReplacedCode => code("replaced", "已更换", "was replaced"),
            Self::ScreenOnly => code("printed", "是打印的码", "is a printed one"),
            _ => Vec::new(),
        }
    }
}
