//! What a platform shows, which way a message goes, and when.

mod delivery;
mod ids;
mod template;
mod values;

pub use self::{
    delivery::{
        Account, Hours, MOST_ATTEMPTS, Next, Outcome, Route, Wishes, after, is_too_late,
        next_civil, next_try, other_ways, routes, same_way,
    },
    ids::next_id,
    template::{Approved, Refusal, Slot, Template, approve, approve_all},
};
