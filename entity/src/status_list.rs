//! Lists of what became of permits.

use sea_orm::entity::prelude::*;

use crate::values::PermitKind;

/// A list: the permits of one kind that were enlisted in one month, or a part of them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "status_list")]
pub struct Model {
    /// Its number among the lists of every kind.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// What its permits are for.
    pub kind: PermitKind,
    /// The first day of the month.
    pub month: Date,
    /// Which part of the month's permits: they are filled one after the other, from 0 on.
    pub part: i64,
    /// When it was opened.
    pub opened_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
