//! The kinds of refusal, by their stable names.

use actix_web::http::StatusCode;

use crate::{
    http::problem::{FieldFault, Kind, Text},
    work_permits::form::Unreadable,
};

const fn kind(slug: &'static str, status: StatusCode, zh: &'static str, en: &'static str) -> Kind {
    Kind {
        slug,
        status,
        title: Text::new(zh, en),
    }
}

pub(in crate::work_permits) const OFF_THE_LIST: Kind = kind(
    "enterprise-not-listed",
    StatusCode::FORBIDDEN,
    "该单位不在复工白名单内",
    "The enterprise is not on the white list",
);

pub(in crate::work_permits) const RED_CODE: Kind = kind(
    "worker-code-red",
    StatusCode::CONFLICT,
    "该人员的健康码为红码",
    "The worker's code is red",
);

pub(in crate::work_permits) const BATCH_NEEDED: Kind = kind(
    "work-batch-needed",
    StatusCode::CONFLICT,
    "须汇总成批后报送大数据中心",
    "Workers go to the data centre in batches: please close one",
);

pub(in crate::work_permits) const OBJECTED: Kind = kind(
    "return-objected-to",
    StatusCode::CONFLICT,
    "公示期间有异议",
    "Somebody objects to the return",
);

pub(super) const NOT_A_FORM: Kind = kind(
    "not-a-collection-form",
    StatusCode::UNPROCESSABLE_ENTITY,
    "文件不是信息采集表，请使用下载的模板",
    "The file is no collection form; please use the template",
);

pub(super) const FORM_TOO_LARGE: Kind = kind(
    "collection-form-too-large",
    StatusCode::PAYLOAD_TOO_LARGE,
    "文件超过 5 MB",
    "The file is larger than 5 MB",
);

pub(super) const FORM_TOO_SLOW: Kind = kind(
    "collection-form-too-slow",
    StatusCode::REQUEST_TIMEOUT,
    "文件未在时限内到达",
    "The file did not arrive in time",
);

pub(super) const FORM_REFUSED: Kind = kind(
    "collection-form-refused",
    StatusCode::UNPROCESSABLE_ENTITY,
    "采集表有误，未保存任何内容，请按单元格逐一更正",
    "The form has errors, cell by cell; nothing of it was kept",
);

pub(super) const BUSY: Kind = kind(
    "too-many-collection-forms",
    StatusCode::SERVICE_UNAVAILABLE,
    "正在处理的采集表过多，请稍后再试",
    "Too many forms are being read; please try again in a moment",
);

pub(super) const RULING_OPEN: Kind = kind(
    "form-decision-under-way",
    StatusCode::CONFLICT,
    "该采集表的批量处理尚未完成",
    "A decision on this form is being made",
);

pub(super) const NOTHING_TO_SEND: Kind = kind(
    "nobody-to-send",
    StatusCode::CONFLICT,
    "没有待汇总的人员",
    "No workers wait to be sent",
);

pub(super) const FORGED_ANSWER: Kind = kind(
    "answer-not-verified",
    StatusCode::UNAUTHORIZED,
    "回复未通过验签",
    "The answer does not verify",
);

pub(super) const UNKNOWN_BATCH: Kind = kind(
    "unknown-batch",
    StatusCode::NOT_FOUND,
    "没有这一批次",
    "There is no such batch",
);

pub(super) const NOT_PUBLIC: Kind = kind(
    "return-not-public",
    StatusCode::CONFLICT,
    "公示期已过",
    "The return is not public any more",
);

pub(super) const NOT_A_NEIGHBOUR: Kind = kind(
    "not-a-neighbour",
    StatusCode::FORBIDDEN,
    "您申报的居住地不在该区域",
    "Only who declared to live in that county or district may object",
);

pub(super) const TOO_MANY_OBJECTIONS: Kind = kind(
    "too-many-objections",
    StatusCode::TOO_MANY_REQUESTS,
    "您今天提出的异议过多",
    "You objected too often today",
);

pub(super) const ALREADY_OBJECTED: Kind = kind(
    "objected-before",
    StatusCode::CONFLICT,
    "您已提出过异议",
    "You objected before",
);

pub(super) const ENDED: Kind = kind(
    "work-permit-over",
    StatusCode::CONFLICT,
    "该复工证已失效",
    "The permit is over",
);

pub(super) const DOES_NOT_COUNT: Kind = kind(
    "work-permit-does-not-count",
    StatusCode::CONFLICT,
    "复工证目前不能使用",
    "The permit does not count now",
);

/// Why a file is no form, as a field of it.
pub(super) fn of_unreadable(why: Unreadable) -> FieldFault {
    let (code, text) = match why {
        Unreadable::Kind => (
            "file_kind",
            Text::new("须为 CSV 或 XLSX 文件", "must be a CSV or XLSX file"),
        ),
        Unreadable::TooLarge => ("size", Text::new("超过 5 MB", "is larger than 5 MB")),
        Unreadable::Bomb => (
            "expands_too_far",
            Text::new("解压后过大", "unpacks to more than any form holds"),
        ),
        Unreadable::Encoding => (
            "encoding",
            Text::new("须为 UTF-8 或 GB 18030 编码", "must be UTF-8 or GB 18030"),
        ),
        Unreadable::Damaged => ("damaged", Text::new("文件已损坏", "is damaged")),
        Unreadable::Extent => (
            "extent",
            Text::new(
                "内容超出采集表的行列范围",
                "has something outside of the lines and columns of a form",
            ),
        ),
    };
    FieldFault::new("file", code, text)
}
