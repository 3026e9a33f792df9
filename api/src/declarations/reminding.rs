//! Use case: remind people of today's check-in (N2).

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

/// Remind those who checked in lately and have not today, once it is time. Returns how many were.
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
    let reminded = notifications::told(&message.key());
    let people = store::not_checked_in(&deps.db, first, today, reminded, BATCH).await?;
    let (mut count, mut trouble) = (0, None);
    for person in people {
        match remind_one(deps, person, today, &message).await {
            Ok(reminded) => count += u64::from(reminded),
            // Nobody waits for somebody whose record does not open.
            Err(error) if !error.is_outage() => trouble = Some(error),
            Err(error) => return Err(error),
        }
    }
    if count > 0 {
        deps.outbox.wake();
    }
    trouble.map_or(Ok(count), Err)
}

/// Remind `person`, unless they checked in at this moment.
async fn remind_one(
    deps: &Deps,
    person: PersonId,
    today: NaiveDate,
    message: &Message,
) -> Result<bool, Error> {
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, person).await?;
    if store::check_in_of(&tx, person, today).await?.is_some() {
        return Ok(false);
    }
    notifications::tell(&tx, deps, person, message).await?;
    tx.commit().await?;
    Ok(true)
}
