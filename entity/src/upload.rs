//! Files that people and units sent.

use sea_orm::entity::prelude::*;

use crate::values::{OrganisationId, PersonId, UploadContent, UploadId};

/// A file that somebody sent. What is in it lies sealed in the store of objects, under this id.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "upload")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UploadId,
    /// Whose, if a person's.
    #[sea_orm(indexed)]
    pub person_id: Option<PersonId>,
    /// Whose, if a unit's.
    #[sea_orm(indexed)]
    pub organisation_id: Option<OrganisationId>,
    /// What it is.
    pub content: UploadContent,
    /// Its bytes, as it is kept.
    pub bytes: i64,
    /// SHA-256 of it, as it is kept.
    pub sha256: Vec<u8>,
    /// The key that its object is sealed under, sealed itself. Without the row nobody can read the object.
    pub sealed_key: Vec<u8>,
    /// When it was sent.
    #[sea_orm(indexed)]
    pub uploaded_at: DateTimeUtc,
    /// When its object was in the store. None until then.
    pub stored_at: Option<DateTimeUtc>,
    /// The record that needs it. None if nothing does.
    #[sea_orm(indexed)]
    pub holder: Option<Uuid>,
    /// When it is deleted with its object: nothing holds it any more once this is set.
    #[sea_orm(indexed)]
    pub going_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
