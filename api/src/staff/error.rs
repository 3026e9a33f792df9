//! What may go wrong, and what a caller is told of it.

use std::time::Duration;

use actix_web::http::StatusCode;
use entity::values::{Division, Role};
use sea_orm::DbErr;

use super::rules::TermFault;
use crate::{
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAUTHENTICATED,
            UNAVAILABLE,
        },
    },
    platform::{db::is_outage, ephemeral::Unavailable, vault::Sealed},
    regions::unknown_division,
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
    /// No such thing, or one that is out of the caller's reach.
    #[error("no such thing for this caller")]
    NotFound,
    /// Account, code or key are wrong, or the account is not in use: the caller cannot tell which.
    #[error("the log-in is not accepted")]
    LoginRefused,
    /// The code or key of a caller who is known is wrong.
    #[error("the proof is not accepted")]
    ProofRefused,
    /// The enrolment secret is unknown, spent or over.
    #[error("the enrolment secret is not accepted")]
    EnrolmentRefused,
    /// Too many attempts, for one account or from one address.
    #[error("too many attempts")]
    TooManyAttempts(Duration),
    /// Not a name.
    #[error("not a name")]
    Name,
    /// Not a division.
    #[error("{} is no division", .0.code())]
    UnknownDivision(Division),
    /// A region that the caller does not administer.
    #[error("{} is not the caller's to administer", .0.code())]
    ForeignDivision(Division),
    /// A role that is held at the province alone, elsewhere.
    #[error("the role is held at the province alone")]
    ProvinceOnly,
    /// A role that is held for all of a division, for a single community.
    #[error("the role is not held for a single community")]
    NotForACommunity,
    /// A community that does not lie in the division.
    #[error("the community lies elsewhere")]
    CommunityElsewhere,
    /// Not a community of the directory, or one that is closed.
    #[error("no community of the directory that is open")]
    UnknownCommunity,
    /// The community that a requested role is for was closed since.
    #[error("the community of the grant is closed")]
    CommunityClosed,
    /// Not a term that a grant may have.
    #[error(transparent)]
    Term(#[from] TermFault),
    /// Requesting, approving and getting a role takes three people.
    #[error("another person is needed")]
    AnotherPersonNeeded,
    /// Whoever requested the grant was suspended since, or administers its region no more.
    #[error("whoever requested the grant may not any more")]
    RequesterGone,
    /// The account holds a role in a region that the caller does not administer.
    #[error("the account holds a role elsewhere")]
    HeldElsewhere,
    /// The account holds a role that does not go together with this one.
    #[error("the role does not go together with {0:?}")]
    RolesClash(Role),
    /// The grant was approved, taken back, or not approved in time.
    #[error("the grant was decided before")]
    GrantDecided,
    /// The account is suspended.
    #[error("the account is suspended")]
    AccountSuspended,
    /// A role that the command line does not give.
    #[error("the command line gives the roles region_admin and grant_approver alone")]
    NotAFirstRole,
    /// Somebody holds the role, so more of it is theirs to give.
    #[error("somebody holds this role in this region: ask them for more of it")]
    RoleIsHeld,
    /// The short-lived store failed where it must not.
    #[error("one-time state is not available")]
    Ephemeral(#[from] Unavailable),
    /// An answer could not be kept or given again.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// What an app reads cannot be written.
    #[error("the address of a shared secret cannot be written")]
    Address(#[from] url::ParseError),
    /// A sealed value does not open.
    #[error("a sealed value of staff does not open")]
    Sealed(#[from] Sealed),
    /// The database failed.
    #[error("the store of staff failed")]
    Store(#[from] DbErr),
}

const fn kind(slug: &'static str, status: StatusCode, zh: &'static str, en: &'static str) -> Kind {
    Kind {
        slug,
        status,
        title: Text::new(zh, en),
    }
}

const ROLE_REQUIRED: Kind = kind(
    "role-required",
    StatusCode::FORBIDDEN,
    "您没有可执行此操作的有效角色",
    "You hold no role that may do this",
);

const STEP_UP_NEEDED: Kind = kind(
    "step-up-needed",
    StatusCode::FORBIDDEN,
    "请先再次验证身份",
    "Please prove yourself again first",
);

const LOGIN_REFUSED: Kind = kind(
    "staff-login-refused",
    StatusCode::UNAUTHORIZED,
    "账号或验证信息不正确",
    "The account or the proof is not correct",
);

const PROOF_REFUSED: Kind = kind(
    "proof-refused",
    StatusCode::FORBIDDEN,
    "验证信息不正确或已失效",
    "The proof is not correct, or no longer good",
);

const ENROLMENT_REFUSED: Kind = kind(
    "enrolment-refused",
    StatusCode::UNAUTHORIZED,
    "邀请无效、已使用或已过期",
    "The invitation is not valid, was used, or is over",
);

const TOO_MANY_ATTEMPTS: Kind = kind(
    "too-many-attempts",
    StatusCode::TOO_MANY_REQUESTS,
    "尝试次数过多，请稍后再试",
    "Too many attempts; please try again later",
);

const ANOTHER_PERSON_NEEDED: Kind = kind(
    "another-person-needed",
    StatusCode::FORBIDDEN,
    "申请人、批准人和被授权人须为三个人",
    "Who requests, who approves and who gets a role must be three people",
);

const REQUESTER_GONE: Kind = kind(
    "grant-requester-gone",
    StatusCode::CONFLICT,
    "申请人已停用或不再管辖该地区，须重新申请",
    "Whoever requested this may not any more: it has to be requested again",
);

const HELD_ELSEWHERE: Kind = kind(
    "roles-held-elsewhere",
    StatusCode::FORBIDDEN,
    "该账号在您管辖范围之外持有角色，须由上级处理",
    "The account holds a role outside what you administer: somebody above has to decide",
);

const ROLES_CLASH: Kind = kind(
    "roles-clash",
    StatusCode::CONFLICT,
    "该账号持有与此互斥的角色",
    "The account holds a role that does not go together with this one",
);

const GRANT_DECIDED: Kind = kind(
    "grant-decided",
    StatusCode::CONFLICT,
    "该授权已处理或已失效",
    "This grant was decided before, or is over",
);

const COMMUNITY_CLOSED: Kind = kind(
    "community-closed",
    StatusCode::CONFLICT,
    "该社区已停止办理",
    "The community is closed",
);

const ACCOUNT_SUSPENDED: Kind = kind(
    "account-suspended",
    StatusCode::CONFLICT,
    "该账号已停用",
    "The account is suspended",
);

fn community(code: &'static str, message: Text) -> FieldFault {
    FieldFault::new("community", code, message)
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Unauthenticated => UNAUTHENTICATED,
            Self::RoleRequired => ROLE_REQUIRED,
            Self::StepUpNeeded => STEP_UP_NEEDED,
            Self::NotFound => NOT_FOUND,
            Self::LoginRefused => LOGIN_REFUSED,
            Self::ProofRefused => PROOF_REFUSED,
            Self::EnrolmentRefused => ENROLMENT_REFUSED,
            Self::TooManyAttempts(_) => TOO_MANY_ATTEMPTS,
            Self::Name
            | Self::UnknownDivision(_)
            | Self::ForeignDivision(_)
            | Self::ProvinceOnly
            | Self::NotForACommunity
            | Self::CommunityElsewhere
            | Self::UnknownCommunity
            | Self::Term(_)
            | Self::NotAFirstRole => INVALID_REQUEST,
            Self::AnotherPersonNeeded => ANOTHER_PERSON_NEEDED,
            Self::RequesterGone => REQUESTER_GONE,
            Self::HeldElsewhere => HELD_ELSEWHERE,
            Self::RolesClash(_) | Self::RoleIsHeld => ROLES_CLASH,
            Self::CommunityClosed => COMMUNITY_CLOSED,
            Self::GrantDecided => GRANT_DECIDED,
            Self::AccountSuspended => ACCOUNT_SUSPENDED,
            Self::Idempotency(error) => error.kind(),
            Self::Ephemeral(_) => UNAVAILABLE,
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Address(_) | Self::Sealed(_) | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        let fault = match self {
            Self::Name => FieldFault::new("name", "name", Text::new("不是姓名", "is not a name")),
            Self::UnknownDivision(_) => unknown_division("division"),
            Self::ForeignDivision(_) => FieldFault::new(
                "division",
                "foreign",
                Text::new("不在您的管辖范围内", "is not yours to administer"),
            ),
            Self::ProvinceOnly => FieldFault::new(
                "division",
                "province_only",
                Text::new(
                    "该角色只能设在省级",
                    "this role is held at the province alone",
                ),
            ),
            Self::NotForACommunity => community(
                "role",
                Text::new(
                    "该角色不能只授予一个社区",
                    "this role is not held for a single community",
                ),
            ),
            Self::CommunityElsewhere => community(
                "foreign",
                Text::new("不在该区县内", "does not lie in the division"),
            ),
            Self::UnknownCommunity => community(
                "unknown",
                Text::new(
                    "不在社区目录中或已停止办理",
                    "is not in the directory, or closed",
                ),
            ),
            Self::Term(TermFault::Over) => FieldFault::new(
                "ends_at",
                "date_order",
                Text::new(
                    "须晚于开始时间和当前时间",
                    "must be after the start, and to come",
                ),
            ),
            Self::Term(TermFault::TooLong) => FieldFault::new(
                "ends_at",
                "range",
                Text::new("最长一年", "must be within a year of the start"),
            ),
            Self::Term(TermFault::TooFar) => FieldFault::new(
                "starts_at",
                "range",
                Text::new("须在一年之内", "must be within a year"),
            ),
            _ => return Vec::new(),
        };
        vec![fault]
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyAttempts(wait) => Some(*wait),
            _ => None,
        }
    }
}
