//! What rules did once they came into force, held against what their dry runs had predicted.

use chrono::TimeDelta;

use crate::{
    deps::Deps,
    health_code::{error::Error, history, store::rounds},
    policy::{self, Observation, Watched},
    recheck,
};

/// When everybody was looked at, but for those who cannot be decided on.
const LONGEST_ROUND: TimeDelta = TimeDelta::hours(12);

/// Hold every rule that came into force against its dry run, until everybody was looked at. Returns
/// how many rolled themselves back.
pub(in crate::health_code) async fn watch(deps: &Deps) -> anyhow::Result<u64> {
    let mut rolled_back = 0;
    for watched in policy::watched(deps).await? {
        match hold_against(deps, &watched).await {
            Ok(back) => rolled_back += u64::from(back),
            Err(error) if error.is_outage() => return Err(error.into()),
            // It is watched on, and keeps no other from being watched.
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "{}@{} cannot be held against its dry run",
                watched.rule,
                watched.version
            ),
        }
    }
    Ok(rolled_back)
}

/// Whether `watched` rolled itself back.
async fn hold_against(deps: &Deps, watched: &Watched) -> Result<bool, Error> {
    let seen = observe(deps, watched).await?;
    let which = (watched.rule.as_str(), watched.version);
    Ok(policy::observed(deps, which, seen).await?)
}

/// What `watched` did so far. Whoever was waiting for another look has to be looked at before the
/// people who changed are counted, or some would be missed; somebody whose record cannot be decided
/// holds nothing up for ever.
async fn observe(deps: &Deps, watched: &Watched) -> Result<Observation, Error> {
    let version = watched.version.to_string();
    let over = rounds::is_over(&deps.db, &watched.rule, &version).await?;
    let late = deps.clock.now() >= watched.since + LONGEST_ROUND;
    let complete = over && (late || recheck::backlog(&deps.db).await? == 0);
    let rule = (watched.rule.as_str(), version.as_str());
    let changed = history::changed_by(&deps.db, rule, watched.since).await?;
    Ok(Observation { changed, complete })
}
