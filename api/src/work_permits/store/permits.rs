//! Workers and their permits.

mod lists;

use chrono::{DateTime, Utc};
use entity::{
    values::{
        Authentication, CaseOutcome, Division, PersonId, StatusIndex, WorkBatchId, WorkEnding,
        WorkFormId, WorkPermitId,
    },
    work_permit::{ActiveModel, Column, Entity, Model},
    work_serial,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};

pub(in crate::work_permits) use lists::*;

/// Rows in one statement.
const AT_ONCE: usize = 500;

/// Keep workers of a form: those whom nobody asks for meanwhile. How many were kept.
pub(in crate::work_permits) async fn insert(
    db: &impl ConnectionTrait,
    rows: Vec<Model>,
) -> Result<u64, DbErr> {
    let mut kept = 0;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk = rows.by_ref().take(AT_ONCE);
        let chunk: Vec<ActiveModel> = chunk
            .map(|row| row.into_active_model().reset_all())
            .collect();
        let held = OnConflict::column(Column::HeldByWorker)
            .do_nothing()
            .to_owned();
        let inserted = Entity::insert_many(chunk).on_conflict(held);
        kept += match inserted.exec_without_returning(db).await {
            Err(DbErr::RecordNotInserted) => 0,
            other => other?,
        };
    }
    Ok(kept)
}

