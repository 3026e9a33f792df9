//! Who acts for whom.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::values::PersonId;

/// What a dependant is to the one who acts for them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum Relationship {
    /// A child or ward.
    Child,
    /// A parent or grandparent.
    Elder,
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
