//! The outbox as rows: what waits, whose turn it is, and who claims it. Whatever changes a row tests in
//! the same statement that nobody changed it meanwhile, so of two nodes one wins.

use chrono::{DateTime, Utc};
use entity::{
    notification::{ActiveModel, Column, Entity, Model},
    values::{NotificationId, NotificationState, PersonId},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, UpdateMany,
    sea_query::{Alias, Expr, LockBehavior, LockType, OnConflict, Query, SelectStatement},
};

use super::super::message::prompt;
use crate::platform::db::inserted;

/// Write `row`, unless the person was told of its key. `true` if this call did.
pub(in crate::notifications) async fn insert(
    tx: &impl ConnectionTrait,
    row: Model,
) -> Result<bool, DbErr> {
    let once = OnConflict::columns([Column::PersonId, Column::Key])
        .do_nothing()
        .to_owned();
    let insert = Entity::insert(ActiveModel::from(row).reset_all()).on_conflict(once);
    inserted(insert.exec_without_returning(tx).await)
}

/// The newest id of `person`'s notifications.
pub(in crate::notifications) async fn newest_id(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<NotificationId>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PersonId.eq(person))
        .order_by_desc(Column::Id)
        .into_tuple()
        .one(db)
        .await
}

/// When the last one of `person` that waits, and is no reminder, should go out.
pub(in crate::notifications) async fn last_in_line(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::NotBefore)
        .filter(Column::PersonId.eq(person))
        .filter(Column::State.eq(NotificationState::Waiting))
        .filter(Column::Kind.is_in(prompt()))
        .order_by_desc(Column::NotBefore)
        .into_tuple()
        .one(db)
        .await
}

/// Withdraw what waits under `key`.
pub(in crate::notifications) async fn withdraw(
    tx: &impl ConnectionTrait,
    person: PersonId,
    key: &str,
    outcome: &str,
) -> Result<bool, DbErr> {
    let withdrawn = ActiveModel {
        state: Set(NotificationState::Withdrawn),
        outcome: Set(Some(outcome.to_owned())),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(withdrawn)
        .filter(Column::PersonId.eq(person))
        .filter(Column::Key.eq(key))
        .filter(Column::State.eq(NotificationState::Waiting))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// The people who were told of `key`, for a query to leave out.
pub(in crate::notifications) fn told(key: &str) -> SelectStatement {
    Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::Key.eq(key))
        .into_query()
}

/// What is due at `now` and whose turn it is: nothing of the same person, that should go out before,
/// waits. Reminders come last, and hold up nothing but reminders; else longest waiting first.
pub(in crate::notifications) async fn due(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut found = turn(tx, now, most, Column::Kind.is_in(prompt())).await?;
    let left = most.saturating_sub(u64::try_from(found.len()).unwrap_or(most));
    if left > 0 {
        let reminders = Column::Kind.is_not_in(prompt());
        found.extend(turn(tx, now, left, reminders).await?);
    }
    Ok(found)
}

async fn turn(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
    kinds: Expr,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::State.eq(NotificationState::Waiting))
        .filter(Column::DueAt.lte(now))
        .filter(kinds)
        .filter(Expr::exists(earlier()).not())
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id)
        .limit(most)
        // Spares PostgreSQL the rows that another node is claiming; what settles it is the `UPDATE`.
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx)
        .await
}

/// What waits of the same person, and should go out before.
fn earlier() -> SelectStatement {
    let other = Alias::new("earlier");
    let theirs = |column: Column| Expr::col((other.clone(), column));
    let own = |column: Column| Expr::col((Entity, column));
    let told_before = theirs(Column::NotBefore)
        .lt(own(Column::NotBefore))
        .or(theirs(Column::NotBefore)
            .eq(own(Column::NotBefore))
            .and(theirs(Column::Id).lt(own(Column::Id))));
    let before_a_reminder = own(Column::Kind)
        .is_not_in(prompt())
        .and(theirs(Column::Kind).is_in(prompt()).or(told_before.clone()));
    let before_others = theirs(Column::Kind).is_in(prompt()).and(told_before);
    Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, other.clone())
        .and_where(theirs(Column::PersonId).eq(own(Column::PersonId)))
        .and_where(theirs(Column::State).eq(NotificationState::Waiting))
        .and_where(before_a_reminder.or(before_others))
        .to_owned()
}

/// A claim on a row: good until somebody else moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::notifications) struct Claim {
    pub(in crate::notifications) id: NotificationId,
    pub(in crate::notifications) until: DateTime<Utc>,
}

impl Claim {
    pub(super) fn is_held(self) -> Condition {
        Condition::all()
            .add(Column::Id.eq(self.id))
            .add(Column::State.eq(NotificationState::Waiting))
            .add(Column::DueAt.eq(self.until))
    }
}

/// Claim `row` until `until`. `false` if somebody else did.
pub(in crate::notifications) async fn claim(
    tx: &impl ConnectionTrait,
    row: &Model,
    until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let seen = Claim {
        id: row.id,
        until: row.due_at,
    };
    let claimed = ActiveModel {
        due_at: Set(until),
        ..Default::default()
    };
    changed(
        Entity::update_many().set(claimed).filter(seen.is_held()),
        tx,
    )
    .await
}

pub(super) async fn changed(
    update: UpdateMany<Entity>,
    tx: &impl ConnectionTrait,
) -> Result<bool, DbErr> {
    Ok(update.exec(tx).await?.rows_affected == 1)
}
