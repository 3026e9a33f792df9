//! When what a code shows changed, and why (S26).

use sea_orm::entity::prelude::*;

use crate::values::{Colour, PersonId};

/// One change of one person's colour. Never changed: what follows from facts of today is asked of
/// them, what was shown then is read here.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "colour_change")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    /// The version of the assessment that found it: grows with each change.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// When.
    pub at: DateTimeUtc,
    /// What was shown before.
    pub colour_before: Colour,
    /// What has been shown since.
    pub colour_after: Colour,
    /// The reasons that stood then, and the causes that began and ended to hold.
    pub reasons: Json,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
