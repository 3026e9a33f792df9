//! Roads that take a pass: the catalogue of sections, when each is restricted, and what speaks against a
//! route (T5, S4).
//!
//! Each county or district keeps a catalogue of its own. A decision on a section holds from a day on and
//! is never changed, so that what held on any day can be told; of what holds on a day, the last that was
//! decided counts. Sections without restricted hours stand in the catalogue as ways around others.

mod bringing_in;
mod catalogue;
mod error;
mod judging;
mod naming;
mod routes;
pub mod rules;
mod staff_routes;
mod store;
mod views;

pub use bringing_in::{BroughtIn, CellFlaw, RowFlaw, bring_in};
pub use error::{Error, plate_fault};
pub use judging::{judge, judge_class};
pub use naming::{SectionName, names_of};
pub use routes::configure;
pub use rules::{
    Hours, HoursError, HoursRequest, MOST_SECTIONS, Route, RouteFinding, Week, WeekError,
    WeekRequest, Weekday, routes_overlap,
};
