//! Rows of uploads.

use chrono::{DateTime, Utc};
use entity::{
    upload::{ActiveModel, Column, Entity, Model},
    values::{OrganisationId, PersonId, UploadId},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr,
    EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

/// That an upload is theirs, whoever of the two is given.
pub(super) fn owned(person: Option<PersonId>, unit: Option<OrganisationId>) -> Condition {
    Condition::all()
        .add_option(person.map(|person| Column::PersonId.eq(person)))
        .add_option(unit.map(|unit| Column::OrganisationId.eq(unit)))
}

/// The upload with `id` that is in the store and stays there.
pub(super) async fn find(db: &impl ConnectionTrait, id: UploadId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id)
        .filter(Column::StoredAt.is_not_null())
        .filter(Column::GoingAt.is_null())
        .one(db)
        .await
}

/// Hold an upload for `holder`. `true` if it is there, is `owned`, and nobody else holds it: said in the
/// statement that does it, so that of two records that want it one gets it, and none gets what is about to
/// be deleted.
pub(super) async fn hold(
    db: &impl ConnectionTrait,
    id: UploadId,
    owned: Condition,
    holder: Uuid,
) -> Result<bool, DbErr> {
    let free = Condition::any()
        .add(Column::Holder.is_null())
        .add(Column::Holder.eq(holder));
    let done = Entity::update_many()
        .set(ActiveModel {
            holder: Set(Some(holder)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(owned)
        .filter(Column::StoredAt.is_not_null())
        .filter(Column::GoingAt.is_null())
        .filter(free)
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Let go of everything that `holder` holds.
pub(super) async fn let_go(
    db: &impl ConnectionTrait,
    holder: Uuid,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel {
            holder: Set(None),
            going_at: Set(Some(at)),
            ..Default::default()
        })
        .filter(Column::Holder.eq(holder))
        .exec(db)
        .await
        .map(drop)
}

/// Let go of the upload `id`, if `holder` holds it.
pub(super) async fn let_go_of(
    db: &impl ConnectionTrait,
    id: UploadId,
    holder: Uuid,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel {
            holder: Set(None),
            going_at: Set(Some(at)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::Holder.eq(holder))
        .exec(db)
        .await
        .map(drop)
}

/// Add an upload that is not in the store of objects yet.
pub(super) async fn add(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Note that an upload is in the store of objects.
pub(super) async fn stored(
    db: &impl ConnectionTrait,
    id: UploadId,
    at: DateTime<Utc>,
) -> Result<Model, DbErr> {
    let row = ActiveModel {
        id: Set(id),
        stored_at: Set(Some(at)),
        ..Default::default()
    };
    row.update(db).await
}

/// How many uploads that are `owned` nothing holds.
pub(super) async fn count_unheld(
    db: &impl ConnectionTrait,
    owned: Condition,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(owned)
        .filter(Column::Holder.is_null())
        .count(db)
        .await
}

/// Give up an upload that is `owned` and that nothing holds. `true` if this call did.
pub(super) async fn give_up_one(
    db: &impl ConnectionTrait,
    id: UploadId,
    owned: Condition,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(going_at(at))
        .filter(Column::Id.eq(id))
        .filter(owned)
        .filter(Column::Holder.is_null())
        .filter(Column::GoingAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Give up uploads from before `before` that nothing holds.
pub(super) async fn give_up(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    at: DateTime<Utc>,
    most: u64,
) -> Result<(), DbErr> {
    let old = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::UploadedAt.lt(before))
        .filter(Column::Holder.is_null())
        .filter(Column::GoingAt.is_null())
        .limit(most)
        .into_query();
    Entity::update_many()
        .set(going_at(at))
        .filter(Column::Id.in_subquery(old))
        // Somebody may have come to hold it meanwhile.
        .filter(Column::Holder.is_null())
        .exec(db)
        .await
        .map(drop)
}

fn going_at(at: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        going_at: Set(Some(at)),
        ..Default::default()
    }
}

/// Uploads that are to be deleted by `now`.
pub(super) async fn going(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<UploadId>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::GoingAt.lte(now))
        .order_by_asc(Column::GoingAt)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// Delete the row of an upload that was given up. Returns how many there were.
pub(super) async fn delete(db: &impl ConnectionTrait, id: UploadId) -> Result<u64, DbErr> {
    let done = Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::GoingAt.is_not_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}
