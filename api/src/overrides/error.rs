//! What can keep a colour from being turned.

use std::time::Duration;

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use super::rules::{Denied, Fault as Wrong};
use crate::{
    facts, health_code,
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    identity::KeyError,
    platform::{db::is_outage, vault::Sealed},
    policy, staff,
};

/// A use case of decisions on colours did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such request, or not of this caller's region.
    #[error("no such request")]
    NotFound,
    /// What is asked for is not to be had.
    #[error("not what may be asked for: {0:?}")]
    Asked(Wrong),
    /// A row names somebody, or something, that it may not.
    #[error("row {0}: {1:?}")]
    Row(usize, RowFault),
    /// Those whom a request names do not live in one region of the caller's.
    #[error("those who are named do not live in one region")]
    SeveralRegions(usize),
    /// What was evidence is not on record any more.
    #[error("the evidence of row {0} is gone")]
    EvidenceGone(usize),
    /// So many requests of one person wait.
    #[error("too many requests of one person wait")]
    TooManyOpen,
    /// No rule in force makes anything of such a decision.
    #[error("no rule in force makes anything of it")]
    NoRule,
    /// Somebody may not do this, or not any more.
    #[error("denied: {0:?}")]
    Denied(Denied),
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// Facts.
    #[error(transparent)]
    Facts(#[from] facts::Error),
    /// Colours.
    #[error(transparent)]
    Code(#[from] health_code::Error),
    /// The policy.
    #[error(transparent)]
    Policy(#[from] policy::Error),
    /// Staff.
    #[error(transparent)]
    Staff(#[from] staff::Error),
    /// Somebody's data does not open.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Stored words do not open.
    #[error("stored words do not open")]
    Damaged(#[from] Sealed),
    /// Something cannot be written.
    #[error("something cannot be written")]
    Unwritable(#[from] serde_json::Error),
    /// The database failed.
    #[error("the store of decisions on colours failed")]
    Store(#[from] DbErr),
}

/// What is wrong with a row of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFault {
    /// Nobody within reach.
    Unknown,
    /// Named before.
    Twice,
    /// Named by a request that waits.
    Waits,
    /// Nothing of the name is on record about this person.
    NoEvidence,
    /// What is on record says nothing of their health that this can rest on.
    ShowsNothing,
    /// They have no cause of the kind, or one that only its origin releases.
    NothingToRelease,
}

const fn conflict(slug: &'static str, zh: &'static str, en: &'static str) -> Kind {
    Kind {
        slug,
        status: StatusCode::CONFLICT,
        title: Text::new(zh, en),
    }
}

const fn forbidden(slug: &'static str, zh: &'static str, en: &'static str) -> Kind {
    Kind {
        slug,
        status: StatusCode::FORBIDDEN,
        title: Text::new(zh, en),
    }
}

const EVIDENCE_GONE: Kind = conflict(
    "override-evidence-gone",
    "所依据的记录已撤回或更正，不能批准",
    "What the request rests on was taken back or corrected: it cannot be approved",
);

const TOO_MANY_OPEN: Kind = conflict(
    "override-too-many-open",
    "您待批准的申请已达上限",
    "So many requests of yours wait for approvals",
);

const NO_RULE: Kind = conflict(
    "override-without-rule",
    "现行政策未规定人工改码",
    "No rule in force makes anything of such a decision",
);

const CLOSED: Kind = conflict(
    "override-closed",
    "该申请已办结或已过期",
    "The request was decided, or waited too long",
);

const OWN: Kind = forbidden(
    "override-own",
    "不能审批本人提出的申请",
    "Nobody decides on what they asked for themselves",
);

const RELATED: Kind = forbidden(
    "override-related",
    "审批人与申请人有邀请或授权关系，须由其他人员审批",
    "You or whoever asked is here by what the other did: somebody else has to approve",
);

const TWICE: Kind = conflict(
    "override-approved-before",
    "您已批准过该申请",
    "You approved this request before",
);

const SAME_UNIT: Kind = forbidden(
    "another-unit-needed",
    "至少一名审批人须来自申请人以外的单位",
    "At least one of those who approve must be of another unit",
);

const REQUESTER_GONE: Kind = conflict(
    "override-requester-gone",
    "申请人已无相应权限，不能批准",
    "Whoever asked may not ask for it any more",
);

const NOT_THEIRS: Kind = forbidden(
    "override-not-yours",
    "待批准的申请只能由申请人撤回；可予以拒绝",
    "Only whoever asked takes back what waits; others may refuse it",
);

const RELEASE_STANDS: Kind = conflict(
    "override-release-stands",
    "解除决定已执行，不能由一人撤销",
    "A release that several people decided is not taken back by one",
);

fn denied(denied: Denied) -> Kind {
    match denied {
        Denied::Closed => CLOSED,
        Denied::Own => OWN,
        Denied::Related => RELATED,
        Denied::Twice => TWICE,
        Denied::SameUnit => SAME_UNIT,
        Denied::RequesterGone => REQUESTER_GONE,
        Denied::NotTheirs => NOT_THEIRS,
        Denied::ReleaseStands => RELEASE_STANDS,
    }
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => NOT_FOUND,
            Self::Asked(_) | Self::Row(..) | Self::SeveralRegions(_) => INVALID_REQUEST,
            Self::EvidenceGone(_) => EVIDENCE_GONE,
            Self::TooManyOpen => TOO_MANY_OPEN,
            Self::NoRule => NO_RULE,
            Self::Denied(why) => denied(*why),
            Self::Idempotency(error) => error.kind(),
            Self::Facts(error) => error.kind(),
            Self::Code(error) => error.kind(),
            Self::Policy(error) => error.kind(),
            Self::Staff(error) => error.kind(),
            Self::Key(KeyError::Store(error)) | Self::Store(error) if is_outage(error) => {
                UNAVAILABLE
            }
            Self::Key(_) | Self::Damaged(_) | Self::Unwritable(_) | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Asked(wrong) => vec![asked_fault(*wrong)],
            Self::Row(row, fault) => vec![row_fault(*row, *fault)],
            Self::SeveralRegions(row) => vec![FieldFault::new(
                format!("people[{row}].person"),
                "region",
                Text::new(
                    "一份申请中的人员须同属您的一个辖区",
                    "must live in the same region of yours as the others",
                ),
            )],
            Self::EvidenceGone(row) => vec![FieldFault::new(
                format!("people[{row}].evidence"),
                "gone",
                Text::new("记录已撤回或更正", "was taken back or corrected"),
            )],
            Self::Facts(error) => error.fields(),
            Self::Idempotency(error) => error.fields(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Facts(error) => error.retry_after(),
            _ => None,
        }
    }
}

fn asked_fault(wrong: Wrong) -> FieldFault {
    let (field, code, message) = match wrong {
        Wrong::Ground => (
            "ground",
            "effect",
            Text::new("与所申请的事项不符", "is no ground for this"),
        ),
        Wrong::Cause => (
            "cause",
            "not_released",
            Text::new(
                "须为可提前解除的原因代码",
                "must be a cause that is released so",
            ),
        ),
        Wrong::CauseOfWorse => (
            "cause",
            "effect",
            Text::new(
                "赋码申请不填原因代码",
                "must be absent: nothing is released",
            ),
        ),
        Wrong::NoEnd => (
            "until",
            "required",
            Text::new(
                "赋码必须有截止时间",
                "must be there: a worse colour has an end",
            ),
        ),
        Wrong::EndOfRelease => (
            "until",
            "effect",
            Text::new(
                "解除申请没有截止时间",
                "must be absent: a release has no end",
            ),
        ),
        Wrong::EndPassed => (
            "until",
            "past",
            Text::new("须晚于现在", "must lie in the future"),
        ),
        Wrong::EndTooFar => (
            "until",
            "too_far",
            Text::new("超过最长期限", "is later than such a decision lasts"),
        ),
    };
    FieldFault::new(field, code, message)
}

fn row_fault(row: usize, fault: RowFault) -> FieldFault {
    let (field, code, message) = match fault {
        RowFault::Unknown => (
            "person",
            "unknown",
            Text::new(
                "不是本辖区已申报的人员",
                "is nobody who declared to live in your region",
            ),
        ),
        RowFault::Twice => (
            "person",
            "repeated",
            Text::new("在本申请中重复", "is named before"),
        ),
        RowFault::Waits => (
            "person",
            "waits",
            Text::new(
                "该人员已有待批准的申请",
                "is named by a request that waits for approvals",
            ),
        ),
        RowFault::NoEvidence => (
            "evidence",
            "not_on_record",
            Text::new(
                "该人员名下没有这条记录",
                "is nothing that is on record about this person",
            ),
        ),
        RowFault::ShowsNothing => (
            "evidence",
            "shows_nothing",
            Text::new(
                "该记录不能作为健康依据",
                "says nothing of their health that this can rest on",
            ),
        ),
        RowFault::NothingToRelease => (
            "person",
            "nothing_to_release",
            Text::new(
                "该人员没有这一原因，或只能由来源地解除",
                "has no such cause, or one that only its origin releases",
            ),
        ),
    };
    FieldFault::new(format!("people[{row}].{field}"), code, message)
}
