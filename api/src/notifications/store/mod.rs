//! Rows: the outbox, templates, wishes.

pub(super) mod outbox;
pub(super) mod templates;
pub(super) mod wishes;
