//! Use case: take a test back.

use chrono::SubsecRound;
use entity::values::{PersonId, TestResult};
use sea_orm::DatabaseTransaction;

use super::{
    dossier::Test,
    error::Error,
    recording::{NewTest, Overrules, Recorded, record_report},
    store,
    withdrawing::By,
};
use crate::deps::Deps;

/// Take back what the last report of a sample of `person` says, by another report of it that says
/// nothing either way, as part of the transaction `tx`: wake `deps.recheck` after the commit.
///
/// Refused if the sample was reported on at this very moment.
pub async fn take_back(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    test: &Test,
    by: By,
) -> Result<(), Error> {
    let sample = test.evidence.strip_prefix("test/").unwrap_or_default();
    let last = store::report(tx, person, sample, test.reported_at).await?;
    let last = last.ok_or(Error::Overtaken)?;
    let report = NewTest {
        person,
        sampled_at: last.sampled_at,
        sample: last.sample,
        reported_at: deps.clock.now().trunc_subsecs(3),
        result: TestResult::Inconclusive,
        tube_size: last.tube_size,
        source: by.source().to_owned(),
        recorded_by: match by {
            By::Staff(staff) => Some(staff),
            By::Source(_) => None,
        },
    };
    match record_report(tx, deps, report, Overrules::Anyones).await? {
        Recorded::New(_) => Ok(()),
        Recorded::Known(_) | Recorded::Contradiction(_) => Err(Error::Overtaken),
    }
}
