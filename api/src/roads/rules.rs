//! Pure rules of sections, hours and routes.

mod hours;
mod route;
mod section;
mod week;

pub use hours::{Hours, HoursError, HoursRequest};
pub use route::{MOST_SECTIONS, Route, RouteFinding, routes_overlap};
pub use section::{Sections, Version, holding_on, judged};
pub use week::{Week, WeekError, WeekRequest, Weekday};
