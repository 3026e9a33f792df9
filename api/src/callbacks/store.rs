//! What was taken in, as rows.

use chrono::{DateTime, Utc};
use entity::platform_event::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, sea_query::OnConflict,
};

use crate::platform::db::inserted;

/// Note that a message is taken in. `false` if it was before; waits for a transaction that is taking
/// it in.
pub(super) async fn note(tx: &impl ConnectionTrait, event: Model) -> Result<bool, DbErr> {
    let first = OnConflict::columns([Column::Platform, Column::AppId, Column::Key])
        .do_nothing()
        .to_owned();
    let insert = Entity::insert(event.into_active_model()).on_conflict(first);
    inserted(insert.exec_without_returning(tx).await)
}

/// Forget up to `most` messages that were taken in before `before`. Returns how many.
pub(super) async fn forget(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let old = Entity::find()
        .filter(Column::ReceivedAt.lt(before))
        .limit(most)
        .all(db)
        .await?;
    let any = old.into_iter().fold(Condition::any(), |any, event| {
        any.add(
            Condition::all()
                .add(Column::Platform.eq(event.platform))
                .add(Column::AppId.eq(event.app_id))
                .add(Column::Key.eq(event.key)),
        )
    });
    if any.is_empty() {
        return Ok(0);
    }
    let done = Entity::delete_many().filter(any).exec(db).await?;
    Ok(done.rows_affected)
}
