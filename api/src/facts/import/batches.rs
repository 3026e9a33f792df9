//! Imports and findings as rows.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    import_batch::{self, ImportState},
    import_finding,
    values::{ImportId, StaffId},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, IntoCondition, OnConflict, Query},
};

use super::{
    findings::{FileFlaw, Finding},
    steps::row_of,
};
use crate::platform::db::{delete_some, delete_some_by, inserted};

/// How long one process may work on a chunk before another may take the import over.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(30);

/// Findings of four values that one statement inserts.
const NOTED_AT_ONCE: usize = 4_000;

pub(super) async fn find(
    db: &impl ConnectionTrait,
    id: ImportId,
) -> Result<Option<import_batch::Model>, DbErr> {
    import_batch::Entity::find_by_id(id).one(db).await
}

/// The import of `new`'s file: `new`, or the one that there is.
pub(super) async fn begin(
    db: &impl ConnectionTrait,
    new: import_batch::Model,
) -> Result<import_batch::Model, DbErr> {
    use import_batch::{Column, Entity};
    let file = [Column::Digest, Column::Source, Column::Kind, Column::DryRun];
    let kept = Entity::insert(new.clone().into_active_model().reset_all())
        .on_conflict(OnConflict::columns(file).do_nothing().to_owned())
        .exec_without_returning(db)
        .await;
    inserted(kept)?;
    Entity::find()
        .filter(Column::Digest.eq(new.digest))
        .filter(Column::Source.eq(new.source))
        .filter(Column::Kind.eq(new.kind))
        .filter(Column::DryRun.eq(new.dry_run))
        .one(db)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("import".into()))
}

/// Claim `batch`, if nobody has it at `now`, or whoever may have it with `anyway`.
pub(super) async fn claim(
    db: &impl ConnectionTrait,
    id: ImportId,
    now: DateTime<Utc>,
    anyway: bool,
) -> Result<Option<import_batch::Model>, DbErr> {
    use import_batch::{Column, Entity};
    let free = Condition::any()
        .add(Column::DueAt.lte(now))
        .add(Expr::val(anyway));
    let done = Entity::update_many()
        .col_expr(Column::Claim, Expr::col(Column::Claim).add(1))
        .col_expr(Column::DueAt, Expr::val(now + LEASE))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(ImportState::Waiting))
        .filter(free)
        .exec(db)
        .await?;
    if done.rows_affected == 1 {
        find(db, id).await
    } else {
        Ok(None)
    }
}

/// Those of `ids` that wait for somebody at `now`, the longest first.
pub(super) async fn due(
    db: &impl ConnectionTrait,
    ids: &[ImportId],
    now: DateTime<Utc>,
) -> Result<Vec<ImportId>, DbErr> {
    use import_batch::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::State.eq(ImportState::Waiting))
        .filter(Column::DueAt.lte(now))
        .order_by_asc(Column::DueAt)
        .into_tuple()
        .all(db)
        .await
}

/// Files of a source are counted together for so long: many small ones are one large one.
const TOGETHER: TimeDelta = TimeDelta::hours(24);

/// What other files of the source of `batch`, brought within a day before it, held that speaks against somebody.
/// Those that a second person let go on, and those that were only tried, do not count.
pub(super) async fn positives_beside(
    db: &impl ConnectionTrait,
    batch: &import_batch::Model,
) -> Result<u64, DbErr> {
    use import_batch::{Column, Entity};
    let held: Vec<i64> = Entity::find()
        .select_only()
        .column(Column::Positives)
        .filter(Column::Source.eq(&batch.source))
        .filter(Column::Id.ne(batch.id))
        .filter(Column::CreatedAt.gt(batch.created_at - TOGETHER))
        .filter(Column::CreatedAt.lte(batch.created_at))
        .filter(Column::ReleasedBy.is_null())
        .filter(Column::DryRun.eq(false))
        .filter(Column::Positives.gt(0))
        .into_tuple()
        .all(db)
        .await?;
    Ok(held.into_iter().map(i64::unsigned_abs).sum())
}

/// How many wait or are under way.
pub(super) async fn backlog(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    import_batch::Entity::find()
        .filter(import_batch::Column::State.eq(ImportState::Waiting))
        .count(db)
        .await
}

