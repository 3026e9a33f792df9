//! Pure decisions.

mod grants;
mod sessions;

pub use self::grants::{GrantState, TermFault};
pub(super) use self::{
    grants::{
        ApprovalRefused, Term, area, clash, first_roles, invited_apart, longest_end, may_approve,
        may_be_held_for_a_community, may_be_held_in, state,
    },
    sessions::{FRESH, INVITED, LONGEST, REMEMBERED, goes_on, is_fresh, is_noted},
};
