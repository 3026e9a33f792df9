//! Who acts for units.

use sea_orm::entity::prelude::*;

use crate::values::{AgentEnding, AgentId, OrganisationId, PersonId};

/// Somebody who was asked to act for a unit, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organisation_agent")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AgentId,
    /// For which unit.
    pub organisation_id: OrganisationId,
    /// The blind index of the phone that was asked.
    pub phone_index: Vec<u8>,
    /// The phone, sealed.
    pub phone: Vec<u8>,
    /// Who asked, where that is known: the legal person in the mini-program, or behind the certificate.
    pub invited_by: Option<PersonId>,
    /// When they were asked.
    pub invited_at: DateTimeUtc,
    /// Until when they may accept.
    pub expires_at: DateTimeUtc,
    /// Who accepted.
    pub person_id: Option<PersonId>,
    /// When.
    pub accepted_at: Option<DateTimeUtc>,
    /// When it ended, if it did.
    pub ended_at: Option<DateTimeUtc>,
    /// How.
    pub ending: Option<AgentEnding>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
