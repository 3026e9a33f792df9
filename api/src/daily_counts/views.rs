//! What is answered, and the same as a table.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveEnum;
use serde::Serialize;
use utoipa::ToSchema;

use super::publishing::{DailyCounts, DailyPlace};
use crate::http::table::{Cell, Table};

/// A day that is told of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DailyCountsDay)]
pub(super) struct DayView {
    /// The local day.
    pub(super) day: NaiveDate,
    /// SHA-256 of its document in the form of RFC 8785, in hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub(super) sha256: String,
    /// The note that signs it (C2SP signed-note), by a key for `log` of the list of keys.
    pub(super) note: String,
    /// When it was published.
    pub(super) published_at: DateTime<Utc>,
}

/// What is told of a day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignedDailyCounts)]
pub(super) struct DailyCountsView {
    /// The document.
    pub(super) document: DailyCounts,
    /// SHA-256 of it in the form of RFC 8785, in hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub(super) sha256: String,
    /// The note that signs it (C2SP signed-note), by a key for `log` of the list of keys: three lines, the name of the
    /// issuer, the day, and the same SHA-256 in base64.
    pub(super) note: String,
    /// When it was published.
    pub(super) published_at: DateTime<Utc>,
}

/// What stands where a number is withheld.
const WITHHELD: &str = "*";

/// What stands for all causes together.
const STANDING: &str = "standing";

/// `told` as a table: a line for each number. It is called the same in every language, so that it can be kept.
pub(super) fn table(told: &DailyCounts) -> Table {
    let headings = [
        "day 日期",
        "level 级别",
        "division 区划",
        "colour 颜色",
        "cause 原因",
        "people 人数",
    ];
    Table {
        title: "daily-counts".into(),
        headings: headings.map(str::to_owned).into(),
        lines: told.places.iter().flat_map(|it| lines(told, it)).collect(),
        notes: Vec::new(),
    }
}

fn lines(told: &DailyCounts, place: &DailyPlace) -> Vec<Vec<Cell>> {
    let line = |colour: String, cause: String, people: Option<u64>| {
        vec![
            Cell::Text(told.day.to_string()),
            Cell::Text(place.level.name().into()),
            Cell::Text(place.division.code().into()),
            Cell::Text(colour),
            Cell::Text(cause),
            people.map_or_else(|| Cell::Text(WITHHELD.into()), Cell::Number),
        ]
    };
    let people = place.people;
    let standing = [
        ("green", people.map(|it| it.green)),
        ("grey", people.map(|it| it.grey)),
        ("yellow", people.map(|it| it.yellow)),
        ("red", people.map(|it| it.red)),
    ];
    let standing = standing
        .into_iter()
        .map(|(colour, people)| line(colour.into(), STANDING.into(), people));
    let turned = place
        .turned
        .iter()
        .map(|it| line(it.colour.to_value(), it.cause.to_value(), it.people));
    standing.chain(turned).collect()
}
