//! What can keep a card from being applied for, issued, marked or shown.

use actix_web::http::StatusCode;
use entity::values::Division;
use sea_orm::DbErr;

use super::printing::NotPrinted;
use crate::{
    credentials, declarations, facts, health_code,
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    identity::{self, KeyError},
    notifications,
    platform::{db::is_outage, vault::Sealed},
    regions, review,
};

/// Something about a card did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The person has to declare first.
    #[error("nothing was declared")]
    NotDeclared,
    /// An application of the person's waits for a decision.
    #[error("an application is open")]
    AlreadyOpen,
    /// The person has a card that is good for longer.
    #[error("the person has a card")]
    CardInForce,
    /// The region is not open.
    #[error("the region is not open")]
    RegionNotOpen(Division),
    /// No such community, or nobody applies there any more.
    #[error("no such community")]
    UnknownCommunity,
    /// Somebody arrives after today.
    #[error("an arrival in the future")]
    ArrivalInFuture,
    /// The arrival is not in the declaration that the application is filed with.
    #[error("an arrival that was not declared")]
    ArrivalNotDeclared,
    /// Who declared lives in another province.
    #[error("declared to live in another province")]
    DeclaredElsewhere,
    /// The arrival names a division that nobody ever assigned.
    #[error("an arrival from nowhere")]
    UnknownOrigin,
    /// No such application, or not for this caller: the two look the same.
    #[error("no such application")]
    NoSuchApplication,
    /// No card, or not for this caller.
    #[error("no such card")]
    NoSuchCard,
    /// There is no card to take the place of.
    #[error("no card is in force")]
    NotInForce,
    /// The card does not count, so it is not printed.
    #[error("the card does not count")]
    DoesNotCount,
    /// Nobody checks in at the window for the person: they applied with a phone, or their application came to
    /// nothing, or their card is over.
    #[error("nobody to check in for")]
    NotAttended,
    /// The application is marked.
    #[error("the declaration is marked")]
    AlreadyMarked,
    /// No mark stands on the application.
    #[error("no mark stands")]
    NotMarked,
    /// What is named does not show that a declaration is not true.
    #[error("not evidence")]
    NotEvidence,
    /// Only the level above takes a mark back.
    #[error("the level above decides")]
    AboveDecides,
    /// A card has no number that a permit can hold.
    #[error("no permit has room for the card")]
    NoRoom,
    /// Who somebody is, and who may act for whom.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// What was declared.
    #[error(transparent)]
    Declaration(#[from] declarations::Error),
    /// The colour.
    #[error(transparent)]
    Colour(#[from] health_code::Error),
    /// The case.
    #[error(transparent)]
    Review(#[from] review::Error),
    /// The store of facts.
    #[error(transparent)]
    Facts(#[from] facts::Error),
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// The person's data key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The person cannot be told.
    #[error(transparent)]
    Notification(#[from] notifications::Error),
    /// The region.
    #[error(transparent)]
    Region(#[from] regions::Error),
    /// The permit was not signed.
    #[error(transparent)]
    Permit(#[from] credentials::PermitError),
    /// The card was not printed.
    #[error(transparent)]
    Printing(#[from] NotPrinted),
    /// The page was not set to its end.
    #[error("setting the page was broken off")]
    NotSet,
    /// Stored words do not open.
    #[error("stored words do not open")]
    Damaged(#[from] Sealed),
    /// Stored words are not what was written.
    #[error("stored words cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The database failed.
    #[error("the store of cards failed")]
    Store(#[from] DbErr),
}

const NOT_DECLARED: Kind = Kind {
    slug: "declaration-missing",
    status: StatusCode::CONFLICT,
    title: Text::new("请先进行健康申报", "Please declare first"),
};

const ARRIVAL_NOT_DECLARED: Kind = Kind {
    slug: "arrival-not-declared",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "请先在健康申报中如实填写抵达情况",
        "Please declare the arrival first: the code follows from the declaration",
    ),
};

const DECLARED_ELSEWHERE: Kind = Kind {
    slug: "declared-elsewhere",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "健康申报的居住地不在本省，请先更新申报",
        "The declaration says that the person lives in another province; please declare anew first",
    ),
};

const ALREADY_OPEN: Kind = Kind {
    slug: "pass-application-open",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "您有一份通行卡申请正在办理",
        "An application for a pass card is waiting for a decision",
    ),
};

const CARD_IN_FORCE: Kind = Kind {
    slug: "pass-card-in-force",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "已有有效的健康通行卡，到期前七日内方可再次申请",
        "There is a card: another one can be applied for in its last seven days",
    ),
};

const REGION_NOT_OPEN: Kind = Kind {
    slug: "region-not-open",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该地区尚未开放办理，您的申报已保存",
        "The region is not open yet; what was declared is kept",
    ),
};

const NOT_IN_FORCE: Kind = Kind {
    slug: "pass-card-not-in-force",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "没有可以补发的通行卡",
        "There is no card in force to replace",
    ),
};

const NOT_ATTENDED: Kind = Kind {
    slug: "check-in-not-at-window",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "仅可为在窗口申请且办理中或持卡的人员代为打卡",
        "Check-ins are taken down for people who applied at the window, while they wait or have the card",
    ),
};

const DOES_NOT_COUNT: Kind = Kind {
    slug: "pass-card-does-not-count",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该通行卡目前不可使用，不能打印",
        "The card does not count now, so it is not printed",
    ),
};

/// What was declared is marked as not true.
pub(super) const ALREADY_MARKED: Kind = Kind {
    slug: "declaration-marked",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该申请已被标记为申报不实",
        "What was declared for this application is marked as not true",
    ),
};

