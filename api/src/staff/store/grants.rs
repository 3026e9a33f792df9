//! Grants.

use chrono::{DateTime, Utc};
use entity::{
    staff_account,
    staff_grant::{ActiveModel, Column, Entity, Model},
    values::{Division, GrantId, Role, StaffId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use crate::platform::db::lies_within;

pub(in crate::staff) async fn insert(db: &impl ConnectionTrait, grant: Model) -> Result<(), DbErr> {
    Entity::insert(grant.into_active_model())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// A grant for one of `regions`.
pub(in crate::staff) async fn find_within(
    db: &impl ConnectionTrait,
    id: GrantId,
    regions: &[&Division],
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id)
        .filter(lies_within(Column::Division, regions))
        .one(db)
        .await
}

/// Whether one of two people requested or approved what the other was to be, ever.
pub(in crate::staff) async fn any_between(
    db: &impl ConnectionTrait,
    one: StaffId,
    other: StaffId,
) -> Result<bool, DbErr> {
    let given = |to: StaffId, by: StaffId| {
        let gave = Condition::any()
            .add(Column::RequestedBy.eq(by))
            .add(Column::ApprovedBy.eq(by));
        Condition::all().add(Column::AccountId.eq(to)).add(gave)
    };
    let between = Condition::any()
        .add(given(one, other))
        .add(given(other, one));
    let found = Entity::find().filter(between).one(db).await?;
    Ok(found.is_some())
}

/// What was given to somebody and not taken back.
fn given() -> Select<Entity> {
    Entity::find()
        .filter(Column::ApprovedAt.is_not_null())
        .filter(Column::RevokedAt.is_null())
}

/// What holds at `now`.
pub(super) fn holding(now: DateTime<Utc>) -> Select<Entity> {
    given()
        .filter(Column::StartsAt.lte(now))
        .filter(Column::EndsAt.gt(now))
}

/// What somebody may be at `now`.
pub(in crate::staff) async fn in_force(
    db: &impl ConnectionTrait,
    account: StaffId,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    holding(now)
        .filter(Column::AccountId.eq(account))
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// What those of `accounts` may be at `now` who are not suspended.
pub(in crate::staff) async fn in_force_of(
    db: &impl ConnectionTrait,
    accounts: Vec<StaffId>,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    let suspended = staff_account::Entity::find()
        .select_only()
        .column(staff_account::Column::Id)
        .filter(staff_account::Column::SuspendedAt.is_not_null())
        .filter(staff_account::Column::Id.is_in(accounts.clone()))
        .into_query();
    holding(now)
        .filter(Column::AccountId.is_in(accounts))
        .filter(Column::AccountId.not_in_subquery(suspended))
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// What `accounts` were allowed to be at any time after `since`.
pub(in crate::staff) async fn held_since(
    db: &impl ConnectionTrait,
    accounts: &[StaffId],
    since: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    let taken_back_later = Condition::any()
        .add(Column::RevokedAt.is_null())
        .add(Column::RevokedAt.gt(since));
    Entity::find()
        .filter(Column::ApprovedAt.is_not_null())
        .filter(Column::AccountId.is_in(accounts.iter().copied()))
        .filter(Column::EndsAt.gt(since))
        .filter(taken_back_later)
        .all(db)
        .await
}

/// What somebody may be after `now`: what holds, and what will.
pub(in crate::staff) async fn to_come(
    db: &impl ConnectionTrait,
    account: StaffId,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    given()
        .filter(Column::AccountId.eq(account))
        .filter(Column::EndsAt.gt(now))
        .all(db)
        .await
}

/// Who holds `role` at `now` in all of one of `divisions`.
pub(in crate::staff) async fn holders(
    db: &impl ConnectionTrait,
    role: Role,
    divisions: Vec<Division>,
    now: DateTime<Utc>,
) -> Result<Vec<StaffId>, DbErr> {
    holding(now)
        .select_only()
        .column(Column::AccountId)
        .filter(Column::Role.eq(role))
        .filter(Column::Division.is_in(divisions))
        .filter(Column::Community.is_null())
        .into_tuple()
        .all(db)
        .await
}

/// Approve a grant, unless it was approved or taken back before. `true` if this call approved it.
pub(in crate::staff) async fn approve(
    db: &impl ConnectionTrait,
    id: GrantId,
    by: StaffId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            approved_by: Set(Some(by)),
            approved_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::ApprovedAt.is_null())
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Take a grant back, unless it was before. `true` if this call did.
pub(in crate::staff) async fn revoke(
    db: &impl ConnectionTrait,
    id: GrantId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            revoked_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Up to `most` grants for `regions`, the latest requested first, after the one that `after` names.
pub(in crate::staff) async fn page(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    after: Option<(DateTime<Utc>, GrantId)>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let after = after.map_or_else(Condition::all, |(at, id)| {
        let same = Condition::all()
            .add(Column::RequestedAt.eq(at))
            .add(Column::Id.lt(id));
        Condition::any().add(Column::RequestedAt.lt(at)).add(same)
    });
    Entity::find()
        .filter(lies_within(Column::Division, regions))
        .filter(after)
        .order_by_desc(Column::RequestedAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}
