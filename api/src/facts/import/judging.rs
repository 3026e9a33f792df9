//! Which results of a chunk are new, which are known, and which contradict what is known.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::values::{PersonId, TestResult};

use super::{
    findings::{Finding, Flaw},
    rows::{TestRow, Tests},
};

/// What makes two reports the same: whose, of which sample, reported when.
pub(super) type Key<'a> = (PersonId, &'a str, DateTime<Utc>);

/// Whose sample, and which.
pub(super) type Sample<'a> = (PersonId, &'a str);

/// What a report says: the result, how many share the tube, and when the sample was taken.
pub(super) type Says = (TestResult, i16, DateTime<Utc>);

/// Rows of a chunk, person by person, which is the order in which writing them costs least. Rows of the same key keep the order of the file.
pub(super) struct Sorted<'a> {
    tests: &'a Tests,
    order: Vec<u32>,
}

/// What becomes of the rows.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// New ones, by their places, in the order of the key.
    pub(super) new: Vec<u32>,
    /// Those that are not new.
    pub(super) findings: Vec<Finding>,
}

impl<'a> Sorted<'a> {
    /// Sort the rows of `tests` whose person is known.
    pub(super) fn of(tests: &'a Tests, known: &[bool]) -> Self {
        let mut places: Vec<(u128, i64, u32)> = (0_u32..)
            .zip(&tests.rows)
            .zip(known)
            .filter(|(_, known)| **known)
            .map(|((at, row), _)| {
                let person = row.person.0.as_u128();
                (person, row.reported_at.timestamp_millis(), at)
            })
            .collect();
        let row = |at: u32| tests.rows.get(at as usize);
        let finer = |at: u32| row(at).map(|row| (tests.sample(row), row.line));
        places.sort_unstable_by(|a, b| {
            let coarse = (a.0, a.1).cmp(&(b.0, b.1));
            coarse.then_with(|| finer(a.2).cmp(&finer(b.2)))
        });
        Self {
            tests,
            order: places.into_iter().map(|(_, _, at)| at).collect(),
        }
    }

    fn row(&self, at: u32) -> Option<&'a TestRow> {
        self.tests.rows.get(at as usize)
    }

    fn key(&self, row: &TestRow) -> Key<'a> {
        (row.person, self.tests.sample(row), row.reported_at)
    }

    fn key_at(&self, at: u32) -> Option<Key<'a>> {
        self.row(at).map(|row| self.key(row))
    }

    /// The places of rows, all of one key together.
    fn groups(&self) -> impl Iterator<Item = &[u32]> {
        self.order
            .chunk_by(|a, b| self.key_at(*a) == self.key_at(*b))
    }

    /// The keys to look for in the table: `all` of them, or those that may be there.
    pub(super) fn doubtful(&self, all: bool) -> Vec<Key<'a>> {
        self.groups()
            .filter_map(|group| {
                let first = self.row(*group.first()?)?;
                let doubtful = all || first.suspect || group.len() > 1;
                doubtful.then(|| self.key(first))
            })
            .collect()
    }

    /// What becomes of each row, where `stored` says what the table says under the doubtful keys. What
    /// stands there stands; else the first row of a key does, unless the sample is one of the `others`.
    pub(super) fn judge(
        &self,
        stored: &HashMap<Key<'_>, Says>,
        others: &HashSet<Sample<'_>>,
    ) -> Verdict {
        let mut verdict = Verdict {
            new: Vec::with_capacity(self.order.len()),
            findings: Vec::new(),
        };
        for group in self.groups() {
            let mut rows = group.iter().filter_map(|at| Some((*at, self.row(*at)?)));
            let Some((at, first)) = rows.next() else {
                continue;
            };
            let stands = if let Some(stored) = stored.get(&self.key(first)) {
                verdict.findings.push(compared(first, *stored));
                *stored
            } else if others.contains(&(first.person, self.tests.sample(first))) {
                let lines = group.iter().filter_map(|at| Some(self.row(*at)?.line));
                verdict.findings.extend(lines.map(anothers));
                continue;
            } else {
                verdict.new.push(at);
                says(first)
            };
            verdict
                .findings
                .extend(rows.map(|(_, row)| compared(row, stands)));
        }
        verdict
    }
}

fn anothers(line: i64) -> Finding {
    Finding {
        line,
        field: "tube",
        flaw: Flaw::Contradicts,
    }
}

fn says(row: &TestRow) -> Says {
    (row.result, row.tube_size, row.sampled_at)
}

fn compared(row: &TestRow, stands: Says) -> Finding {
    let (result, tube_size, sampled_at) = stands;
    let (field, flaw) = if says(row) == stands {
        ("", Flaw::Repeated)
    } else if (row.result, row.tube_size) == (result, tube_size) && row.sampled_at != sampled_at {
        ("sampled_at", Flaw::Contradicts)
    } else {
        ("result", Flaw::Contradicts)
    };
    let line = row.line;
    Finding { line, field, flaw }
}
