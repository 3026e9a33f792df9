//! Forms that people submitted in an Alipay mini-program: each allows one message.

use sea_orm::entity::prelude::*;

use crate::values::PersonId;

/// One submission.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "form_id")]
pub struct Model {
    /// Who submitted it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    /// In which of our apps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: String,
    /// Alipay's name for the submission: good for one message to this person, from this app.
    #[sea_orm(primary_key, auto_increment = false)]
    pub form_id: String,
    /// Until when Alipay takes it.
    #[sea_orm(indexed)]
    pub expires_at: DateTimeUtc,
    /// When a message took it, if one did.
    pub spent_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
