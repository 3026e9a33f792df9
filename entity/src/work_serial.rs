//! Numbers of work permits.

use sea_orm::entity::prelude::*;

use crate::values::Division;

/// How many permits a county or district has given numbers to.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_serial")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub division: Division,
    /// The last number.
    pub last: i64,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
