//! Use case: tell somebody something, in the transaction of what it tells of.

use chrono::{DateTime, Utc};
use entity::{
    notification::Model,
    values::{NotificationId, NotificationState, PersonId},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::{error::Error, message::Message, rules, rules::Hours, store::outbox};
use crate::{
    deps::Deps,
    identity,
    platform::{
        entropy,
        vault::{Column, DataKey},
    },
};

const CONTENT: Column = Column("notification.content");

/// Have `person` be told `message`, as part of the transaction `tx`. Telling the same thing twice is
/// telling it once. Reminders wait for their hours. Call [`crate::deps::Deps::outbox`] after the commit.
pub async fn tell(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    message: &Message,
) -> Result<(), Error> {
    let now = deps.clock.now();
    let newest = outbox::newest_id(tx, person).await?;
    let id = rules::next_id(
        now.timestamp_millis(),
        newest.map(|id| id.0),
        entropy::bytes(&*deps.entropy),
    );
    let key = identity::data_key_of(tx, deps, person).await?;
    let content = serde_json::to_vec(message)?;
    let not_before = if message.is_reminder() {
        rules::next_civil(now, hours(deps))
    } else {
        now
    };
    let row = Model {
        id: NotificationId(id),
        person_id: person,
        kind: message.kind(),
        key: message.key(),
        content: key.seal(CONTENT.owned_by(id.as_bytes()), &content, &*deps.entropy)?,
        created_at: now,
        not_before,
        due_at: not_before,
        state: NotificationState::Waiting,
        attempts: 0,
        channel: None,
        recipient_id: None,
        app_id: None,
        template_id: None,
        outcome: None,
        sent_at: None,
        read_at: None,
    };
    outbox::insert(tx, row).await?;
    Ok(())
}

/// Tell `person` no more what would be told under `key`, as part of the transaction `tx`: it has become
/// pointless. `true` if it was waiting.
pub async fn withdraw(
    tx: &impl ConnectionTrait,
    person: PersonId,
    key: &str,
) -> Result<bool, DbErr> {
    outbox::withdraw(tx, person, key).await
}

/// What `row` says.
pub(super) fn open(row: &Model, key: &DataKey) -> Result<Message, Error> {
    let content = key.open(CONTENT.owned_by(row.id.0.as_bytes()), &row.content)?;
    Ok(serde_json::from_slice(&content)?)
}

/// The hours in which people may be reminded.
pub(super) fn hours(deps: &Deps) -> Hours {
    Hours {
        from: deps.notifications.civil_from,
        until: deps.notifications.civil_until,
    }
}

/// WeChat reports what became of a message to `person` by `template_id` of `app_id`, which it had
/// accepted or had not answered for. Part of the transaction `tx`.
///
/// It does not say which message. Delivered, it was the oldest that nobody knew of; not delivered, one
/// of those first, or else the newest that was sent by `at`. That one is sent again, as any other way
/// allows.
pub async fn delivery_reported(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    app_id: &str,
    template_id: &str,
    delivered: bool,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let tried = |state| outbox::tried_with(tx, person, app_id, template_id, state);
    let waiting = tried(NotificationState::Waiting).await?;
    let unsure = waiting.into_iter().find(is_unsure);
    let mut sent = tried(NotificationState::Sent).await?;
    sent.retain(|row| row.outcome.as_deref() == Some(SENT) && row.sent_at <= Some(at));
    match (unsure, delivered) {
        (Some(row), true) => {
            outbox::mark_sent(tx, row.id, CONFIRMED, at).await?;
        }
        (None, true) => {
            if let Some(row) = sent.first() {
                outbox::confirm(tx, row.id, CONFIRMED).await?;
            }
        }
        (unsure, false) => {
            if let Some(row) = unsure.or_else(|| sent.pop()) {
                let now = deps.clock.now();
                outbox::send_again(tx, &row, row.attempts, UNDELIVERED, now).await?;
            }
        }
    }
    Ok(())
}

/// Our words for what became of a try, beside the platforms' codes.
pub(super) const SENDING: &str = "sending";
pub(super) const SENT: &str = "sent";
pub(super) const CONFIRMED: &str = "confirmed";
pub(super) const UNDELIVERED: &str = "undelivered";
pub(super) const UNKNOWN: &str = "unknown";

/// Whether a copy of `row` may have arrived: its sender died, or heard no answer.
pub(super) fn is_unsure(row: &Model) -> bool {
    matches!(row.outcome.as_deref(), Some(SENDING | UNKNOWN))
}
