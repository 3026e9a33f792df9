//! How old records have to be, and which of them stay all the same.

use chrono::{DateTime, Utc};
use entity::values::{CheckInId, DeclarationId, FactId};
use uuid::Uuid;

use super::super::{
    loading::{Loaded, RISK_AREA},
    rules::{self, What},
};
use crate::{deps::Deps, facts::Shown};

/// From before when records may go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) tests: DateTime<Utc>,
    /// Of facts and causes, and of the newest test.
    pub(super) facts: DateTime<Utc>,
    pub(super) declarations: DateTime<Utc>,
    pub(super) check_ins: DateTime<Utc>,
}

impl Limits {
    pub(super) fn at(deps: &Deps, now: DateTime<Utc>) -> Self {
        let kept = &deps.retention;
        Self {
            tests: now - kept.tests(),
            facts: now - kept.facts(),
            declarations: now - kept.declarations(),
            check_ins: now - kept.check_ins(),
        }
    }

    /// The same for somebody to whom everything since `since` may matter.
    pub(super) fn not_since(self, since: Option<DateTime<Utc>>) -> Self {
        let earlier = |at: DateTime<Utc>| since.map_or(at, |since| at.min(since));
        Self {
            tests: earlier(self.tests),
            facts: earlier(self.facts),
            declarations: earlier(self.declarations),
            check_ins: earlier(self.check_ins),
        }
    }
}

/// What stays, however old it is: what says how somebody is and where they live, what holds was found in, what
/// something open is about, and for a while the test that is shown.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) declarations: Vec<DeclarationId>,
    pub(super) check_ins: Vec<CheckInId>,
    pub(super) samples: Vec<String>,
    pub(super) facts: Vec<FactId>,
    /// Whether somebody is held for where they declared to have been: then every declaration stays.
    pub(super) stays: bool,
}

impl Kept {
    pub(super) fn of(loaded: &Loaded, named: &[String], tests_since: DateTime<Utc>) -> Self {
        let facts = &loaded.facts;
        let held = rules::held_in(facts);
        let newest = facts.findings.iter().filter(|found| match &found.what {
            What::Record { .. } => true,
            What::Test(test) => is_shown(test.sampled_at, loaded.latest_test, tests_since),
            _ => false,
        });
        let mut kept = Self {
            declarations: facts.declaration.into_iter().collect(),
            stays: held.iter().any(|evidence| evidence.starts_with(RISK_AREA)),
            ..Self::default()
        };
        let newest = newest.map(|found| found.evidence.as_str());
        let named = named.iter().map(String::as_str);
        for evidence in held.into_iter().chain(newest).chain(named) {
            kept.add(evidence);
        }
        kept
    }

    /// Keep the record that `evidence` names.
    fn add(&mut self, evidence: &str) {
        let Some((table, row)) = evidence.split_once('/') else {
            return;
        };
        let id = row.parse::<Uuid>().ok();
        match table {
            "declaration" => self.declarations.extend(id.map(DeclarationId)),
            "check_in" => self.check_ins.extend(id.map(CheckInId)),
            "fact" => self.facts.extend(id.map(FactId)),
            "test" => self.samples.push(row.to_owned()),
            _ => (),
        }
    }
}

/// Whether a sample taken `at` is the one that is `shown`, and was taken since `since`.
fn is_shown(at: DateTime<Utc>, shown: Option<Shown>, since: DateTime<Utc>) -> bool {
    at >= since && shown.is_some_and(|shown| shown.sampled_at == at)
}
