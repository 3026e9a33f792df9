//! What the product promises when something fails, tried on the release binary and on servers that do
//! fail (R1, R6–R8).
//!
//! ```text
//! cargo run --release -p integration-tests --bin faults -- kill [--rounds N]
//! cargo run --release -p integration-tests --bin faults -- redis
//! cargo run --release -p integration-tests --bin faults -- slow-platform
//! cargo run --release -p integration-tests --bin faults -- overload
//! ```
//!
//! Each ends in one line with what was acknowledged, and what of it was lost or is there twice. A
//! promise that is broken is an error.

mod field;
mod kill;
mod overload;
mod posts;
mod redis;
mod scanning;
mod slow_platform;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use mimalloc::MiMalloc;
use tokio::signal::unix::{SignalKind, signal};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How often something is killed, unless it is said.
const ROUNDS: u32 = 50;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("faults: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    // Whoever interrupts this drops the world, and with it every process that was started.
    runtime.block_on(async {
        tokio::select! {
            outcome = of(&words) => outcome,
            stopped = interruption() => stopped,
        }
    })
}

async fn of(words: &[&str]) -> Result<()> {
    match words {
        ["kill"] => kill::run(ROUNDS).await,
        ["kill", "--rounds", rounds] => {
            kill::run(rounds.parse().context("--rounds is no number")?).await
        }
        ["redis"] => redis::run().await,
        ["slow-platform"] => slow_platform::run().await,
        ["overload"] => overload::run().await,
        _ => bail!("one of: kill [--rounds N], redis, slow-platform, overload"),
    }
}

async fn interruption() -> Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminated.recv() => (),
    }
    bail!("stopped")
}
