//! Pure rules of sections, hours and routes.

pub(super) mod cells;
mod hours;
mod route;
mod section;
mod week;
mod writing;

pub use hours::{Hours, HoursError, HoursRequest};
pub use route::{MOST_SECTIONS, Route, RouteFinding, routes_overlap};
pub use section::{Sections, Version, holding_on, judged};
pub use week::{Week, WeekError, WeekRequest, Weekday};
pub use writing::{Decision, SectionRequest, check, date_fault, unknown_way};
