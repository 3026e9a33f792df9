//! Visits as rows.

mod days;
mod writing;

pub(super) use self::{
    days::{data_key, make_day},
    writing::{Row, write_day},
};
