//! Use case: remind people of today's check-in (N2).

use std::sync::{Mutex, PoisonError};

use chrono::{Days, NaiveDate};
use entity::values::PersonId;

use super::{error::Error, rules, store};
use crate::{
    deps::Deps,
    identity,
    notifications::{self, Message},
    platform::{clock::local_date, db::begin_write},
};

/// People reminded in one go.
const BATCH: u64 = 200;

/// How far this process got with today's reminders. Nobody who checked in on a day that is over comes
/// to it later, so each day's people are gone through once.
#[derive(Debug, Default)]
pub struct Reminders(Mutex<Option<Place>>);

/// Where to go on.
#[derive(Debug, Clone, Copy)]
struct Place {
    today: NaiveDate,
    /// Whoever checked in on this day comes next; `today` once all have.
    day: NaiveDate,
    after: Option<PersonId>,
}

impl Reminders {
    /// Where to go on `today`: with those of `first` if nobody was reminded yet.
    fn place(&self, today: NaiveDate, first: NaiveDate) -> Place {
        let place = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        place.filter(|place| place.today == today).unwrap_or(Place {
            today,
            day: first,
            after: None,
        })
    }

    fn go_on(&self, place: Place) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
    }
}

/// Remind the next of those who checked in lately and have not today, once it is time. Returns how
/// many were looked at. Nobody waits for somebody whose record does not open.
pub(super) async fn remind(deps: &Deps) -> Result<u64, Error> {
    let (now, hours) = (deps.clock.now(), &deps.notifications);
    if !rules::is_time_to_remind(now, hours.check_in_reminder, hours.civil_until) {
        return Ok(0);
    }
    let today = local_date(now);
    let first = today
        .checked_sub_days(Days::new(hours.remind_days.into()))
        .unwrap_or(today);
    let message = Message::CheckInDue { day: today };
    let mut place = deps.reminders.place(today, first);
    while place.day < today {
        let people = next_people(deps, place, &message).await?;
        if let Some(last) = people.last() {
            remind_all(deps, &people, today, &message).await?;
            let after = Some(*last);
            deps.reminders.go_on(Place { after, ..place });
            return Ok(people.len() as u64);
        }
        place = Place {
            day: place.day.succ_opt().unwrap_or(today),
            after: None,
            ..place
        };
        deps.reminders.go_on(place);
    }
    Ok(0)
}

async fn next_people(deps: &Deps, at: Place, message: &Message) -> Result<Vec<PersonId>, Error> {
    let reminded = notifications::told(&message.key());
    let Place { today, day, after } = at;
    Ok(store::not_checked_in(&deps.db, day, today, reminded, after, BATCH).await?)
}

async fn remind_all(
    deps: &Deps,
    people: &[PersonId],
    today: NaiveDate,
    message: &Message,
) -> Result<(), Error> {
    for person in people {
        match remind_one(deps, *person, today, message).await {
            Ok(()) => (),
            Err(error) if error.is_outage() => return Err(error),
            Err(error) => tracing::error!(
                %person,
                error = &error as &dyn std::error::Error,
                "{person} cannot be reminded"
            ),
        }
    }
    deps.outbox.wake();
    Ok(())
}

/// Remind `person`, unless they checked in at this moment.
async fn remind_one(
    deps: &Deps,
    person: PersonId,
    today: NaiveDate,
    message: &Message,
) -> Result<(), Error> {
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, person).await?;
    if store::check_in_of(&tx, person, today).await?.is_some() {
        return Ok(());
    }
    notifications::tell(&tx, deps, person, message).await?;
    tx.commit().await?;
    Ok(())
}
