//! Units.

use sea_orm::entity::prelude::*;

use crate::values::{Division, OrganisationId, SocialCreditCode};

/// A unit that logged in with its certificate or its licence (L4).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organisation")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrganisationId,
    /// Its unified social credit code (GB 32100).
    #[sea_orm(unique)]
    pub credit_code: SocialCreditCode,
    /// Its registered name.
    pub name: String,
    /// Where it is registered.
    pub division: Division,
    /// The blind index of its legal person's document, as the certificate last said: whoever is
    /// verified with that document is the legal person.
    pub legal_person_index: Vec<u8>,
    /// When it was first seen.
    pub created_at: DateTimeUtc,
    /// When its certificate last said who it is.
    pub confirmed_at: DateTimeUtc,
    /// How many venue codes it has, or asked for, through the mini-program (V4).
    pub mini_program_venues: i64,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
