//! Tries to send, and what became of them. Whatever changes a row tests in the same statement that
//! nobody changed it meanwhile, so of two nodes one wins.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use entity::{
    notification::{ActiveModel, Column, Entity},
    values::{NotificationChannel, NotificationId, NotificationKind, NotificationState, PersonId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::super::telling::{SENDING, SENT, UNKNOWN};
use super::outbox::{Claim, changed};

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
