//! Use case: bring in a file of communities, so that a city can publish thousands.

use std::collections::BTreeMap;

use entity::{
    community::Model,
    values::{Community, Division},
};
use sea_orm::DatabaseTransaction;

use super::{
    directory::published,
    error::{CellFlaw, Error, RowFlaw},
    rules::Office,
    store::directory as store,
};
use crate::{
    audit::{self, Actor, Event, Subject},
    deps::Deps,
    platform::{
        db::begin_write,
        headed_csv::{self, Headed},
    },
    regions::{self, Standing},
};

/// A file of communities. There are some 110 thousand in the largest province.
const FILE: Headed<5> = Headed {
    columns: ["code", "name", "address", "telephone", "hours"],
    most_rows: 200_000,
};

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

/// A row of a file: where a community is, and what is published of it.
type Row = headed_csv::Row<Community, (Division, Office)>;

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
    let codes = rows.iter().map(|row| row.key.clone()).collect();
    let known = store::known(tx, codes).await?;
    let known: BTreeMap<Community, Model> = known
        .into_iter()
        .map(|row| (row.code.clone(), row))
        .collect();
    let mut kept = BroughtIn::default();
    let mut changed = Vec::new();
    for row in rows {
        let (code, (division, office)) = (row.key, row.says);
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

/// The rows of `file`.
fn read(file: &[u8]) -> Result<Vec<Row>, Vec<RowFlaw>> {
    FILE.read(file, row)
}

fn row(
    [code, name, address, telephone, hours]: [&str; 5],
) -> Result<(Community, (Division, Office)), Vec<CellFlaw>> {
    let code = in_force(code);
    let office = Office::check(name, address, telephone, hours);
    match (code, office) {
        (Some((code, division)), Ok(office)) => Ok((code, (division, office))),
        (code, office) => {
            let unknown = code.is_none().then_some(CellFlaw::Code);
            let wrong = office.err().unwrap_or_default();
            let fields = wrong.into_iter().map(CellFlaw::Field);
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
}
