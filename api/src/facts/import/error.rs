//! Why an import does not go on.

use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use sea_orm::DbErr;

use super::{container::Unfit, findings::FileFlaw};
use crate::{
    facts,
    http::problem::{Fault, FieldFault, INTERNAL, Kind, NOT_FOUND, Text, UNAVAILABLE},
    platform::db::is_outage,
    policy,
};

/// An import does not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is refused as a whole; nothing of it was applied.
    #[error("the file is refused: {}", .0.code())]
    Refused(FileFlaw),
    /// Another process has it until then, unless it says so again.
    #[error("another process works on this import")]
    Busy(DateTime<Utc>),
    /// Others kept bringing the same rows at the same moment.
    #[error("others keep bringing the same rows")]
    Contended,
    /// Another process took it over.
    #[error("another process took this import over")]
    Overtaken,
    /// No such import, or another region's: the caller cannot tell which.
    #[error("no such import")]
    NotFound,
    /// It does not wait for anybody to let it go on.
    #[error("this import is not quarantined")]
    NotQuarantined,
    /// Whoever brought it cannot let it go on.
    #[error("a second person must release this import")]
    SamePerson,
    /// The upload broke off, or took too long.
    #[error("the upload broke off")]
    BrokeOff,
    /// The file cannot be read or written.
    #[error("the file cannot be read or kept")]
    Io(#[from] std::io::Error),
    /// A fact could not be recorded.
    #[error("a fact could not be recorded")]
    Fact(#[source] Box<facts::Error>),
    /// The policy in force cannot be told.
    #[error("the policy in force cannot be told")]
    Policy(#[source] Box<policy::Error>),
    /// The database failed.
    #[error("the store of imports failed")]
    Store(#[from] DbErr),
}

const REFUSED: Kind = Kind {
    slug: "import-refused",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new("文件不能导入", "The file is refused"),
};

const TOO_LARGE: Kind = Kind {
    slug: "body-too-large",
    status: StatusCode::PAYLOAD_TOO_LARGE,
    title: Text::new("请求体过大", "The body is too large"),
};

const BROKE_OFF: Kind = Kind {
    slug: "upload-broke-off",
    status: StatusCode::REQUEST_TIMEOUT,
    title: Text::new("上传中断或超时", "The upload broke off or took too long"),
};

const BUSY: Kind = Kind {
    slug: "import-busy",
    status: StatusCode::CONFLICT,
    title: Text::new("该文件正在导入", "This file is being imported"),
};

const NOT_QUARANTINED: Kind = Kind {
    slug: "import-not-quarantined",
    status: StatusCode::CONFLICT,
    title: Text::new("该导入无需放行", "This import does not wait to be released"),
};

const SAME_PERSON: Kind = Kind {
    slug: "import-needs-a-second-person",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "须由另一人放行",
        "Somebody else than who brought it must release it",
    ),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Refused(FileFlaw::TooLarge) => TOO_LARGE,
            Self::Refused(_) => REFUSED,
            Self::Busy(_) | Self::Contended | Self::Overtaken => BUSY,
            Self::NotFound => NOT_FOUND,
            Self::NotQuarantined => NOT_QUARANTINED,
            Self::SamePerson => SAME_PERSON,
            Self::BrokeOff => BROKE_OFF,
            Self::Fact(error) => error.kind(),
            Self::Policy(error) => error.kind(),
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Io(_) | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Refused(flaw) => vec![FieldFault::new("file", flaw.code(), flaw.text())],
            _ => Vec::new(),
        }
    }
}

impl From<Unfit> for Error {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Flawed(flaw) => Self::Refused(flaw),
            Unfit::Io(error) => Self::Io(error),
        }
    }
}

impl From<facts::Error> for Error {
    fn from(error: facts::Error) -> Self {
        Self::Fact(Box::new(error))
    }
}
