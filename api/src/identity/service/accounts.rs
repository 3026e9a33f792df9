//! Who stands behind an account on a super-app.

use entity::values::{PersonId, Platform};
use sea_orm::{ConnectionTrait, DbErr};

use super::super::{places::Index, store::accounts};
use crate::{
    clients::{AlipayIdKind, Receiver},
    deps::Deps,
};

/// Who it is that the app `app_id` knows as `account`, if they ever logged in through it.
pub async fn person_of_account(
    db: &impl ConnectionTrait,
    deps: &Deps,
    app_id: &str,
    account: &Receiver,
) -> Result<Option<PersonId>, DbErr> {
    let text = match account {
        Receiver::WeChat { openid } => text_of(Platform::Wechat, app_id, "openid", openid),
        Receiver::Alipay { kind, id } => text_of(Platform::Alipay, app_id, kind_name(*kind), id),
    };
    let indexes = Index::of_account(&deps.vault, &text).any;
    let known = accounts::find(db, &indexes).await?;
    Ok(known.map(|account| account.person_id))
}

/// Whether `person` ever logged in through the app `app_id`.
pub async fn has_account(
    db: &impl ConnectionTrait,
    person: PersonId,
    platform: Platform,
    app_id: &str,
) -> Result<bool, DbErr> {
    accounts::has(db, person, platform.name(), app_id).await
}

/// What the blind index of an account is made of.
pub(super) fn text_of(platform: Platform, app_id: &str, kind: &str, id: &str) -> String {
    format!("{}|{app_id}|{kind}|{id}", platform.name())
}

/// The name of Alipay's kinds of id within an index.
pub(super) fn kind_name(kind: AlipayIdKind) -> &'static str {
    match kind {
        AlipayIdKind::UserId => "user_id",
        AlipayIdKind::OpenId => "open_id",
    }
}
