//! What can keep a case from being opened or moved, and a workflow from being loaded.

use actix_web::http::StatusCode;
use entity::values::{CaseAction, CaseSubject};
use sea_orm::DbErr;

use super::{handler::HandlerError, rules::Flaw};
use crate::{
    http::problem::{
        Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Problem, Text, UNAVAILABLE,
    },
    identity::KeyError,
    notifications,
    platform::{db::is_outage, vault::Sealed},
    regions,
};

/// A case was not opened or moved, or a workflow not loaded. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such case, or not for this caller: the two look the same.
    #[error("no such case")]
    NoSuchCase,
    /// There is a case about the same.
    #[error("there is a case about this")]
    OpenedBefore,
    /// It was decided before.
    #[error("the case was decided")]
    Decided,
    /// Its time ran out, and the workflow decided or is about to.
    #[error("the clock decided the case")]
    ClockDecided,
    /// It moved since it was read.
    #[error("the case moved meanwhile; read it again")]
    Overtaken,
    /// The stage has no such action.
    #[error("the stage has no action {0:?}")]
    NoSuchAction(CaseAction),
    /// Somebody else does that.
    #[error("{0:?} is for somebody else to do")]
    NotTheirs(CaseAction),
    /// Its limit was reached, and the workflow is about to decide.
    #[error("the limit was reached; it is too late to send the case up")]
    TooLateToEscalate,
    /// It waits for nobody of the authority.
    #[error("the case does not wait for a decision")]
    NotWaiting,
    /// It was done as often as it may be.
    #[error("it may be done {0} times")]
    TooOften(u16),
    /// A reason of the closed list is missing.
    #[error("a reason is missing")]
    NoReason,
    /// The reason is none of the closed list.
    #[error("not a reason of this stage")]
    WrongReason,
    /// Words are missing.
    #[error("words are missing")]
    NoText,
    /// There are more words than are kept.
    #[error("too many words")]
    TextTooLong,
    /// Nobody tried to reach the applicant, or nobody put it on record.
    #[error("no contact is on record")]
    NoContact,
    /// The reason takes more attempts to reach the applicant.
    #[error("the reason takes {0} contacts")]
    TooFewContacts(u16),
    /// The feature whose case it is does not permit it.
    #[error(transparent)]
    NotPermitted(Problem),
    /// A workflow cannot be read.
    #[error("not a workflow: {0}")]
    Illegible(String),
    /// A workflow cannot be followed.
    #[error("{}", listed(.0))]
    Flawed(Vec<Flaw>),
    /// The version is kept with other words.
    #[error("version {version} of {key} is kept and says something else: give it another version")]
    WorkflowKept {
        /// Which workflow.
        key: String,
        /// Which version.
        version: i64,
    },
    /// No such workflow for such a case.
    #[error("no workflow {0}")]
    NoSuchWorkflow(String),
    /// The workflow has no such stage.
    #[error("no stage {0}")]
    NoSuchStage(String),
    /// The case is to go back to who asked, and nobody did.
    #[error("nobody asked for anything")]
    NobodyAsked,
    /// No feature has such cases.
    #[error("no feature has cases about {0:?}")]
    NoHandler(CaseSubject),
    /// The feature whose case it is.
    #[error(transparent)]
    Handler(#[from] HandlerError),
    /// A workflow that was kept does not read back.
    #[error("a stored workflow cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The person's data key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Stored words do not open.
    #[error("stored words do not open")]
    Damaged(#[from] Sealed),
    /// The applicant cannot be told.
    #[error(transparent)]
    Notification(#[from] notifications::Error),
    /// The working calendar.
    #[error(transparent)]
    Region(#[from] regions::Error),
    /// The database failed.
    #[error("the store of cases failed")]
    Store(#[from] DbErr),
}

fn listed(flaws: &[Flaw]) -> String {
    let flaws: Vec<String> = flaws.iter().map(ToString::to_string).collect();
    flaws.join("; ")
}

const OPENED_BEFORE: Kind = Kind {
    slug: "case-opened-before",
    status: StatusCode::CONFLICT,
    title: Text::new("该事项已在办理", "There is a case about this already"),
};

const DECIDED: Kind = Kind {
    slug: "case-decided",
    status: StatusCode::CONFLICT,
    title: Text::new("该事项已有结论", "This case was decided before"),
};

const CLOCK_DECIDED: Kind = Kind {
    slug: "case-decided-by-clock",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "已超过办理时限，由系统按规定处理",
        "The time to decide this case is over, and the system decides it",
    ),
};

const OVERTAKEN: Kind = Kind {
    slug: "case-overtaken",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该事项刚刚有变化，请刷新后再试",
        "This case moved meanwhile; please read it again",
    ),
};

const NO_SUCH_ACTION: Kind = Kind {
    slug: "action-not-at-this-stage",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该事项目前的环节不能这样处理",
        "This cannot be done at the stage that the case is at",
    ),
};

const NOT_THEIRS: Kind = Kind {
    slug: "action-of-another",
    status: StatusCode::FORBIDDEN,
    title: Text::new("这一步不由您办理", "This is for somebody else to do"),
};

const TOO_LATE_TO_ESCALATE: Kind = Kind {
    slug: "too-late-to-escalate",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "已超过办理时限，不能再上报，须直接办结",
        "The limit was reached, so this case cannot be sent up any more; it is to be decided",
    ),
};

