//! Reports in words, for programs and for spreadsheets.

use chrono::NaiveDate;
use entity::values::{ComplaintKind, Division};
use sea_orm::ActiveEnum;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    making::Report,
    rules::{By, Figure, Level, Row},
};
use crate::{
    http::{
        problem::{Language, Text},
        table::{Cell, Table},
    },
    regions,
};

/// How many of one part. Null if that is withheld.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportPart)]
pub(super) struct PartView {
    /// Which.
    code: String,
    /// How many.
    count: Option<u64>,
}

/// What health pass cards were applied for, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PassCardReport {
    /// The first local day.
    from: NaiveDate,
    /// The last.
    to: NaiveDate,
    /// What is counted together.
    level: Level,
    /// Whether days are counted one by one.
    by: By,
    /// The fewest people that a number tells of. Smaller numbers, and those from which they could be
    /// worked out, are withheld: they are null.
    smallest: u64,
    /// The places of one's area of which anything was counted, in order; of single days each day of each.
    rows: Vec<PassCardRow>,
}

/// What was counted of one place. Null is withheld.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PassCardRow {
    /// The place. Of counties, the code of a prefecture or a province stands for its own offices.
    division: Division,
    /// Its name.
    name: String,
    /// The day. Null: all days together.
    day: Option<NaiveDate>,
    /// Applications filed.
    filed: Option<u64>,
    /// Decided: granted, refused, or issued by the clock.
    decided: Option<u64>,
    /// Decided without a limit being missed.
    in_time: Option<u64>,
    /// Issued by the clock, because nobody decided.
    issued_by_clock: Option<u64>,
    /// Refused.
    refused: Option<u64>,
    /// Taken back by the applicant.
    withdrawn: Option<u64>,
    /// Ended because the applicant did not bring what was asked for.
    lapsed: Option<u64>,
    /// Limits that were missed, by the unit that was responsible. One application may miss several.
    timed_out: Option<u64>,
    /// Open when the last day was over. Not told of single days.
    open: Option<u64>,
    /// Complaints filed, by the unit that they are about.
    complaints_filed: Option<u64>,
    /// Complaints answered.
    complaints_answered: Option<u64>,
    /// Complaints answered without a limit being missed.
    complaints_in_time: Option<u64>,
    /// Complaints that were upheld.
    complaints_upheld: Option<u64>,
    /// Refused, by reason. Empty of single days.
    refused_for: Vec<PartView>,
}

/// What was complained of, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ComplaintReport {
    /// The first local day.
    from: NaiveDate,
    /// The last.
    to: NaiveDate,
    /// What is counted together.
    level: Level,
    /// Whether days are counted one by one.
    by: By,
    /// The fewest people that a number tells of. Smaller numbers, and those from which they could be
    /// worked out, are withheld: they are null.
    smallest: u64,
    /// The places of one's area of which anything was counted, in order; of single days each day of each.
    rows: Vec<ComplaintRow>,
}

/// What was counted of complaints about the units of one place. Null is withheld.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ComplaintRow {
    /// The place. Of counties, the code of a prefecture or a province stands for its own offices.
    division: Division,
    /// Its name.
    name: String,
    /// The day. Null: all days together.
    day: Option<NaiveDate>,
    /// Filed.
    filed: Option<u64>,
    /// Answered.
    answered: Option<u64>,
    /// Answered without a limit being missed.
    in_time: Option<u64>,
    /// Upheld.
    upheld: Option<u64>,
    /// Taken back.
    withdrawn: Option<u64>,
    /// Limits that were missed by whoever had to answer: at the place of that unit, not of the one that
    /// the complaint is about.
    timed_out: Option<u64>,
    /// Open when the last day was over. Not told of single days.
    open: Option<u64>,
    /// Filed, by kind. Empty of single days.
    of_kind: Vec<PartView>,
}

impl From<&Report> for PassCardReport {
    fn from(report: &Report) -> Self {
        let row = |row: &Row| PassCardRow {
            division: row.node.division.clone(),
            name: name(row),
            day: row.day,
            filed: row.of(Figure::Filed),
            decided: row.of(Figure::Decided),
            in_time: row.of(Figure::InTime),
            issued_by_clock: row.of(Figure::IssuedByClock),
            refused: row.of(Figure::Refused),
            withdrawn: row.of(Figure::Withdrawn),
            lapsed: row.of(Figure::Lapsed),
            timed_out: row.of(Figure::TimedOut),
            open: row.of(Figure::Open),
            complaints_filed: row.of(Figure::ComplaintsFiled),
            complaints_answered: row.of(Figure::ComplaintsAnswered),
            complaints_in_time: row.of(Figure::ComplaintsInTime),
            complaints_upheld: row.of(Figure::ComplaintsUpheld),
            refused_for: parts(report, row),
        };
        Self {
            from: report.period.from(),
            to: report.period.to(),
            level: report.level,
            by: report.by,
            smallest: report.smallest,
            rows: report.rows.iter().map(row).collect(),
        }
    }
}

impl From<&Report> for ComplaintReport {
    fn from(report: &Report) -> Self {
        let row = |row: &Row| ComplaintRow {
            division: row.node.division.clone(),
            name: name(row),
            day: row.day,
            filed: row.of(Figure::ComplaintsFiled),
            answered: row.of(Figure::ComplaintsAnswered),
            in_time: row.of(Figure::ComplaintsInTime),
            upheld: row.of(Figure::ComplaintsUpheld),
            withdrawn: row.of(Figure::ComplaintsWithdrawn),
            timed_out: row.of(Figure::ComplaintsTimedOut),
            open: row.of(Figure::ComplaintsOpen),
            of_kind: parts(report, row),
        };
        Self {
            from: report.period.from(),
            to: report.period.to(),
            level: report.level,
            by: report.by,
            smallest: report.smallest,
            rows: report.rows.iter().map(row).collect(),
        }
    }
}

