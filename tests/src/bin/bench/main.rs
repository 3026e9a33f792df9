//! What the product costs beside what it cannot do without, on the machine that this runs on.
//!
//! ```text
//! cargo run --release -p integration-tests --bin bench -- [case…] [--minutes N] [--rows N]
//! ```
//!
//! Without a case it measures all of them. It owns its world: PostgreSQL and Redis in a temporary
//! folder, the release binary of the service, and beside it a *floor*, a server with one bare route
//! for each component. Service and floor are asked in turn, and what counts is the ratio, above all
//! of processor time per request: requests a second include the cost of asking.
//!
//! `hanging-wechat` lasts a minute and a half, or as many minutes as it is told. `import` brings in a
//! million rows, or as many as it is told.
//!
//! Each case ends in one line, `case=NAME ratio=R cpu_us=C target=T met|short`. A slow answer falls
//! short; a wrong one is an error.

mod cases;
mod codes;
mod cpu;
mod floor;
mod floors;
mod gates;
mod gateway;
mod phones;
mod report;
mod rounds;
mod stage;

use std::{path::Path, process::ExitCode};

use anyhow::{Context, Result, bail};
use integration_tests::{load, paced, people, process, world};
use mimalloc::MiMalloc;
use tokio::signal::unix::{SignalKind, signal};

use crate::cases::{Case, Extent};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [subcommand, setup] = arguments.as_slice()
        && subcommand == floor::SUBCOMMAND
    {
        return floor::serve(Path::new(setup));
    }
    let (names, extent) = read(arguments)?;
    let cases = Case::named(&names)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // Whoever interrupts this drops the world, and with it every process that was started.
    runtime.block_on(async {
        tokio::select! {
            outcome = cases::run(&cases, extent) => outcome,
            stopped = interruption() => stopped,
        }
    })
}

/// The cases, and how far those go that can go any way.
fn read(arguments: Vec<String>) -> Result<(Vec<String>, Extent)> {
    let (mut names, mut extent) = (Vec::new(), Extent::default());
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let told = match argument.as_str() {
            "--minutes" => &mut extent.minutes,
            "--rows" => &mut extent.rows,
            _ => {
                names.push(argument);
                continue;
            }
        };
        let number = arguments.next();
        let number = number.with_context(|| format!("{argument} without a number"))?;
        let number = number.parse::<u32>();
        *told = Some(number.with_context(|| format!("{argument} is not a number"))?);
    }
    Ok((names, extent))
}

async fn interruption() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("no signals")?,
        _ = terminate.recv() => {}
    }
    bail!("stopped")
}
