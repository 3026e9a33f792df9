//! Accounts on super-apps that stand for one of our people.

use sea_orm::entity::prelude::*;

use crate::values::PersonId;

/// A super-app's user within one of its apps, and who that is here. Several may be one person (L2).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "platform_account")]
pub struct Model {
    /// Blind index of platform, app, kind of id, and id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_index: Vec<u8>,
    /// Whose account.
    #[sea_orm(indexed)]
    pub person_id: PersonId,
    /// `wechat` or `alipay`.
    pub platform: String,
    /// The app that the id is good in.
    pub app_id: String,
    /// The platform's id of the user, sealed under the person's data key.
    pub account: Vec<u8>,
    /// When the account was linked.
    pub linked_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
