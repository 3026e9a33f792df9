//! Workers whom a city sends to the data centre together.

use sea_orm::entity::prelude::*;

use crate::values::{Division, StaffId, WorkBatchId, WorkBatchState};

/// A batch (W4). It is sent until there is an answer for each of its workers, or nobody waits any more.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_batch")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkBatchId,
    /// Whose: the city, or the province that is one.
    pub division: Division,
    /// Who closed it.
    pub made_by: StaffId,
    /// When.
    pub made_at: DateTimeUtc,
    /// How many workers it holds.
    pub workers: i64,
    /// How far it got.
    pub state: WorkBatchState,
    /// How often it was sent.
    pub tries: i64,
    /// When it was sent first.
    pub sent_at: Option<DateTimeUtc>,
    /// When somebody has to do something.
    pub due_at: Option<DateTimeUtc>,
    /// When the last answer came.
    pub answered_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