fn name(row: &Row) -> String {
    regions::full_name(&row.node.division).unwrap_or_default()
}

fn parts(report: &Report, row: &Row) -> Vec<PartView> {
    let told = report.parts().iter();
    told.map(|part| PartView {
        code: code(*part),
        count: row.of(*part),
    })
    .collect()
}

fn code(part: Figure) -> String {
    match part {
        Figure::RefusedFor(reason) => reason.to_owned(),
        Figure::ComplaintsOf(kind) => kind.to_value(),
        _ => String::new(),
    }
}

/// What stands in place of a number that is withheld.
const WITHHELD: &str = "*";

/// `report` for a spreadsheet, in `language`.
pub(super) fn table(report: &Report, language: Language) -> Table {
    let say = |text: Text| text.in_language(language).to_owned();
    let by_day = report.by == By::Day;
    let figures = report.figures();
    let mut headings = vec![
        say(Text::new("区划代码", "Division")),
        say(Text::new("名称", "Name")),
    ];
    headings.extend(by_day.then(|| say(Text::new("日期", "Day"))));
    headings.extend(figures.iter().map(|figure| say(label(*figure))));
    let line = |row: &Row| {
        let mut line = vec![
            Cell::Text(row.node.division.code().to_owned()),
            Cell::Text(name(row)),
        ];
        line.extend(row.day.map(|day| Cell::Text(day.to_string())));
        line.extend(figures.iter().map(|figure| match row.of(*figure) {
            Some(number) => Cell::Number(number),
            None => Cell::Text(WITHHELD.to_owned()),
        }));
        line
    };
    Table {
        title: say(report.which.title()),
        headings,
        lines: report.rows.iter().map(line).collect(),
        notes: notes(report, language),
    }
}

fn notes(report: &Report, language: Language) -> Vec<String> {
    let (from, to, smallest) = (report.period.from(), report.period.to(), report.smallest);
    match language {
        Language::Chinese => vec![
            format!("统计期间：{from} 至 {to}（北京时间）"),
            format!(
                "{WITHHELD}：1 至 {} 人，或为防止推算出此类数字而不公布",
                smallest - 1
            ),
        ],
        Language::English => vec![
            format!("Days counted: {from} to {to} (Beijing time)"),
            format!(
                "{WITHHELD}: 1 to {} people, or withheld so that such a number cannot be worked out",
                smallest - 1
            ),
        ],
    }
}

/// What people call `figure`.
fn label(figure: Figure) -> Text {
    match figure {
        Figure::Filed => Text::new("申请", "Filed"),
        Figure::Decided => Text::new("办结", "Decided"),
        Figure::InTime => Text::new("按时办结", "Decided in time"),
        Figure::IssuedByClock => Text::new("超时自动签发", "Issued by the clock"),
        Figure::Refused => Text::new("不予签发", "Refused"),
        Figure::RefusedFor(reason) => refusal(reason),
        Figure::Withdrawn => Text::new("撤回", "Withdrawn"),
        Figure::Lapsed => Text::new("逾期未补正", "Lapsed"),
        Figure::TimedOut => Text::new("超时次数", "Limits missed"),
        Figure::Open => Text::new("期末在办", "Open at the end"),
        Figure::ComplaintsFiled => Text::new("投诉", "Complaints"),
        Figure::ComplaintsOf(kind) => complaint(kind),
        Figure::ComplaintsAnswered => Text::new("投诉办结", "Complaints answered"),
        Figure::ComplaintsInTime => Text::new("投诉按时办结", "Complaints answered in time"),
        Figure::ComplaintsUpheld => Text::new("投诉属实", "Complaints upheld"),
        Figure::ComplaintsWithdrawn => Text::new("投诉撤回", "Complaints withdrawn"),
        Figure::ComplaintsTimedOut => Text::new("投诉办理超时次数", "Limits missed by who answers"),
        Figure::ComplaintsOpen => Text::new("期末在办投诉", "Complaints open at the end"),
    }
}

fn refusal(reason: &str) -> Text {
    match reason {
        "false_declaration" => Text::new("不予签发：申报不实", "Refused: false declaration"),
        "contact_confirmed" => Text::new("不予签发：确认为密接", "Refused: contact confirmed"),
        "arrived_from_risk_area" => {
            Text::new("不予签发：来自风险地区", "Refused: from a risk area")
        }
        "symptoms" => Text::new("不予签发：有症状", "Refused: symptoms"),
        "wrong_community" => Text::new("不予签发：非本社区", "Refused: wrong community"),
        "duplicate" => Text::new("不予签发：重复申请", "Refused: duplicate"),
        "not_reachable" => Text::new("不予签发：无法联系", "Refused: not reachable"),
        _ => Text::new("不予签发：其他", "Refused: other"),
    }
}

fn complaint(kind: ComplaintKind) -> Text {
    match kind {
        ComplaintKind::Prevarication => Text::new("推诿", "Prevarication"),
        ComplaintKind::RefusedToHandle => Text::new("拒不受理", "Refused to handle"),
        ComplaintKind::AdditionalConditionDemanded => {
            Text::new("附加条件", "Additional condition demanded")
        }
        ComplaintKind::Rude => Text::new("态度恶劣", "Rude"),
        ComplaintKind::Delay => Text::new("拖延", "Delay"),
        ComplaintKind::Other => Text::new("其他", "Other"),
    }
}
