//! Accounts.

use chrono::{DateTime, Utc};
use entity::{
    staff_account::{ActiveModel, Column, Entity, Model},
    values::{Division, StaffId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::platform::db::lies_within;

pub(in crate::staff) async fn insert(
    db: &impl ConnectionTrait,
    account: Model,
) -> Result<(), DbErr> {
    Entity::insert(account.into_active_model())
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(in crate::staff) async fn find(
    db: &impl ConnectionTrait,
    id: StaffId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// An account in one of `regions`.
pub(in crate::staff) async fn find_within(
    db: &impl ConnectionTrait,
    id: StaffId,
    regions: &[&Division],
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id)
        .filter(lies_within(Column::Division, regions))
        .one(db)
        .await
}

/// An account, kept from changing until the transaction ends. Log-ins, suspensions and approvals of
/// one account thus take turns.
pub(in crate::staff) async fn lock(
    db: &impl ConnectionTrait,
    id: StaffId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

pub(in crate::staff) async fn with_handle(
    db: &impl ConnectionTrait,
    handle: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Handle.eq(handle))
        .one(db)
        .await
}

/// Who may enrol with a secret at `now`.
pub(in crate::staff) async fn enrolling(
    db: &impl ConnectionTrait,
    digest: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::EnrolmentDigest.eq(digest))
        .filter(Column::EnrolmentUntil.gt(now))
        .filter(Column::SuspendedAt.is_null())
        .one(db)
        .await
}

/// Spend an enrolment secret. `true` if this call spent it.
pub(in crate::staff) async fn enrol(
    db: &impl ConnectionTrait,
    id: StaffId,
    digest: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            enrolment_digest: Set(None),
            enrolled_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::EnrolmentDigest.eq(digest))
        .filter(Column::SuspendedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Suspend an account, or reinstate it. `true` if that changed anything.
pub(in crate::staff) async fn set_suspended(
    db: &impl ConnectionTrait,
    id: StaffId,
    suspended_at: Option<DateTime<Utc>>,
) -> Result<bool, DbErr> {
    let before = match suspended_at {
        Some(_) => Column::SuspendedAt.is_null(),
        None => Column::SuspendedAt.is_not_null(),
    };
    let done = Entity::update_many()
        .set(ActiveModel {
            suspended_at: Set(suspended_at),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(before)
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Up to `most` accounts in `regions`, the latest invited first, after the one that `after` names.
pub(in crate::staff) async fn page(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    after: Option<(DateTime<Utc>, StaffId)>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let after = after.map_or_else(Condition::all, |(at, id)| {
        let same = Condition::all()
            .add(Column::InvitedAt.eq(at))
            .add(Column::Id.lt(id));
        Condition::any().add(Column::InvitedAt.lt(at)).add(same)
    });
    Entity::find()
        .filter(lies_within(Column::Division, regions))
        .filter(after)
        .order_by_desc(Column::InvitedAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Those of `accounts` that exist.
pub(in crate::staff) async fn among(
    db: &impl ConnectionTrait,
    accounts: Vec<StaffId>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Id.is_in(accounts))
        .all(db)
        .await
}

/// Those among `accounts` who can log in at `now`, or may still enrol.
pub(in crate::staff) async fn able(
    db: &impl ConnectionTrait,
    accounts: Vec<StaffId>,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Id.is_in(accounts))
        .filter(Column::SuspendedAt.is_null())
        .filter(
            Condition::any()
                .add(Column::EnrolledAt.is_not_null())
                .add(Column::EnrolmentUntil.gt(now)),
        )
        .all(db)
        .await
}
