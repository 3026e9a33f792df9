//! Which report of a sample counts, and which sample.

use std::{cmp::Reverse, collections::HashMap};

use chrono::{DateTime, Utc};
use entity::values::TestResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    super::dossier::{Dossier, Test},
    SAMPLES_COUNT_FOR,
};

/// A test as people are shown it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// When the sample was taken.
    pub sampled_at: DateTime<Utc>,
    /// What it says of the person.
    pub result: Finding,
}

/// What a test says of one person.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Nothing was found.
    Negative,
    /// Nothing either way.
    Inconclusive,
    /// The virus is in a tube that several share: a single re-test will tell.
    Pending,
    /// The virus was found in the person's own sample.
    Positive,
}

impl Finding {
    /// What a report of `result` says of one person, by whether the tube is theirs alone.
    #[must_use]
    pub fn of(result: TestResult, single: bool) -> Self {
        match (result, single) {
            (TestResult::Negative, _) => Self::Negative,
            (TestResult::Inconclusive, _) => Self::Inconclusive,
            (TestResult::Positive, true) => Self::Positive,
            (TestResult::Positive, false) => Self::Pending,
        }
    }
}

impl Test {
    /// What it says of the person.
    #[must_use]
    pub fn finding(&self) -> Finding {
        Finding::of(self.result, self.single)
    }
}

/// The test to show: of the sample taken last, by its last report. Where two were taken at the same
/// time, the graver.
#[must_use]
pub fn latest_test(dossier: &Dossier) -> Option<Shown> {
    let shown = dossier.tests.iter().map(|test| Shown {
        sampled_at: test.sampled_at,
        result: test.finding(),
    });
    shown.max_by_key(|shown| (shown.sampled_at, shown.result))
}

/// Of each sample the report that was made last, the sample taken last first; those of the 60 days up
/// to that one.
///
/// A sample is known by laboratory and tube, so a correction may also say that it was taken at
/// another time.
#[must_use]
pub(in crate::facts) fn last_reports(reports: Vec<Test>) -> Vec<Test> {
    let order = |test: &Test| (test.reported_at, test.recorded_at, test.sampled_at);
    let mut last: HashMap<String, Test> = HashMap::new();
    for report in reports {
        let superseded = last.get(&report.evidence).map(order);
        if superseded.is_none_or(|before| before < order(&report)) {
            last.insert(report.evidence.clone(), report);
        }
    }
    let mut tests: Vec<Test> = last.into_values().collect();
    tests.sort_by(|a, b| {
        let key = |test: &Test| (Reverse(test.sampled_at), Reverse(test.finding()));
        key(a)
            .cmp(&key(b))
            .then_with(|| a.evidence.cmp(&b.evidence))
    });
    if let Some(newest) = tests.first().map(|test| test.sampled_at) {
        tests.retain(|test| newest - test.sampled_at <= SAMPLES_COUNT_FOR);
    }
    tests
}
