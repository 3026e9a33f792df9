//! Communities and villages, and where each handles passes.

use sea_orm::entity::prelude::*;

use crate::values::{Community, Division};

/// A community or village: who lives there applies there (P8).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "community")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: Community,
    /// The county or district that it lies in.
    pub division: Division,
    /// Its name.
    pub name: String,
    /// Where passes are handled.
    pub address: String,
    /// The telephone of the office. Nobody's own.
    pub telephone: String,
    /// When somebody is there, in words.
    pub hours: String,
    /// Since when this is so.
    pub saved_at: DateTimeUtc,
    /// Since when people apply there.
    pub opened_at: DateTimeUtc,
    /// Since when nobody applies there any more.
    pub closed_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
