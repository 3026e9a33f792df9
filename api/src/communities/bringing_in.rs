//! Use case: bring in a file of communities, so that a city can publish thousands.

use std::collections::{BTreeMap, BTreeSet};

use csv::{ReaderBuilder, StringRecord, Trim};
use entity::{
    community::Model,
    values::{Community, Division},
};
use sea_orm::DatabaseTransaction;

use super::{
    directory::published,
    error::{Error, FileFlaw, RowFlaw},
    rules::Office,
    store::directory as store,
};
use crate::{
    audit::{self, Actor, Event, Subject},
    deps::Deps,
    platform::db::begin_write,
    regions::{self, Standing},
};

/// The columns of a file, in any order.
const COLUMNS: [&str; 5] = ["code", "name", "address", "telephone", "hours"];

/// Rows of a file, at the most. There are some 110 thousand communities in the largest province.
const MOST_ROWS: usize = 200_000;

/// Rows that one statement keeps.
const CHUNK: usize = 500;

/// What came of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BroughtIn {
    /// Communities that were not in the directory.
    pub added: usize,
    /// Communities of which something else was published.
    pub changed: usize,
    /// Communities of which the file says what is published.
    pub unchanged: usize,
}

/// A row of a file.
struct Row {
    code: Community,
    division: Division,
    office: Office,
}

/// Publish every community of `file`, a CSV in UTF-8 that names its columns in the first line. All of
/// them or, where anything is wrong, none.
///
/// # Errors
///
/// [`Error::File`] with everything that is wrong, row by row.
pub async fn bring_in(deps: &Deps, file: &[u8]) -> Result<BroughtIn, Error> {
    let rows = read(file).map_err(Error::File)?;
    let mut all = BroughtIn::default();
    let tx = begin_write(&deps.db).await?;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<Row> = rows.by_ref().take(CHUNK).collect();
        let part = keep(&tx, deps, chunk).await?;
        all.added += part.added;
        all.changed += part.changed;
        all.unchanged += part.unchanged;
    }
    if all.added + all.changed > 0 {
        let event = Event::CommunitiesBroughtIn {
            added: all.added as u64,
            changed: all.changed as u64,
        };
        audit::record(&tx, deps, Actor::Operator, Subject::Nobody, &event).await?;
    }
    tx.commit().await?;
    Ok(all)
}

async fn keep(tx: &DatabaseTransaction, deps: &Deps, rows: Vec<Row>) -> Result<BroughtIn, Error> {
    let codes = rows.iter().map(|row| row.code.clone()).collect();
    let known = store::known(tx, codes).await?;
    let known: BTreeMap<Community, Model> = known
        .into_iter()
        .map(|row| (row.code.clone(), row))
        .collect();
    let mut kept = BroughtIn::default();
    let mut changed = Vec::new();
    for Row {
        code,
        division,
        office,
    } in rows
    {
        let before = known.get(&code);
        let row = published(deps, before, code, division, office);
        match before {
            None => kept.added += 1,
            Some(before) if *before == row => {
                kept.unchanged += 1;
                continue;
            }
            Some(_) => kept.changed += 1,
        }
        changed.push(row);
    }
    store::put(tx, changed).await?;
    Ok(kept)
}

