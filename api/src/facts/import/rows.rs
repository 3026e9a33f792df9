//! Test results: from a line of a file to a row.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use entity::values::{Document, DocumentError, DocumentKind, PersonId, TestResult};
use sea_orm::Iterable;
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use super::{
    cells::split,
    container::Form,
    findings::Flaw,
    instants,
    kinds::{FACT_COLUMNS, TEST_COLUMNS},
    sighted::Sighted,
};
use crate::{
    identity::{self, DocumentKey},
    platform::{Vault, clock::local_date},
};

/// Characters of a laboratory's name and of a tube's number, at the most. Together with a slash they
/// are what a sample is known by.
const LONGEST_LAB: usize = 31;
const LONGEST_TUBE: usize = 32;

/// How many samples a tube may hold.
const TUBE_SIZES: [&str; 4] = ["1", "5", "10", "20"];

/// Nothing was tested before.
const EARLIEST: NaiveDate = match NaiveDate::from_ymd_opt(2019, 12, 1) {
    Some(day) => day,
    None => panic!("a day"),
};

/// Where in a row something is wrong, and what.
pub(super) type Fault = (&'static str, Flaw);

/// One test result. Its sample lies in the text of its chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct TestRow {
    pub(super) line: i64,
    /// Whose, once that is known.
    pub(super) person: PersonId,
    pub(super) sampled_at: DateTime<Utc>,
    pub(super) reported_at: DateTime<Utc>,
    sample: (usize, usize),
    pub(super) result: TestResult,
    pub(super) tube_size: i16,
    /// Whether the file may have said it before.
    pub(super) suspect: bool,
}

/// The results of a chunk.
#[derive(Debug, Default)]
pub(super) struct Tests {
    pub(super) rows: Vec<TestRow>,
    /// What each row's document may be kept under, the key in use first.
    pub(super) keys: Vec<Vec<DocumentKey>>,
    samples: String,
}

impl Tests {
    /// The sample of `row`, as `lab/tube`.
    pub(super) fn sample(&self, row: &TestRow) -> &str {
        let (from, until) = row.sample;
        self.samples.get(from..until).unwrap_or_default()
    }

    /// Read a line of a file in `form`, and keep what it says.
    pub(super) fn read(
        &mut self,
        line: (i64, &[u8]),
        form: Form,
        reader: &mut Reader<'_>,
    ) -> Result<(), Fault> {
        let (number, bytes) = line;
        let text = std::str::from_utf8(bytes).map_err(|_| ("", Flaw::Encoding))?;
        let cells = match form {
            Form::Csv => split(text).map_err(|flaw| ("", flaw))?,
            Form::Ndjson => TestLine::read(text)?,
        };
        self.keep(number, &cells, reader)
    }

    fn keep(
        &mut self,
        line: i64,
        cells: &[Cow<'_, str>; 8],
        reader: &mut Reader<'_>,
    ) -> Result<(), Fault> {
        for (cell, column) in cells.iter().zip(TEST_COLUMNS) {
            filled(column, cell)?;
        }
        let [kind, number, lab, tube, size, sampled, reported, result] = cells;
        let document = document(kind, number, reader.today)?;
        code("lab", lab, LONGEST_LAB)?;
        code("tube", tube, LONGEST_TUBE)?;
        let tube_size = tube_size(size)?;
        let sampled_at = happened("sampled_at", sampled, reader.now)?;
        let reported_at = happened("reported_at", reported, reader.now)?;
        if reported_at < sampled_at {
            return Err(("reported_at", Flaw::Order));
        }
        let result = outcome(result)?;

        let keys = identity::document_keys(reader.vault, &document);
        let sighting = (keys.first(), sampled_at, lab, tube, reported_at);
        let suspect = reader.sighted.note(sighting);
        let from = self.samples.len();
        self.samples.push_str(lab);
        self.samples.push('/');
        self.samples.push_str(tube);
        self.rows.push(TestRow {
            line,
            person: PersonId(Uuid::nil()),
            sampled_at,
            reported_at,
            sample: (from, self.samples.len()),
            result,
            tube_size,
            suspect,
        });
        self.keys.push(keys);
        Ok(())
    }
}

/// What reading a row takes besides the row.
pub(super) struct Reader<'a> {
    pub(super) vault: &'a Vault,
    pub(super) sighted: Sighted,
    pub(super) now: DateTime<Utc>,
    pub(super) today: NaiveDate,
}

