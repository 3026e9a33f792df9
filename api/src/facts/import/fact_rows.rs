//! Facts other than tests: from a line of a file to what is recorded.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use entity::values::{Division, FactKind};
use serde::Deserialize;
use serde_json::Value;

use super::{
    cells::split,
    container::Form,
    findings::Flaw,
    kinds::FACT_COLUMNS,
    rows::{Fault, Reader, document, filled, impossible, instant, json_fault},
    sought::Sought,
};
use crate::{facts::rules, identity};

/// One fact, but for whose it is.
#[derive(Debug)]
pub(super) struct FactRow {
    pub(super) line: i64,
    pub(super) happened_at: DateTime<Utc>,
    pub(super) ends_at: Option<DateTime<Utc>>,
    /// The region whose data it is; the source's own if that is left out.
    pub(super) origin: Option<Division>,
    pub(super) source_ref: String,
    pub(super) detail: Value,
}

/// The facts of a chunk.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) kind: FactKind,
    pub(super) rows: Vec<FactRow>,
    /// Whom they are about.
    pub(super) sought: Sought,
}

impl Facts {
    pub(super) fn of(kind: FactKind) -> Self {
        Self {
            kind,
            rows: Vec::new(),
            sought: Sought::default(),
        }
    }

    /// Read a line of a file in `form`, and keep what it says.
    pub(super) fn read(
        &mut self,
        line: (i64, &[u8]),
        form: Form,
        reader: &Reader<'_>,
    ) -> Result<(), Fault> {
        let (number, bytes) = line;
        let text = std::str::from_utf8(bytes).map_err(|_| ("", Flaw::Encoding))?;
        match form {
            Form::Csv => {
                let cells = split(text).map_err(|flaw| ("", flaw))?;
                let detail = detail(&cells)?;
                let [kind, document, happened, ends, origin, reference, _] = &cells;
                let cells = [kind, document, happened, ends, origin, reference];
                self.keep(number, cells, detail, reader)
            }
            Form::Ndjson => {
                let line: FactLine<'_> =
                    serde_json::from_str(text).map_err(|error| json_fault(&error))?;
                let cells = [
                    &line.document_kind,
                    &line.document_number,
                    &line.happened_at,
                    &line.ends_at,
                    &line.origin,
                    &line.source_ref,
                ];
                self.keep(number, cells, line.detail, reader)
            }
        }
    }

    fn keep(
        &mut self,
        line: i64,
        cells: [&Cow<'_, str>; 6],
        detail: Value,
        reader: &Reader<'_>,
    ) -> Result<(), Fault> {
        for (column, cell) in FACT_COLUMNS.into_iter().zip(cells) {
            let may_be_left_out = matches!(column, "ends_at" | "origin");
            if !(may_be_left_out && cell.is_empty()) {
                filled(column, cell)?;
            }
        }
        let [document_kind, number, happened, ends, origin, reference] = cells;
        let document = document(document_kind, number, reader.today)?;
        let happened_at = instant("happened_at", happened)?;
        let ends_at = match &**ends {
            "" => None,
            cell => Some(instant("ends_at", cell)?),
        };
        rules::possible_fact(self.kind, happened_at, ends_at, reader.now).map_err(impossible)?;
        let origin = match &**origin {
            "" => None,
            cell => Some(Division::try_from(cell.to_owned()).map_err(|_| ("origin", Flaw::Form))?),
        };
        rules::possible_reference(reference).map_err(impossible)?;
        let detail = rules::canonical(self.kind, detail).map_err(impossible)?;
        self.rows.push(FactRow {
            line,
            happened_at,
            ends_at,
            origin,
            source_ref: reference.to_string(),
            detail,
        });
        self.sought
            .push(&identity::document_keys(reader.vault, &document));
        Ok(())
    }
}

/// What the last cell says: an object, or nothing.
fn detail(cells: &[Cow<'_, str>; 7]) -> Result<Value, Fault> {
    let [.., cell] = cells;
    if cell.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    serde_json::from_str(cell).map_err(|_| ("detail", Flaw::Json))
}

/// A fact as a JSON object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FactLine<'a> {
    #[serde(borrow)]
    document_kind: Cow<'a, str>,
    #[serde(borrow)]
    document_number: Cow<'a, str>,
    #[serde(borrow)]
    happened_at: Cow<'a, str>,
    #[serde(borrow, default)]
    ends_at: Cow<'a, str>,
    #[serde(borrow, default)]
    origin: Cow<'a, str>,
    #[serde(borrow)]
    source_ref: Cow<'a, str>,
    #[serde(default = "nothing")]
    detail: Value,
}

fn nothing() -> Value {
    Value::Object(serde_json::Map::new())
}
