//! When a person's facts were last compared, and when time alone will change the outcome.

use sea_orm::entity::prelude::*;

use crate::values::{Colour, DeclarationId, Division, PersonId};

/// The last data comparison of one person. What is shown never comes from here: that follows from
/// facts, holds and policy.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assessment")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    /// Grows with each comparison that may change what a code shows.
    pub version: i64,
    /// The declaration that was compared.
    pub declaration_id: Option<DeclarationId>,
    /// When.
    pub assessed_at: DateTimeUtc,
    /// When the outcome changes if nothing is recorded until then.
    #[sea_orm(indexed)]
    pub next_change_at: Option<DateTimeUtc>,
    /// The colour that was found: to tell a change from none, and to count people.
    pub shown: Colour,
    /// Where the person lived by their newest declaration: to count people, and to find those whom a
    /// rule concerns.
    #[sea_orm(indexed)]
    pub division: Option<Division>,
    /// When the newest declaration or check-in was made: to count people.
    pub record_at: Option<DateTimeUtc>,
    /// When a declaration was first compared.
    pub compared_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
