//! Where people stayed, by their declarations.

use sea_orm::entity::prelude::*;

use crate::values::{DeclarationId, Division, PersonId};

/// One stay of a declaration, in the open: declarations are sealed, and when a place gets a level, all
/// who stayed there must be found. Of a person it says no more than an id, a place and days.
///
/// Declarations made before this table existed have no rows, since nobody can open them all; whoever
/// made one is found again from their next declaration on.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "declared_stay")]
pub struct Model {
    /// The declaration that says so.
    #[sea_orm(primary_key, auto_increment = false)]
    pub declaration_id: DeclarationId,
    /// Counts from 0 in each declaration.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i16,
    /// Who stayed.
    pub person_id: PersonId,
    /// Where.
    pub division: Division,
    /// The first day.
    pub first_day: Date,
    /// The last day. Null for the place where the person lives: nobody said that they left.
    pub last_day: Option<Date>,
    /// When it was declared.
    pub declared_at: DateTimeUtc,
    /// When the person declared again. From then on that declaration's stays count instead.
    pub replaced_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
