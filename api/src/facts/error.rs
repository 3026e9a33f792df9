//! What can be wrong with something that is recorded.

use std::time::Duration;

use actix_web::http::StatusCode;
use entity::values::DocumentError;
use sea_orm::DbErr;

use super::rules::Impossible;
use crate::{
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    identity::{KeyError, document_fault},
    platform::{db::is_outage, ephemeral::Unavailable, vault::Sealed},
    regions::unknown_division,
};

/// Something was not recorded, or not found.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be true.
    #[error(transparent)]
    Impossible(#[from] Impossible),
    /// The same was being brought at the same moment.
    #[error("the same was being recorded meanwhile")]
    Overtaken,
    /// No such thing, or one of another region.
    #[error("no such fact, area or source")]
    NotFound,
    /// Nobody within reach has the document.
    #[error("nobody within reach has the document")]
    UnknownPerson,
    /// Not the number of a document.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A division that nobody ever assigned.
    #[error("no such division")]
    UnknownDivision,
    /// Another report or fact is known under the same name.
    #[error("another one is known under the same name")]
    Contradiction,
    /// The fact is another region's.
    #[error("only the fact's origin may withdraw it")]
    NotTheOrigin,
    /// The fact was withdrawn before.
    #[error("the fact is withdrawn")]
    AlreadyWithdrawn,
    /// The place has the level.
    #[error("the place has this level already")]
    AreaStands,
    /// The level is over.
    #[error("the level is over")]
    AreaOver,
    /// No short name of a source.
    #[error("not a short name of a source")]
    SourceName,
    /// The short name is taken.
    #[error("the short name is taken")]
    SourceExists,
    /// Whoever registered a source would approve it.
    #[error("a source is approved by somebody else")]
    OwnSource,
    /// It may bring nothing more.
    #[error("the source is revoked")]
    SourceRevoked,
    /// What another region wants shown, from somebody of this one.
    #[error("what another region wants shown comes from its source")]
    PushByHand,
    /// What several people decide, from one of them.
    #[error("what several people decide comes of their request")]
    OverrideByHand,
    /// A release that several people decided.
    #[error("a release that several people decided is not taken back by one")]
    ReleaseDecided,
    /// One member of staff entered too much that speaks against people.
    #[error("one member of staff entered too much that speaks against people")]
    TooManyByHand(Duration),
    /// Nobody counts what is entered.
    #[error(transparent)]
    Uncounted(#[from] Unavailable),
    /// A stored key is not 32 bytes.
    #[error("a stored key of a source is damaged")]
    DamagedKey,
    /// Somebody's data key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A stored note does not open.
    #[error("a stored note does not open")]
    Damaged(#[from] Sealed),
    /// Something stored is not what was written.
    #[error("something stored cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// The database failed.
    #[error("the store of facts failed")]
    Store(#[from] DbErr),
}

const fn conflict(slug: &'static str, zh: &'static str, en: &'static str) -> Kind {
    Kind {
        slug,
        status: StatusCode::CONFLICT,
        title: Text::new(zh, en),
    }
}

const OVERTAKEN: Kind = conflict(
    "fact-overtaken",
    "同时提交了相同的记录，请重试",
    "The same was recorded at the same moment; please try again",
);

const UNKNOWN_PERSON: Kind = Kind {
    slug: "person-unknown",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "本辖区没有使用该证件实名并申报的人员",
        "Nobody of your region is verified with this document and has declared",
    ),
};

const CONTRADICTION: Kind = conflict(
    "fact-contradicts",
    "已有同名但内容不同的记录，原记录不变",
    "Something else is recorded under the same name, and stands",
);

const NOT_THE_ORIGIN: Kind = Kind {
    slug: "not-the-origin",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "只有数据来源地区可以撤销",
        "Only the region that the data comes from may take it back",
    ),
};

const ALREADY_WITHDRAWN: Kind = conflict(
    "fact-withdrawn",
    "该记录已撤销",
    "The fact was withdrawn before",
);

const AREA_STANDS: Kind = conflict(
    "risk-area-stands",
    "该地区已有同级风险记录",
    "The place has this level already",
);

const AREA_OVER: Kind = conflict("risk-area-over", "该风险等级已解除", "The level is over");

const SOURCE_EXISTS: Kind = conflict(
    "fact-source-exists",
    "该来源代码已被使用",
    "This short name is taken",
);

const OWN_SOURCE: Kind = Kind {
    slug: "fact-source-own",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "数据来源须由登记人以外的人员批准",
        "A source is approved by somebody other than who registered it",
    ),
};

const SOURCE_REVOKED: Kind = conflict(
    "fact-source-revoked",
    "该来源已停用",
    "The source was revoked; register another",
);

const PUSH_BY_HAND: Kind = Kind {
    slug: "fact-push-by-hand",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "外地推送的赋码只能由该地数据来源签名提交，不能手工录入",
        "What another region wants shown comes signed from its source, and from nobody's hand",
    ),
};

const OVERRIDE_BY_HAND: Kind = Kind {
    slug: "fact-override-by-hand",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "人工改码须提出申请并经另外两人批准，不能直接录入",
        "A colour is turned by a request that two others approve, and by nobody's hand alone",
    ),
};

