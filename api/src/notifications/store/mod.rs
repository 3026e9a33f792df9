//! Rows: the outbox, templates, wishes.

pub(super) mod outbox;
pub(super) mod templates;
pub(super) mod told;
pub(super) mod tries;
pub(super) mod wishes;
