//! The records that corrections are about.

use chrono::{DateTime, Utc};
use entity::values::{Division, PersonId, TestResult};
use sea_orm::{ActiveEnum, ConnectionTrait};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::Error, rules::Record};
use crate::facts::{self, Fact, Test};

/// A record that can be taken back.
pub(super) enum Found {
    Fact(Fact),
    Test(Test),
}

impl Found {
    /// The region whose data it is, where it alone may take it back. Tests are any laboratory's and
    /// nobody's own.
    pub(super) fn origin(&self) -> Option<&Division> {
        match self {
            Self::Fact(fact) => Some(&fact.origin),
            Self::Test(_) => None,
        }
    }
}

/// The record of `person` that has this name. None if there is none, or it was taken back.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    person: PersonId,
    record: &Record,
) -> Result<Option<Found>, Error> {
    let known = facts::dossier(db, person, None).await?;
    let name = record.to_string();
    Ok(match record {
        Record::Fact(id) => {
            let mut facts = known.facts.into_iter();
            let fact = facts.find(|fact| fact.id == *id && fact.withdrawn_at.is_none());
            fact.map(Found::Fact)
        }
        Record::Test(_) => {
            let mut tests = known.tests.into_iter();
            let test = tests.find(|test| test.evidence == name);
            let test = test.filter(|test| test.result != TestResult::Inconclusive);
            test.map(Found::Test)
        }
    })
}

/// A record, as the reviewer of a correction sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecordView {
    /// What it says, such as `close_contact` or `nucleic_acid_test`.
    kind: String,
    /// What was found, of a test. Null otherwise.
    result: Option<TestResult>,
    /// When it happened, or the sample was taken.
    at: DateTime<Utc>,
    /// When it ends or ended, where it has an end.
    until: Option<DateTime<Utc>>,
    /// Who brought it.
    source: String,
    /// Since when it is known here.
    recorded_at: DateTime<Utc>,
}

impl From<Found> for RecordView {
    fn from(found: Found) -> Self {
        match found {
            Found::Fact(fact) => Self {
                kind: fact.kind.to_value(),
                result: None,
                at: fact.at,
                until: fact.until,
                source: fact.source,
                recorded_at: fact.recorded_at,
            },
            Found::Test(test) => Self {
                kind: "nucleic_acid_test".into(),
                result: Some(test.result),
                at: test.sampled_at,
                until: None,
                source: test.source,
                recorded_at: test.recorded_at,
            },
        }
    }
}
