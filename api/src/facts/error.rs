//! What can be wrong with something that is recorded.

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use super::rules::Impossible;
use crate::{
    http::{
        idempotency,
        problem::{Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, Text, UNAVAILABLE},
    },
    platform::db::is_outage,
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
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// The database failed.
    #[error("the store of facts failed")]
    Store(#[from] DbErr),
}

const OVERTAKEN: Kind = Kind {
    slug: "fact-overtaken",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "同时提交了相同的记录，请重试",
        "The same was recorded at the same moment; please try again",
    ),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Impossible(_) => INVALID_REQUEST,
            Self::Overtaken => OVERTAKEN,
            Self::Idempotency(error) => error.kind(),
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Impossible(error) => vec![FieldFault::new(
                error.field(),
                error.code(),
                explain(*error),
            )],
            Self::Idempotency(error) => error.fields(),
            _ => Vec::new(),
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
        Impossible::Laboratory => Text::new(
            "机构代码须为 1 至 24 位小写字母、数字或短横线",
            "must be 1 to 24 small letters, digits or dashes",
        ),
        Impossible::Tube => Text::new(
            "试管编号须为 1 至 39 位字母、数字、短横线或下划线",
            "must be 1 to 39 letters, digits, dashes or underscores",
        ),
        Impossible::HappenedInFuture => {
            Text::new("发生时间不能晚于现在", "must not lie in the future")
        }
        Impossible::HappenedTooLongAgo => Text::new(
            "发生时间须在 366 天以内",
            "must lie within the last 366 days",
        ),
        Impossible::Ends => Text::new(
            "结束时间须晚于发生时间，且不超过 366 天",
            "must lie after it happened, by 366 days at the most",
        ),
        Impossible::HasNoEnd => Text::new(
            "该类记录没有结束时间",
            "must be absent: facts of this kind have no end",
        ),
        Impossible::Reference => Text::new(
            "编号须为 1 至 48 位字母、数字、点、短横线或下划线",
            "must be 1 to 48 letters, digits, dots, dashes or underscores",
        ),
        Impossible::Detail => Text::new(
            "与该类记录的附加内容不符",
            "is not what facts of this kind have besides",
        ),
    }
}
