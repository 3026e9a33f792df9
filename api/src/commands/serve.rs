//! `tongxing serve` and `tongxing work`: a deployment's processes.

use std::{net::TcpListener, sync::Arc};

use actix_web::web::Data;
use anyhow::Context;
use metrics_exporter_prometheus::PrometheusHandle;

use super::dev::listening;
use crate::{
    assembly::assemble,
    config::{Config, Profile},
    deps::Deps,
    jobs::{self, Nudges},
    platform::{
        OsEntropy, SystemClock,
        lifecycle::{self, Stop},
    },
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
    let stop = lifecycle::on_signals(config.server.leave() + config.server.grace())?;
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
    let told = tell_operators(config, &deps, &meters, &stop)?;
    let server = server::serve(deps.clone(), meters, listener, listening(config), &stop)?;
    let leave = config.server.leave();
    let (ended, (), told) = tokio::join!(lifecycle::serve(server, &stop, leave), working, told);
    told.context("telling operators")?;
    // Whoever hung up is on record all the same.
    deps.visits.drain().await;
    ended.context("serving")
}

/// Serve what is for operators' machines alone, if it has an address of its own.
fn tell_operators(
    config: &Config,
    deps: &Data<Deps>,
    meters: &PrometheusHandle,
    stop: &Stop,
) -> anyhow::Result<impl Future<Output = std::io::Result<()>> + use<>> {
    let address = config.server.metrics_listen;
    if address.is_none() && config.profile == Profile::Production {
        tracing::warn!(
            "/metrics is told to whoever reaches this service; server.metrics_listen gives it an address of \
             its own"
        );
    }
    let listening = |address| {
        let listener = TcpListener::bind(address)
            .with_context(|| format!("listening on {address} for operators"))?;
        server::operate(deps.clone(), meters.clone(), listener, stop)
    };
    let server = address.map(listening).transpose()?;
    let (stop, leave) = (stop.clone(), config.server.leave());
    Ok(async move {
        match server {
            Some(server) => lifecycle::serve(server, &stop, leave).await,
            None => Ok(()),
        }
    })
}
