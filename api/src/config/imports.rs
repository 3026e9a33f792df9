//! Section `[imports]`: how files of facts are brought in.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How files of facts are brought in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Imports {
    /// Where files wait that came through the API. Instances that serve and instances that work share it.
    pub spool: PathBuf,
    /// Rows that are applied together, in one transaction. What an import keeps in memory grows with it.
    pub chunk_rows: usize,
    /// MiB of a file as it is sent.
    pub largest_mib: u64,
    /// MiB of a compressed file once it is expanded.
    pub largest_expanded_mib: u64,
    /// A file waits for a second person once more of its rows than these percent are refused, ...
    pub quarantine_percent: u64,
    /// ... and more than so many.
    pub quarantine_rows: u64,
    /// The same once it, and what its source brought within a day before, hold more than this that speaks
    /// against people.
    pub quarantine_positives: u64,
    /// A file goes no further once more of its rows are refused than this: nobody reads so many reasons.
    /// Once so many rows are listed, those that say what was known are counted alone.
    pub most_findings: u64,
}

impl Default for Imports {
    fn default() -> Self {
        Self {
            spool: "data/imports".into(),
            chunk_rows: 65_536,
            largest_mib: 50,
            largest_expanded_mib: 2_048,
            quarantine_percent: 5,
            quarantine_rows: 100,
            quarantine_positives: 1_000,
            most_findings: 100_000,
        }
    }
}
