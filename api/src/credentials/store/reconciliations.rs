//! Comparisons of permits with their records, as rows.

use entity::{
    reconciliation::{ActiveModel, Column, Entity, Model},
    reconciliation_finding as finding,
    values::{PermitFault, PermitKind, ReconciliationId},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr,
    EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::platform::db::begin_write;

/// Rows of one statement.
const AT_ONCE: usize = 200;

/// The comparison that began last.
pub(in crate::credentials) async fn newest(
    db: &impl ConnectionTrait,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .order_by_desc(Column::StartedAt)
        .order_by_desc(Column::Id)
        .one(db)
        .await
}

/// The comparison `id`.
pub(in crate::credentials) async fn find(
    db: &impl ConnectionTrait,
    id: ReconciliationId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The comparisons that are kept, the latest first.
pub(in crate::credentials) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .order_by_desc(Column::StartedAt)
        .order_by_desc(Column::Id)
        .all(db)
        .await
}

pub(in crate::credentials) async fn insert(
    db: &impl ConnectionTrait,
    run: &Model,
) -> Result<(), DbErr> {
    Entity::insert(ActiveModel::from(run.clone()).reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// `run` is as far as `next` says, and found `found` on the way; unless somebody else went on with it.
pub(in crate::credentials) async fn advance(
    db: &DatabaseConnection,
    run: &Model,
    next: &Model,
    found: &[(PermitKind, Uuid, PermitFault)],
) -> Result<(), DbErr> {
    let tx = begin_write(db).await?;
    let moved = ActiveModel {
        finished_at: Set(next.finished_at),
        kind: Set(next.kind),
        after: Set(next.after),
        permits: Set(next.permits),
        findings: Set(next.findings),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(moved)
        .filter(Column::Id.eq(run.id))
        .filter(Column::Permits.eq(run.permits))
        .filter(Column::FinishedAt.is_null())
        .exec(&tx)
        .await?;
    if done.rows_affected == 0 {
        return Ok(());
    }
    for found in found.chunks(AT_ONCE) {
        let rows = found.iter().map(|(kind, record, fault)| {
            finding::ActiveModel::from(finding::Model {
                reconciliation_id: run.id,
                kind: *kind,
                record: *record,
                fault: *fault,
            })
            .reset_all()
        });
        finding::Entity::insert_many(rows)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&tx)
            .await?;
    }
    tx.commit().await
}

/// Up to `limit` findings of the comparison `id`, in the order of kind, record and fault, after `after`.
pub(in crate::credentials) async fn findings(
    db: &impl ConnectionTrait,
    id: ReconciliationId,
    after: Option<(Uuid, PermitFault)>,
    limit: u64,
) -> Result<Vec<finding::Model>, DbErr> {
    let mut query = finding::Entity::find().filter(finding::Column::ReconciliationId.eq(id));
    if let Some((record, fault)) = after {
        let of_record = finding::Column::Record.eq(record);
        let behind = finding::Column::Record
            .gt(record)
            .or(of_record.and(finding::Column::Fault.gt(fault)));
        query = query.filter(behind);
    }
    query
        .order_by_asc(finding::Column::Record)
        .order_by_asc(finding::Column::Fault)
        .limit(limit)
        .all(db)
        .await
}

/// Forget all comparisons but the latest `kept`.
pub(in crate::credentials) async fn forget(
    db: &impl ConnectionTrait,
    kept: u64,
) -> Result<(), DbErr> {
    let old: Vec<ReconciliationId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .order_by_desc(Column::StartedAt)
        .offset(kept)
        .limit(100)
        .into_tuple()
        .all(db)
        .await?;
    for id in old {
        finding::Entity::delete_many()
            .filter(finding::Column::ReconciliationId.eq(id))
            .exec(db)
            .await?;
        Entity::delete_by_id(id).exec(db).await?;
    }
    Ok(())
}
