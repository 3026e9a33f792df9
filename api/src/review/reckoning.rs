//! Use case: limits are worked out again when the calendar says something else.

use entity::review_case::Model;
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    moving::{Days, alarm, clock_of, set_clock},
    rules::Stage,
    store,
    ticking::{Duty, each_alone},
};
use crate::{deps::Deps, regions};

/// Cases looked at in one run.
const BATCH: u64 = 100;

/// Work out again what was worked out by an older calendar, some at a time. Returns how many.
pub(super) async fn reckon_again(deps: &Deps) -> Result<u64, Error> {
    let version = regions::calendar_version(&deps.db).await?;
    let cases = store::all(&deps.db, store::older_cases(version, BATCH)).await?;
    each_alone(deps, &cases, Duty::Older(version)).await
}

/// Let the clock of `case` at `stage` show what it does by the calendar as it is now. `true` if this call
/// did.
pub(super) async fn reckon(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &Model,
    stage: &Stage,
) -> Result<bool, Error> {
    let (Some(rule), Some(since)) = (&stage.clock, case.clock_since) else {
        return Ok(false);
    };
    let days = Days::since(tx, since).await?;
    let clock = clock_of(case).reckoned_again(rule, days.at(deps, &case.division));
    let mut after = case.clone();
    set_clock(&mut after, clock);
    alarm(&after);
    Ok(store::set_clock(tx, case, &after).await?)
}
