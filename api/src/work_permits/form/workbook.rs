//! Forms as workbooks: the first sheet counts.

use std::{
    collections::BTreeMap,
    io::{self, BufReader, Cursor, Read, sink},
};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use chrono::NaiveDate;
use quick_xml::events::Event as XmlEvent;
use zip::ZipArchive;

use super::{LAST_LINE, LONGEST_CELL, MOST_COLUMNS, MOST_FLAWS, Unreadable};
use crate::work_permits::rules::{Flaw, FlawKind, Line, Sheet};

/// Parts of a workbook, at the most.
const MOST_PARTS: usize = 200;

/// Bytes that the parts of a workbook become together, at the most. A form of ten thousand workers has a
/// tenth.
const LARGEST_UNPACKED: u64 = 64 * 1024 * 1024;

/// Bytes of text in all cells together, at the most.
const MOST_CHARACTERS: usize = 16 * 1024 * 1024;

/// Shared texts that a workbook may say it has. Room is made for as many before one is read.
const MOST_TEXTS: u64 = 1_000_000;

/// What the workbook `file` says.
pub(super) fn read(file: &[u8]) -> Result<Sheet, Unreadable> {
    measure(file)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(damaged)?;
    let first = book.sheet_names().into_iter().next();
    let first = first.ok_or(Unreadable::Kind)?;
    let mut sheet = Sheet::default();
    for region in book.merge_cells_by_sheet_name(&first).map_err(damaged)? {
        let (row, column) = region.start;
        note(&mut sheet, row.saturating_add(1), column, FlawKind::Merged);
    }
    let mut cells = book.worksheet_cells_reader(&first).map_err(damaged)?;
    let mut lines: BTreeMap<u32, BTreeMap<u32, String>> = BTreeMap::new();
    let mut left = MOST_CHARACTERS;
    // Not the reading that expands shared formulas: what they become together has no bound.
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(damaged)? {
        let (row, column) = cell.pos;
        let found = if cell.formula.is_some() {
            Err(FlawKind::Formula)
        } else {
            text(&cell.value)
        };
        if matches!(&found, Ok(text) if text.is_empty()) {
            continue;
        }
        let number = row.saturating_add(1);
        if number > LAST_LINE || column >= MOST_COLUMNS {
            return Err(Unreadable::Extent);
        }
        match found {
            Ok(text) => {
                // A text that is kept once may stand in a million cells.
                left = left.checked_sub(text.len()).ok_or(Unreadable::Extent)?;
                lines.entry(number).or_default().insert(column, text);
            }
            Err(kind) => note(&mut sheet, number, column, kind),
        }
        if sheet.flaws.len() >= MOST_FLAWS {
            break;
        }
    }
    let lines = lines.into_iter();
    sheet.lines = lines
        .map(|(number, cells)| Line { number, cells })
        .collect();
    Ok(sheet)
}

fn note(sheet: &mut Sheet, line: u32, column: u32, kind: FlawKind) {
    if sheet.flaws.len() < MOST_FLAWS {
        sheet.flaws.push(Flaw {
            line,
            column: Some(column),
            kind,
        });
    }
}

/// Unpack every part once, into nothing, and give up as soon as they are too large. What a part says of its
/// own size is not believed.
fn measure(file: &[u8]) -> Result<(), Unreadable> {
    let mut parts = ZipArchive::new(Cursor::new(file)).map_err(|_| Unreadable::Damaged)?;
    if parts.len() > MOST_PARTS {
        return Err(Unreadable::Bomb);
    }
    let (mut left, mut is_workbook) = (LARGEST_UNPACKED, false);
    for place in 0..parts.len() {
        let part = parts.by_index(place).map_err(|_| Unreadable::Damaged)?;
        let name = part.name().map(|name| name.to_ascii_lowercase());
        let name = name.unwrap_or_default();
        is_workbook |= name == "xl/workbook.xml";
        let unpacked = io::copy(&mut part.take(left + 1), &mut sink());
        let unpacked = unpacked.map_err(|_| Unreadable::Damaged)?;
        left = left.checked_sub(unpacked).ok_or(Unreadable::Bomb)?;
        if name.ends_with("sharedstrings.xml") {
            let part = parts.by_index(place).map_err(|_| Unreadable::Damaged)?;
            is_honest(part)?;
        }
    }
    is_workbook.then_some(()).ok_or(Unreadable::Kind)
}

/// Whether the shared texts in `part` are about as many as it says.
fn is_honest(part: impl Read) -> Result<(), Unreadable> {
    let mut xml = quick_xml::Reader::from_reader(BufReader::new(part));
    let mut event = Vec::new();
    loop {
        event.clear();
        match xml.read_event_into(&mut event) {
            Ok(XmlEvent::Start(table) | XmlEvent::Empty(table)) => {
                for said in table.attributes().with_checks(false).flatten() {
                    let is_count = said.key.as_ref().ends_with("uniqueCount");
                    // What is no number at all makes no room.
                    let too_many = |said: u64| said > MOST_TEXTS;
                    if is_count && said.value.trim().parse().is_ok_and(too_many) {
                        return Err(Unreadable::Bomb);
                    }
                }
                if table.local_name().as_ref() == "sst" {
                    return Ok(());
                }
            }
            Ok(XmlEvent::Eof) => return Ok(()),
            Ok(_) => {}
            Err(_) => return Err(Unreadable::Damaged),
        }
    }
}

/// What a cell says, as people see it.
fn text(value: &DataRef<'_>) -> Result<String, FlawKind> {
    let text = match value {
        DataRef::Empty => return Ok(String::new()),
        DataRef::String(text) => text.trim(),
        DataRef::SharedString(text) => text.trim(),
        DataRef::DateTimeIso(text) => text.split('T').next().unwrap_or_default(),
        DataRef::Int(number) => return whole(*number),
        DataRef::Float(number) => return float(*number),
        DataRef::DateTime(at) => return date(at),
        DataRef::Bool(_) | DataRef::DurationIso(_) | DataRef::Error(_) => {
            return Err(FlawKind::CellError);
        }
    };
    if text.starts_with(['=', '＝']) {
        return Err(FlawKind::Formula);
    }
    if text.chars().count() > LONGEST_CELL {
        return Err(FlawKind::TooLong);
    }
    Ok(text.to_owned())
}

fn date(at: &ExcelDateTime) -> Result<String, FlawKind> {
    let (year, month, day, ..) = at.to_ymd_hms_milli();
    let date = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into());
    let date = date.ok_or(FlawKind::CellError)?;
    Ok(date.to_string())
}

/// A number of more digits than a spreadsheet keeps has lost some.
fn whole(number: i64) -> Result<String, FlawKind> {
    if (0..1_000_000_000_000_000).contains(&number) {
        Ok(number.to_string())
    } else {
        Err(FlawKind::NumberCell)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "it is a whole number of fifteen digits at the most"
)]
fn float(number: f64) -> Result<String, FlawKind> {
    if number.fract() == 0.0 && (0.0..1e15).contains(&number) {
        whole(number as i64)
    } else {
        Err(FlawKind::NumberCell)
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "as the results that it is mapped over give it"
)]
fn damaged(error: XlsxError) -> Unreadable {
    tracing::debug!(%error, "a workbook cannot be read");
    Unreadable::Damaged
}
