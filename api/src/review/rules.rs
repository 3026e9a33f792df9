//! Workflows as data, what is wrong with them, and what their clocks show: pure decisions.

mod checking;
mod clock;
mod workflow;

pub use checking::Flaw;
pub use clock::{Dial, Working, decides_at};
pub use workflow::{
    ActionRule, Begin, ClockRule, Consequence, ContactsNeeded, Counting, Decider, Evidence, Level,
    Limit, Otherwise, ReasonRule, Reminder, Stage, Start, Target, WaitsFor, When, Words, Workflow,
};
