//! Nucleic-acid tests.

use sea_orm::entity::prelude::*;

use crate::values::{PersonId, TestResult};

/// What one report says of one person's sample. Never changed: a later report of the same sample
/// takes its place, and of several samples the one taken last counts.
///
/// The key is what makes a report the same, so that whoever brings it twice changes nothing. There is
/// no foreign key to the person: checking one would cost more than the row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "test_result")]
pub struct Model {
    /// Whose sample.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    /// When it was taken.
    pub sampled_at: DateTimeUtc,
    /// Laboratory and tube, as `lab/tube`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sample: String,
    /// When the laboratory reported it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub reported_at: DateTimeUtc,
    /// What was found.
    pub result: TestResult,
    /// How many people's samples share the tube: 1, 5, 10 or 20.
    pub tube_size: i16,
    /// Who brought the report: a source of facts.
    pub source: String,
    /// When it was recorded here. It has no effect before.
    pub recorded_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
