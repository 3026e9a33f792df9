//! What rules did once they came into force, held against what their dry runs had predicted.

use crate::{
    deps::Deps,
    health_code::{error::Error, history, store::rounds},
    policy::{self, Observation, Watched},
    recheck,
};

/// Hold every rule that came into force against its dry run, until everybody was looked at. Returns
/// how many rolled themselves back.
pub(in crate::health_code) async fn watch(deps: &Deps) -> anyhow::Result<u64> {
    let mut rolled_back = 0;
    for watched in policy::watched(deps).await? {
        let seen = observe(deps, &watched).await?;
        let which = (watched.rule.as_str(), watched.version);
        rolled_back += u64::from(policy::observed(deps, which, seen).await?);
    }
    Ok(rolled_back)
}

/// What `watched` did so far. Whoever was waiting for another look has to be looked at before the
/// people who changed are counted, or some would be missed.
async fn observe(deps: &Deps, watched: &Watched) -> Result<Observation, Error> {
    let version = watched.version.to_string();
    let over = rounds::is_over(&deps.db, &watched.rule, &version).await?;
    let complete = over && recheck::backlog(&deps.db).await? == 0;
    let changed = history::changed_by(&deps.db, &watched.rule, watched.since).await?;
    Ok(Observation { changed, complete })
}