/// Turn `before` into `after`, unless another process claimed it or moved it since. `true` if this
/// call did.
pub(super) async fn advance(
    db: &impl ConnectionTrait,
    before: &import_batch::Model,
    after: &import_batch::Model,
) -> Result<bool, DbErr> {
    use import_batch::{ActiveModel, Column, Entity};
    let done = Entity::update_many()
        .set(ActiveModel {
            state: Set(after.state),
            due_at: Set(after.due_at),
            next_row: Set(after.next_row),
            next_byte: Set(after.next_byte),
            told_row: Set(after.told_row),
            told_byte: Set(after.told_byte),
            total_rows: Set(after.total_rows),
            applied: Set(after.applied),
            repeated: Set(after.repeated),
            refused: Set(after.refused),
            positives: Set(after.positives),
            problem: Set(after.problem.clone()),
            finished_at: Set(after.finished_at),
            ..Default::default()
        })
        .filter(Column::Id.eq(before.id))
        .filter(Column::Claim.eq(before.claim))
        .filter(Column::NextRow.eq(before.next_row))
        .filter(Column::State.eq(ImportState::Waiting))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Let a quarantined import go on, as `by` decides. `true` if this call did. What was found in the
/// rows that it stopped at is found again.
pub(super) async fn release(
    db: &impl ConnectionTrait,
    batch: &import_batch::Model,
    by: StaffId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    use import_batch::{ActiveModel, Column, Entity};
    let done = Entity::update_many()
        .set(ActiveModel {
            state: Set(ImportState::Waiting),
            released_by: Set(Some(by)),
            due_at: Set(now),
            problem: Set(None),
            ..Default::default()
        })
        .filter(Column::Id.eq(batch.id))
        .filter(Column::State.eq(ImportState::Quarantined))
        .exec(db)
        .await?;
    if done.rows_affected != 1 {
        return Ok(false);
    }
    import_finding::Entity::delete_many()
        .filter(import_finding::Column::ImportId.eq(batch.id))
        .filter(import_finding::Column::Line.gt(batch.next_row))
        .exec(db)
        .await?;
    Ok(true)
}

/// Note what was found.
pub(super) async fn note(
    db: &impl ConnectionTrait,
    import: ImportId,
    findings: &[Finding],
) -> Result<(), DbErr> {
    for some in findings.chunks(NOTED_AT_ONCE) {
        let rows = some
            .iter()
            .map(|finding| row_of(import, finding).into_active_model().reset_all());
        import_finding::Entity::insert_many(rows)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Up to `most` findings behind line `after`, in the order of the file.
pub(super) async fn findings(
    db: &impl ConnectionTrait,
    import: ImportId,
    after: i64,
    most: u64,
) -> Result<Vec<import_finding::Model>, DbErr> {
    use import_finding::{Column, Entity};
    Entity::find()
        .filter(Column::ImportId.eq(import))
        .filter(Column::Line.gt(after))
        .order_by_asc(Column::Line)
        .limit(most)
        .all(db)
        .await
}

/// A new import of a file.
pub(super) fn new(
    id: ImportId,
    file: ([u8; 32], &str, String, bool),
    brought_by: Option<StaffId>,
    now: DateTime<Utc>,
) -> import_batch::Model {
    let (digest, source, kind, dry_run) = file;
    import_batch::Model {
        id,
        digest: digest.to_vec(),
        source: source.to_owned(),
        kind,
        dry_run,
        state: ImportState::Waiting,
        brought_by,
        released_by: None,
        created_at: now,
        due_at: now,
        claim: 0,
        next_row: 0,
        next_byte: 0,
        told_row: 0,
        told_byte: 0,
        total_rows: None,
        applied: 0,
        repeated: 0,
        refused: 0,
        positives: 0,
        problem: None,
        finished_at: None,
    }
}

/// `batch` as it ends with `flaw`, or stops with it.
pub(super) fn ended(
    batch: &import_batch::Model,
    state: ImportState,
    flaw: Option<FileFlaw>,
    now: DateTime<Utc>,
) -> import_batch::Model {
    import_batch::Model {
        state,
        problem: flaw.map(|flaw| flaw.code().to_owned()),
        due_at: now,
        finished_at: (state != ImportState::Quarantined).then_some(now),
        ..batch.clone()
    }
}

/// Forget up to `most` findings in files that were finished before `before`.
pub(super) async fn forget_findings(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    use import_finding::{Column, Entity};
    let finished = import_batch::Entity::find()
        .select_only()
        .column(import_batch::Column::Id)
        .filter(import_batch::Column::FinishedAt.lt(before))
        .into_query();
    let old = Column::ImportId.in_subquery(finished).into_condition();
    let key = [Column::ImportId, Column::Line];
    delete_some_by::<Entity>(db, &key, old, most).await
}

/// Forget up to `most` files that were finished before `before`, and in which nothing is left that was found.
pub(super) async fn forget(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    use import_batch::{Column, Entity};
    let found = Query::select()
        .expr(Expr::val(1))
        .from(import_finding::Entity)
        .and_where(
            Expr::col((import_finding::Entity, import_finding::Column::ImportId))
                .equals((Entity, Column::Id)),
        )
        .take();
    let old = Column::FinishedAt
        .lt(before)
        .into_condition()
        .add(Expr::not_exists(found));
    delete_some::<Entity>(db, Column::Id, old, most).await
}
