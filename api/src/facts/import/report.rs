//! What was found, as a table for a spreadsheet.

use std::borrow::Cow;

use entity::{import_finding, values::ImportId};
use futures_util::stream::{self, Stream};
use sea_orm::DbErr;

use super::{
    batches,
    findings::{Finding, Flaw},
};
use crate::{deps::Deps, http::problem::Text};

/// Findings that are read at a time.
const READ_AT_ONCE: u64 = 1_000;

/// How a report begins: with a byte order mark, since spreadsheets take the file for something else
/// than UTF-8 without it.
pub const REPORT_HEAD: &str = "\u{feff}line,column,code,说明,explanation\r\n";

/// One line of a report.
#[must_use]
pub fn report_line(finding: &Finding) -> String {
    line(
        finding.line,
        finding.field,
        finding.flaw.code(),
        finding.flaw.text(),
    )
}

/// The report of an import, some lines at a time.
pub fn report(deps: &Deps, import: ImportId) -> impl Stream<Item = Result<String, DbErr>> + use<> {
    let db = deps.db.clone();
    let pages = stream::unfold(Some(0), move |after| {
        let db = db.clone();
        async move {
            let found = batches::findings(&db, import, after?, READ_AT_ONCE).await;
            match found {
                Ok(found) => {
                    let next = found.last()?.line;
                    Some((Ok(found.iter().map(line_of).collect()), Some(next)))
                }
                Err(error) => Some((Err(error), None)),
            }
        }
    });
    futures_util::StreamExt::chain(stream::iter([Ok(REPORT_HEAD.to_owned())]), pages)
}

fn line_of(row: &import_finding::Model) -> String {
    let text = Flaw::of_code(&row.code).map(Flaw::text);
    line(
        row.line,
        &row.field,
        &row.code,
        text.unwrap_or(Text::new("", "")),
    )
}

fn line(number: i64, field: &str, code: &str, text: Text) -> String {
    let [field, code, zh, en] = [field, code, text.zh, text.en].map(cell);
    format!("{number},{field},{code},{zh},{en}\r\n")
}

/// `text` as a cell that no spreadsheet computes, whatever it says.
fn cell(text: &str) -> Cow<'_, str> {
    let computed = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !computed && !text.contains([',', '"', '\r', '\n']) {
        return Cow::Borrowed(text);
    }
    let mark = if computed { "'" } else { "" };
    Cow::Owned(format!("\"{mark}{}\"", text.replace('"', "\"\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_more_than_one() {
        for (text, expected) in [
            ("tube", "tube"),
            ("=1+1", "\"'=1+1\""),
            ("@SUM", "\"'@SUM\""),
            ("\tx", "\"'\tx\""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"\n", "\"say \"\"hi\"\"\n\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn a_line_says_where_and_what() {
        let finding = Finding {
            line: 7,
            field: "document_number",
            flaw: Flaw::UnknownPerson,
        };
        assert_eq!(
            report_line(&finding),
            "7,document_number,unknown_person,本系统没有此人,nobody with this document is known here\r\n"
        );
    }
}
