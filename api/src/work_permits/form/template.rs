//! The form to fill in, and the report on one that was.

use crate::{
    http::table::{Cell, Table},
    work_permits::rules::{Flaw, Heading, MOST_WORKERS},
};

/// The form to fill in: its headings, and one line as an example.
pub(in crate::work_permits) fn template() -> Table {
    let text = |text: &str| Cell::Text(text.to_owned());
    Table {
        title: "复工人员信息采集表".into(),
        headings: Heading::ALL.iter().map(|it| it.text().to_owned()).collect(),
        lines: vec![Heading::ALL.iter().map(|it| text(it.example())).collect()],
        notes: vec![
            format!("每行一人，最多 {MOST_WORKERS} 人；提交前请删除示例行。"),
            "所有列须为文本格式；不得使用公式或合并单元格。".into(),
            "证件类型：居民身份证、港澳台居民居住证、外国人永久居留身份证、港澳居民来往内地通行证、台湾居民来往大陆通行证、护照。".into(),
            "居住社区代码可以不填；其余各列必填。返岗日期为今天起 60 天以内。".into(),
            format!("One line a worker, {MOST_WORKERS} at the most; remove the example before sending."),
            "Texts only: no formulas, no merged cells.".into(),
        ],
    }
}

/// What is wrong with a form, to be kept beside it. It says where, and never what stands there.
pub(in crate::work_permits) fn report(flaws: &[Flaw]) -> Table {
    let line = |flaw: &Flaw| {
        vec![
            Cell::Number(flaw.line.into()),
            Cell::Text(flaw.column_letters().unwrap_or_default()),
            Cell::Text(flaw.kind.code().to_owned()),
            Cell::Text(flaw.kind.zh().to_owned()),
            Cell::Text(flaw.kind.en().to_owned()),
        ]
    };
    let headings = ["行 line", "列 column", "代码 code", "问题", "problem"];
    Table {
        title: "问题清单".into(),
        headings: headings.map(str::to_owned).to_vec(),
        lines: flaws.iter().map(line).collect(),
        notes: Vec::new(),
    }
}
