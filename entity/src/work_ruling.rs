//! Decisions on many workers of a form at once.

use sea_orm::entity::prelude::*;

use crate::values::{CaseAction, StaffId, WorkFormId, WorkRulingId};

/// A decision on all workers of a form that stand at a stage, but for some (W3). A sweep makes it, one case after the other.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_ruling")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkRulingId,
    /// Of which form.
    pub form_id: WorkFormId,
    /// Who decides.
    pub account_id: StaffId,
    /// When it was asked for.
    pub made_at: DateTimeUtc,
    /// Those that stand at this stage.
    pub stage: String,
    /// What is decided.
    pub action: CaseAction,
    /// Why, from the stage's list.
    pub reason: Option<String>,
    /// In words, sealed.
    pub text: Option<Vec<u8>>,
    /// The lines of the form that it does not concern.
    pub left_out: Json,
    /// Up to which line it was made.
    pub line: i64,
    /// How many cases were decided.
    pub decided: i64,
    /// How many could not be.
    pub failed: i64,
    /// While it goes on: when it goes on.
    pub due_at: Option<DateTimeUtc>,
    /// When it was made on all.
    pub ended_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
