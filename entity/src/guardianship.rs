//! Who acts for whom.

use sea_orm::entity::prelude::*;

use crate::values::PersonId;

text_enum! {
    /// What a dependant is to the one who acts for them.
    pub enum Relationship in "String(StringLen::N(8))" {
        /// A child or ward.
        Child,
        /// A parent or grandparent.
        Elder,
    }
}

/// A guardian acts for a dependant (L6).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "guardianship")]
pub struct Model {
    /// The dependant. Acted for by one guardian at a time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub dependant_id: PersonId,
    /// Who acts.
    #[sea_orm(indexed)]
    pub guardian_id: PersonId,
    /// What the dependant is to the guardian.
    pub relationship: Relationship,
    /// Since when.
    pub created_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
