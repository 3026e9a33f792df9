//! Use case: limits are worked out again when the calendar says something else.

use entity::review_case::Model;
use sea_orm::DatabaseTransaction;

use super::{
    breaches,
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
    let done = each_alone(deps, &cases, Duty::Older(version)).await?;
    Ok(done + breaches::look_again(deps, version).await?)
}

/// Whether a year was announced since the limit of `case` was worked out.
pub(super) async fn is_out_of_date(tx: &DatabaseTransaction, case: &Model) -> Result<bool, Error> {
    let Some(version) = case.calendar_version else {
        return Ok(false);
    };
    Ok(version < regions::calendar_version(tx).await?)
}

/// `case` at `stage` with its limit by the calendar as it is now. That is stored with the next move.
pub(super) async fn by_todays_calendar(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: Model,
    stage: &Stage,
) -> Result<Model, Error> {
    if !is_out_of_date(tx, &case).await? {
        return Ok(case);
    }
    Ok(reckoned(tx, deps, &case, stage).await?.unwrap_or(case))
}

/// Let the clock of `case` at `stage` show what it does by the calendar as it is now. `true` if this call
/// did.
pub(super) async fn reckon(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &Model,
    stage: &Stage,
) -> Result<bool, Error> {
    match reckoned(tx, deps, case, stage).await? {
        Some(after) => Ok(store::set_clock(tx, case, &after).await?),
        None => Ok(false),
    }
}

async fn reckoned(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &Model,
    stage: &Stage,
) -> Result<Option<Model>, Error> {
    let (Some(rule), Some(since)) = (&stage.clock, case.clock_since) else {
        return Ok(None);
    };
    let days = Days::since(tx, since).await?;
    let clock = clock_of(case).reckoned_again(rule, days.at(deps, &case.division));
    let mut after = case.clone();
    set_clock(&mut after, clock);
    alarm(&after);
    Ok(Some(after))
}
