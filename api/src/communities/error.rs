//! What can keep something from being published, or somebody from signing in.

use std::fmt;

use actix_web::http::StatusCode;
use entity::values::Division;
use sea_orm::{DbErr, SqlErr};

use super::rules::{Fault as Wrong, Flaw};
use crate::{
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    platform::{db::is_outage, headed_csv},
    regions, staff,
};

/// A use case of communities did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such community or division, or not for this caller: the two look the same.
    #[error("no such community for this caller")]
    NotFound,
    /// Nobody applies in the community any more.
    #[error("the community is closed")]
    Closed,
    /// It has cases that nobody decided yet.
    #[error("the community has open cases")]
    OpenCases,
    /// No such division in force.
    #[error("no division in force has the code {}", .0.code())]
    NoSuchDivision(Division),
    /// What was written cannot be published.
    #[error("what was written cannot be published")]
    Unfit(Vec<Flaw>),
    /// A file that cannot be brought in.
    #[error("nothing of the file is kept")]
    File(Vec<RowFlaw>),
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// The working calendar.
    #[error(transparent)]
    Region(#[from] regions::Error),
    /// Who works where.
    #[error(transparent)]
    Staff(#[from] staff::Error),
    /// The database failed.
    #[error("the store of communities failed")]
    Store(#[from] DbErr),
}

/// What is wrong with a row of a file, or with the file.
pub type RowFlaw = headed_csv::RowFlaw<CellFlaw>;

/// What can be wrong with a cell of a file of communities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellFlaw {
    /// Not the code of a community in a county or district in force.
    Code,
    /// A field.
    Field(Flaw),
}

impl fmt::Display for CellFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code => f.write_str("code: is no community of a county or district in force"),
            Self::Field(flaw) => write!(f, "{}: {}", flaw.field, text(flaw.fault).en),
        }
    }
}

impl Error {
    /// Whether another process wrote the same at the same time.
    pub(super) fn is_overtaken(&self) -> bool {
        let Self::Store(error) = self else {
            return false;
        };
        matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
    }
}

/// Also said of a role for such a community.
const CLOSED: Kind = Kind {
    slug: "community-closed",
    status: StatusCode::CONFLICT,
    title: Text::new("该社区已停止办理", "The community is closed"),
};

const OPEN_CASES: Kind = Kind {
    slug: "community-has-open-cases",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该社区还有未办结的申请",
        "The community has cases that are not decided",
    ),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => NOT_FOUND,
            Self::Closed => CLOSED,
            Self::OpenCases => OPEN_CASES,
            Self::NoSuchDivision(_) | Self::Unfit(_) | Self::File(_) => INVALID_REQUEST,
            Self::Idempotency(error) => error.kind(),
            Self::Region(error) => error.kind(),
            Self::Staff(error) => error.kind(),
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::NoSuchDivision(_) => vec![regions::unknown_division("division")],
            Self::Unfit(flaws) => flaws.iter().map(field).collect(),
            _ => Vec::new(),
        }
    }
}

fn field(flaw: &Flaw) -> FieldFault {
    let code = match flaw.fault {
        Wrong::Length => "length",
        Wrong::Invisible => "characters",
        Wrong::Telephone => "telephone",
        Wrong::Mobile => "mobile",
    };
    FieldFault::new(flaw.field, code, text(flaw.fault))
}

fn text(fault: Wrong) -> Text {
    match fault {
        Wrong::Length => Text::new("为空或过长", "is blank or too long"),
        Wrong::Invisible => Text::new("含有不可见字符", "has characters that nobody sees"),
        Wrong::Telephone => Text::new(
            "不是办公电话或服务热线，例如 0531-86000000 或 12345",
            "is not the telephone of an office or a hotline, such as 0531-86000000 or 12345",
        ),
        Wrong::Mobile => Text::new(
            "是手机号码，请填写办公电话",
            "is a mobile phone: give the telephone of the office",
        ),
    }
}
