//! Daily check-ins (H6).

use sea_orm::entity::prelude::*;

use crate::values::{CheckInId, PersonId};

/// One person's check-in of one local day. Never changed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "check_in")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CheckInId,
    /// Whom it is about.
    #[sea_orm(unique_key = "check_in_day")]
    pub person_id: PersonId,
    /// The day in Asia/Shanghai.
    #[sea_orm(unique_key = "check_in_day")]
    pub day: Date,
    /// Who checked in: the person, or who acts for them.
    pub checked_in_by: PersonId,
    /// When.
    pub checked_in_at: DateTimeUtc,
    /// Temperature and symptoms, sealed under the person's data key.
    pub content: Vec<u8>,
    /// Fever or a symptom was reported.
    pub unwell: bool,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