/// Nobody of the authority is to do anything.
pub(super) const NOT_WAITING: Kind = Kind {
    slug: "case-not-waiting",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该事项目前不待工作人员办理",
        "This case does not wait for a decision now",
    ),
};

const TOO_OFTEN: Kind = Kind {
    slug: "action-too-often",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该环节已达到可这样处理的次数上限",
        "This was done at this stage as often as it may be",
    ),
};

const NO_REASON: Kind = Kind {
    slug: "reason-missing",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new("须注明理由", "A reason of the list is needed"),
};

const WRONG_REASON: Kind = Kind {
    slug: "reason-not-listed",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "该理由不在规定范围内",
        "This is none of the reasons for which it may be done",
    ),
};

const NO_TEXT: Kind = Kind {
    slug: "text-missing",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new("须作文字说明", "It has to be explained in words"),
};

const NO_CONTACT: Kind = Kind {
    slug: "contact-missing",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "须先与申请人联系并记录",
        "The applicant has to be contacted first, and that put on record",
    ),
};

const FLAWED: Kind = Kind {
    slug: "workflow-flawed",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new("流程定义有误", "The workflow cannot be followed"),
};

const WORKFLOW_KEPT: Kind = Kind {
    slug: "workflow-version-taken",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该版本的流程已存在且内容不同",
        "This version of the workflow is kept and says something else",
    ),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NoSuchCase => NOT_FOUND,
            Self::OpenedBefore => OPENED_BEFORE,
            Self::Decided => DECIDED,
            Self::ClockDecided => CLOCK_DECIDED,
            Self::Overtaken => OVERTAKEN,
            Self::NoSuchAction(_) => NO_SUCH_ACTION,
            Self::NotTheirs(_) => NOT_THEIRS,
            Self::TooLateToEscalate => TOO_LATE_TO_ESCALATE,
            Self::NotWaiting => NOT_WAITING,
            Self::TooOften(_) => TOO_OFTEN,
            Self::NoReason => NO_REASON,
            Self::WrongReason => WRONG_REASON,
            Self::NoText => NO_TEXT,
            Self::TextTooLong => INVALID_REQUEST,
            Self::NoContact | Self::TooFewContacts(_) => NO_CONTACT,
            Self::NotPermitted(problem) => problem.kind,
            Self::Illegible(_) | Self::Flawed(_) => FLAWED,
            Self::WorkflowKept { .. } => WORKFLOW_KEPT,
            Self::Handler(error) => error.kind(),
            Self::Notification(error) => error.kind(),
            Self::Region(error) => error.kind(),
            Self::Store(error) | Self::Key(KeyError::Store(error)) if is_outage(error) => {
                UNAVAILABLE
            }
            Self::NoSuchWorkflow(_)
            | Self::NoSuchStage(_)
            | Self::NobodyAsked
            | Self::NoHandler(_)
            | Self::Unreadable(_)
            | Self::Key(_)
            | Self::Damaged(_)
            | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        let field = |field: &'static str, code: &'static str, zh, en| {
            vec![FieldFault::new(field, code, Text::new(zh, en))]
        };
        match self {
            Self::NoReason => field(
                "reason",
                "missing",
                "须从列表中选择",
                "must be one of the list",
            ),
            Self::WrongReason => field("reason", "not_listed", "不在列表中", "is not of the list"),
            Self::NoText => field("text", "missing", "须填写", "must say something"),
            Self::TextTooLong => field(
                "text",
                "length",
                "最多 2000 字",
                "has 2,000 characters at the most",
            ),
            Self::TooFewContacts(_) => field(
                "reason",
                "too_few_contacts",
                "该理由须有更多次联系记录",
                "takes more recorded contacts",
            ),
            Self::NotPermitted(problem) => problem.fields.clone(),
            _ => Vec::new(),
        }
    }
}
