//! Applications for health pass cards (P1).

use sea_orm::entity::prelude::*;

use crate::values::{
    CaseOutcome, Colour, Community, DeclarationId, Division, PassApplicationId, PersonId, StaffId,
};

/// One application: filed once, compared once, and decided as a case of [`crate::review_case`].
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pass_application")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PassApplicationId,
    /// For whom.
    pub person_id: PersonId,
    /// Who filed it: the person, or who acts for them. None where it was filed at a window.
    pub filed_by: Option<PersonId>,
    /// The clerk who took it down, where it was filed at a window.
    pub taken_by: Option<StaffId>,
    /// When.
    pub filed_at: DateTimeUtc,
    /// The county or district that the community lies in.
    pub division: Division,
    /// Where the person stays.
    pub community: Community,
    /// The newest declaration then.
    pub declaration_id: DeclarationId,
    /// What else was said, sealed under the person's data key.
    pub content: Vec<u8>,
    /// The person, while nobody decided: one open application each.
    #[sea_orm(unique)]
    pub open_of: Option<PersonId>,
    /// The last assessment before it, while it waits for another one.
    pub compare_after: Option<i64>,
    /// When the data comparison answered.
    pub compared_at: Option<DateTimeUtc>,
    /// The colour that it found.
    pub found_colour: Option<Colour>,
    /// The causes and the holds that it found.
    pub found: Option<Json>,
    /// How it ended.
    pub outcome: Option<CaseOutcome>,
    /// When.
    pub closed_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
