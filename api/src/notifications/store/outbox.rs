//! The outbox as rows. Whatever changes a row tests in the same statement that nobody changed it
//! meanwhile, so of two nodes one wins.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use entity::{
    notification::{ActiveModel, Column, Entity, Model},
    values::{NotificationChannel, NotificationId, NotificationKind, NotificationState, PersonId},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, UpdateMany,
    sea_query::{Alias, Expr, LockBehavior, LockType, OnConflict, Query, SelectStatement},
};

use super::super::{
    message::prompt,
    telling::{POINTLESS, SENDING, SENT, TOO_LATE, UNKNOWN},
};
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
    fn is_held(self) -> Condition {
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

/// A try, as it is noted before anything is sent.
#[derive(Debug, Clone)]
pub(in crate::notifications) struct Try<'a> {
    pub(in crate::notifications) attempts: i32,
    pub(in crate::notifications) at: DateTime<Utc>,
    pub(in crate::notifications) channel: NotificationChannel,
    pub(in crate::notifications) recipient: PersonId,
    pub(in crate::notifications) app_id: Option<&'a str>,
    pub(in crate::notifications) template_id: Option<&'a str>,
    pub(in crate::notifications) outcome: &'a str,
}

/// Note that something is about to be sent. `false` if the claim is lost.
pub(in crate::notifications) async fn note_try(
    tx: &impl ConnectionTrait,
    claim: Claim,
    this: &Try<'_>,
) -> Result<bool, DbErr> {
    let noted = ActiveModel {
        attempts: Set(this.attempts),
        tried_at: Set(Some(this.at)),
        channel: Set(Some(this.channel)),
        recipient_id: Set(Some(this.recipient)),
        app_id: Set(this.app_id.map(str::to_owned)),
        template_id: Set(this.template_id.map(str::to_owned)),
        outcome: Set(Some(this.outcome.to_owned())),
        ..Default::default()
    };
    changed(Entity::update_many().set(noted).filter(claim.is_held()), tx).await
}

/// Note what became of a try.
pub(in crate::notifications) async fn note_outcome(
    tx: &impl ConnectionTrait,
    claim: Claim,
    outcome: &str,
) -> Result<bool, DbErr> {
    let noted = ActiveModel {
        outcome: Set(Some(outcome.to_owned())),
        ..Default::default()
    };
    changed(Entity::update_many().set(noted).filter(claim.is_held()), tx).await
}

/// Mark as sent. Whoever sent it is right, even if the claim was lost meanwhile.
pub(in crate::notifications) async fn mark_sent(
    tx: &impl ConnectionTrait,
    id: NotificationId,
    outcome: &str,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let sent = ActiveModel {
        state: Set(NotificationState::Sent),
        outcome: Set(Some(outcome.to_owned())),
        sent_at: Set(Some(at)),
        ..Default::default()
    };
    let unsent = Entity::update_many()
        .set(sent)
        .filter(Column::Id.eq(id))
        .filter(Column::State.ne(NotificationState::Sent));
    changed(unsent, tx).await
}

/// How a try that did not send ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::notifications) struct Ended<'a> {
    pub(in crate::notifications) state: NotificationState,
    pub(in crate::notifications) attempts: i32,
    pub(in crate::notifications) outcome: &'a str,
    pub(in crate::notifications) not_before: DateTime<Utc>,
    pub(in crate::notifications) due_at: DateTime<Utc>,
}

/// Give the claim back. `false` if it is lost.
pub(in crate::notifications) async fn end(
    tx: &impl ConnectionTrait,
    claim: Claim,
    ended: Ended<'_>,
) -> Result<bool, DbErr> {
    let end = ActiveModel {
        state: Set(ended.state),
        attempts: Set(ended.attempts),
        outcome: Set(Some(ended.outcome.to_owned())),
        not_before: Set(ended.not_before),
        due_at: Set(ended.due_at),
        ..Default::default()
    };
    changed(Entity::update_many().set(end).filter(claim.is_held()), tx).await
}

