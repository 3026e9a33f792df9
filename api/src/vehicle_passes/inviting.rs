//! Use case: tell people that they were asked aboard.
//!
//! They are told by a sweep and not when they are asked: how long asking takes says nothing about whether a
//! phone has an account.

use chrono::TimeDelta;
use entity::{values::Phone, vehicle_aboard::Model};

use super::{aboard::PHONE, error::Error, rules::ASKED, store::aboard, views::reference};
use crate::{
    deps::Deps,
    http::problem::{Fault, UNAVAILABLE},
    identity,
    notifications::{self, Message},
    platform::db::begin_write,
};

/// Places looked at in one go.
const BATCH: u64 = 200;
/// How long one that could not be told of waits.
const PAUSE: TimeDelta = TimeDelta::minutes(5);

/// Tell those who were asked and have an account. Returns how many were told.
pub(super) async fn tell_asked(deps: &Deps) -> Result<u64, Error> {
    let now = deps.clock.now();
    let mut told = 0;
    for place in aboard::to_tell(&deps.db, now, BATCH).await? {
        match tell(deps, &place).await {
            Ok(done) => told += u64::from(done),
            Err(error) if error.kind() == UNAVAILABLE => return Err(error),
            // It is tried again later, and holds up no other.
            Err(error) => {
                tracing::error!(
                    place = %place.id,
                    error = &error as &dyn std::error::Error,
                    "nobody can be told of place {}", place.id
                );
                aboard::tell_later(&deps.db, &place, Some(now + PAUSE)).await?;
            }
        }
    }
    if told > 0 {
        deps.outbox.wake();
    }
    Ok(told)
}

async fn tell(deps: &Deps, place: &Model) -> Result<bool, Error> {
    let open = place.agreed_at.is_none() && place.ended_at.is_none();
    let person = match &place.phone {
        Some(sealed) if open => {
            let place = PHONE.owned_by(place.id.0.as_bytes());
            let opened = deps.vault.open(place, sealed)?;
            let phone = Phone::parse(&String::from_utf8_lossy(&opened));
            let phone = phone.map_err(|_| Error::Phone)?;
            identity::person_with_phone(&deps.db, deps, &phone).await?
        }
        _ => None,
    };
    let tx = begin_write(&deps.db).await?;
    if let Some(person) = person {
        identity::lock(&tx, person).await?;
    }
    if !aboard::tell_later(&tx, place, None).await? {
        return Ok(false);
    }
    if let Some(person) = person {
        let message = Message::RideAsked {
            application: reference(place.application_id.0),
            until: place.asked_at + ASKED,
        };
        notifications::tell(&tx, deps, person, &message).await?;
    }
    tx.commit().await?;
    Ok(person.is_some())
}
