//! The days of a card begin when its holder's code turns green (H7).

use entity::values::{Colour, PassCardState, PersonId};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::{DatabaseTransaction, DbErr};

use super::{permits, rules::Term, store::cards};
use crate::{
    audit::{self, Actor, Event, PassEvent},
    deps::Deps,
    health_code::FollowsColour,
};

/// Cards that wait for a colour.
#[derive(Debug, Clone, Copy)]
pub struct CardsFollow;

impl FollowsColour for CardsFollow {
    fn turned<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        person: PersonId,
        colour: Colour,
    ) -> BoxFuture<'a, Result<(), DbErr>> {
        async move {
            if colour == Colour::Green {
                begin(tx, deps, person).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

/// Begin the days of the card that `person` has, if it waits for that. Their row is locked.
pub(super) async fn begin(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<(), DbErr> {
    let card = cards::current(tx, person).await?;
    let waiting = card.filter(|card| card.state == PassCardState::Observing);
    let Some(card) = waiting else {
        return Ok(());
    };
    let term = Term::beginning(deps.clock.now());
    let place = permits::enlisted(tx, deps, card.id, term).await?;
    cards::begin(tx, card.id, term, place).await?;
    let event = Event::Pass(PassEvent::PassCardBegan { card: card.id });
    audit::record(tx, deps, Actor::System, person, &event).await
}
