//! What a report counts, of which days, and what of it is withheld.

mod counting;
mod period;
mod publishing;
mod withholding;

pub use counting::{Counts, Figure, Level, Node, REFUSALS, Tally};
pub use period::{LONGEST_TOTAL, Period, PeriodFault};
pub use publishing::{By, Outline, Published, Row, publish};
pub use withholding::{Series, small, withhold};

#[cfg(test)]
mod tests;