pub(in crate::work_permits) async fn find(
    db: &impl ConnectionTrait,
    id: WorkPermitId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The workers with these indexes whom somebody asks for, or who hold a permit.
pub(in crate::work_permits) async fn held(
    db: &impl ConnectionTrait,
    indexes: Vec<Vec<u8>>,
) -> Result<Vec<Model>, DbErr> {
    let mut found = Vec::new();
    for chunk in indexes.chunks(AT_ONCE) {
        let these = Column::HeldByWorker.is_in(chunk.iter().map(Vec::as_slice));
        found.extend(Entity::find().filter(these).all(db).await?);
    }
    Ok(found)
}

async fn set(
    db: &impl ConnectionTrait,
    id: WorkPermitId,
    values: ActiveModel,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(values)
        .filter(Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}

/// Somebody is known to be the worker, and the case is opened. `true` unless it was before.
pub(in crate::work_permits) async fn open(
    db: &impl ConnectionTrait,
    id: WorkPermitId,
    person: PersonId,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            person_id: Set(Some(person)),
            opened_at: Set(Some(at)),
            due_at: Set(None),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::OpenedAt.is_null())
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Somebody has to look at it at `due_at`.
pub(in crate::work_permits) async fn look_at(
    db: &impl ConnectionTrait,
    id: WorkPermitId,
    due_at: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    let values = ActiveModel {
        due_at: Set(due_at),
        ..Default::default()
    };
    set(db, id, values).await
}

/// What was found of `seen` is `found`. `false` if somebody looked at it meanwhile, or ended it.
pub(in crate::work_permits) async fn looked_after(
    db: &impl ConnectionTrait,
    seen: &Model,
    found: ActiveModel,
) -> Result<bool, DbErr> {
    let as_it_was = match seen.due_at {
        Some(at) => Column::DueAt.eq(at),
        None => Column::DueAt.is_null(),
    };
    let done = Entity::update_many()
        .set(found)
        .filter(Column::Id.eq(seen.id))
        .filter(as_it_was)
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Somebody has to look at the permits of `person` that are in their days at `now`.
pub(in crate::work_permits) async fn look_now(
    tx: &impl ConnectionTrait,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel {
            due_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(Column::PersonId.eq(person))
        .filter(Column::ValidUntil.gt(now))
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await
        .map(drop)
}

/// Somebody has to look at each of `ids` at `due_at`.
pub(in crate::work_permits) async fn look_at_all(
    db: &impl ConnectionTrait,
    ids: Vec<WorkPermitId>,
    due_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .set(ActiveModel {
            due_at: Set(Some(due_at)),
            ..Default::default()
        })
        .filter(Column::Id.is_in(ids))
        .filter(Column::OpenedAt.is_null())
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await
        .map(drop)
}

/// The return is public from now on.
pub(in crate::work_permits) async fn publish(
    db: &impl ConnectionTrait,
    id: WorkPermitId,
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    let values = ActiveModel {
        public_from: Set(Some(from)),
        public_until: Set(until),
        ..Default::default()
    };
    set(db, id, values).await
}

/// The case is over, and nothing came of it: the worker may be asked for again.
pub(in crate::work_permits) async fn close(
    db: &impl ConnectionTrait,
    id: WorkPermitId,
    outcome: CaseOutcome,
    at: DateTime<Utc>,
    forgotten_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let values = ActiveModel {
        outcome: Set(Some(outcome)),
        closed_at: Set(Some(at)),
        held_by_worker: Set(None),
        due_at: Set(Some(forgotten_at)),
        ..Default::default()
    };
    set(db, id, values).await
}

/// What was granted.
#[derive(Debug, Clone)]
pub(in crate::work_permits) struct Granted {
    pub(in crate::work_permits) outcome: CaseOutcome,
    pub(in crate::work_permits) at: DateTime<Utc>,
    pub(in crate::work_permits) number: String,
    pub(in crate::work_permits) place: StatusIndex,
    pub(in crate::work_permits) until: DateTime<Utc>,
    pub(in crate::work_permits) due_at: DateTime<Utc>,
}

/// The case is over, and the worker holds a permit.
pub(in crate::work_permits) async fn grant(
    db: &impl ConnectionTrait,
    id: WorkPermitId,
    granted: Granted,
) -> Result<(), DbErr> {
    let values = ActiveModel {
        outcome: Set(Some(granted.outcome)),
        closed_at: Set(Some(granted.at)),
        number: Set(Some(granted.number)),
        status_index: Set(Some(granted.place)),
        valid_from: Set(Some(granted.at)),
        valid_until: Set(Some(granted.until)),
        due_at: Set(Some(granted.due_at)),
        ..Default::default()
    };
    set(db, id, values).await
}

/// It is over before its time, or was never granted. `true` unless it was over.
pub(in crate::work_permits) async fn end(
    db: &impl ConnectionTrait,
    id: WorkPermitId,
    ending: WorkEnding,
    at: DateTime<Utc>,
    forgotten_at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            ended_at: Set(Some(at)),
            ending: Set(Some(ending)),
            held_by_worker: Set(None),
            due_at: Set(Some(forgotten_at)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// The worker may be asked for again, and `due_at` is when what the form says is forgotten.
pub(in crate::work_permits) async fn let_go(
    db: &impl ConnectionTrait,
    id: WorkPermitId,
    due_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let values = ActiveModel {
        held_by_worker: Set(None),
        due_at: Set(Some(due_at)),
        ..Default::default()
    };
    set(db, id, values).await
}

/// What the form says of the worker is needed no more.
pub(in crate::work_permits) async fn forget(
    db: &impl ConnectionTrait,
    id: WorkPermitId,
) -> Result<(), DbErr> {
    let values = ActiveModel {
        content: Set(None),
        due_at: Set(None),
        ..Default::default()
    };
    set(db, id, values).await
}

/// The worker goes with `batch`. `true` unless they went with another.
pub(in crate::work_permits) async fn gather(
    db: &impl ConnectionTrait,
    ids: &[WorkPermitId],
    batch: WorkBatchId,
) -> Result<u64, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            batch_id: Set(Some(batch)),
            ..Default::default()
        })
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::BatchId.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}

/// What the data centre says of a worker of `batch`. `true` if nothing was said of them before.
pub(in crate::work_permits) async fn authenticate(
    db: &impl ConnectionTrait,
    id: WorkPermitId,
    batch: WorkBatchId,
    what: Authentication,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            authentication: Set(Some(what)),
            authenticated_at: Set(Some(at)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::BatchId.eq(batch))
        .filter(Column::Authentication.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// The next number of `division`, which nobody else has.
pub(in crate::work_permits) async fn next_serial(
    tx: &impl ConnectionTrait,
    division: &Division,
) -> Result<i64, DbErr> {
    use work_serial::{ActiveModel, Column, Entity};
    let first = ActiveModel {
        division: Set(division.clone()),
        last: Set(0),
    };
    let known = OnConflict::column(Column::Division).do_nothing().to_owned();
    Entity::insert(first)
        .on_conflict(known)
        .exec_without_returning(tx)
        .await?;
    Entity::update_many()
        .col_expr(Column::Last, Expr::col(Column::Last).add(1))
        .filter(Column::Division.eq(division.clone()))
        .exec(tx)
        .await?;
    let row = Entity::find_by_id(division.clone()).one(tx).await?;
    row.map(|row| row.last)
        .ok_or_else(|| DbErr::RecordNotFound("work_serial".into()))
}

/// The workers of `form` behind `line`, in order.
pub(in crate::work_permits) async fn of_form(
    db: &impl ConnectionTrait,
    form: WorkFormId,
    line: i64,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::FormId.eq(form))
        .filter(Column::Line.gt(line))
        .order_by_asc(Column::Line)
        .limit(most)
        .all(db)
        .await
}
