//! Promises that were not kept.

use sea_orm::entity::prelude::*;

use crate::values::{Area, CaseId, Role};

/// A limit that was reached without an opinion, booked on who was responsible (P5). One for each time that a case stands at a stage.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_breach")]
pub struct Model {
    /// Of which case.
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: CaseId,
    /// The step that brought it to the stage.
    #[sea_orm(primary_key, auto_increment = false)]
    pub turn: i64,
    /// Which stage.
    pub stage: String,
    /// Who was responsible.
    pub area: Area,
    /// Which role there.
    pub decider: Option<Role>,
    /// The limit.
    pub due_at: DateTimeUtc,
    /// When it was booked.
    pub booked_at: DateTimeUtc,
    /// Since when the clock ran whose limit it was, while that limit passed a year that is not known.
    pub clock_since: Option<DateTimeUtc>,
    /// What was left of the clock then, in milliseconds of its kind.
    pub clock_left: Option<i64>,
    /// The calendar that the limit was worked out by. None once nothing can move it any more.
    pub calendar_version: Option<i64>,
    /// When it was found that by the calendar as announced the limit was not reached. None while it stands.
    pub corrected_at: Option<DateTimeUtc>,
    /// The limit by that calendar.
    pub corrected_to: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
