//! How people want to be told.

use sea_orm::entity::prelude::*;

use crate::values::{NotificationLanguage, PersonId};

/// One person's wishes. Who has no row has the usual ones.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_preference")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    /// The super-apps to use, the dearest first, with commas between them.
    pub channels: String,
    /// Whether SMS may be sent where no super-app will do.
    pub sms: bool,
    /// In which language.
    pub language: NotificationLanguage,
    /// When they said so.
    pub changed_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
