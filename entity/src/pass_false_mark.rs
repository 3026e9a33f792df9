//! Marks on applications whose declaration is not true (P10).

use sea_orm::entity::prelude::*;

use crate::values::{Area, FalseMarkId, Falsehood, PassApplicationId, PersonId, StaffId};

/// A mark: made with evidence, seen by whom it concerns, and taken back by the level above alone. The
/// declaration stays as it was declared.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pass_false_mark")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FalseMarkId,
    /// On which application.
    pub application_id: PassApplicationId,
    /// Whose.
    #[sea_orm(indexed)]
    pub person_id: PersonId,
    /// The application, while the mark stands: one each.
    #[sea_orm(unique)]
    pub standing_on: Option<PassApplicationId>,
    /// Who made it.
    pub marked_by: StaffId,
    /// For which area they did: only somebody of a wider one takes it back.
    pub area: Area,
    /// When.
    pub marked_at: DateTimeUtc,
    /// What is not true.
    pub falsehood: Falsehood,
    /// What shows it: `contact/<id>` or `fact/<id>`.
    pub evidence: String,
    /// The words for whom it concerns, sealed under their data key.
    pub text: Vec<u8>,
    /// When it was taken back.
    pub lifted_at: Option<DateTimeUtc>,
    /// Who took it back.
    pub lifted_by: Option<StaffId>,
    /// Why, sealed under the person's data key.
    pub lifted_because: Option<Vec<u8>>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
