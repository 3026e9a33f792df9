//! A card is issued: because somebody granted it, because the clock did, or in place of another.

use entity::{
    pass_application, pass_card,
    values::{Colour, PassCardId, PassCardReplacement, PassCardState, PassCardVoid},
};
use sea_orm::DatabaseTransaction;

use super::{error::Error, permits, rules::Term, store::cards};
use crate::{
    audit::{self, Actor, Event, PassEvent},
    deps::Deps,
    health_code,
};

/// Issue a card on `application`, whose person's row is locked. It takes the place of one that they
/// have. Its days begin now if the person was found green, and else once they are.
pub(super) async fn issue(
    tx: &DatabaseTransaction,
    deps: &Deps,
    application: &pass_application::Model,
    by_clock: bool,
) -> Result<(), Error> {
    let (person, now) = (application.person_id, deps.clock.now());
    // What the last comparison found: each change of that is heard, so none is missed.
    let found = health_code::last_comparison(tx, person).await?;
    let green = found.is_some_and(|found| found.shown == Colour::Green);
    let term = green.then(|| Term::beginning(now));
    let id = PassCardId(deps.entropy.id());
    if let Some(before) = cards::current(tx, person).await? {
        cards::supersede(tx, before.id, id, PassCardVoid::Renewed, now).await?;
    }
    let status_index = match term {
        Some(term) => Some(permits::enlisted(tx, deps, id, term).await?),
        None => None,
    };
    let card = pass_card::Model {
        id,
        application_id: application.id,
        person_id: person,
        division: application.division.clone(),
        community: application.community.clone(),
        serial: cards::next_serial(tx).await?,
        current_of: Some(person),
        state: match term {
            Some(_) => PassCardState::Active,
            None => PassCardState::Observing,
        },
        issued_at: now,
        by_clock,
        valid_from: term.map(|term| term.from),
        valid_until: term.map(|term| term.until),
        due_at: term.map(|term| term.next_look(now)),
        replacement: None,
        voided_at: None,
        void: None,
        superseded_by: None,
        status_index,
    };
    cards::insert(tx, card).await?;
    let event = Event::Pass(PassEvent::PassCardIssued {
        card: id,
        application: application.id,
        by_clock,
    });
    audit::record(tx, deps, Actor::System, person, &event).await?;
    Ok(())
}

/// Issue another card for the days of `before`, which is void from now on. The person's row is locked.
pub(super) async fn replace(
    tx: &DatabaseTransaction,
    deps: &Deps,
    before: &pass_card::Model,
    actor: Actor,
    reason: PassCardReplacement,
) -> Result<pass_card::Model, Error> {
    let now = deps.clock.now();
    let id = PassCardId(deps.entropy.id());
    if !cards::supersede(tx, before.id, id, PassCardVoid::Replaced, now).await? {
        return Err(Error::NotInForce);
    }
    let term = before.valid_from.zip(before.valid_until);
    let status_index = match term.map(|(from, until)| Term { from, until }) {
        Some(term) => Some(permits::enlisted(tx, deps, id, term).await?),
        None => None,
    };
    let card = pass_card::Model {
        id,
        status_index,
        serial: cards::next_serial(tx).await?,
        issued_at: now,
        replacement: Some(reason),
        ..before.clone()
    };
    cards::insert(tx, card.clone()).await?;
    let event = Event::Pass(PassEvent::PassCardReplaced {
        card: id,
        replaces: before.id,
        reason,
    });
    audit::record(tx, deps, actor, before.person_id, &event).await?;
    Ok(card)
}
