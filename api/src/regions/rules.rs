//! What a region offers at a time, and when working time is over.

mod calendar;
mod opening;

pub use calendar::{Calendar, Due, WeekException, YearDays, YearError};
pub use opening::{AccessPlan, Notice, Opening, PlanError, Service};
