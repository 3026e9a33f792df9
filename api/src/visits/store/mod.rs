//! Visits as rows.

mod days;
mod guests;
mod leaving;
mod writing;

pub(super) use self::{
    days::{data_key, make_day},
    guests::keep_guest,
    leaving::leave,
    writing::{Row, write_day, write_in},
};
