//! Requests to release who was at a venue.

use sea_orm::entity::prelude::*;

use crate::values::{Division, StaffId, TracingId, TracingState, VenueId};

/// Somebody of the health authority asks who was at a venue at a time, and somebody of another
/// organisation decides.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracing_request")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TracingId,
    /// Where.
    pub venue_id: VenueId,
    /// The county or district that the venue lies in.
    pub division: Division,
    /// Since when.
    pub from_at: DateTimeUtc,
    /// Until when.
    pub until_at: DateTimeUtc,
    /// What the authority calls the case that it is for.
    pub case_number: String,
    /// Who asks.
    pub requested_by: StaffId,
    /// When.
    pub requested_at: DateTimeUtc,
    /// How it stands.
    pub state: TracingState,
    /// Who decided.
    pub decided_by: Option<StaffId>,
    /// When.
    pub decided_at: Option<DateTimeUtc>,
    /// Guests that were there: they wrote down who they are, and nobody knows them.
    pub guests: i64,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
