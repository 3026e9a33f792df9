//! A file as chunks of rows, read on a thread of its own while others are applied.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use super::{
    container::{self, Form, Opened, Unfit},
    fact_rows::Facts,
    findings::Finding,
    kinds::Kind,
    rows::{Fault, Reader, Tests},
};
use crate::platform::Vault;

/// Facts other than tests in a chunk: they are recorded one by one.
const FACTS_AT_ONCE: usize = 500;

/// How far a file was dealt with: so many lines, so many bytes of it expanded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) row: i64,
    pub(super) byte: i64,
}

/// What the rows of a chunk say.
#[derive(Debug)]
pub(super) enum Rows {
    Tests(Tests),
    Facts(Facts),
}

/// Some rows of a file.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) from: Position,
    pub(super) until: Position,
    pub(super) rows: Rows,
    /// What is wrong with rows that are not among them.
    pub(super) findings: Vec<Finding>,
}

/// What to read, and how.
pub(super) struct Plan {
    pub(super) file: Opened,
    pub(super) kind: Kind,
    /// Where to begin.
    pub(super) from: Position,
    /// A chunk ends here, however short it is: one that was applied before ended here.
    pub(super) pause: Position,
    pub(super) chunk_rows: usize,
    pub(super) now: DateTime<Utc>,
    pub(super) vault: Arc<Vault>,
}

/// The chunks of a file as they are read. One is read while another is applied, so that an import keeps
/// three in memory: one that is read, one that waits, one that is applied.
pub(super) fn read(plan: Plan) -> mpsc::Receiver<Result<Chunk, Unfit>> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::task::spawn_blocking(move || {
        let told = read_into(&plan, &mut |chunk| sender.blocking_send(Ok(chunk)).is_ok());
        if let Err(error) = told {
            // Nobody listens if the import was given up.
            let _ = sender.blocking_send(Err(error));
        }
    });
    receiver
}

fn read_into(plan: &Plan, take: &mut dyn FnMut(Chunk) -> bool) -> Result<(), Unfit> {
    let begin = u64::try_from(plan.from.byte).unwrap_or_default();
    let mut reading = container::open(&plan.file, begin)?;
    let mut reader = Reader::at(plan.now, &plan.vault);
    let mut at = plan.from;
    if at.row == 0 && reading.form == Form::Csv {
        reading.lines.next().map_err(container::unfit)?;
        at.row = 1;
    }
    let most = match plan.kind {
        Kind::NucleicAcidTest => plan.chunk_rows,
        Kind::Fact(_) => plan.chunk_rows.min(FACTS_AT_ONCE),
    };
    let mut chunk = Chunk::begin(plan.kind, plan.from);
    let mut lines = 0;
    while let Some(line) = reading.lines.next().map_err(container::unfit)? {
        at.row += 1;
        if let Err((field, flaw)) = chunk.keep((at.row, line), reading.form, &mut reader) {
            let line = at.row;
            chunk.findings.push(Finding { line, field, flaw });
        }
        lines += 1;
        at.byte = i64::try_from(reading.lines.consumed()).unwrap_or(i64::MAX);
        if lines >= most || at.row == plan.pause.row {
            let next = Chunk::begin(plan.kind, at);
            let done = std::mem::replace(&mut chunk, next);
            if !take(Chunk { until: at, ..done }) {
                return Ok(());
            }
            lines = 0;
        }
    }
    if lines > 0 {
        take(Chunk { until: at, ..chunk });
    }
    Ok(())
}

impl Chunk {
    fn begin(kind: Kind, from: Position) -> Self {
        Self {
            from,
            until: from,
            rows: match kind {
                Kind::NucleicAcidTest => Rows::Tests(Tests::default()),
                Kind::Fact(kind) => Rows::Facts(Facts::of(kind)),
            },
            findings: Vec::new(),
        }
    }

    fn keep(
        &mut self,
        line: (i64, &[u8]),
        form: Form,
        reader: &mut Reader<'_>,
    ) -> Result<(), Fault> {
        match &mut self.rows {
            Rows::Tests(tests) => tests.read(line, form, reader),
            Rows::Facts(facts) => facts.read(line, form, reader),
        }
    }
}
