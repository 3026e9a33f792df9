//! Use cases: what a unit sees of who came (V10). Names are masked, and nothing says who somebody is.

use std::{collections::HashMap, ops::RangeInclusive};

use chrono::{NaiveDate, TimeDelta};
use entity::{
    values::{Colour, PersonId, VenueId},
    venue_hour, visit,
};
use uuid::Uuid;

use super::{
    by_hand::own_door,
    error::Error,
    guests, rules, store,
    views::{CountView, RecordView},
};
use crate::{
    deps::Deps,
    http::page::{Page, Place},
    identity::masked_names_of,
    organisations::UnitActor,
};

/// Days that are told of at a time.
const MOST_DAYS: i64 = 31;

/// Counts, hour by hour or day by day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Hours of a day.
    Hour,
    /// Days.
    Day,
}

/// How many came to `venue` of `unit` on `days`.
pub(super) async fn counts(
    deps: &Deps,
    unit: &UnitActor,
    venue: VenueId,
    days: RangeInclusive<NaiveDate>,
    by: By,
) -> Result<Vec<CountView>, Error> {
    let length = *days.end() - *days.start();
    if length < TimeDelta::zero() || length >= TimeDelta::days(MOST_DAYS) {
        return Err(Error::Period);
    }
    own_door(deps, unit, venue).await?;
    let hours = store::hours(&deps.db, venue, days.clone()).await?;
    Ok(match by {
        By::Hour => hours.iter().map(CountView::of_hour).collect(),
        By::Day => by_day(&hours, days),
    })
}

fn by_day(hours: &[venue_hour::Model], days: RangeInclusive<NaiveDate>) -> Vec<CountView> {
    let (first, last) = days.into_inner();
    first
        .iter_days()
        .take_while(|day| *day <= last)
        .map(|day| CountView::of_day(day, hours.iter().filter(|hour| hour.day == day)))
        .collect()
}

/// Which visits a unit asks for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) day: NaiveDate,
    pub(super) colour: Option<Colour>,
    pub(super) after: Option<Place>,
    pub(super) limit: u64,
}

/// A page of those who came to `venue` of `unit`, newest first.
pub(super) async fn visits(
    deps: &Deps,
    unit: &UnitActor,
    venue: VenueId,
    asked: Asked,
) -> Result<Page<RecordView>, Error> {
    own_door(deps, unit, venue).await?;
    let today = deps.clock.today();
    let oldest = rules::oldest_kept(today, deps.visiting.kept());
    if asked.day > today || asked.day < oldest {
        return Ok(Page {
            items: Vec::new(),
            next: None,
        });
    }
    let page = store::Page {
        venue,
        day: asked.day,
        colour: asked.colour,
        before: asked.after.map(|place| (place.at, place.id)),
        limit: asked.limit + 1,
    };
    let found = store::page_of(&deps.db, page).await?;
    let found = Page::cut(found, asked.limit, |last: &visit::Model| {
        let (at, id) = (last.at, last.subject);
        Place { at, id }.to_string()
    });
    let names = names(deps, asked.day, &found.items).await?;
    Ok(found.map(|visit| {
        let name = names.get(&visit.subject).cloned().flatten();
        RecordView::new(&visit, name)
    }))
}

/// The masked name of each visitor.
async fn names(
    deps: &Deps,
    day: NaiveDate,
    visits: &[visit::Model],
) -> Result<HashMap<Uuid, Option<String>>, Error> {
    let subjects: Vec<Uuid> = visits.iter().map(|visit| visit.subject).collect();
    let mut names = HashMap::new();
    let strangers = store::guests(&deps.db, subjects.clone()).await?;
    if !strangers.is_empty() {
        let key = deps.visits.days().key(&deps.db, day).await?;
        for guest in strangers {
            let words = guests::open(&key, guest.id, &guest.words)?;
            names.insert(guest.id, Some(masked(&words.name)));
        }
    }
    let mut people: Vec<PersonId> = subjects
        .into_iter()
        .filter(|subject| !names.contains_key(subject))
        .map(PersonId)
        .collect();
    people.sort_unstable_by_key(|person| person.0);
    people.dedup();
    let known = masked_names_of(&deps.db, deps, &people).await?;
    names.extend(known.into_iter().map(|(person, name)| (person.0, name)));
    Ok(names)
}

/// The first character, and as many stars as there are others.
fn masked(name: &str) -> String {
    let shown = |(at, character): (usize, char)| if at == 0 { character } else { '*' };
    name.chars().enumerate().map(shown).collect()
}
