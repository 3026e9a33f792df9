//! One chunk of test results: applied whole or not at all, together with how far the import got.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    import_batch, import_finding,
    values::{ImportId, PersonId},
};
use sea_orm::{DatabaseConnection, DbBackend, DbErr};

use super::{
    embedded,
    findings::Finding,
    judging::{Key, Sample, Says},
    postgres,
    rows::{TestRow, Tests},
};

/// A chunk to apply.
pub(super) struct Step<'a> {
    /// How far the import got before.
    pub(super) before: &'a import_batch::Model,
    /// How far it gets.
    pub(super) after: &'a import_batch::Model,
    /// The rows, of which those at `new` are applied.
    pub(super) tests: &'a Tests,
    pub(super) new: &'a [u32],
    pub(super) findings: &'a [Finding],
    pub(super) now: DateTime<Utc>,
}

/// What became of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is applied.
    Whole,
    /// Nothing of it: some of it was in the table.
    Collided,
    /// Nothing of it: another process has the import.
    Overtaken,
}

impl Step<'_> {
    pub(super) fn rows(&self) -> impl Iterator<Item = &TestRow> {
        let rows = self.new.iter();
        rows.filter_map(|at| self.tests.rows.get(*at as usize))
    }

    /// Those whose colour a result may change by itself. Whom a negative one concerns besides is asked
    /// once it is there: see [`concerned`].
    pub(super) fn affected(&self) -> Vec<PersonId> {
        use entity::values::TestResult::Negative;
        self.rows()
            .filter(|row| row.result != Negative)
            .map(|row| row.person)
            .collect()
    }
}

/// What the table says under `keys`.
pub(super) async fn stored<'k>(
    db: &DatabaseConnection,
    keys: &[Key<'k>],
) -> Result<HashMap<Key<'k>, Says>, DbErr> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::stored(db, keys).await,
        _ => embedded::stored(db, keys).await,
    }
}

/// The samples among those of `keys` whose first report another brought than `source`: nobody overrules
/// somebody else's laboratory by the name of its tube.
pub(super) async fn others<'k>(
    db: &DatabaseConnection,
    source: &str,
    keys: &[Key<'k>],
) -> Result<HashSet<Sample<'k>>, DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::others(db, source, keys).await,
        _ => embedded::others(db, source, keys).await,
    }
}

/// Apply `step`.
pub(super) async fn keep(db: &DatabaseConnection, step: &Step<'_>) -> Result<Kept, DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::keep(db, step).await,
        _ => embedded::keep(db, step).await,
    }
}

/// Somebody who is to be looked at, and the version of their last assessment; 0 without any.
pub(super) type Concerned = (PersonId, i64);

/// Those of `people` whose colour any result may change, or `all` of them: they are held for something,
/// show another colour than green, or somebody is looking at them just now. Asked once their results are
/// committed: an assessment that did not read them either has not ended, and its mark is there, or has,
/// and what it found is.
pub(super) async fn concerned(
    db: &DatabaseConnection,
    people: &[PersonId],
    all: bool,
) -> Result<Vec<Concerned>, DbErr> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::concerned(db, people, all).await,
        _ => embedded::concerned(db, people, all).await,
    }
}

/// A finding as a row.
pub(super) fn row_of(import: ImportId, finding: &Finding) -> import_finding::Model {
    import_finding::Model {
        import_id: import,
        line: finding.line,
        field: finding.field.to_owned(),
        code: finding.flaw.code().to_owned(),
    }
}
