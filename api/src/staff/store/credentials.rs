//! What members of staff prove themselves with.

use chrono::{DateTime, Utc};
use entity::{
    staff_credential::{ActiveModel, Column, Entity, Method, Model},
    values::{StaffCredentialId, StaffId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, sea_query::OnConflict,
};

use crate::platform::db::inserted;

/// Keep a credential. `false` if its authenticator's name for it is taken.
pub(in crate::staff) async fn insert(
    db: &impl ConnectionTrait,
    credential: Model,
) -> Result<bool, DbErr> {
    let kept = Entity::insert(credential.into_active_model())
        .on_conflict(
            OnConflict::column(Column::ExternalId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

/// Somebody's TOTP secret: one that they proved to have, or one that they did not.
pub(in crate::staff) async fn totp_of(
    db: &impl ConnectionTrait,
    account: StaffId,
    confirmed: bool,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::Method.eq(Method::Totp))
        .filter(if confirmed {
            Column::ConfirmedAt.is_not_null()
        } else {
            Column::ConfirmedAt.is_null()
        })
        .one(db)
        .await
}

pub(in crate::staff) async fn with_external_id(
    db: &impl ConnectionTrait,
    id: &[u8],
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::ExternalId.eq(id))
        .one(db)
        .await
}

/// Forget what somebody began to enrol.
pub(in crate::staff) async fn remove_unconfirmed(
    db: &impl ConnectionTrait,
    account: StaffId,
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::AccountId.eq(account))
        .filter(Column::ConfirmedAt.is_null())
        .exec(db)
        .await
        .map(drop)
}

/// Note that somebody proved to have what they enrolled, with their first code.
pub(in crate::staff) async fn confirm(
    db: &impl ConnectionTrait,
    id: StaffCredentialId,
    counter: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            counter: Set(counter),
            confirmed_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::ConfirmedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Move a counter on. `false` if it is there already, unless it never counts: of two uses of the same
/// code one is accepted.
pub(in crate::staff) async fn count(
    db: &impl ConnectionTrait,
    id: StaffCredentialId,
    counter: i64,
) -> Result<bool, DbErr> {
    let mut may = Condition::any().add(Column::Counter.lt(counter));
    if counter == 0 {
        may = may.add(Column::Counter.eq(0));
    }
    let done = Entity::update_many()
        .set(ActiveModel {
            counter: Set(counter),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(may)
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
