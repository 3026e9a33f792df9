//! Use case: bring in a file of sections, so that a city can publish its catalogue at once.

use std::{collections::BTreeSet, fmt};

use chrono::NaiveDate;
use entity::values::SectionCode;

use super::{
    catalogue,
    error::Error,
    judging::is_county,
    rules::{self, Decision, SectionRequest},
};
use crate::{
    audit::Actor,
    deps::Deps,
    http::problem::{FieldFault, Text},
    platform::{
        db::begin_write,
        headed_csv::{self, Flaw, Headed},
    },
};

/// A file of sections.
const FILE: Headed<7> = Headed {
    columns: [
        "code",
        "name_zh",
        "name_en",
        "valid_from",
        "restricted",
        "classes",
        "ways_around",
    ],
    most_rows: 20_000,
};

/// What came of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BroughtIn {
    /// Sections of which something else holds now, or is to.
    pub decided: usize,
    /// Sections of which the file says what was decided last.
    pub unchanged: usize,
}

/// What is wrong with a row of a file, or with the file.
pub type RowFlaw = headed_csv::RowFlaw<CellFlaw>;

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFlaw(FieldFault);

impl fmt::Display for CellFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.field, self.0.message.en)
    }
}

type Row = headed_csv::Row<SectionCode, Decision>;

/// Decide on every section of `file`, a CSV in UTF-8 that names its columns in the first line. All of them
/// or, where anything is wrong, none.
///
/// # Errors
///
/// [`Error::File`] with everything that is wrong, row by row.
pub async fn bring_in(deps: &Deps, file: &[u8]) -> Result<BroughtIn, Error> {
    let rows = read(file, deps.clock.today()).map_err(Error::File)?;
    let tx = begin_write(&deps.db).await?;
    let own: BTreeSet<SectionCode> = rows.iter().map(|row| row.key.clone()).collect();
    let ways = rows
        .iter()
        .flat_map(|row| row.says.version.ways_around.clone());
    let unknown = catalogue::unknown_among(&tx, ways.collect(), &own).await?;
    let lost: Vec<RowFlaw> = rows
        .iter()
        .flat_map(|row| leads_nowhere(row, &unknown))
        .collect();
    if !lost.is_empty() {
        return Err(Error::File(lost));
    }
    let mut all = BroughtIn::default();
    for row in rows {
        if catalogue::record(&tx, deps, Actor::Operator, &row.key, row.says).await? {
            all.decided += 1;
        } else {
            all.unchanged += 1;
        }
    }
    tx.commit().await?;
    Ok(all)
}

fn leads_nowhere(row: &Row, unknown: &BTreeSet<SectionCode>) -> Vec<RowFlaw> {
    let ways = row.says.version.ways_around.iter().enumerate();
    ways.filter(|(_, way)| unknown.contains(way))
        .map(|(at, _)| Flaw::Cell(CellFlaw(rules::unknown_way(at))).at(row.line))
        .collect()
}

/// The rows of `file`.
fn read(file: &[u8], today: NaiveDate) -> Result<Vec<Row>, Vec<RowFlaw>> {
    FILE.read(file, |cells| {
        let wrong = |faults: Vec<FieldFault>| faults.into_iter().map(CellFlaw).collect();
        row(cells, today).map_err(wrong)
    })
}

fn row(
    [
        code,
        name_zh,
        name_en,
        valid_from,
        restricted,
        classes,
        ways_around,
    ]: [&str; 7],
    today: NaiveDate,
) -> Result<(SectionCode, Decision), Vec<FieldFault>> {
    let mut faults = Vec::new();
    let code = keep(&mut faults, in_force(code));
    let valid_from = valid_from.parse().map_err(|_| {
        let message = Text::new("须如 2026-03-02", "must be like 2026-03-02");
        FieldFault::new("valid_from", "form", message)
    });
    let valid_from = keep(&mut faults, valid_from);
    let restricted = keep(&mut faults, rules::cells::restricted(restricted));
    let classes = keep(&mut faults, rules::cells::classes(classes));
    let ways_around = keep(&mut faults, rules::cells::ways_around(ways_around));
    let read = (code, valid_from, restricted, classes, ways_around);
    let (Some(code), Some(valid_from), Some(restricted), Some(classes), Some(ways_around)) = read
    else {
        return Err(faults);
    };
    let request = SectionRequest {
        name_zh: name_zh.to_owned(),
        name_en: name_en.to_owned(),
        valid_from,
        restricted,
        classes,
        ways_around,
    };
    let decision = rules::check(&code, request, today)?;
    Ok((code, decision))
}

/// What was read, or None with the fault kept.
fn keep<T>(faults: &mut Vec<FieldFault>, read: Result<T, FieldFault>) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(fault) => {
            faults.push(fault);
            None
        }
    }
}

fn in_force(code: &str) -> Result<SectionCode, FieldFault> {
    let code = code.parse::<SectionCode>().ok();
    let known = code.filter(|code| code.division().is_ok_and(|division| is_county(&division)));
    known.ok_or_else(|| {
        let message = Text::new(
            "须为区县代码、连字符和四位数字",
            "must be a county or district in force, a hyphen and four digits",
        );
        FieldFault::new("code", "form", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "code,name_zh,name_en,valid_from,restricted,classes,ways_around\n";

    fn today() -> NaiveDate {
        "2026-03-02".parse().unwrap()
    }

    fn flaws(file: &str) -> Vec<String> {
        let flaws = read(file.as_bytes(), today()).err().unwrap_or_default();
        flaws.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_says_what_is_decided_of_each_section() {
        let file = format!(
            "\u{feff}{HEAD}120103-0001,大沽路,Dagu Road,2026-03-10,mon-fri 07:00-09:00,,120102-0001\n\
             120102-0001,南京路,Nanjing Road,2026-03-02,,ordinary,\n"
        );
        let rows = read(file.as_bytes(), today()).ok().unwrap();
        let codes: Vec<_> = rows.iter().map(|row| row.key.as_str()).collect();
        assert_eq!(codes, ["120102-0001", "120103-0001"]);
        assert_eq!(rows[1].says.version.restricted.len(), 1);
        assert_eq!(rows[1].says.name_en, "Dagu Road");
    }

    #[test]
    fn everything_that_is_wrong_is_said_by_line_and_field() {
        let file = format!(
            "{HEAD}120102-0001,南京路,Nanjing Road,2026-03-02,,,\n\
             120102-0001,南京路,Nanjing Road,2026-03-02,,,\n\
             129999-0001,,Nanjing Road,2.3.2026,mon,truck,x\n\
             120102-0002,,Nanjing Road,2026-03-01,mon 07:00-07:00,,120102-0002\n\
             120102-0003,one\n"
        );
        let expected = [
            "line 3: code: has a row already",
            "line 4: code: must be a county",
            "line 4: valid_from: must be like",
            "line 4: restricted: must be like",
            "line 4: classes: is no class",
            "line 4: ways_around: must be codes",
            "line 5: name_zh: is blank",
            "line 5: valid_from: must not be before",
            "line 5: restricted[0].until: must not",
            "line 5: ways_around[0]: must not be the",
            "line 6: has another number",
        ];
        let said = flaws(&file);
        assert_eq!(said.len(), expected.len(), "{said:#?}");
        for (said, expected) in said.iter().zip(expected) {
            assert!(said.starts_with(expected), "{said}");
        }
        assert!(flaws("code\n")[0].starts_with("line 1: does not name"));
    }
}
