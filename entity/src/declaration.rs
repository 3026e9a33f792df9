//! What people declare, kept as declared, version by version (H1).

use sea_orm::entity::prelude::*;

use crate::values::{DeclarationId, Division, PersonId};

/// One version of a person's declaration. Never changed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "declaration")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeclarationId,
    /// Whom it is about.
    #[sea_orm(unique_key = "declaration_version")]
    pub person_id: PersonId,
    /// Counts from 1 for each person.
    #[sea_orm(unique_key = "declaration_version")]
    pub version: i32,
    /// Who declared: the person, or who acts for them.
    pub declared_by: PersonId,
    /// When.
    pub declared_at: DateTimeUtc,
    /// Where the person lives now.
    pub division: Division,
    /// The declaration as declared, sealed under the person's data key.
    pub content: Vec<u8>,
    /// Fever or a symptom was declared.
    pub unwell: bool,
    /// The day of arrival from outside the province, where one was declared.
    pub arrived_on: Option<Date>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