/// Note that what was sent has arrived.
pub(in crate::notifications) async fn confirm(
    tx: &impl ConnectionTrait,
    id: NotificationId,
    outcome: &str,
) -> Result<bool, DbErr> {
    let noted = ActiveModel {
        outcome: Set(Some(outcome.to_owned())),
        ..Default::default()
    };
    let sent = Entity::update_many()
        .set(noted)
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(NotificationState::Sent));
    changed(sent, tx).await
}

/// Have what was in `state` be sent again, at `at`. `false` if that changed meanwhile.
pub(in crate::notifications) async fn send_again(
    tx: &impl ConnectionTrait,
    id: NotificationId,
    state: NotificationState,
    attempts: i32,
    outcome: &str,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let again = ActiveModel {
        state: Set(NotificationState::Waiting),
        attempts: Set(attempts),
        outcome: Set(Some(outcome.to_owned())),
        sent_at: Set(None),
        not_before: Set(at),
        due_at: Set(at),
        ..Default::default()
    };
    let one = Entity::update_many()
        .set(again)
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(state));
    changed(one, tx).await
}

async fn changed(update: UpdateMany<Entity>, tx: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(update.exec(tx).await?.rows_affected == 1)
}

/// One way to one person.
#[derive(Debug, Clone, Copy)]
pub(in crate::notifications) struct Way<'a> {
    pub(in crate::notifications) recipient: PersonId,
    pub(in crate::notifications) app_id: &'a str,
    pub(in crate::notifications) template_id: &'a str,
}

/// Something that was tried.
#[derive(Debug, Clone, FromQueryResult)]
pub(in crate::notifications) struct Tried {
    pub(in crate::notifications) id: NotificationId,
    pub(in crate::notifications) person_id: PersonId,
    pub(in crate::notifications) kind: NotificationKind,
    pub(in crate::notifications) state: NotificationState,
    pub(in crate::notifications) attempts: i32,
    outcome: Option<String>,
    due_at: DateTime<Utc>,
}

impl Tried {
    /// Whether its sender waits for the answer at `now`.
    pub(in crate::notifications) fn is_being_sent(&self, now: DateTime<Utc>) -> bool {
        self.outcome.as_deref() == Some(SENDING) && now < self.due_at
    }
}

/// What was tried last by `way`, `within` a time, and of which nobody knows whether it arrived: it was
/// accepted, or there is no answer. Oldest first.
pub(in crate::notifications) async fn unsettled(
    tx: &impl ConnectionTrait,
    way: Way<'_>,
    within: RangeInclusive<DateTime<Utc>>,
) -> Result<Vec<Tried>, DbErr> {
    let outcome = |state: NotificationState, outcome: &str| {
        Condition::all()
            .add(Column::State.eq(state))
            .add(Column::Outcome.eq(outcome))
    };
    let nobody_knows = Condition::any()
        .add(outcome(NotificationState::Sent, SENT))
        .add(outcome(NotificationState::Waiting, UNKNOWN))
        .add(outcome(NotificationState::Waiting, SENDING));
    Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::PersonId,
            Column::Kind,
            Column::State,
            Column::Attempts,
            Column::Outcome,
            Column::DueAt,
        ])
        .filter(Column::RecipientId.eq(way.recipient))
        .filter(Column::AppId.eq(way.app_id))
        .filter(Column::TemplateId.eq(way.template_id))
        .filter(Column::TriedAt.between(*within.start(), *within.end()))
        .filter(nobody_knows)
        .order_by_asc(Column::TriedAt)
        .order_by_asc(Column::Id)
        .into_model()
        .all(tx)
        .await
}

/// Whether `person` is told of `kind` by something newer than `id`, too.
pub(in crate::notifications) async fn is_followed(
    tx: &impl ConnectionTrait,
    person: PersonId,
    kind: NotificationKind,
    id: NotificationId,
) -> Result<bool, DbErr> {
    let newer = Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::Kind.eq(kind))
        .filter(Column::Id.gt(id))
        .filter(Column::State.ne(NotificationState::Withdrawn))
        .count(tx)
        .await?;
    Ok(newer > 0)
}