const RELEASE_DECIDED: Kind = conflict(
    "override-release-stands",
    "解除决定已执行，不能由一人撤销",
    "A release that several people decided is not taken back by one",
);

const TOO_MANY_BY_HAND: Kind = Kind {
    slug: "facts-too-many-by-hand",
    status: StatusCode::TOO_MANY_REQUESTS,
    title: Text::new(
        "一人一日内手工录入的不利记录已达上限，请由数据来源提交签名文件",
        "One person may enter no more today that speaks against people; have a source bring a signed file",
    ),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Impossible(_) | Self::Document(_) | Self::UnknownDivision | Self::SourceName => {
                INVALID_REQUEST
            }
            Self::Overtaken => OVERTAKEN,
            Self::NotFound => NOT_FOUND,
            Self::UnknownPerson => UNKNOWN_PERSON,
            Self::Contradiction => CONTRADICTION,
            Self::NotTheOrigin => NOT_THE_ORIGIN,
            Self::AlreadyWithdrawn => ALREADY_WITHDRAWN,
            Self::AreaStands => AREA_STANDS,
            Self::AreaOver => AREA_OVER,
            Self::SourceExists => SOURCE_EXISTS,
            Self::OwnSource => OWN_SOURCE,
            Self::SourceRevoked => SOURCE_REVOKED,
            Self::PushByHand => PUSH_BY_HAND,
            Self::OverrideByHand => OVERRIDE_BY_HAND,
            Self::ReleaseDecided => RELEASE_DECIDED,
            Self::TooManyByHand(_) => TOO_MANY_BY_HAND,
            Self::Uncounted(_) => UNAVAILABLE,
            Self::Idempotency(error) => error.kind(),
            Self::Store(error) | Self::Key(KeyError::Store(error)) if is_outage(error) => {
                UNAVAILABLE
            }
            Self::Store(_)
            | Self::Key(_)
            | Self::Damaged(_)
            | Self::DamagedKey
            | Self::Unreadable(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Impossible(error) => vec![FieldFault::new(
                error.field(),
                error.code(),
                explain(*error),
            )],
            Self::Document(error) => vec![document_fault(*error)],
            Self::UnknownDivision => vec![unknown_division("division")],
            Self::SourceName => vec![FieldFault::new(
                "id",
                "form",
                Text::new(
                    "须为 2 至 32 位小写字母、数字或短横线，以字母开头，且不能为 staff",
                    "must be 2 to 32 small letters, digits or dashes, a letter first, and not `staff`",
                ),
            )],
            Self::Idempotency(error) => error.fields(),
            Self::PushByHand | Self::OverrideByHand => vec![FieldFault::new(
                "kind",
                "by_hand",
                Text::new("不能手工录入", "cannot be entered by hand"),
            )],
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyByHand(wait) => Some(*wait),
            _ => None,
        }
    }
}

/// What is wrong, in words.
#[must_use]
pub fn explain(error: Impossible) -> Text {
    match error {
        Impossible::SampledInFuture => {
            Text::new("采样时间不能晚于现在", "must not lie in the future")
        }
        Impossible::SampledTooLongAgo => {
            Text::new("采样时间须在 60 天以内", "must lie within the last 60 days")
        }
        Impossible::ReportedBeforeSampled => Text::new(
            "报告时间不能早于采样时间",
            "must not lie before the sample was taken",
        ),
        Impossible::ReportedInFuture => {
            Text::new("报告时间不能晚于现在", "must not lie in the future")
        }
        Impossible::TubeSize => Text::new("每管人数须为 1、5、10 或 20", "must be 1, 5, 10 or 20"),
        Impossible::Lab => Text::new(
            "检测机构须为 1 至 31 个英文字母、数字、短横线、下划线或点",
            "must be 1 to 31 Latin letters, digits, dashes, underscores or dots",
        ),
        Impossible::Tube => Text::new(
            "试管编号须为 1 至 32 个英文字母、数字、短横线、下划线或点",
            "must be 1 to 32 Latin letters, digits, dashes, underscores or dots",
        ),
        Impossible::HappenedInFuture => {
            Text::new("发生时间不能晚于现在", "must not lie in the future")
        }
        Impossible::HappenedTooLongAgo => Text::new(
            "发生时间须在 366 天以内",
            "must lie within the last 366 days",
        ),
        Impossible::Ends => Text::new(
            "结束时间须晚于开始时间，且不超过 366 天",
            "must lie after the beginning, by 366 days at the most",
        ),
        Impossible::HasNoEnd => Text::new(
            "该类记录没有结束时间",
            "must be absent: facts of this kind have no end",
        ),
        Impossible::StartsInFuture => {
            Text::new("开始时间不能晚于现在", "must not lie in the future")
        }
        Impossible::StartedTooLongAgo => {
            Text::new("开始时间须在 60 天以内", "must lie within the last 60 days")
        }
        Impossible::Reference => Text::new(
            "编号须为 1 至 57 个字母、汉字、数字、短横线、下划线或点",
            "must be 1 to 57 letters, digits, dashes, underscores or dots",
        ),
        Impossible::Detail => Text::new(
            "与该类记录的附加内容不符",
            "is not what facts of this kind have besides",
        ),
    }
}
