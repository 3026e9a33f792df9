//! Sweeps.

use std::time::Duration;

use super::{batches, ruling, store::forgetting, upkeep};
use crate::{deps::Deps, jobs::Sweep, platform::db::begin_write};

/// Workers, or forms, forgotten at a time.
const FORGOTTEN: u64 = 500;

/// Opens the cases of workers who are known, and looks after permits.
#[derive(Debug)]
pub struct LookAfterWorkers;

impl Sweep for LookAfterWorkers {
    const NAME: &'static str = "work_permits.look_after_workers";
    const EVERY: Duration = Duration::from_secs(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(upkeep::look_after(deps).await?)
    }
}

/// Makes the decisions that were asked for on many workers at once.
#[derive(Debug)]
pub struct MakeRulings;

impl Sweep for MakeRulings {
    const NAME: &'static str = "work_permits.make_rulings";
    const EVERY: Duration = Duration::from_secs(2);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(ruling::make_some(deps).await?)
    }
}

/// Sends batches to the data centre, and asks for answers that did not come.
#[derive(Debug)]
pub struct SendBatches;

impl Sweep for SendBatches {
    const NAME: &'static str = "work_permits.send_batches";
    const EVERY: Duration = Duration::from_secs(5);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(batches::look_after(deps).await?)
    }
}

/// Forgets workers, objections to their return, and forms, as long after all is over as decisions are kept. What the
/// form said of a worker is forgotten long before.
#[derive(Debug)]
pub struct ForgetOver;

impl Sweep for ForgetOver {
    const NAME: &'static str = "work_permits.forget_over";
    const EVERY: Duration = Duration::from_hours(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let before = deps.clock.now() - deps.retention.decisions();
        let tx = begin_write(&deps.db).await?;
        let workers = forgetting::forget_workers(&tx, before, FORGOTTEN).await?;
        let forms = forgetting::forget_forms(&tx, before, FORGOTTEN).await?;
        tx.commit().await?;
        Ok(workers + forms)
    }
}
