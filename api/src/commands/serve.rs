//! `tongxing serve` and `tongxing work`: a deployment's processes.

use std::{net::TcpListener, sync::Arc};

use actix_web::web::Data;
use anyhow::Context;
use metrics_exporter_prometheus::PrometheusHandle;

use super::dev::listening;
use crate::{
    assembly::assemble,
    config::Config,
    jobs::{self, Nudges},
    platform::{OsEntropy, SystemClock, lifecycle},
    server,
};

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Answers requests.
    Serve,
    /// Runs sweeps.
    Work,
    /// Both.
    Both,
}

/// Run until told to stop, then finish what was accepted.
pub async fn run(config: &Config, part: Part, meters: PrometheusHandle) -> anyhow::Result<()> {
    config.check()?;
    let stop = lifecycle::on_signals(config.server.grace())?;
    let jobs = if part == Part::Serve {
        jobs::local()
    } else {
        jobs::all()
    };
    let nudges = Nudges::of(&jobs);
    let entropy = Arc::new(OsEntropy);
    let deps = assemble(config, Arc::new(SystemClock), entropy.clone(), &nudges).await?;
    let deps = Data::new(deps);

    let working = jobs::run(jobs, Arc::clone(&deps), &nudges, &*entropy, &stop);
    if part == Part::Work {
        tracing::info!("working");
        working.await;
        return Ok(());
    }
    let listener = TcpListener::bind(config.server.listen)
        .with_context(|| format!("listening on {}", config.server.listen))?;
    tracing::info!(address = %listener.local_addr()?, "serving on {}", listener.local_addr()?);
    let server = server::serve(deps.clone(), meters, listener, listening(config))?;
    let (ended, ()) = tokio::join!(lifecycle::serve(server, &stop), working);
    // Whoever hung up is on record all the same.
    deps.visits.drain().await;
    ended.context("serving")
}
