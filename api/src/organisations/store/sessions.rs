//! Log-ins of units.

use chrono::{DateTime, Utc};
use entity::{
    organisation_session::{ActiveModel, Column, Entity, Model},
    values::{OrganisationId, OrganisationSessionId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect,
};

use crate::platform::db::delete_some;
pub(in crate::organisations) async fn insert(
    tx: &impl ConnectionTrait,
    session: Model,
) -> Result<(), DbErr> {
    Entity::insert(session.into_active_model())
        .exec_without_returning(tx)
        .await
        .map(drop)
}

pub(in crate::organisations) async fn with_digest(
    db: &impl ConnectionTrait,
    digest: &[u8],
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Digest.eq(digest))
        .one(db)
        .await
}

/// Note that a session was used.
pub(in crate::organisations) async fn note_use(
    db: &impl ConnectionTrait,
    id: OrganisationSessionId,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel {
            used_at: Set(at),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::UsedAt.lt(at))
        .exec(db)
        .await
        .map(drop)
}

/// The sessions of a unit that were not ended.
pub(in crate::organisations) async fn not_ended(
    tx: &impl ConnectionTrait,
    organisation: OrganisationId,
    now: DateTime<Utc>,
) -> Result<Vec<OrganisationSessionId>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::OrganisationId.eq(organisation))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .into_tuple()
        .all(tx)
        .await
}

/// End a session, unless it ended before. `true` if this call ended it.
pub(in crate::organisations) async fn end(
    tx: &impl ConnectionTrait,
    id: OrganisationSessionId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            ended_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Forget up to `most` sessions that would have ended by `since` whatever happened.
pub(in crate::organisations) async fn forget(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let old = Condition::all().add(Column::ExpiresAt.lte(since));
    delete_some::<Entity>(db, Column::Id, old, most).await
}
