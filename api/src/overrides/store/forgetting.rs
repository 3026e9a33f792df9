//! Requests that were over long ago, as rows.

use chrono::{DateTime, Utc};
use entity::{
    health_fact, override_approval,
    override_request::{Column, Entity},
    override_subject,
    values::{OverrideId, OverrideState},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::platform::db::{delete_of, keys_of};

/// Up to `most` requests that were closed, or whose effect ended, before `before`, the oldest first, where nothing that
/// followed of them is on record any more. It reads the index of `requested_at`, and nothing that is younger.
#[must_use]
pub fn old_requests(before: DateTime<Utc>, most: u64) -> Select<Entity> {
    let ended = Condition::any()
        .add(Column::UntilAt.is_null())
        .add(Column::UntilAt.lt(before));
    let had_its_effect = Condition::all()
        .add(Column::ClosedAt.is_null())
        .add(Column::AppliedAt.lt(before))
        .add(ended);
    let over = Condition::any()
        .add(Column::ClosedAt.lt(before))
        .add(had_its_effect);
    let subject = |column| Expr::col((override_subject::Entity, column));
    let followed = Query::select()
        .expr(Expr::val(1))
        .from(override_subject::Entity)
        .inner_join(
            health_fact::Entity,
            subject(override_subject::Column::FactId)
                .equals((health_fact::Entity, health_fact::Column::Id)),
        )
        .and_where(subject(override_subject::Column::OverrideId).equals((Entity, Column::Id)))
        .take();
    Entity::find()
        .filter(Column::RequestedAt.lt(before))
        .filter(Column::State.ne(OverrideState::Waiting))
        .filter(over)
        .filter(Expr::not_exists(followed))
        .order_by_asc(Column::RequestedAt)
        .order_by_asc(Column::Id)
        .limit(most)
}

/// Forget those of [`old_requests`], with whom they named and who approved them. Returns how many there were.
pub(in crate::overrides) async fn forget(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let ids: Vec<OverrideId> = keys_of(db, old_requests(before, most), Column::Id).await?;
    delete_of::<override_subject::Entity, _>(db, override_subject::Column::OverrideId, &ids)
        .await?;
    delete_of::<override_approval::Entity, _>(db, override_approval::Column::OverrideId, &ids)
        .await?;
    delete_of::<Entity, _>(db, Column::Id, &ids).await
}
