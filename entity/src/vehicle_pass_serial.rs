//! How many passes each county issued.

use sea_orm::entity::prelude::*;

use crate::values::Division;

/// The counter of a county: whoever issues a pass there counts here first, so that no two have the same number.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vehicle_pass_serial")]
pub struct Model {
    /// Which county or district.
    #[sea_orm(primary_key, auto_increment = false)]
    pub division: Division,
    /// The serial that was given last.
    pub last: i64,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
