//! Who approved requests to turn colours.

use sea_orm::entity::prelude::*;

use crate::values::{OverrideId, StaffId};

/// One approval. Nobody has two of a request.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "override_approval")]
pub struct Model {
    /// The request.
    #[sea_orm(primary_key, auto_increment = false)]
    pub override_id: OverrideId,
    /// Who approved it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: StaffId,
    /// When.
    pub approved_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
