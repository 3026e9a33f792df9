//! What is on record about somebody that a request can rest on.

use entity::values::{OverrideEffect, PersonId};
use sea_orm::{ActiveEnum, ConnectionTrait};

use super::{
    error::{Error, RowFault},
    rules::{self, Evidence},
};
use crate::facts;

/// What a test is called among kinds of evidence.
const TEST: &str = "nucleic_acid_test";

/// The kind of what `person` has on record by `name`, if `effect` can rest on it. What was taken back
/// is not on record, nor is somebody else's.
pub(super) async fn kind_of(
    db: &impl ConnectionTrait,
    person: PersonId,
    name: &str,
    effect: OverrideEffect,
) -> Result<Result<String, RowFault>, Error> {
    let known = facts::dossier(db, person, None).await?;
    let fact = known
        .facts
        .iter()
        .filter(|fact| fact.withdrawn_at.is_none())
        .find(|fact| format!("fact/{}", fact.id) == name)
        .map(|fact| (Evidence::Fact(fact.kind), fact.kind.to_value()));
    let mut tests = known.tests.iter();
    let test = tests
        .find(|test| test.evidence == name)
        .map(|test| (Evidence::Test(test.result), TEST.to_owned()));
    Ok(match fact.or(test) {
        None => Err(RowFault::NoEvidence),
        Some((evidence, _)) if !rules::shows(evidence, effect) => Err(RowFault::ShowsNothing),
        Some((_, kind)) => Ok(kind),
    })
}
