//! Rows of uploads.

use chrono::{DateTime, Utc};
use entity::{
    upload::{ActiveModel, Column, Entity, Model},
    values::{OrganisationId, PersonId, UploadId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
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
