//! Workers and forms that were over long ago, as rows.

use chrono::{DateTime, Utc};
use entity::{
    values::{WorkFormId, WorkPermitId},
    work_form, work_objection, work_permit, work_ruling,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::platform::db::{delete_of, keys_of};

/// Up to `most` workers who were asked for before `before`, longest ago first, of whom what the form said is forgotten,
/// and whose case and permit were over by then. It reads the index of `filed_at`, and nothing that is younger.
#[must_use]
pub fn old_workers(before: DateTime<Utc>, most: u64) -> Select<work_permit::Entity> {
    use work_permit::{Column, Entity};
    let over = |at: Column| Condition::any().add(at.is_null()).add(at.lt(before));
    Entity::find()
        .filter(Column::FiledAt.lt(before))
        .filter(Column::Content.is_null())
        .filter(over(Column::ClosedAt))
        .filter(over(Column::ValidUntil))
        .order_by_asc(Column::FiledAt)
        .order_by_asc(Column::Id)
        .limit(most)
}

/// Forget those of [`old_workers`], with the objections to their return. Returns how many there were.
pub(in crate::work_permits) async fn forget_workers(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    use work_permit::{Column, Entity};
    let ids: Vec<WorkPermitId> = keys_of(db, old_workers(before, most), Column::Id).await?;
    delete_of::<work_objection::Entity, _>(db, work_objection::Column::PermitId, &ids).await?;
    delete_of::<Entity, _>(db, Column::Id, &ids).await
}

/// Forget up to `most` forms that were sent before `before` and of which no worker is left, with what was decided on
/// many of them at once. Returns how many forms there were.
pub(in crate::work_permits) async fn forget_forms(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    use work_form::{Column, Entity};
    let worker = Query::select()
        .expr(Expr::val(1))
        .from(work_permit::Entity)
        .and_where(
            Expr::col((work_permit::Entity, work_permit::Column::FormId))
                .equals((Entity, Column::Id)),
        )
        .take();
    let old = Entity::find()
        .filter(Column::SentAt.lt(before))
        .filter(Expr::not_exists(worker))
        .order_by_asc(Column::SentAt)
        .limit(most);
    let ids: Vec<WorkFormId> = keys_of(db, old, Column::Id).await?;
    delete_of::<work_ruling::Entity, _>(db, work_ruling::Column::FormId, &ids).await?;
    delete_of::<Entity, _>(db, Column::Id, &ids).await
}
