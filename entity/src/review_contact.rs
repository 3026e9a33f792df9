//! How applicants were reached.

use sea_orm::entity::prelude::*;

use crate::values::{CaseId, ContactId, ContactMeans, ContactResult, StaffId};

/// Somebody of the authority tried to reach the applicant (P6).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_contact")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContactId,
    /// Of which case.
    pub case_id: CaseId,
    /// The step that had brought the case to its stage.
    pub stay: i64,
    /// Who tried.
    pub account_id: StaffId,
    /// When.
    pub at: DateTimeUtc,
    /// How.
    pub means: ContactMeans,
    /// What came of it.
    pub result: ContactResult,
    /// A note, sealed under the data key of whom the case concerns.
    pub note: Option<Vec<u8>>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
