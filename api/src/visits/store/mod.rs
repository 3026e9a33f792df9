//! Visits as rows.

mod counting;
mod days;
mod deletion;
mod guests;
mod leaving;
mod look_ups;
mod reading;
mod writing;

pub(super) use self::{
    counting::{count, hours},
    days::{data_key, is_deleted, make_day},
    deletion::{after, clear_day, days_ahead, delete_day, deletions, leaf, overdue},
    guests::keep_guest,
    leaving::leave,
    look_ups::{forget_look_ups, look_ups_of, note_look_up},
    reading::{Page, guests, page_of, visits_of},
    writing::{Row, write_day, write_in},
};
