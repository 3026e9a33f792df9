//! `tongxing import`: bring in a file of facts.

use std::{
    io::{IsTerminal, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use base64::{Engine, prelude::BASE64_STANDARD};
use entity::import_batch::{self, ImportState};
use futures_util::StreamExt;
use tokio::{fs, io::AsyncWriteExt};

use crate::{
    deps::Deps,
    facts::import::{
        Error, FileFlaw, Kind, Order, Outcome, REPORT_HEAD, import, report, report_line,
    },
};

/// What stands for the standard input.
const STDIN: &str = "-";

/// Bytes of a signature of Ed25519.
const SIGNATURE: usize = 64;

/// Between two looks at an import that another process has.
const WAIT: Duration = Duration::from_secs(1);

/// What to bring in, and how.
#[derive(Debug)]
pub struct Arguments {
    /// The source that signed it.
    pub source: String,
    /// What its rows say.
    pub kind: String,
    /// Where the signature is.
    pub signature: Option<PathBuf>,
    /// Whether it is only tried.
    pub dry_run: bool,
    /// Whether to take it over from a process that is known to be dead.
    pub take_over: bool,
    /// Where to write what is wrong with rows.
    pub report: Option<PathBuf>,
    /// The file, or a hyphen for the standard input.
    pub file: PathBuf,
}

/// Bring a file in and say what came of it. An error if it was refused or quarantined.
pub async fn run(deps: &Deps, arguments: &Arguments) -> anyhow::Result<()> {
    let kind = Kind::of_name(&arguments.kind)
        .with_context(|| format!("there are no files of `{}`", arguments.kind))?;
    let signature = match &arguments.signature {
        Some(path) => Some(read_signature(path).await?),
        None => None,
    };
    let spooled = if arguments.file == Path::new(STDIN) {
        Some(Spooled::from_stdin(deps).await?)
    } else {
        None
    };
    let order = Order {
        source: &arguments.source,
        kind,
        file: spooled
            .as_ref()
            .map_or(&arguments.file, |spooled| &spooled.0),
        signature: signature.as_deref(),
        dry_run: arguments.dry_run,
        take_over: arguments.take_over,
    };
    let outcome = bring_in(deps, order).await?;
    if let Some(path) = &arguments.report {
        write_report(deps, path, &outcome).await?;
    }
    conclude(&outcome.batch)
}

/// Another process may have it, or have had it until it died.
async fn bring_in(deps: &Deps, order: Order<'_>) -> anyhow::Result<Outcome> {
    let mut progress = Progress::of_process();
    let mut said = false;
    loop {
        let brought = import(deps, order, &mut |batch| progress.show(batch)).await;
        progress.end();
        match brought {
            Err(Error::Busy(until)) => {
                if !std::mem::replace(&mut said, true) {
                    eprintln!("another process has this import until {until} or later; waiting");
                }
                tokio::time::sleep(WAIT).await;
            }
            Err(Error::Refused(flaw)) => bail!("refused ({}): {}", flaw.code(), flaw.text().en),
            brought => return Ok(brought?),
        }
    }
}

/// 64 bytes, or these in base64.
async fn read_signature(path: &Path) -> anyhow::Result<Vec<u8>> {
    let read = fs::read(path).await;
    let bytes = read.with_context(|| format!("reading {}", path.display()))?;
    if bytes.len() == SIGNATURE {
        return Ok(bytes);
    }
    let decoded = BASE64_STANDARD.decode(bytes.trim_ascii());
    decoded.with_context(|| format!("{} is not a signature", path.display()))
}

async fn write_report(deps: &Deps, path: &Path, outcome: &Outcome) -> anyhow::Result<()> {
    let created = fs::File::create(path).await;
    let file = created.with_context(|| format!("creating {}", path.display()))?;
    let mut file = tokio::io::BufWriter::new(file);
    if outcome.batch.dry_run {
        file.write_all(REPORT_HEAD.as_bytes()).await?;
        for finding in &outcome.findings {
            file.write_all(report_line(finding).as_bytes()).await?;
        }
    } else {
        let mut lines = Box::pin(report(deps, outcome.batch.id));
        while let Some(line) = lines.next().await {
            file.write_all(line?.as_bytes()).await?;
        }
    }
    file.flush().await?;
    Ok(())
}

fn conclude(batch: &import_batch::Model) -> anyhow::Result<()> {
    let tried = if batch.dry_run { "would be " } else { "" };
    println!(
        "{} rows {tried}applied, {} repeat what was known, {} refused",
        batch.applied, batch.repeated, batch.refused
    );
    let why = batch.problem.as_deref().and_then(FileFlaw::of_code);
    let why = why.map_or("", |flaw| flaw.text().en);
    match batch.state {
        ImportState::Waiting | ImportState::Done => Ok(()),
        ImportState::Quarantined => bail!("quarantined as import {}: {why}", batch.id),
        ImportState::Refused => bail!("refused as import {}: {why}", batch.id),
    }
}

/// What is piped in, in a file: it has to be read through before any of it counts.
struct Spooled(PathBuf);

impl Spooled {
    async fn from_stdin(deps: &Deps) -> anyhow::Result<Self> {
        let folder = &deps.imports.spool;
        fs::create_dir_all(folder).await?;
        let path = folder.join(format!("{}.stdin", deps.entropy.id()));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let mut file = options.open(&path)?;
        let spooled = Self(path);
        let copying = move || std::io::copy(&mut std::io::stdin().lock(), &mut file);
        tokio::task::spawn_blocking(copying).await??;
        Ok(spooled)
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A bar that moves on a terminal; else a line for each tenth.
struct Progress {
    moves: bool,
    shown: i64,
}

/// Characters of a whole bar.
const BAR: usize = 40;

impl Progress {
    fn of_process() -> Self {
        Self {
            moves: std::io::stderr().is_terminal(),
            shown: -1,
        }
    }

    fn show(&mut self, batch: &import_batch::Model) {
        let total = batch.total_rows.unwrap_or_default().max(1);
        let percent = (batch.next_row * 100 / total).clamp(0, 100);
        let counts = format!("{} of {total} lines", batch.next_row);
        if self.moves {
            let done = usize::try_from(percent).unwrap_or_default() * BAR / 100;
            let (done, left) = ("#".repeat(done), " ".repeat(BAR - done));
            eprint!("\r[{done}{left}] {percent:>3} % {counts}");
            let _ = std::io::stderr().flush();
        } else if percent / 10 > self.shown / 10 || self.shown < 0 {
            eprintln!("{percent:>3} % {counts}");
        }
        self.shown = percent;
    }

    fn end(&mut self) {
        if self.moves && self.shown >= 0 {
            eprintln!();
        }
        self.shown = -1;
    }
}
