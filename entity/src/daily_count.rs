//! Days of which the public is told how many people showed which colour, and why it changed (S30).

use sea_orm::entity::prelude::*;
use uuid::Uuid;

use crate::values::PersonId;

/// One local day. It is counted person by person, then published, and never changed again.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "daily_count")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// The last person who was counted.
    pub counted_to: Option<PersonId>,
    /// When everybody had been counted.
    pub counted_at: Option<DateTimeUtc>,
    /// What is told: JSON in the form of RFC 8785.
    #[sea_orm(column_type = "Text", nullable)]
    pub document: Option<String>,
    /// The note that signs it.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// The entry of the audit log that says its digest.
    pub log_entry: Option<Uuid>,
    /// When it was published.
    pub published_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
