//! The log as rows.

use chrono::{DateTime, Utc};
use entity::{log_checkpoint, log_cosignature, log_entry, log_head, log_leaf, log_tile};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::tree::FullTile;

/// The one row of the head.
const HEAD: i64 = 1;

/// Since when the leaf waits that has waited longest, if one waits.
pub(super) async fn waiting_since(
    db: &impl ConnectionTrait,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let first = log_leaf::Entity::find()
        .select_only()
        .column(log_leaf::Column::At)
        .order_by_asc(log_leaf::Column::At)
        .order_by_asc(log_leaf::Column::Id);
    first.into_tuple().one(db).await
}

/// Up to `most` leaves that wait, the first recorded first.
pub(super) async fn waiting(
    db: &impl ConnectionTrait,
    most: u64,
) -> Result<Vec<log_leaf::Model>, DbErr> {
    log_leaf::Entity::find()
        .order_by_asc(log_leaf::Column::At)
        .order_by_asc(log_leaf::Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Of `ids`, the leaves that wait.
pub(super) async fn waiting_of(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<log_leaf::Model>, DbErr> {
    let named = log_leaf::Column::Id.is_in(ids);
    log_leaf::Entity::find().filter(named).all(db).await
}

/// The head, which nobody else moves until the end of the transaction.
pub(super) async fn hold_head(db: &impl ConnectionTrait) -> Result<log_head::Model, DbErr> {
    let head = log_head::Entity::find_by_id(HEAD).lock_exclusive();
    head.one(db).await?.ok_or_else(no_head)
}

/// The head.
pub(super) async fn head(db: &impl ConnectionTrait) -> Result<log_head::Model, DbErr> {
    let head = log_head::Entity::find_by_id(HEAD).one(db).await?;
    head.ok_or_else(no_head)
}

fn no_head() -> DbErr {
    DbErr::RecordNotFound("the head of the log".into())
}

/// Move the head.
pub(super) async fn move_head(
    db: &impl ConnectionTrait,
    to: &log_head::Model,
) -> Result<(), DbErr> {
    log_head::Entity::update_many()
        .set(log_head::ActiveModel {
            size: Set(to.size),
            root: Set(to.root.clone()),
            ..Default::default()
        })
        .filter(log_head::Column::Id.eq(to.id))
        .exec(db)
        .await
        .map(drop)
}

/// Give `leaves` the places from `first` on. They wait no more.
pub(super) async fn place(
    db: &impl ConnectionTrait,
    first: i64,
    leaves: Vec<log_leaf::Model>,
) -> Result<(), DbErr> {
    if leaves.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = leaves.iter().map(|leaf| leaf.id).collect();
    let entries = (first..).zip(leaves).map(|(position, leaf)| {
        log_entry::ActiveModel::from(log_entry::Model {
            position,
            audit_id: leaf.id,
            at: leaf.at,
            commitment: leaf.commitment,
            subject_id: leaf.subject_id,
            content: leaf.content,
        })
        .reset_all()
    });
    log_entry::Entity::insert_many(entries)
        .exec_without_returning(db)
        .await?;
    log_leaf::Entity::delete_many()
        .filter(log_leaf::Column::Id.is_in(ids))
        .exec(db)
        .await
        .map(drop)
}

/// Keep tiles that are full.
pub(super) async fn fill(db: &impl ConnectionTrait, tiles: Vec<FullTile>) -> Result<(), DbErr> {
    if tiles.is_empty() {
        return Ok(());
    }
    let rows = tiles.into_iter().map(|tile| {
        log_tile::ActiveModel::from(log_tile::Model {
            level: tile.at.level.into(),
            position: tile.at.index.cast_signed(),
            hashes: tile.hashes.concat(),
            root: tile.root.to_vec(),
        })
        .reset_all()
    });
    log_tile::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Keep a signed checkpoint, in place of one of the same tree that another key signed.
pub(super) async fn sign(
    db: &impl ConnectionTrait,
    signed: log_checkpoint::Model,
) -> Result<(), DbErr> {
    use log_checkpoint::{ActiveModel, Column, Entity};
    Entity::insert(ActiveModel::from(signed).reset_all())
        .on_conflict(
            OnConflict::column(Column::Size)
                .update_columns([Column::Note, Column::Kid, Column::At])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The newest checkpoint.
pub(super) async fn newest_checkpoint(
    db: &impl ConnectionTrait,
) -> Result<Option<log_checkpoint::Model>, DbErr> {
    log_checkpoint::Entity::find()
        .order_by_desc(log_checkpoint::Column::Size)
        .one(db)
        .await
}

/// The checkpoint of the tree of `size` leaves.
pub(super) async fn checkpoint(
    db: &impl ConnectionTrait,
    size: i64,
) -> Result<Option<log_checkpoint::Model>, DbErr> {
    log_checkpoint::Entity::find_by_id(size).one(db).await
}

/// The newest checkpoint that `quorum` of those named `witnesses` signed.
pub(super) async fn newest_witnessed(
    db: &impl ConnectionTrait,
    witnesses: &[&str],
    quorum: usize,
) -> Result<Option<log_checkpoint::Model>, DbErr> {
    use log_cosignature::{Column, Entity};
    let signed = Column::Witness.into_expr().count();
    let size: Option<i64> = Entity::find()
        .select_only()
        .column(Column::Size)
        .filter(Column::Witness.is_in(witnesses.iter().copied()))
        .group_by(Column::Size)
        .having(signed.gte(i64::try_from(quorum).unwrap_or(i64::MAX)))
        .order_by_desc(Column::Size)
        .into_tuple()
        .one(db)
        .await?;
    match size {
        Some(size) => checkpoint(db, size).await,
        None => Ok(None),
    }
}

/// Checkpoints of trees of up to `up_to` leaves, the smallest first.
pub(super) async fn checkpoints(
    db: &impl ConnectionTrait,
    up_to: i64,
) -> Result<Vec<log_checkpoint::Model>, DbErr> {
    log_checkpoint::Entity::find()
        .filter(log_checkpoint::Column::Size.lte(up_to))
        .order_by_asc(log_checkpoint::Column::Size)
        .all(db)
        .await
}

/// The leaves from the place `from` on, `most` at the most.
pub(super) async fn entries(
    db: &impl ConnectionTrait,
    from: u64,
    most: u64,
) -> Result<Vec<log_entry::Model>, DbErr> {
    use log_entry::{Column, Entity};
    Entity::find()
        .filter(Column::Position.gte(from.cast_signed()))
        .filter(Column::Position.lt(from.saturating_add(most).cast_signed()))
        .order_by_asc(Column::Position)
        .all(db)
        .await
}

/// What the leaves from the place `from` on hold, `most` at the most.
pub(super) async fn commitments(
    db: &impl ConnectionTrait,
    from: u64,
    most: u64,
) -> Result<Vec<Vec<u8>>, DbErr> {
    use log_entry::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Commitment)
        .filter(Column::Position.gte(from.cast_signed()))
        .filter(Column::Position.lt(from.saturating_add(most).cast_signed()))
        .order_by_asc(Column::Position)
        .into_tuple()
        .all(db)
        .await
}

/// Of the entries of the audit log named `ids`, those that have a place.
pub(super) async fn placed_of(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<Uuid>, DbErr> {
    use log_entry::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::AuditId)
        .filter(Column::AuditId.is_in(ids))
        .into_tuple()
        .all(db)
        .await
}

/// The leaves below the place `before` that are `subject`'s to see, the last first.
pub(super) async fn of_subject(
    db: &impl ConnectionTrait,
    subject: Uuid,
    before: i64,
    most: u64,
) -> Result<Vec<log_entry::Model>, DbErr> {
    use log_entry::{Column, Entity};
    Entity::find()
        .filter(Column::SubjectId.eq(subject))
        .filter(Column::Position.lt(before))
        .order_by_desc(Column::Position)
        .limit(most)
        .all(db)
        .await
}

/// The leaf of the entry `audit_id` if it lies below the place `before` and is nobody's in particular to see.
pub(super) async fn everybodys(
    db: &impl ConnectionTrait,
    audit_id: Uuid,
    before: i64,
) -> Result<Option<log_entry::Model>, DbErr> {
    use log_entry::{Column, Entity};
    Entity::find()
        .filter(Column::AuditId.eq(audit_id))
        .filter(Column::SubjectId.is_null())
        .filter(Column::Content.is_not_null())
        .filter(Column::Position.lt(before))
        .one(db)
        .await
}

/// A full tile.
pub(super) async fn tile(
    db: &impl ConnectionTrait,
    level: u32,
    index: u64,
) -> Result<Option<log_tile::Model>, DbErr> {
    let key = (i64::from(level), index.cast_signed());
    log_tile::Entity::find_by_id(key).one(db).await
}

/// What the full tiles of `level` hash to, from the place `from` on, `most` at the most.
pub(super) async fn roots(
    db: &impl ConnectionTrait,
    level: u32,
    from: u64,
    most: u64,
) -> Result<Vec<Vec<u8>>, DbErr> {
    use log_tile::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Root)
        .filter(Column::Level.eq(i64::from(level)))
        .filter(Column::Position.gte(from.cast_signed()))
        .filter(Column::Position.lt(from.saturating_add(most).cast_signed()))
        .order_by_asc(Column::Position)
        .into_tuple()
        .all(db)
        .await
}

/// What witnesses signed of the tree of `size`.
pub(super) async fn cosignatures(
    db: &impl ConnectionTrait,
    size: i64,
) -> Result<Vec<log_cosignature::Model>, DbErr> {
    log_cosignature::Entity::find()
        .filter(log_cosignature::Column::Size.eq(size))
        .order_by_asc(log_cosignature::Column::Witness)
        .all(db)
        .await
}

/// The latest checkpoint that `witness` signed.
pub(super) async fn last_of_witness(
    db: &impl ConnectionTrait,
    witness: &str,
) -> Result<Option<log_cosignature::Model>, DbErr> {
    log_cosignature::Entity::find()
        .filter(log_cosignature::Column::Witness.eq(witness))
        .order_by_desc(log_cosignature::Column::Size)
        .one(db)
        .await
}

/// Keep what a witness signed, in place of what they signed of the same tree before.
pub(super) async fn cosign(
    db: &impl ConnectionTrait,
    signed: log_cosignature::Model,
) -> Result<(), DbErr> {
    use log_cosignature::{ActiveModel, Column, Entity};
    Entity::insert(ActiveModel::from(signed).reset_all())
        .on_conflict(
            OnConflict::columns([Column::Size, Column::Witness])
                .update_columns([Column::SignedAt, Column::Signature, Column::At])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Forget checkpoints of sizes below `kept` that were signed before `before`, with what witnesses signed of them.
/// Returns how many.
pub(super) async fn forget(
    db: &impl ConnectionTrait,
    kept: i64,
    before: DateTime<Utc>,
) -> Result<u64, DbErr> {
    use log_checkpoint::{Column, Entity};
    let gone = Entity::delete_many()
        .filter(Column::Size.lt(kept))
        .filter(Column::At.lt(before))
        .exec(db)
        .await?;
    let left = Entity::find()
        .select_only()
        .column(Column::Size)
        .into_query();
    log_cosignature::Entity::delete_many()
        .filter(log_cosignature::Column::Size.lt(kept))
        .filter(Expr::col(log_cosignature::Column::Size).not_in_subquery(left))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}
