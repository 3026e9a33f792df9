//! What people complain of in how their applications were handled.

use sea_orm::entity::prelude::*;

use crate::values::{Area, CaseId, ComplaintId, ComplaintKind, PersonId};

/// One complaint (P9). A case of its own decides on it, at the level above whom it is about.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "complaint")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ComplaintId,
    /// Whose application was handled.
    pub person_id: PersonId,
    /// Who complains: the person, or who acts for them.
    pub filed_by: PersonId,
    /// When.
    pub filed_at: DateTimeUtc,
    /// The case of the application.
    pub case_id: CaseId,
    /// The unit whose handling it is about.
    pub against: Area,
    /// What of.
    pub kind: ComplaintKind,
    /// The same in their own words, sealed under the person's data key.
    pub content: Vec<u8>,
    /// When its own case was closed. None while it is open.
    pub closed_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
