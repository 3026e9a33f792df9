//! Use cases: what somebody showed at a past instant, and what they would show by another policy.

use chrono::{DateTime, Utc};
use entity::values::{Colour, PersonId};

use super::{
    blaming,
    error::Error,
    loading,
    rules::{self, Verdict},
};
use crate::{
    deps::Deps,
    policy::{self, Policy},
};

/// What `person` showed at `at`, and why: from what was on record then, by the policy in force then.
/// What has been recorded since changes nothing of it.
pub async fn colour_at(deps: &Deps, person: PersonId, at: DateTime<Utc>) -> Result<Verdict, Error> {
    let loaded = loading::load(&deps.db, deps, person, Some(at)).await?;
    let policy = policy::in_force(deps, at).await?;
    Ok(rules::decide(&loaded.facts, &policy, at))
}

/// What `person` would show by each of `policies` if it were in force now. Nothing is kept.
pub async fn would_show<const N: usize>(
    deps: &Deps,
    person: PersonId,
    policies: [&Policy; N],
) -> Result<[Colour; N], Error> {
    let now = deps.clock.now();
    let loaded = loading::load(&deps.db, deps, person, None).await?;
    Ok(policies.map(|policy| blaming::would_show(&loaded.facts, policy, now)))
}