const ABOVE_DECIDES: Kind = Kind {
    slug: "level-above-decides",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "只有上一级可以撤销该标记",
        "Only the level above can take this mark back",
    ),
};

/// Somebody would be granted a card whose code is red.
pub(super) const RED_CODE: Kind = Kind {
    slug: "red-code-stands",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "申请人为红码，不能发放通行卡",
        "The applicant's code is red: no card can be issued",
    ),
};

/// The clock would grant somebody a card against whom something holds.
pub(super) const HOLD_STANDS: Kind = Kind {
    slug: "hold-stands",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "申请人的健康码非绿码，须由人工审核",
        "The applicant's code is not green: somebody has to decide",
    ),
};

/// The clock would grant somebody a card who declared falsely.
pub(super) const REVIEW_REQUIRED: Kind = Kind {
    slug: "review-required",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "申请人曾申报不实，须由人工审核",
        "The applicant declared falsely before: somebody has to decide",
    ),
};

impl Error {
    fn database(&self) -> Option<&DbErr> {
        match self {
            Self::Store(error) | Self::Key(KeyError::Store(error)) => Some(error),
            _ => None,
        }
    }
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NotDeclared => NOT_DECLARED,
            Self::ArrivalNotDeclared => ARRIVAL_NOT_DECLARED,
            Self::DeclaredElsewhere => DECLARED_ELSEWHERE,
            Self::AlreadyOpen => ALREADY_OPEN,
            Self::CardInForce => CARD_IN_FORCE,
            Self::RegionNotOpen(_) => REGION_NOT_OPEN,
            Self::UnknownCommunity
            | Self::ArrivalInFuture
            | Self::UnknownOrigin
            | Self::NotEvidence => INVALID_REQUEST,
            Self::NoSuchApplication | Self::NoSuchCard | Self::NotMarked => NOT_FOUND,
            Self::NotInForce => NOT_IN_FORCE,
            Self::NotAttended => NOT_ATTENDED,
            Self::DoesNotCount => DOES_NOT_COUNT,
            Self::AlreadyMarked => ALREADY_MARKED,
            Self::AboveDecides => ABOVE_DECIDES,
            Self::Identity(error) => error.kind(),
            Self::Declaration(error) => error.kind(),
            Self::Colour(error) => error.kind(),
            Self::Review(error) => error.kind(),
            Self::Facts(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Notification(error) => error.kind(),
            Self::Region(error) => error.kind(),
            Self::Permit(error) => error.kind(),
            _ if self.database().is_some_and(is_outage) => UNAVAILABLE,
            Self::NoRoom
            | Self::Printing(_)
            | Self::NotSet
            | Self::Key(_)
            | Self::Damaged(_)
            | Self::Unreadable(_)
            | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        let field = |name: &'static str, code: &'static str, zh, en| {
            vec![FieldFault::new(name, code, Text::new(zh, en))]
        };
        match self {
            Self::UnknownCommunity => field(
                "community",
                "unknown_community",
                "没有这个社区（村）",
                "is no community where people apply",
            ),
            Self::RegionNotOpen(division) => vec![FieldFault::new(
                "community",
                division.code().to_owned(),
                Text::new("该地区尚未开放", "lies in a region that is not open"),
            )],
            Self::ArrivalInFuture => field(
                "arrival.on",
                "future",
                "不能晚于今天",
                "must not be after today",
            ),
            Self::UnknownOrigin => vec![regions::unknown_division(
                "arrival.from.division".to_owned(),
            )],
            Self::NotEvidence => field(
                "evidence",
                "not_evidence",
                "不是与申报相矛盾的联系记录或事实",
                "is no contact or fact that contradicts the declaration",
            ),
            Self::Identity(error) => error.fields(),
            Self::Declaration(error) => error.fields(),
            Self::Review(error) => error.fields(),
            Self::Idempotency(error) => error.fields(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Identity(error) => error.retry_after(),
            Self::Review(error) => error.retry_after(),
            Self::Idempotency(error) => error.retry_after(),
            _ => None,
        }
    }
}
