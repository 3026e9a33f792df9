//! Keys, key lists and places of permits as rows.

pub(super) mod keys;
pub(super) mod places;