/// Send no more what was in `state`. `false` if that changed meanwhile.
pub(in crate::notifications) async fn give_up(
    tx: &impl ConnectionTrait,
    id: NotificationId,
    state: NotificationState,
    outcome: &str,
) -> Result<bool, DbErr> {
    let given_up = ActiveModel {
        state: Set(NotificationState::Withdrawn),
        outcome: Set(Some(outcome.to_owned())),
        sent_at: Set(None),
        ..Default::default()
    };
    let one = Entity::update_many()
        .set(given_up)
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(state));
    changed(one, tx).await
}

/// What `people` were told, newest first: before `before`, or all. Reminders since their hour, as long
/// as they have a point.
pub(in crate::notifications) async fn page(
    db: &impl ConnectionTrait,
    people: &[PersonId],
    before: Option<NotificationId>,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    // What was tried and waits for its next hour has come already.
    let came = Condition::any()
        .add(Column::NotBefore.lte(now))
        .add(Column::Kind.is_in(prompt()))
        .add(Column::Attempts.gt(0));
    let pointless = Condition::all()
        .add(Column::State.eq(NotificationState::Withdrawn))
        .add(Column::Outcome.is_not_null())
        .add(Column::Outcome.is_in([POINTLESS, TOO_LATE]));
    Entity::find()
        .filter(Column::PersonId.is_in(people.iter().copied()))
        .filter(came)
        .filter(pointless.not())
        .apply_if(before, |all, before| all.filter(Column::Id.lt(before)))
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Note that one of `people` read something. The first time stands. `None` if it is none of theirs.
pub(in crate::notifications) async fn read(
    tx: &impl ConnectionTrait,
    people: &[PersonId],
    id: NotificationId,
    at: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    let theirs = Condition::all()
        .add(Column::Id.eq(id))
        .add(Column::PersonId.is_in(people.iter().copied()));
    let read = ActiveModel {
        read_at: Set(Some(at)),
        ..Default::default()
    };
    Entity::update_many()
        .set(read)
        .filter(theirs.clone())
        .filter(Column::ReadAt.is_null())
        .exec(tx)
        .await?;
    Entity::find().filter(theirs).one(tx).await
}

/// The notification `id`.
pub(in crate::notifications) async fn find(
    db: &impl ConnectionTrait,
    id: NotificationId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// What is dead, oldest first.
pub(in crate::notifications) async fn dead(
    db: &impl ConnectionTrait,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::State.eq(NotificationState::Dead))
        .order_by_asc(Column::CreatedAt)
        .limit(most)
        .all(db)
        .await
}

/// How many are in `state`, and should have gone out by `now`.
pub(in crate::notifications) async fn count(
    db: &impl ConnectionTrait,
    state: NotificationState,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::State.eq(state))
        .filter(Column::NotBefore.lte(now))
        .count(db)
        .await
}

/// Since when the one waits that should have gone out first.
pub(in crate::notifications) async fn waiting_since(
    db: &impl ConnectionTrait,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::NotBefore)
        .filter(Column::State.eq(NotificationState::Waiting))
        .order_by_asc(Column::NotBefore)
        .into_tuple()
        .one(db)
        .await
}

/// Remove up to `most` that do not wait and came about before `before`. Returns how many.
pub(in crate::notifications) async fn remove_old(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let old: Vec<NotificationId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CreatedAt.lt(before))
        .filter(Column::State.ne(NotificationState::Waiting))
        .limit(most)
        .into_tuple()
        .all(db)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let removed = Entity::delete_many()
        .filter(Column::Id.is_in(old))
        .filter(Column::State.ne(NotificationState::Waiting))
        .exec(db)
        .await?;
    Ok(removed.rows_affected)
}
