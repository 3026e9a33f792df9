//! Use case: remind of cards that end, and end them.

use chrono::TimeDelta;
use entity::{pass_card::Model, values::PassCardState};

use super::{
    error::Error,
    permits,
    rules::{self, Term},
    store::cards,
};
use crate::{
    audit::{self, Actor, Event, PassEvent},
    deps::Deps,
    http::problem::{Fault, UNAVAILABLE},
    identity,
    notifications::{self, Message, Reference},
    platform::{clock::local_date, db::begin_write},
};

/// Cards looked at in one go.
const BATCH: u64 = 200;

/// How long a card is left alone that could not be looked after.
const PAUSE: TimeDelta = TimeDelta::hours(1);

/// Look at the cards that are due: three days before their end, and at it. Returns how many.
pub(super) async fn look_after(deps: &Deps) -> Result<u64, Error> {
    let mut looked = 0;
    for card in cards::due(&deps.db, deps.clock.now(), BATCH).await? {
        match look_at(deps, &card).await {
            Ok(done) => looked += u64::from(done),
            Err(error) if error.kind() == UNAVAILABLE => return Err(error),
            // It is looked at again later, and holds up no other.
            Err(error) => {
                tracing::error!(
                    card = %card.id,
                    error = &error as &dyn std::error::Error,
                    "card {} cannot be looked after", card.id
                );
                cards::put_off(&deps.db, &card, deps.clock.now() + PAUSE).await?;
            }
        }
    }
    if looked > 0 {
        deps.outbox.wake();
    }
    Ok(looked)
}

/// Enlist the cards whose days run and that have no place in the lists of permits: those that were issued before
/// there were any. Returns how many.
pub(super) async fn enlist_missing(deps: &Deps) -> Result<u64, Error> {
    let mut enlisted = 0;
    for card in cards::without_place(&deps.db, deps.clock.now(), BATCH).await? {
        match enlist(deps, &card).await {
            Ok(done) => enlisted += u64::from(done),
            Err(error) if error.kind() == UNAVAILABLE => return Err(error),
            Err(error) => tracing::error!(
                card = %card.id,
                error = &error as &dyn std::error::Error,
                "card {} cannot be enlisted", card.id
            ),
        }
    }
    Ok(enlisted)
}

/// Enlist one. `false` if somebody else did.
async fn enlist(deps: &Deps, card: &Model) -> Result<bool, Error> {
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, card.person_id).await?;
    let found = cards::find(&tx, card.id).await?;
    let term = found.filter(|card| card.status_index.is_none());
    let term = term.and_then(|card| card.valid_from.zip(card.valid_until));
    let Some((from, until)) = term else {
        return Ok(false);
    };
    let place = permits::enlisted(&tx, deps, card.id, Term { from, until }).await?;
    cards::place(&tx, card.id, place).await?;
    tx.commit().await?;
    Ok(true)
}

/// Look at one. `false` if somebody else did.
async fn look_at(deps: &Deps, card: &Model) -> Result<bool, Error> {
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, card.person_id).await?;
    let over = card.valid_until.is_none_or(|until| until <= now);
    let done = if over {
        cards::expire(&tx, card).await?
    } else {
        cards::look_again(&tx, card).await?
    };
    if !done {
        return Ok(false);
    }
    if over {
        let event = Event::Pass(PassEvent::PassCardExpired { card: card.id });
        audit::record(&tx, deps, Actor::System, card.person_id, &event).await?;
    } else if card.state == PassCardState::Active
        && let Some(message) = reminder(card)
    {
        notifications::tell(&tx, deps, card.person_id, &message).await?;
    }
    tx.commit().await?;
    Ok(true)
}

fn reminder(card: &Model) -> Option<Message> {
    let number = rules::number(&card.division, card.serial);
    let last_moment = card.valid_until? - TimeDelta::milliseconds(1);
    Some(Message::PassExpiring {
        pass: Reference::parse(&number).ok()?,
        last_day: local_date(last_moment),
    })
}
