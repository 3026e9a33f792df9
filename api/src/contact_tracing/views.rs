//! What is answered, and what is asked for.

use chrono::{DateTime, Utc};
use entity::{
    tracing_release, tracing_request,
    values::{Division, DocumentKind, FactKind, PersonId, Phone, TracingId, TracingState, VenueId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::identity::Identified;

/// Who was at a venue at a time.
#[derive(Debug, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct TracingRequestBody {
    /// Where.
    pub(super) venue: VenueId,
    /// Since when.
    pub(super) from: DateTime<Utc>,
    /// Until when: within 24 hours of `from`, and passed.
    pub(super) until: DateTime<Utc>,
    /// What the authority calls the case that it is for.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64, example = "HP-2026-0117")]
    pub(super) case_number: String,
}

/// A request, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TracingView {
    id: TracingId,
    venue: VenueId,
    /// Where the venue lies.
    division: Division,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    #[schema(example = "HP-2026-0117")]
    case_number: String,
    state: TracingState,
    requested_at: DateTime<Utc>,
    /// Null while it waits: for a day at the most.
    decided_at: Option<DateTime<Utc>>,
    /// Guests whose stay overlaps: they left words at the venue, and no account.
    guests: i64,
}

impl From<tracing_request::Model> for TracingView {
    fn from(row: tracing_request::Model) -> Self {
        Self {
            id: row.id,
            venue: row.venue_id,
            division: row.division,
            from: row.from_at,
            until: row.until_at,
            case_number: row.case_number,
            state: row.state,
            requested_at: row.requested_at,
            decided_at: row.decided_at,
            guests: row.guests,
        }
    }
}

/// Whether to release.
#[derive(Debug, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct TracingDecision {
    /// Yes or no.
    pub(super) release: bool,
}

/// Somebody who was there.
#[derive(Serialize, ToSchema)]
pub(super) struct ReleasedView {
    person: PersonId,
    /// Their name. Null where no registry vouched for one.
    name: Option<String>,
    /// The kind of their document.
    document_kind: Option<DocumentKind>,
    /// Their number, or that of whoever acts for them.
    phone: Option<String>,
    from: DateTime<Utc>,
    /// Until when: as they said, or as is usual in a venue of its kind.
    until: DateTime<Utc>,
}

impl ReleasedView {
    pub(super) fn new(
        row: &tracing_release::Model,
        known: Option<Identified>,
        phone: Option<Phone>,
    ) -> Self {
        let (name, document_kind) = known
            .map(|known| (known.name.reveal().to_owned(), known.document.kind()))
            .unzip();
        Self {
            person: row.person_id,
            name,
            document_kind,
            phone: phone.map(|phone| phone.reveal().to_owned()),
            from: row.from_at,
            until: row.until_at,
        }
    }
}

/// Whose visits somebody read, as those see it whose visits they are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReleasedToView {
    /// The venue.
    #[schema(example = "人民广场书店")]
    venue: String,
    /// Who asked.
    #[schema(example = "黄浦区疾控中心")]
    unit: Option<String>,
    /// When it was released.
    released_at: Option<DateTime<Utc>>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    /// Whether one was named. Whoever only scanned a printed code was not.
    named: bool,
}

impl ReleasedToView {
    pub(super) fn new(
        release: &tracing_release::Model,
        request: &tracing_request::Model,
        venue: String,
        unit: Option<String>,
    ) -> Self {
        Self {
            venue,
            unit,
            released_at: request.decided_at,
            from: release.from_at,
            until: release.until_at,
            named: release.present,
        }
    }
}

/// Everything that was released of somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReleasesView {
    /// The newest first, a hundred at the most.
    pub(super) items: Vec<ReleasedToView>,
}

/// What somebody who was there becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ContactKind {
    /// Was close to a case.
    CloseContact,
    /// Was close to a close contact.
    SecondaryContact,
    /// Was in the same place at the same time as a case.
    Companion,
}

impl ContactKind {
    /// Its name, as it is written.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::CloseContact => "close_contact",
            Self::SecondaryContact => "secondary_contact",
            Self::Companion => "companion",
        }
    }
}

impl From<ContactKind> for FactKind {
    fn from(kind: ContactKind) -> Self {
        match kind {
            ContactKind::CloseContact => Self::CloseContact,
            ContactKind::SecondaryContact => Self::SecondaryContact,
            ContactKind::Companion => Self::Companion,
        }
    }
}

/// Who of those released is a contact.
#[derive(Debug, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactsRequest {
    /// Fifty at the most.
    #[validate(length(min = 1, max = 50))]
    #[schema(min_items = 1, max_items = 50)]
    pub(super) people: Vec<PersonId>,
    /// As what.
    pub(super) kind: ContactKind,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ContactsView {
    /// How many were not known as that before.
    pub(super) entered: u32,
}
