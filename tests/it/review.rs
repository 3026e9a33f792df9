//! Cases are decided in time, or it is on record that they were not and on whom.

mod calendars;
mod clocks;
mod moving;
mod plans;
mod problems;
pub(crate) mod rig;
pub(crate) mod sweeping;
mod workflows;
