//! What was found in the rows of files of facts.

use sea_orm::entity::prelude::*;

use crate::values::ImportId;

/// Why one row was not applied. Says where and what, never the value.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_finding")]
pub struct Model {
    /// In which file.
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: ImportId,
    /// In which line, counted from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub line: i64,
    /// In which column; empty if in the line as a whole.
    pub field: String,
    /// What: a stable code.
    pub code: String,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