impl<'a> Reader<'a> {
    pub(super) fn at(now: DateTime<Utc>, vault: &'a Vault) -> Self {
        Self {
            vault,
            sighted: Sighted::new(),
            now,
            today: local_date(now),
        }
    }
}

/// There is something in `cell`, and no spreadsheet would compute it.
pub(super) fn filled(column: &'static str, cell: &str) -> Result<(), Fault> {
    match cell.as_bytes().first() {
        None => Err((column, Flaw::Missing)),
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r') => Err((column, Flaw::Formula)),
        Some(_) => Ok(()),
    }
}

/// The document that two cells name.
pub(super) fn document(kind: &str, number: &str, today: NaiveDate) -> Result<Document, Fault> {
    let kind = DocumentKind::iter()
        .find(|known| known.name() == kind)
        .ok_or(("document_kind", Flaw::Value))?;
    Document::parse(kind, number, today).map_err(|error| {
        let flaw = match error {
            DocumentError::Form => Flaw::Form,
            DocumentError::Province => Flaw::Province,
            DocumentError::BirthDate => Flaw::BirthDate,
            DocumentError::CheckCharacter => Flaw::CheckCharacter,
        };
        ("document_number", flaw)
    })
}

/// Letters and digits of any script, hyphens, underscores and full stops: no white space, and nothing
/// that means something to whoever reads it.
fn code(column: &'static str, cell: &str, longest: usize) -> Result<(), Fault> {
    if cell.len() > longest && cell.chars().count() > longest {
        return Err((column, Flaw::Length));
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if cell.chars().all(plain) {
        Ok(())
    } else {
        Err((column, Flaw::Form))
    }
}

fn tube_size(cell: &str) -> Result<i16, Fault> {
    let known = TUBE_SIZES.contains(&cell);
    let size = known.then(|| cell.parse().ok()).flatten();
    size.ok_or(("tube_size", Flaw::Value))
}

/// A time that has come.
pub(super) fn happened(
    column: &'static str,
    cell: &str,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Fault> {
    let at = instants::parse(cell).ok_or((column, Flaw::Form))?;
    if at > now {
        return Err((column, Flaw::InFuture));
    }
    if at.date_naive() < EARLIEST {
        return Err((column, Flaw::TooEarly));
    }
    Ok(at)
}

fn outcome(cell: &str) -> Result<TestResult, Fault> {
    match cell {
        "negative" => Ok(TestResult::Negative),
        "positive" => Ok(TestResult::Positive),
        "inconclusive" => Ok(TestResult::Inconclusive),
        _ => Err(("result", Flaw::Value)),
    }
}

/// A result as a JSON object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TestLine<'a> {
    #[serde(borrow)]
    document_kind: Cow<'a, str>,
    #[serde(borrow)]
    document_number: Cow<'a, str>,
    #[serde(borrow)]
    lab: Cow<'a, str>,
    #[serde(borrow)]
    tube: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text_or_number")]
    tube_size: Cow<'a, str>,
    #[serde(borrow)]
    sampled_at: Cow<'a, str>,
    #[serde(borrow)]
    reported_at: Cow<'a, str>,
    #[serde(borrow)]
    result: Cow<'a, str>,
}

impl<'a> TestLine<'a> {
    fn read(text: &'a str) -> Result<[Cow<'a, str>; 8], Fault> {
        let line: Self = serde_json::from_str(text).map_err(|error| json_fault(&error))?;
        Ok([
            line.document_kind,
            line.document_number,
            line.lab,
            line.tube,
            line.tube_size,
            line.sampled_at,
            line.reported_at,
            line.result,
        ])
    }
}

fn text_or_number<'de, D: Deserializer<'de>>(from: D) -> Result<Cow<'de, str>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either<'a> {
        Text(#[serde(borrow)] Cow<'a, str>),
        Number(u16),
    }
    Ok(match Either::deserialize(from)? {
        Either::Text(text) => text,
        Either::Number(number) => Cow::Owned(number.to_string()),
    })
}

/// What serde says is wrong. Its words may quote the line, so only the name of a column is taken.
pub(super) fn json_fault(error: &serde_json::Error) -> Fault {
    let said = error.to_string();
    if said.starts_with("unknown field `") {
        return ("", Flaw::UnknownField);
    }
    let missing = said
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next());
    let columns = TEST_COLUMNS.into_iter().chain(FACT_COLUMNS);
    match columns.into_iter().find(|column| Some(*column) == missing) {
        Some(column) => (column, Flaw::Missing),
        None => ("", Flaw::Json),
    }
}

#[cfg(test)]
mod tests;
