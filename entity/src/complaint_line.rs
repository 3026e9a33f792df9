//! Where people complain.

use sea_orm::entity::prelude::*;

use crate::values::Division;

/// The complaint telephone of a county, a prefecture or the province, as it is published (P8).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "complaint_line")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub division: Division,
    /// The telephone of the office.
    pub telephone: String,
    /// When somebody answers, in words.
    pub hours: String,
    /// Since when this is so.
    pub saved_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
