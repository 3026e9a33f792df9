//! Whom the staff of venues looked up, for them to see.

use sea_orm::entity::prelude::*;
use uuid::Uuid;

use crate::values::{LookedUpBy, OrganisationId, PersonId, VenueId};

/// Somebody was looked up at a venue that writes visitors down by hand (V8).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visitor_look_up")]
pub struct Model {
    /// Which look-up.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who was found.
    #[sea_orm(indexed)]
    pub person_id: PersonId,
    /// By which unit.
    pub organisation_id: OrganisationId,
    /// At which of its venues.
    pub venue_id: VenueId,
    /// By what.
    pub by: LookedUpBy,
    /// When.
    #[sea_orm(indexed)]
    pub at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
