//! What a unit sees of who came, as tables for spreadsheets.

use super::views::{CountView, RecordView, way_text};
use crate::{
    health_code::name_of,
    http::{
        problem::{Language, Text},
        table::{Cell, Table},
    },
    platform::clock::CHINA,
};

/// How times are written.
const TIME: &str = "%Y-%m-%d %H:%M:%S";

/// Counts as a table.
pub(super) fn of_counts(counts: &[CountView], language: Language) -> Table {
    let headings = [
        Text::new("日期", "Day"),
        Text::new("时段", "Hour"),
        Text::new("合计", "Total"),
        Text::new("绿码", "Green"),
        Text::new("待审核", "Pending"),
        Text::new("黄码", "Yellow"),
        Text::new("红码", "Red"),
    ];
    let lines = counts.iter().map(|count| {
        let hour = count.hour.map(|hour| format!("{hour:02}:00"));
        let numbers = [
            count.total,
            count.green,
            count.grey,
            count.yellow,
            count.red,
        ];
        [
            Cell::Text(count.day.to_string()),
            Cell::Text(hour.unwrap_or_default()),
        ]
        .into_iter()
        .chain(numbers.map(Cell::Number))
        .collect()
    });
    table(&headings, lines.collect(), language)
}

/// Visits as a table.
pub(super) fn of_visits(visits: &[RecordView], language: Language) -> Table {
    let headings = [
        Text::new("到达时间", "Came"),
        Text::new("离开时间", "Left"),
        Text::new("姓名", "Name"),
        Text::new("健康码", "Code"),
        Text::new("登记方式", "How"),
    ];
    let time = |at: chrono::DateTime<chrono::Utc>| {
        Cell::Text(at.with_timezone(&CHINA).format(TIME).to_string())
    };
    let lines = visits.iter().map(|visit| {
        vec![
            time(visit.at),
            visit.left_at.map_or(Cell::Text(String::new()), time),
            Cell::Text(visit.name.clone().unwrap_or_default()),
            Cell::Text(name_of(visit.colour).in_language(language).into()),
            Cell::Text(way_text(visit.way).in_language(language).into()),
        ]
    });
    table(&headings, lines.collect(), language)
}

fn table(headings: &[Text], lines: Vec<Vec<Cell>>, language: Language) -> Table {
    let title = Text::new("到访记录", "Visits");
    let note = Text::new(
        "时间为北京时间；姓名已脱敏",
        "Times are those of Shanghai; names are masked",
    );
    Table {
        title: title.in_language(language).into(),
        headings: headings
            .iter()
            .map(|heading| heading.in_language(language).into())
            .collect(),
        lines,
        notes: vec![note.in_language(language).into()],
    }
}
