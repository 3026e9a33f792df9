//! Use case: how many workers stand where, and what became of the others. Counts, and no people.

use super::{
    error::Error,
    store::permits,
    views::{OutcomeCountView, StageCountView, WorkStatisticsView},
};
use crate::{deps::Deps, staff::Staff};

/// How it stands in the regions of `staff`.
pub(super) async fn count(deps: &Deps, staff: &Staff) -> Result<WorkStatisticsView, Error> {
    let (now, regions) = (deps.clock.now(), staff.scope.regions());
    let stages = permits::at_stages(&deps.db, &regions, now).await?;
    let outcomes = permits::outcomes(&deps.db, &regions).await?;
    let ended = outcomes.into_iter().filter_map(|(outcome, workers)| {
        Some(OutcomeCountView {
            outcome: outcome?,
            workers,
        })
    });
    Ok(WorkStatisticsView {
        counted_at: now,
        not_known: permits::not_known(&deps.db, &regions).await?,
        stages: stages
            .into_iter()
            .map(|row| StageCountView {
                workflow: row.workflow,
                stage: row.stage,
                workers: row.workers,
                late: row.late,
            })
            .collect(),
        outcomes: ended.collect(),
        in_force: permits::counting(&deps.db, &regions, now).await?,
    })
}
