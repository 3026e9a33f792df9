//! The outbox: what people are to be told.

use sea_orm::entity::prelude::*;

use crate::values::{
    NotificationChannel, NotificationId, NotificationKind, NotificationState, PersonId,
};

/// Something that a person is to be told. The row is the job: it is written in the transaction of
/// what it tells of, and claimed by pushing `due_at` forward.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification")]
pub struct Model {
    /// Which: pages that messages open carry it. UUID version 7, growing for each person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NotificationId,
    /// Whom it is about.
    #[sea_orm(unique_key = "notification_key")]
    pub person_id: PersonId,
    /// What it is about.
    pub kind: NotificationKind,
    /// What it tells of. Nobody is told the same thing twice.
    #[sea_orm(unique_key = "notification_key")]
    pub key: String,
    /// What it says, sealed under the person's data key.
    pub content: Vec<u8>,
    /// When it came about.
    pub created_at: DateTimeUtc,
    /// When it should go out.
    pub not_before: DateTimeUtc,
    /// When to try: pushed forward while somebody does.
    pub due_at: DateTimeUtc,
    /// Where it stands.
    pub state: NotificationState,
    /// How often it was tried.
    pub attempts: i32,
    /// When the last try began.
    pub tried_at: Option<DateTimeUtc>,
    /// Through what it was tried last.
    pub channel: Option<NotificationChannel>,
    /// Whom the last try wrote to: the person, or who acts for them.
    pub recipient_id: Option<PersonId>,
    /// In which app.
    pub app_id: Option<String>,
    /// By which of the platform's templates.
    pub template_id: Option<String>,
    /// What became of the last try: one of our words, or the platform's code.
    pub outcome: Option<String>,
    /// When it was accepted for delivery.
    pub sent_at: Option<DateTimeUtc>,
    /// When the person read it.
    pub read_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
