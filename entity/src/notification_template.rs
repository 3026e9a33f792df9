//! Templates that platforms approved.

use sea_orm::entity::prelude::*;

use crate::values::{NotificationKind, NotificationLanguage, TemplateChannel};

/// How one platform shows one kind of notification.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_template")]
pub struct Model {
    /// What it is for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: NotificationKind,
    /// Who approved it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel: TemplateChannel,
    /// In which of our apps. Empty for SMS.
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: String,
    /// In which language.
    #[sea_orm(primary_key, auto_increment = false)]
    pub language: NotificationLanguage,
    /// The platform's id of it.
    pub template_id: String,
    /// The page that a tap opens.
    pub page: Option<String>,
    /// The template's keys and what goes there.
    pub texts: Json,
    /// Whether each message needs a form that the user submitted.
    pub form_id: bool,
    /// Whether one permission is good for any number of messages.
    pub long_term: bool,
    /// When it was saved.
    pub saved_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
