//! Places and the levels that they have for a time.

use sea_orm::entity::prelude::*;

use crate::values::{Division, PersonId, RiskAreaId, RiskLevel};

/// One place with one level. What was recorded never changes; it may be lifted, once. Another level
/// is another row.
///
/// The row is also the job of having everybody looked at who declared to stay there.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "risk_area")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RiskAreaId,
    /// The place: it and everything within it.
    pub division: Division,
    /// Its level.
    pub level: RiskLevel,
    /// Since when it has the level.
    pub starts_at: DateTimeUtc,
    /// When the level ends by itself, where that was decided with it.
    pub ends_at: Option<DateTimeUtc>,
    /// The region whose decision it is, and which alone may lift it.
    pub origin: Division,
    /// Who brought it: a source of facts, or `staff`.
    pub source: String,
    /// When it was recorded here. It has no effect before.
    pub recorded_at: DateTimeUtc,
    /// When it was lifted, if it was. It has its effect until then.
    pub lifted_at: Option<DateTimeUtc>,
    /// Who lifted it: `staff/` and an id, or `source/` and a name.
    pub lifted_by: Option<String>,
    /// When to have everybody looked at who stayed there: pushed forward while somebody does so.
    /// Null when there is nothing to do.
    #[sea_orm(indexed)]
    pub due_at: Option<DateTimeUtc>,
    /// Since when everybody is being marked. Null between two rounds.
    pub round_at: Option<DateTimeUtc>,
    /// The declared division of the last person marked in this round.
    pub marked_division: Option<Division>,
    /// The last person marked in this round.
    pub marked_person: Option<PersonId>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
