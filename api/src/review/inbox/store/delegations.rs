//! Who stands in for whom.

use chrono::{DateTime, Utc};
use entity::{
    review_delegation::{ActiveModel, Column, Entity, Model},
    values::{DelegationId, StaffId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::Since;

/// Where a page begins, after `row`.
pub(in super::super) fn since(row: &Model) -> Since {
    Since {
        at: row.made_at,
        id: row.id.0,
        turn: 0,
    }
}

pub(in super::super) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Those whose time it is at `now` in which `account` stands in, the oldest first.
pub(in super::super) async fn to(
    db: &impl ConnectionTrait,
    account: StaffId,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::ToAccountId.eq(account))
        .filter(Column::EndedAt.is_null())
        .filter(Column::StartsAt.lte(now))
        .filter(Column::EndsAt.gt(now))
        .order_by_asc(Column::MadeAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// One in which `account` is away or stands in.
pub(in super::super) async fn find(
    db: &impl ConnectionTrait,
    id: DelegationId,
    account: StaffId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).filter(of(account)).one(db).await
}

fn of(account: StaffId) -> Condition {
    Condition::any()
        .add(Column::FromAccountId.eq(account))
        .add(Column::ToAccountId.eq(account))
}

/// Up to `most` of those in which `account` is away or stands in, the latest first, after `after`.
pub(in super::super) async fn page(
    db: &impl ConnectionTrait,
    account: StaffId,
    after: Option<Since>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let older = after.map(|Since { at, id, .. }| {
        let same = Condition::all()
            .add(Column::MadeAt.eq(at))
            .add(Column::Id.lt(id));
        Condition::any().add(Column::MadeAt.lt(at)).add(same)
    });
    Entity::find()
        .filter(of(account))
        .filter(Condition::all().add_option(older))
        .order_by_desc(Column::MadeAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// End one before its time. `true` if this call ended it.
pub(in super::super) async fn end(
    db: &impl ConnectionTrait,
    id: DelegationId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let ended = ActiveModel {
        ended_at: Set(Some(now)),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(ended)
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null())
        .filter(Column::EndsAt.gt(now))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
