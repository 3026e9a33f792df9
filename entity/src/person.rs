//! Citizens and their dependants.

use sea_orm::entity::prelude::*;

use crate::values::{DocumentKind, PersonId};

/// A person. What identifies them is sealed under their own data key, so that destroying the key
/// destroys it everywhere.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PersonId,
    /// What handles of personal codes stand for: random, positive, unique.
    #[sea_orm(unique)]
    pub number: i64,
    /// The person's data key, sealed under a key-encryption key.
    pub data_key: Vec<u8>,
    /// Mobile number, sealed. Absent for dependants.
    pub phone: Option<Vec<u8>>,
    /// Blind index of the mobile number.
    #[sea_orm(unique)]
    pub phone_index: Option<Vec<u8>>,
    /// Name as on the document, sealed.
    pub name: Option<Vec<u8>>,
    /// Kind of document.
    pub document_kind: Option<DocumentKind>,
    /// Document number, sealed.
    pub document_number: Option<Vec<u8>>,
    /// Blind index of kind and number: one identity, one person (L3).
    #[sea_orm(unique)]
    pub document_index: Option<Vec<u8>>,
    /// When the registry vouched for name and document.
    pub verified_at: Option<DateTimeUtc>,
    /// When the person was first seen.
    pub created_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
