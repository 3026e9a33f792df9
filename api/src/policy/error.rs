//! What can be wrong with what somebody wants of the policy.

use actix_web::http::StatusCode;
use entity::values::DivisionError;
use sea_orm::DbErr;

use super::{language::Flaw, rules::WrongState, version::Version};
use crate::{
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    platform::db::is_outage,
};

/// The policy was not changed, or not read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The grant is for a part of the province, or for another one.
    #[error("only the province decides on its policy")]
    ProvinceOnly,
    /// No such version of a rule.
    #[error("no version {version} of {rule}")]
    NoSuchRule {
        /// Which rule.
        rule: String,
        /// Which version.
        version: Version,
    },
    /// What was written is no rule.
    #[error("{} flaws", .0.len())]
    Flawed(Vec<Flaw>),
    /// The document is of another rule than the path.
    #[error("the document is of another version or another rule")]
    Misnamed,
    /// The version is not greater than all before.
    #[error("a version is greater than all before it")]
    VersionMustGrow,
    /// Somebody else wrote it.
    #[error("only its author rewrites and proposes a draft")]
    NotAuthor,
    /// Whoever wrote it may not approve it.
    #[error("nobody approves what they wrote")]
    OwnRule,
    /// Whoever approved it did so before.
    #[error("nobody approves twice")]
    AlreadyApproved,
    /// It stands elsewhere.
    #[error(transparent)]
    WrongState(#[from] WrongState),
    /// It changed since it was read.
    #[error("the rule changed meanwhile; read it again")]
    Overtaken,
    /// It was tried too long ago, or beside other rules than are in force now.
    #[error("the dry run is stale; the rule is tried again")]
    StaleDryRun,
    /// It would change the colour of so many that another approval is needed.
    #[error("{needed} approvals are needed")]
    ApprovalsMissing {
        /// How many.
        needed: usize,
    },
    /// A date that gives people no notice, or lies too far ahead.
    #[error("a date lies two days ahead at the least")]
    NoNotice(&'static str),
    /// Another version of the rule has a date already.
    #[error("another version is scheduled")]
    AnotherScheduled,
    /// Its end is decided already.
    #[error("the end of the rule is decided")]
    Ending,
    /// A stored rule does not pass the check that it passed.
    #[error("{rule} {version} cannot be read")]
    Unfit {
        /// Which rule.
        rule: String,
        /// Which version.
        version: Version,
        /// Why.
        flaws: Vec<Flaw>,
    },
    /// What is stored is not what was written.
    #[error("a stored rule cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The configured province is none.
    #[error("the province is no division")]
    Province(#[from] DivisionError),
    /// The keyed request failed.
    #[error(transparent)]
    Keyed(#[from] idempotency::Error),
    /// The database failed.
    #[error("the store of the policy failed")]
    Store(#[from] DbErr),
}

const fn refusal(
    slug: &'static str,
    status: StatusCode,
    zh: &'static str,
    en: &'static str,
) -> Kind {
    Kind {
        slug,
        status,
        title: Text::new(zh, en),
    }
}

const PROVINCE_ONLY: Kind = refusal(
    "policy-belongs-to-the-province",
    StatusCode::FORBIDDEN,
    "政策由省级制定，地方不得增设条件",
    "The province alone decides on the policy; a locality adds no condition",
);

const FLAWED: Kind = refusal(
    "rule-flawed",
    StatusCode::UNPROCESSABLE_ENTITY,
    "规则未通过检查",
    "The rule did not pass the check",
);

const VERSION_MUST_GROW: Kind = refusal(
    "policy-version-must-grow",
    StatusCode::CONFLICT,
    "版本号须大于该规则此前的所有版本",
    "The version must be greater than every one before it",
);

const NOT_AUTHOR: Kind = refusal(
    "not-the-author",
    StatusCode::FORBIDDEN,
    "只有起草人可以修改和提交",
    "Only the author rewrites and proposes a draft",
);

const OWN_RULE: Kind = refusal(
    "own-rule",
    StatusCode::FORBIDDEN,
    "不能批准自己起草的规则",
    "Nobody approves a rule that they wrote",
);

const ALREADY_APPROVED: Kind = refusal(
    "already-approved",
    StatusCode::CONFLICT,
    "您已批准过，需要另一人批准",
    "You approved it before; somebody else is needed",
);

const WRONG_STATE: Kind = refusal(
    "rule-state",
    StatusCode::CONFLICT,
    "规则当前状态不允许此操作",
    "The rule does not stand where this can be done",
);

const OVERTAKEN: Kind = refusal(
    "rule-changed",
    StatusCode::CONFLICT,
    "规则刚刚被他人更改，请重新读取",
    "Somebody changed the rule meanwhile; please read it again",
);

const STALE_DRY_RUN: Kind = refusal(
    "dry-run-stale",
    StatusCode::CONFLICT,
    "试运行结果已过时，规则将重新试运行并须重新批准",
    "The dry run is out of date; the rule is tried again, and approved anew",
);

const APPROVALS_MISSING: Kind = refusal(
    "approvals-missing",
    StatusCode::CONFLICT,
    "影响人数超过阈值，需要更多人批准",
    "It would change the colour of so many people that another approval is needed",
);

const ANOTHER_SCHEDULED: Kind = refusal(
    "another-version-scheduled",
    StatusCode::CONFLICT,
    "该规则的另一版本已排定",
    "Another version of the rule has its date already",
);

const ENDING: Kind = refusal(
    "rule-ending",
    StatusCode::CONFLICT,
    "该规则的终止时间已定",
    "The end of the rule is decided already",
);

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::ProvinceOnly => PROVINCE_ONLY,
            Self::NoSuchRule { .. } => NOT_FOUND,
            Self::Flawed(_) => FLAWED,
            Self::Misnamed | Self::NoNotice(_) => INVALID_REQUEST,
            Self::VersionMustGrow => VERSION_MUST_GROW,
            Self::NotAuthor => NOT_AUTHOR,
            Self::OwnRule => OWN_RULE,
            Self::AlreadyApproved => ALREADY_APPROVED,
            Self::WrongState(_) => WRONG_STATE,
            Self::Overtaken => OVERTAKEN,
            Self::StaleDryRun => STALE_DRY_RUN,
            Self::ApprovalsMissing { .. } => APPROVALS_MISSING,
            Self::AnotherScheduled => ANOTHER_SCHEDULED,
            Self::Ending => ENDING,
            Self::Keyed(error) => error.kind(),
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Unfit { .. } | Self::Unreadable(_) | Self::Province(_) | Self::Store(_) => {
                INTERNAL
            }
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Flawed(flaws) => flaws.iter().map(fault).collect(),
            Self::Misnamed => {
                let message = Text::new("与路径不一致", "is not what the path names");
                vec![FieldFault::new("id", "mismatch", message)]
            }
            Self::NoNotice(field) => {
                let message = Text::new(
                    "须在 48 小时之后、十年之内",
                    "must lie 48 hours ahead at the least, and ten years at the most",
                );
                vec![FieldFault::new(*field, "notice", message)]
            }
            _ => Vec::new(),
        }
    }
}

fn fault(flaw: &Flaw) -> FieldFault {
    FieldFault::new(flaw.path.clone(), flaw.kind.code(), flaw.kind.message())
}
