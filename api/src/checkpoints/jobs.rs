//! What happens at gates without being asked for.

use std::time::Duration;

use super::store;
use crate::{deps::Deps, jobs::Sweep};

/// Records of one statement.
const AT_ONCE: u64 = 2_000;

/// Forgets what was verified as long ago as visits are kept.
#[derive(Debug, Clone, Copy)]
pub struct ForgetRecords;

impl Sweep for ForgetRecords {
    const NAME: &'static str = "checkpoints.forget_records";
    const EVERY: Duration = Duration::from_mins(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let until = deps.clock.now() - deps.visiting.kept();
        Ok(store::forget(&deps.db, until, AT_ONCE).await?)
    }
}
