//! Keys, key lists, places of permits and what was found of these, as rows.

pub(super) mod keys;
pub(super) mod places;
pub(super) mod reconciliations;
