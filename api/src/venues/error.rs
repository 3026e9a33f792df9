//! What can keep a code from counting, and somebody from getting one.

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use super::rules::CodeError;
use crate::{
    clients::PlatformError,
    credentials::qr::TooLong,
    documents::NotWritten,
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    identity, notifications, organisations,
    platform::db::is_outage,
    regions, review,
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
    /// No such venue or application, or not for this caller: the two look the same.
    #[error("no such venue for this caller")]
    NoSuchVenue,
    /// A venue lies in a county or district in force.
    #[error("no county or district in force")]
    NoSuchPlace,
    /// A venue lies where nobody here decides.
    #[error("a division of another province")]
    Elsewhere,
    /// Nobody here is verified as the unit's legal person, so nobody could be told.
    #[error("nobody could be told what becomes of the application")]
    NobodyToTell,
    /// The unit has as many codes as it may have through the mini-program.
    #[error("the unit has as many codes as it may have through the mini-program")]
    NoPlaceLeft,
    /// The unit has more codes than anybody meant it to have.
    #[error("the unit has as many codes as it may have")]
    TooMany,
    /// Whoever applied for the unit acts for it no more.
    #[error("the caller acts for the unit no more")]
    NotOfTheUnit,
    /// An application about the venue waits for a decision.
    #[error("an application about the venue is open")]
    AlreadyOpen,
    /// The code of the venue does not count, so nothing can be done with it.
    #[error("the code of the venue does not count")]
    NotActive,
    /// A code was not drawn.
    #[error(transparent)]
    Picture(#[from] TooLong),
    /// A poster was not written.
    #[error(transparent)]
    Poster(#[from] NotWritten),
    /// Setting a poster was given up.
    #[error("a poster was not set")]
    NotSet,
    /// A super-app did not draw a code.
    #[error("the platform drew no code")]
    Platform(#[from] PlatformError),
    /// Messages.
    #[error(transparent)]
    Notification(#[from] notifications::Error),
    /// The review of cases.
    #[error(transparent)]
    Review(#[from] review::Error),
    /// Who acts for a unit.
    #[error(transparent)]
    Organisation(#[from] organisations::Error),
    /// Who somebody is.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
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

const NOBODY_TO_TELL: Kind = Kind {
    slug: "legal-person-not-verified",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "法定代表人须先在小程序完成实名认证，以便接收审核结果",
        "The legal person has to prove in the mini-program who they are first, to be told the result",
    ),
};

const NO_PLACE_LEFT: Kind = Kind {
    slug: "venue-quota-used-up",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "本单位通过小程序申领的场所码已达上限，请登录开放平台申领",
        "The unit has as many codes as it may have through the mini-program; ask for more on the open \
         platform",
    ),
};

const TOO_MANY: Kind = Kind {
    slug: "venue-limit-reached",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "本单位的场所码数量异常，请联系属地管理部门",
        "The unit has an unusual number of venue codes; please ask the authority",
    ),
};

const NOT_OF_THE_UNIT: Kind = Kind {
    slug: "venue-unit-not-acted-for",
    status: StatusCode::FORBIDDEN,
    title: Text::new("您已不再为该单位办事", "You act for this unit no more"),
};

const ALREADY_OPEN: Kind = Kind {
    slug: "venue-application-open",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该场所有正在审核的申请",
        "An application about this venue waits for a decision",
    ),
};

const NOT_ACTIVE: Kind = Kind {
    slug: "venue-not-active",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该场所码当前未启用",
        "The code of this venue does not count now",
    ),
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
            Self::NoSuchVenue => NOT_FOUND,
            Self::NoSuchPlace | Self::Elsewhere => INVALID_REQUEST,
            Self::NobodyToTell => NOBODY_TO_TELL,
            Self::NoPlaceLeft => NO_PLACE_LEFT,
            Self::TooMany => TOO_MANY,
            Self::NotOfTheUnit => NOT_OF_THE_UNIT,
            Self::AlreadyOpen => ALREADY_OPEN,
            Self::NotActive => NOT_ACTIVE,
            Self::Platform(_) => UNAVAILABLE,
            Self::Notification(error) => error.kind(),
            Self::Review(error) => error.kind(),
            Self::Organisation(error) => error.kind(),
            Self::Identity(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Picture(_) | Self::Poster(_) | Self::NotSet | Self::Store(_) => INTERNAL,
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
            Self::NoSuchPlace => vec![regions::unknown_division("division")],
            Self::Elsewhere => vec![FieldFault::new(
                "division",
                "elsewhere",
                Text::new("不在本地", "is not decided for here"),
            )],
            Self::Review(error) => error.fields(),
            Self::Organisation(error) => error.fields(),
            Self::Identity(error) => error.fields(),
            _ => Vec::new(),
        }
    }
}
