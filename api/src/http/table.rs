//! A table as a file for a spreadsheet. No cell of it is ever a formula: neither one of ours nor one that
//! somebody else put into a name.

use actix_web::{
    HttpResponse,
    http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap},
};
use chrono::{DateTime, Utc};
use csv::{Terminator, WriterBuilder};
use rust_xlsxwriter::{
    self as sheets, DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a table is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportFormat)]
pub enum Format {
    /// For programs.
    #[default]
    Json,
    /// For spreadsheets: RFC 4180, in UTF-8 with a byte order mark. What is withheld is an asterisk.
    Csv,
    /// A workbook. What is withheld is an asterisk.
    Xlsx,
}

/// The media type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

impl Format {
    /// Its name; stable.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// How a request with `headers` asks for it.
    #[must_use]
    pub fn asked_for_in(headers: &HeaderMap) -> Self {
        let accept = headers.get(ACCEPT);
        Self::negotiate(accept.and_then(|accept| accept.to_str().ok()))
    }

    /// What the first range of an `Accept` value (RFC 9110 §12.5.1) that names one of them, in its order
    /// of preference, asks for.
    fn negotiate(accept: Option<&str>) -> Self {
        let mut ranges: Vec<(f32, &str)> = accept
            .unwrap_or_default()
            .split(',')
            .map(|range| {
                let mut parts = range.split(';').map(str::trim);
                let media_type = parts.next().unwrap_or_default();
                let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok());
                (weight.unwrap_or(1.0), media_type)
            })
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
        ranges.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let known = ranges
            .into_iter()
            .find_map(|(_, media_type)| match media_type {
                "application/json" | "application/*" | "*/*" => Some(Self::Json),
                "text/csv" | "text/*" => Some(Self::Csv),
                XLSX => Some(Self::Xlsx),
                _ => None,
            });
        known.unwrap_or_default()
    }
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// A text.
    Text(String),
    /// A number.
    Number(u64),
}

/// A table with one line of headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it is called.
    pub title: String,
    /// Its headings.
    pub headings: Vec<String>,
    /// Its lines, each as long as the headings.
    pub lines: Vec<Vec<Cell>>,
    /// What a reader has to know of it.
    pub notes: Vec<String>,
}

/// So that spreadsheets read the file as UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// How wide columns are, in characters.
const WIDTH: f64 = 14.0;

/// `table` as CSV (RFC 4180), for spreadsheets: with a byte order mark, and an apostrophe before every
/// text that one could take for a formula.
pub fn csv(table: &Table) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(table.headings.iter().map(|heading| guarded(heading)))?;
    for line in &table.lines {
        writer.write_record(line.iter().map(|cell| match cell {
            Cell::Text(text) => guarded(text),
            Cell::Number(number) => number.to_string(),
        }))?;
    }
    writer.into_inner().map_err(|error| {
        let error = std::io::Error::from(error.error().kind());
        error.into()
    })
}

/// `text`, or an apostrophe and `text` if a spreadsheet could take it for a formula: some do so with
/// full-width characters, too.
fn guarded(text: &str) -> String {
    const LEADS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if text.starts_with(LEADS) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// `table` as a workbook: one sheet with the table, whose cells are texts and numbers and nothing else, and
/// one with what a reader has to know. `at` is when it was made.
pub fn xlsx(table: &Table, at: DateTime<Utc>) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let made_at = ExcelDateTime::from_timestamp(at.timestamp())?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made_at));
    let bold = sheets::Format::new().set_bold();
    let sheet = workbook.add_worksheet();
    sheet.set_name(&table.title)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, heading) in (0..).zip(&table.headings) {
        sheet.write_string_with_format(0, column, heading, &bold)?;
        sheet.set_column_width(column, WIDTH)?;
    }
    for (row, line) in (1..).zip(&table.lines) {
        write_line(sheet, row, line)?;
    }
    let notes = workbook.add_worksheet();
    notes.set_name("Notes 说明")?;
    for (row, note) in (0..).zip(&table.notes) {
        notes.write_string(row, 0, note)?;
    }
    workbook.save_to_buffer()
}

