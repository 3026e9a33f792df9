//! Test results: from a line of a file to a row.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
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
    sought::Sought,
};
use crate::{
    facts::rules::{self, Impossible},
    identity,
    platform::{Vault, clock::local_date},
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
    /// Whom they are about.
    pub(super) sought: Sought,
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
        let sample = rules::sample(lab, tube).map_err(impossible)?;
        let tube_size = size.parse().map_err(|_| ("tube_size", Flaw::Value))?;
        let sampled_at = instant("sampled_at", sampled)?;
        let reported_at = instant("reported_at", reported)?;
        rules::possible_test(sampled_at, reported_at, tube_size, reader.now).map_err(impossible)?;
        let result = outcome(result)?;

        let keys = identity::document_keys(reader.vault, &document);
        let sighting = (keys.first(), &sample, reported_at);
        let suspect = reader.sighted.note(sighting);
        let from = self.samples.len();
        self.samples.push_str(&sample);
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
        self.sought.push(&keys);
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

/// The time in a cell, as exact as every store keeps it.
pub(super) fn instant(column: &'static str, cell: &str) -> Result<DateTime<Utc>, Fault> {
    let at = instants::parse(cell).ok_or((column, Flaw::Form))?;
    Ok(at.trunc_subsecs(3))
}

/// What cannot be recorded, as a file names it.
pub(super) fn impossible(error: Impossible) -> Fault {
    let flaw = match error {
        Impossible::SampledInFuture
        | Impossible::ReportedInFuture
        | Impossible::HappenedInFuture
        | Impossible::StartsInFuture => Flaw::InFuture,
        Impossible::SampledTooLongAgo
        | Impossible::HappenedTooLongAgo
        | Impossible::StartedTooLongAgo => Flaw::TooLongAgo,
        Impossible::ReportedBeforeSampled => Flaw::BeforeSample,
        Impossible::TubeSize => Flaw::Value,
        Impossible::Lab | Impossible::Tube | Impossible::Reference => Flaw::Form,
        Impossible::Ends => Flaw::End,
        Impossible::HasNoEnd => Flaw::NoEnd,
        Impossible::Detail => Flaw::Detail,
    };
    (error.field(), flaw)
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
