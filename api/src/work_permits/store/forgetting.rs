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
    let ids: Vec<WorkPermitId> = old_workers(before, most)
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    if ids.is_empty() {
        return Ok(0);
    }
    let of = || ids.iter().copied();
    work_objection::Entity::delete_many()
        .filter(work_objection::Column::PermitId.is_in(of()))
        .exec(db)
        .await?;
    let gone = Entity::delete_many()
        .filter(Column::Id.is_in(of()))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
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
    let ids: Vec<WorkFormId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::SentAt.lt(before))
        .filter(Expr::not_exists(worker))
        .order_by_asc(Column::SentAt)
        .limit(most)
        .into_tuple()
        .all(db)
        .await?;
    if ids.is_empty() {
        return Ok(0);
    }
    let of = || ids.iter().copied();
    work_ruling::Entity::delete_many()
        .filter(work_ruling::Column::FormId.is_in(of()))
        .exec(db)
        .await?;
    let gone = Entity::delete_many()
        .filter(Column::Id.is_in(of()))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}
