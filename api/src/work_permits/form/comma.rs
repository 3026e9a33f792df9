//! Forms as CSV.

use std::collections::BTreeMap;

use csv::ReaderBuilder;
use encoding_rs::GB18030;

use super::{LAST_LINE, LONGEST_CELL, MOST_COLUMNS, MOST_FLAWS, Unreadable};
use crate::work_permits::rules::{Flaw, FlawKind, Line, Sheet};

/// What `file` says, in UTF-8 or, as spreadsheets in China write it, in GB 18030.
pub(super) fn read(file: &[u8]) -> Result<Sheet, Unreadable> {
    let text = decoded(file)?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut sheet = Sheet::default();
    let (mut number, mut numbers) = (0, numbers(&text).into_iter());
    for record in reader.records() {
        let record = record.map_err(|_| Unreadable::Damaged)?;
        number = numbers.next().unwrap_or(number + 1);
        if number > LAST_LINE {
            return Err(Unreadable::Extent);
        }
        let mut cells = BTreeMap::new();
        for (column, cell) in (0..).zip(&record) {
            let cell = cell.trim();
            if cell.is_empty() {
                continue;
            }
            if column >= MOST_COLUMNS {
                return Err(Unreadable::Extent);
            }
            if let Some(kind) = flaw(cell) {
                note(&mut sheet, number, column, kind);
            } else {
                cells.insert(column, cell.to_owned());
            }
        }
        if !cells.is_empty() {
            sheet.lines.push(Line { number, cells });
        }
    }
    Ok(sheet)
}

/// The number of each line of `text` in which anything stands, as a spreadsheet counts: blank lines are lines,
/// which the reader leaves out, and line ends within quotes are none.
fn numbers(text: &str) -> Vec<u32> {
    let (mut numbers, mut number, mut is_blank) = (Vec::new(), 1, true);
    let (mut is_quoted, mut may_quote) = (false, true);
    for byte in text.trim_start_matches('\u{feff}').bytes() {
        match byte {
            b'"' if is_quoted || may_quote => {
                is_quoted = !is_quoted;
                // Two quotes within quotes are one that is meant.
                (may_quote, is_blank) = (true, false);
            }
            _ if is_quoted => {}
            b'\n' => {
                if !is_blank {
                    numbers.push(number);
                }
                number += 1;
                (may_quote, is_blank) = (true, true);
            }
            b'\r' => {}
            _ => (may_quote, is_blank) = (byte == b',', false),
        }
    }
    if !is_blank {
        numbers.push(number);
    }
    numbers
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

fn flaw(cell: &str) -> Option<FlawKind> {
    if cell.starts_with(['=', '＝', '+', '@']) {
        Some(FlawKind::Formula)
    } else if cell.chars().count() > LONGEST_CELL {
        Some(FlawKind::TooLong)
    } else {
        None
    }
}

fn decoded(file: &[u8]) -> Result<String, Unreadable> {
    if file.contains(&0) {
        return Err(Unreadable::Kind);
    }
    if let Ok(text) = std::str::from_utf8(file) {
        return Ok(text.to_owned());
    }
    let (text, _, damaged) = GB18030.decode(file);
    if damaged {
        Err(Unreadable::Encoding)
    } else {
        Ok(text.into_owned())
    }
}
