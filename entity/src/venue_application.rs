//! What units ask for at venues.

use sea_orm::entity::prelude::*;

use crate::values::{
    CaseOutcome, Division, OrganisationId, PersonId, VenueApplicationId, VenueApplicationKind,
    VenueCategory, VenueChannel, VenueId,
};

/// One application (V1, V3): filed once, and decided as a case of [`crate::review_case`].
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "venue_application")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VenueApplicationId,
    /// What is asked for.
    pub kind: VenueApplicationKind,
    /// About which venue.
    pub venue_id: VenueId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// Who applied: the legal person or an agent.
    pub applied_by: PersonId,
    /// When.
    pub applied_at: DateTimeUtc,
    /// Through which door.
    pub channel: VenueChannel,
    /// What visitors shall read.
    pub name: String,
    /// Its kind.
    pub category: VenueCategory,
    /// Where it lies.
    pub division: Division,
    /// The same in words.
    pub address: String,
    /// Whether only the code of its own screen shall count.
    pub rotating_only: bool,
    /// The venue, while nobody decided: one open application each.
    #[sea_orm(unique)]
    pub open_of: Option<VenueId>,
    /// How it ended.
    pub outcome: Option<CaseOutcome>,
    /// When.
    pub closed_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
