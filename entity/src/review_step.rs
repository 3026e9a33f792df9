//! What was done to cases, step by step.

use sea_orm::entity::prelude::*;

use crate::values::{CaseAction, CaseId, PersonId, StaffId};

/// A step. It is written with the move and never changed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_step")]
pub struct Model {
    /// Of which case.
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: CaseId,
    /// Which step of it: 1 opened it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub turn: i64,
    /// When.
    pub at: DateTimeUtc,
    /// What was done.
    pub action: CaseAction,
    /// At which stage.
    pub stage: String,
    /// The stage after it. None where the case was closed.
    pub stage_after: Option<String>,
    /// The step that had brought the case to the stage.
    pub stay: i64,
    /// What was left of the clock of the stage, in milliseconds of its kind: where the applicant is asked
    /// for something, it goes on from here. None without a clock.
    pub clock_left: Option<i64>,
    /// The member of staff who did it.
    pub account_id: Option<StaffId>,
    /// In whose place, where it was delegated.
    pub for_account_id: Option<StaffId>,
    /// The applicant, or who acts for them, where they did it. Neither: the clock, another system, or a
    /// unit in a session of its own.
    pub person_id: Option<PersonId>,
    /// The reason, from the stage's closed list.
    pub reason: Option<String>,
    /// The words, sealed under the data key of whom the case concerns.
    pub text: Option<Vec<u8>>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
