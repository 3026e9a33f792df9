//! What was decided of sections of roads.

use sea_orm::entity::prelude::*;

use crate::values::{Division, RoadSectionId, SectionCode};

/// One decision on a section of a road: from which day on it is restricted, when, and for whom. It is never
/// changed. Of what holds on a day, the last that was decided counts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "road_section")]
pub struct Model {
    /// Which decision.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RoadSectionId,
    /// On which section.
    #[sea_orm(unique_key = "version")]
    pub code: SectionCode,
    /// How many decisions on it there are with this one.
    #[sea_orm(unique_key = "version")]
    pub version: i64,
    /// The county or district that it lies in.
    #[sea_orm(indexed)]
    pub division: Division,
    /// The local day from which on it holds.
    pub valid_from: Date,
    /// Whether the section is no more in the catalogue.
    pub ended: bool,
    /// What it is called in Chinese.
    pub name_zh: String,
    /// What it is called in English.
    pub name_en: String,
    /// The hours of the week in which it is restricted: a list. Empty of an open road.
    pub restricted: Json,
    /// The classes of plates that the restriction is about: a list. Empty for all.
    pub classes: Json,
    /// The codes of sections that lead to the same place: a list. Empty if none does.
    pub ways_around: Json,
    /// When this was decided.
    pub decided_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
