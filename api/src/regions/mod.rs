//! Where: the divisions of GB/T 2260, when each region opens and with what (H3), and which days and
//! hours are worked.
//!
//! A decision on a region holds for everything within it, but for regions within that have one of
//! their own; what was decided is never changed, so what applied at any time can be told. Nothing is
//! decided about people of a region that is not open; what they report is kept.

mod announced;
mod calendar;
mod divisions;
mod error;
mod opening;
mod rounds;
mod routes;
pub mod rules;
mod store;

pub use calendar::{
    Saved, calendar_from, calendar_version, note_deadline, office_hours_of, save_year,
    seed_calendar, working_days_after, working_time_after, year,
};
pub use divisions::{
    Standing, ancestors, children, full_name, is_known, name, parent, standing, surviving, years,
};
pub use error::{Error, unknown_division};
pub use opening::{Decision, OpeningCache, decide, decisions, opening_of, window_of};
pub use rounds::{Round, claim_round, finish_round, go_on};
pub use routes::configure;
pub use rules::{AccessPlan, Calendar, Due, Notice, Opening, Service, YearDays};
