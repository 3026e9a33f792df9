//! Venues.

use sea_orm::entity::prelude::*;

use crate::values::{
    Division, OrganisationId, PersonId, VenueCategory, VenueChannel, VenueId, VenueState,
    VenueSuspension,
};

/// A place with a door, and how its code stands (V1–V5).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "venue")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VenueId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// What visitors read.
    pub name: String,
    /// Its kind.
    pub category: VenueCategory,
    /// The county or district that it lies in: its headquarters.
    pub division: Division,
    /// Where it is, in words.
    pub address: String,
    /// How it stands.
    pub state: VenueState,
    /// Why it is suspended. None where it is not.
    pub suspension: Option<VenueSuspension>,
    /// Through which door it was asked for.
    pub channel: VenueChannel,
    /// Who asked.
    pub applied_by: PersonId,
    /// When.
    pub applied_at: DateTimeUtc,
    /// Whether only the code of its own screen counts.
    pub rotating_only: bool,
    /// When it last changed: what instances remember of it goes by this.
    pub changed_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
