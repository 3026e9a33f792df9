//! Control actions in words.

use chrono::{DateTime, Utc};
use entity::{
    control_action::Model,
    values::{CheckpointId, ControlActionId, Division, PersonId, RefusalReason, VenueId},
};
use serde::Serialize;

use crate::{notifications::Reference, platform::vault::Column};

/// What whoever reported it wrote.
pub(super) const WORDS: Column = Column("control_action.words");

/// How people call a control action on the phone.
pub(super) fn reference(id: ControlActionId) -> Reference {
    Reference::of("GK", id.0)
}

/// A control action, for whoever handles it.
#[derive(Debug, Serialize)]
pub(super) struct ShownView {
    pub(super) control_action: ControlActionId,
    pub(super) reported_at: DateTime<Utc>,
    pub(super) reason: RefusalReason,
    /// What was added to it.
    pub(super) words: Option<String>,
    pub(super) division: Division,
    pub(super) venue: Option<PlaceView>,
    pub(super) checkpoint: Option<CheckpointId>,
    /// Whether a device reported it.
    pub(super) by_device: bool,
    /// Who was turned away. Null where nobody knows.
    pub(super) person: Option<ConcernedView>,
}

/// Where it happened.
#[derive(Debug, Serialize)]
pub(super) struct PlaceView {
    pub(super) id: VenueId,
    pub(super) name: String,
    pub(super) address: String,
}

/// Who was turned away.
#[derive(Debug, Serialize)]
pub(super) struct ConcernedView {
    pub(super) id: PersonId,
    pub(super) masked_name: Option<String>,
    /// Where they can be called.
    pub(super) telephone: Option<String>,
}

/// What `row` says in words, opened with `key`.
pub(super) fn words(
    row: &Model,
    key: &crate::platform::vault::DataKey,
) -> Result<Option<String>, crate::platform::vault::Sealed> {
    let place = WORDS.owned_by(row.id.0.as_bytes());
    let opened = row
        .words
        .as_deref()
        .map(|sealed| key.open_text(place, sealed));
    Ok(opened.transpose()?.map(|words| words.to_string()))
}
