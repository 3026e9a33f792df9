//! Use case: tell somebody something, in the transaction of what it tells of.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    notification::Model,
    values::{NotificationId, NotificationKind, NotificationState, PersonId},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::{
    error::Error,
    message::Message,
    rules::{self, Hours},
    store::{
        outbox,
        tries::{self, Tried, Way},
    },
};
use crate::{
    deps::Deps,
    identity,
    platform::{
        entropy,
        vault::{Column, DataKey},
    },
};

pub(super) const CONTENT: Column = Column("notification.content");

/// Have `person` be told `message`, as part of the transaction `tx`, which locks their row: so what they
/// are told has an order. Telling the same thing twice is telling it once. Reminders wait for their
/// hours; whatever else is told goes out after what was told before, even if the clock was set back.
/// Call [`crate::deps::Deps::outbox`] after the commit.
pub async fn tell(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    message: &Message,
) -> Result<(), Error> {
    identity::lock(tx, person).await?;
    let now = deps.clock.now();
    let newest = outbox::newest_id(tx, person).await?;
    let id = rules::next_id(
        now.timestamp_millis(),
        newest.map(|id| id.0),
        entropy::bytes(&*deps.entropy),
    );
    let key = identity::data_key_of(tx, deps, person).await?;
    let content = serde_json::to_vec(message)?;
    let (not_before, due_at) = if message.is_reminder() {
        let civil = rules::next_civil(now, hours(deps));
        (civil, civil)
    } else {
        let last = outbox::last_in_line(tx, person).await?;
        (last.map_or(now, |last| last.max(now)), now)
    };
    let row = Model {
        id: NotificationId(id),
        person_id: person,
        kind: message.kind(),
        key: message.key(),
        content: key.seal(CONTENT.owned_by(id.as_bytes()), &content, &*deps.entropy)?,
        created_at: now,
        not_before,
        due_at,
        state: NotificationState::Waiting,
        attempts: 0,
        tried_at: None,
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
    outbox::withdraw(tx, person, key, POINTLESS).await
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
/// It does not say which message; the try had begun by `at`, as far as clocks agree. Delivered, it was
/// the oldest that was sent, or else one that nobody knew of; not delivered, the newest. What is being
/// sent now is it only where nothing else can be: a report may be quicker than the answer. What was not
/// delivered is sent again, as any other way allows, unless a newer message says how things stand now.
pub async fn delivery_reported(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    app_id: &str,
    template_id: &str,
    delivered: bool,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let now = deps.clock.now();
    let by = at + CLOCKS_DIFFER;
    let way = Way {
        recipient: person,
        app_id,
        template_id,
    };
    let tried = tries::unsettled(tx, way, (by - REPORTED_WITHIN)..=by).await?;
    let (sent, unanswered): (Vec<Tried>, Vec<Tried>) = tried
        .into_iter()
        .partition(|row| row.state == NotificationState::Sent);
    let (in_flight, unsure): (Vec<Tried>, Vec<Tried>) = unanswered
        .into_iter()
        .partition(|row| row.is_being_sent(now));
    if delivered {
        if let Some(row) = sent.first() {
            tries::confirm(tx, row.id, CONFIRMED).await?;
        } else if let (Some(row), _) | (None, [row]) = (unsure.first(), in_flight.as_slice()) {
            tries::mark_sent(tx, row.id, CONFIRMED, at).await?;
        }
    } else if let Some(row) = sent.last().or(unsure.last()) {
        not_delivered(tx, row, now).await?;
    }
    Ok(())
}

async fn not_delivered(
    tx: &DatabaseTransaction,
    row: &Tried,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let Tried { id, state, .. } = *row;
    let told_since = row.kind == NotificationKind::CodeChanged
        && tries::is_followed(tx, row.person_id, row.kind, id).await?;
    if told_since {
        tries::give_up(tx, id, state, UNDELIVERED).await?;
    } else {
        tries::send_again(tx, id, state, row.attempts, UNDELIVERED, now).await?;
    }
    Ok(())
}

/// How far a platform's clock and ours may be apart.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(10);

/// Platforms report on what was tried in this time.
const REPORTED_WITHIN: TimeDelta = TimeDelta::days(1);

/// Our words for what became of a try, beside the platforms' codes.
pub(super) const SENDING: &str = "sending";
pub(super) const SENT: &str = "sent";
pub(super) const CONFIRMED: &str = "confirmed";
pub(super) const UNDELIVERED: &str = "undelivered";
pub(super) const UNKNOWN: &str = "unknown";

/// Why something was withdrawn that nobody needs to read any more.
pub(super) const POINTLESS: &str = "pointless";
pub(super) const TOO_LATE: &str = "too_late";

/// Whether a copy of `row` may have arrived: its sender died, or heard no answer.
pub(super) fn is_unsure(row: &Model) -> bool {
    matches!(row.outcome.as_deref(), Some(SENDING | UNKNOWN))
}
