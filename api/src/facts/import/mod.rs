//! Facts in bulk: files of a source, signed by it.
//!
//! A file that is damaged, unsigned or not what it should be is refused before anything of it is
//! applied. Its rows are read as a stream and applied in chunks; each row is applied whole or not at
//! all, and each that is not is named in a report, by line, column and code, never by its value. The
//! import is a row of its own that moves in the transaction of each chunk, so it goes on where it
//! stopped, and a file that was brought in before changes nothing.
//!
//! Of two rows that contradict each other the one that was applied first stands.

mod admitting;
mod applying;
mod batches;
mod cells;
mod chunks;
mod container;
mod embedded;
mod error;
mod fact_rows;
mod findings;
mod instants;
mod jobs;
mod judging;
mod kinds;
mod lines;
mod postgres;
mod receiving;
mod report;
mod routes;
mod rows;
mod running;
mod sighted;
mod sought;
mod steps;

pub use admitting::signed_bytes;
pub use error::Error;
pub use findings::{FileFlaw, Finding, Flaw};
pub use jobs::{BringInWaiting, ForgetFiles};
pub use kinds::Kind;
pub use report::{REPORT_HEAD, report, report_line};
pub use routes::configure;
pub use running::{Order, Outcome, Watch, import};
