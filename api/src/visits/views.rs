//! What is answered, in words.

use chrono::{DateTime, Utc};
use entity::values::{Assurance, Colour, PersonId, VenueCategory, VenueId};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

use super::arrival::Registered;
use crate::{
    health_code::{LatestTest, LiveColour, name_of},
    http::problem::Language,
    venues::{Door, Word},
};

/// A visit that is on record.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VisitView {
    /// Where.
    pub(super) venue: VenueAtDoor,
    /// The word that the venue's own screen shows in this minute, too. A page that only looks like this
    /// one does not know it.
    pub(super) word: Word,
    /// How sure it is that they were there. What says `static_only` never worsens a colour.
    pub(super) assurance: Assurance,
    /// Who scanned.
    pub(super) visitor: VisitorView,
    /// Those with them, in the order of the request; nobody twice.
    pub(super) companions: Vec<VisitorView>,
}

/// A venue, as its visitors know it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VenueAtDoor {
    /// Which.
    id: VenueId,
    /// What it is called.
    #[schema(value_type = String)]
    name: Arc<str>,
    /// Its kind.
    category: VenueCategory,
}

/// A visitor, as staff at the door see them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VisitorView {
    /// Who.
    person: PersonId,
    /// What their code shows.
    colour: Colour,
    /// The same in words.
    colour_text: &'static str,
    /// Their latest nucleic-acid test. Null while none is recorded.
    latest_test: Option<LatestTest>,
    /// True if no store answers and the colour is what was known before.
    stale: bool,
    /// Since when they are there.
    registered_at: DateTime<Utc>,
    /// Whether they had come already, a moment ago: nothing was added.
    repeated: bool,
}

impl VenueAtDoor {
    pub(super) fn of(door: &Door) -> Self {
        Self {
            id: door.venue,
            name: Arc::clone(&door.name),
            category: door.category,
        }
    }
}

impl VisitorView {
    pub(super) fn new(
        person: PersonId,
        live: LiveColour,
        visit: Registered,
        language: Language,
    ) -> Self {
        Self {
            person,
            colour: live.colour,
            colour_text: name_of(live.colour).in_language(language),
            latest_test: live.latest_test.map(LatestTest::of),
            stale: live.stale,
            registered_at: visit.at,
            repeated: visit.repeated,
        }
    }
}
