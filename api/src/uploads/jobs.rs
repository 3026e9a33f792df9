//! Sweeps.

use std::time::Duration;

use chrono::TimeDelta;

use super::store;
use crate::{deps::Deps, jobs::Sweep};

/// How long an upload waits for a record that holds it.
const UNHELD_FOR: TimeDelta = TimeDelta::hours(24);

/// Uploads of one run.
const AT_ONCE: u64 = 100;

/// Deletes uploads that nothing needs, with their objects.
#[derive(Debug)]
pub struct DeleteUnheld;

impl Sweep for DeleteUnheld {
    const NAME: &'static str = "uploads.delete_unheld";
    const EVERY: Duration = Duration::from_mins(5);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let now = deps.clock.now();
        store::give_up(&deps.db, now - UNHELD_FOR, now, AT_ONCE).await?;
        let mut deleted = 0;
        for id in store::going(&deps.db, now, AT_ONCE).await? {
            // The object first: while its row is there, somebody comes back for it.
            deps.objects.delete(id.0).await?;
            deleted += store::delete(&deps.db, id).await?;
        }
        if deleted > 0 {
            tracing::info!(
                uploads = deleted,
                "deleted {deleted} uploads that nothing needed"
            );
        }
        Ok(deleted)
    }
}