fn write_line(sheet: &mut Worksheet, row: u32, line: &[Cell]) -> Result<(), XlsxError> {
    for (column, cell) in (0..).zip(line) {
        match cell {
            Cell::Text(text) => sheet.write_string(row, column, text)?,
            Cell::Number(number) => sheet.write_number(row, column, as_float(*number))?,
        };
    }
    Ok(())
}

/// Numbers of workbooks are floating-point: exact up to 2⁵³, and nothing here counts further.
#[expect(clippy::cast_precision_loss, reason = "counts are less than 2⁵³")]
fn as_float(number: u64) -> f64 {
    number as f64
}

/// `bytes` as a file to be kept, called `name`.
#[must_use]
pub fn file(name: &str, format: Format, bytes: Vec<u8>) -> HttpResponse {
    let media_type = match format {
        Format::Json => "application/json",
        Format::Csv => "text/csv; charset=utf-8",
        Format::Xlsx => XLSX,
    };
    let name = format!("attachment; filename=\"{name}.{}\"", format.name());
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_DISPOSITION, name))
        .body(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(cells: Vec<Cell>) -> Table {
        Table {
            title: "报表".into(),
            headings: cells.iter().map(|_| "名称".to_owned()).collect(),
            lines: vec![cells],
            notes: vec!["=1+1".into()],
        }
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    fn written(cells: Vec<Cell>) -> String {
        String::from_utf8(csv(&table(cells)).unwrap()).unwrap()
    }

    #[test]
    fn a_file_begins_with_its_mark_and_its_lines_end_as_the_standard_says() {
        let file = written(vec![text("历下区"), Cell::Number(12)]);
        assert_eq!(file, "\u{feff}名称,名称\r\n历下区,12\r\n");
    }

    #[test]
    fn commas_quotes_and_line_ends_stay_within_their_cell() {
        for (cell, expected) in [
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("one\r\ntwo", "\"one\r\ntwo\""),
            ("", "\"\""),
        ] {
            let file = written(vec![text(cell)]);
            assert_eq!(file, format!("\u{feff}名称\r\n{expected}\r\n"));
            let read = csv::Reader::from_reader(file.trim_start_matches('\u{feff}').as_bytes())
                .records()
                .next()
                .unwrap()
                .unwrap();
            assert_eq!(&read[0], cell);
        }
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for cell in [
            "=1+1",
            "=HYPERLINK(\"http://x\")",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "＝1",
            "－1",
        ] {
            let file = written(vec![text(cell)]);
            let line = file.split_once("\r\n").unwrap().1;
            let first = line.trim_start_matches('"').chars().next();
            assert_eq!(first, Some('\''), "{cell:?}");
        }
        assert!(written(vec![text("370102")]).contains("\r\n370102\r\n"));
    }

    #[test]
    fn a_workbook_is_the_same_whenever_it_is_written() {
        let at = "2026-03-02T04:00:00Z".parse().unwrap();
        let once = xlsx(&table(vec![text("=1"), Cell::Number(3)]), at).unwrap();
        let again = xlsx(&table(vec![text("=1"), Cell::Number(3)]), at).unwrap();
        assert_eq!(once, again);
        assert!(once.starts_with(b"PK"));
    }

    #[test]
    fn the_best_liked_form_that_there_is_is_sent() {
        for (accept, expected) in [
            (None, Format::Json),
            (Some("*/*"), Format::Json),
            (Some("text/csv"), Format::Csv),
            (Some("application/json;q=0.2, text/csv;q=0.8"), Format::Csv),
            (Some(XLSX), Format::Xlsx),
            (Some("text/csv;q=0, application/json"), Format::Json),
            (Some("image/png"), Format::Json),
        ] {
            assert_eq!(Format::negotiate(accept), expected, "{accept:?}");
        }
    }
}
