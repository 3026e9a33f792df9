//! What people were told: for them to read, and for whoever keeps the outbox in order.

use chrono::{DateTime, Utc};
use entity::{
    notification::{ActiveModel, Column, Entity, Model},
    values::{NotificationId, NotificationState, PersonId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::super::{
    message::prompt,
    telling::{POINTLESS, TOO_LATE},
};
use crate::platform::db::delete_some;

/// What `people` were told, newest first: before `before`, or all. Reminders since their hour, as long
/// as they have a point.
pub(in crate::notifications) async fn page(
    db: &impl ConnectionTrait,
    people: &[PersonId],
    before: Option<NotificationId>,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    // What was tried and waits for its next hour has come already.
    let came = Condition::any()
        .add(Column::NotBefore.lte(now))
        .add(Column::Kind.is_in(prompt()))
        .add(Column::Attempts.gt(0));
    let pointless = Condition::all()
        .add(Column::State.eq(NotificationState::Withdrawn))
        .add(Column::Outcome.is_not_null())
        .add(Column::Outcome.is_in([POINTLESS, TOO_LATE]));
    Entity::find()
        .filter(Column::PersonId.is_in(people.iter().copied()))
        .filter(came)
        .filter(pointless.not())
        .apply_if(before, |all, before| all.filter(Column::Id.lt(before)))
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Note that one of `people` read something. The first time stands. `None` if it is none of theirs.
pub(in crate::notifications) async fn read(
    tx: &impl ConnectionTrait,
    people: &[PersonId],
    id: NotificationId,
    at: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    let theirs = Condition::all()
        .add(Column::Id.eq(id))
        .add(Column::PersonId.is_in(people.iter().copied()));
    let read = ActiveModel {
        read_at: Set(Some(at)),
        ..Default::default()
    };
    Entity::update_many()
        .set(read)
        .filter(theirs.clone())
        .filter(Column::ReadAt.is_null())
        .exec(tx)
        .await?;
    Entity::find().filter(theirs).one(tx).await
}

/// The notification `id`.
pub(in crate::notifications) async fn find(
    db: &impl ConnectionTrait,
    id: NotificationId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// What is dead, oldest first.
pub(in crate::notifications) async fn dead(
    db: &impl ConnectionTrait,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::State.eq(NotificationState::Dead))
        .order_by_asc(Column::CreatedAt)
        .limit(most)
        .all(db)
        .await
}

/// How many are in `state`, and should have gone out by `now`.
pub(in crate::notifications) async fn count(
    db: &impl ConnectionTrait,
    state: NotificationState,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::State.eq(state))
        .filter(Column::NotBefore.lte(now))
        .count(db)
        .await
}

/// Since when the one waits that should have gone out first.
pub(in crate::notifications) async fn waiting_since(
    db: &impl ConnectionTrait,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::NotBefore)
        .filter(Column::State.eq(NotificationState::Waiting))
        .order_by_asc(Column::NotBefore)
        .into_tuple()
        .one(db)
        .await
}

/// Remove up to `most` that do not wait and came about before `before`. Returns how many.
pub(in crate::notifications) async fn remove_old(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let old = Condition::all()
        .add(Column::CreatedAt.lt(before))
        .add(Column::State.ne(NotificationState::Waiting));
    delete_some::<Entity>(db, Column::Id, old, most).await
}
