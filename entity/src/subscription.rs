//! Messages that people allowed us to send them through a super-app.

use sea_orm::entity::prelude::*;

use crate::values::{PersonId, Platform};

/// What one person answered for one template of one app.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subscription")]
pub struct Model {
    /// Who answered.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    /// On which super-app.
    #[sea_orm(primary_key, auto_increment = false)]
    pub platform: Platform,
    /// In which of our apps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: String,
    /// For which template.
    #[sea_orm(primary_key, auto_increment = false)]
    pub template_id: String,
    /// Messages that are allowed one by one and not sent yet.
    pub remaining: i32,
    /// Whether any number is allowed.
    pub standing: bool,
    /// Whether the last word was no.
    pub refused: bool,
    /// When the person answered last, by the platform's clock.
    pub changed_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
