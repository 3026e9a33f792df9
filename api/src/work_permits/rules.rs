//! Pure decisions: what a row of a collection form says, and how a permit stands.

mod columns;
mod flaws;
mod rows;
mod standing;

pub use columns::Heading;
pub use flaws::{Flaw, FlawKind};
pub use rows::{Line, Sheet, Worker, judge};
pub use standing::{OnRecord, PermitStanding, standing};

use chrono::TimeDelta;

/// Workers of one form, at the most.
pub const MOST_WORKERS: usize = 10_000;

/// How long a permit is good (S0): then there is a new application.
pub const GOOD_FOR: TimeDelta = TimeDelta::days(30);

/// How long before the end of a permit its worker is asked for again at the earliest.
pub const RENEWED_WITHIN: TimeDelta = TimeDelta::days(7);

/// How long before its end the worker is reminded.
pub const REMINDED_BEFORE: TimeDelta = TimeDelta::days(3);