/// The rows of `file` by code, so that two who bring in files at once do not wait for each other.
fn read(file: &[u8]) -> Result<Vec<Row>, Vec<RowFlaw>> {
    let alone = |line, what| vec![RowFlaw { line, what }];
    let text = str::from_utf8(file).map_err(|bad| {
        let before = file.get(..bad.valid_up_to()).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n').count() as u64;
        alone(line, FileFlaw::NotText)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let head = reader.headers().map_err(|_| alone(1, FileFlaw::Head))?;
    let places = places(head).ok_or_else(|| alone(1, FileFlaw::Head))?;
    let (mut rows, mut flaws, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (number, record) in reader.records().enumerate() {
        let Ok(record) = record else {
            flaws.extend(alone(0, FileFlaw::NotText));
            break;
        };
        let line = record.position().map_or(0, csv::Position::line);
        if number >= MOST_ROWS {
            flaws.extend(alone(line, FileFlaw::TooLong));
            break;
        }
        match row(&record, places) {
            Ok(row) if !seen.insert(row.code.clone()) => flaws.extend(alone(line, FileFlaw::Twice)),
            Ok(row) => rows.push(row),
            Err(wrong) => flaws.extend(wrong.into_iter().map(|what| RowFlaw { line, what })),
        }
    }
    if !flaws.is_empty() {
        return Err(flaws);
    }
    rows.sort_unstable_by(|one, other| one.code.cmp(&other.code));
    Ok(rows)
}

/// Where each of [`COLUMNS`] stands. None unless each stands there once, and nothing else.
fn places(head: &StringRecord) -> Option<[usize; 5]> {
    if head.len() != COLUMNS.len() {
        return None;
    }
    let mut places = [0; 5];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place = head.iter().position(|name| name == column)?;
    }
    Some(places)
}

fn row(record: &StringRecord, places: [usize; 5]) -> Result<Row, Vec<FileFlaw>> {
    if record.len() != places.len() {
        return Err(vec![FileFlaw::Fields]);
    }
    let [code, name, address, telephone, hours] =
        places.map(|place| record.get(place).unwrap_or_default());
    let code = in_force(code);
    let office = Office::check(name, address, telephone, hours);
    match (code, office) {
        (Some((code, division)), Ok(office)) => Ok(Row {
            code,
            division,
            office,
        }),
        (code, office) => {
            let unknown = code.is_none().then_some(FileFlaw::Code);
            let wrong = office.err().unwrap_or_default();
            let fields = wrong.into_iter().map(FileFlaw::Field);
            Err(unknown.into_iter().chain(fields).collect())
        }
    }
}

fn in_force(code: &str) -> Option<(Community, Division)> {
    let code = Community::try_from(code.to_owned()).ok()?;
    let division = code.division().ok()?;
    let current = regions::standing(&division) == Standing::Current;
    current.then_some((code, division))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaws(file: &str) -> Vec<String> {
        let flaws = read(file.as_bytes()).err().unwrap_or_default();
        flaws.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn columns_may_stand_in_any_order_and_a_mark_of_the_encoding_before_them() {
        let file = "\u{feff}name,code,hours,telephone,address\r\n\
                    十亩园社区,370102001002,\"工作日, 9:00–17:00\",0531-86000000,某路1号\r\n\
                    泉城社区,370102001001,全天,12345,某路2号\r\n";
        let rows = read(file.as_bytes()).unwrap_or_default();
        let names: Vec<_> = rows.iter().map(|row| row.office.name.as_str()).collect();
        assert_eq!(names, ["泉城社区", "十亩园社区"]);
    }

    #[test]
    fn everything_that_is_wrong_is_said_with_its_line() {
        let file = "code,name,address,telephone,hours\n\
                    370102001001,泉城社区,某路,12345,全天\n\
                    370199001001,,某路,13800138000,全天\n\
                    370102001001,再来一次,某路,12345,全天\n\
                    370102001003,少一栏,某路,12345\n";
        let said = flaws(file);
        let lines: Vec<_> = said.iter().map(|flaw| flaw.get(..12).unwrap()).collect();
        let expected = [
            "line 3: code",
            "line 3: name",
            "line 3: tele",
            "line 4: code",
            "line 5: has ",
        ];
        assert_eq!(lines, expected, "{said:?}");
    }

    #[test]
    fn a_file_that_is_none_is_refused_by_its_line() {
        for (file, line) in [
            ("", "line 1: does not name"),
            ("code,name\n", "line 1: does not name"),
            (
                "code,name,address,telephone,phone\n",
                "line 1: does not name",
            ),
        ] {
            assert!(flaws(file).concat().starts_with(line), "{file}");
        }
        let gbk = [
            b"code,name,address,telephone,hours\n".as_slice(),
            &[0xc9, 0xe7],
        ]
        .concat();
        let flaw = read(&gbk).err().unwrap_or_default();
        assert_eq!(
            flaw,
            [RowFlaw {
                line: 2,
                what: FileFlaw::NotText
            }]
        );
    }
}
