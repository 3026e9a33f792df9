//! Use cases: who of those who returned checked in on a day, for the employer and for the community (W9).
//! Yes or no, and well or not; nothing of a colour, and nothing of other days.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    values::{Area, WorkPermitId},
    work_permit::Model,
};

use super::{
    error::Error,
    sealed::Content,
    store::{enterprises, permits},
    views::{ReturneeView, ReturneesView},
};
use crate::{
    declarations, deps::Deps, http::page::Page, organisations::UnitActor, platform::clock::midnight,
};

pub(super) use super::store::permits::Whose;

/// Those of `unit`, on `day`.
pub(super) async fn of_unit(
    deps: &Deps,
    unit: &UnitActor,
    day: Option<NaiveDate>,
    after: Option<WorkPermitId>,
    limit: u64,
) -> Result<ReturneesView, Error> {
    of(deps, Whose::Unit(unit.organisation), day, after, limit).await
}

/// Those who live in `area`, on `day`.
pub(super) async fn living_in(
    deps: &Deps,
    area: &Area,
    day: Option<NaiveDate>,
    after: Option<WorkPermitId>,
    limit: u64,
) -> Result<ReturneesView, Error> {
    of(deps, Whose::LivingIn(area), day, after, limit).await
}

async fn of(
    deps: &Deps,
    whose: Whose<'_>,
    day: Option<NaiveDate>,
    after: Option<WorkPermitId>,
    limit: u64,
) -> Result<ReturneesView, Error> {
    let now = deps.clock.now();
    let day = day.unwrap_or_else(|| deps.clock.today());
    let rows = permits::in_force_of(&deps.db, whose, now, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last| last.id.to_string());
    let until = day.succ_opt().map(midnight);
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        items.push(view(deps, &row, day, until).await?);
    }
    Ok(ReturneesView {
        day,
        items,
        next: page.next,
    })
}

async fn view(
    deps: &Deps,
    row: &Model,
    day: NaiveDate,
    until: Option<DateTime<Utc>>,
) -> Result<ReturneeView, Error> {
    let content = Content::open(deps, row)?;
    let entry = enterprises::find(&deps.db, &row.credit_code).await?;
    let checked_in = match row.person_id {
        Some(person) => declarations::latest_check_in(&deps.db, person, until).await?,
        None => None,
    };
    let today = checked_in.filter(|checked_in| checked_in.day == day);
    Ok(ReturneeView {
        permit: row.id,
        masked_name: content.as_ref().map(Content::masked_name),
        enterprise: entry.map(|entry| entry.short_name).unwrap_or_default(),
        job: content.map(|content| content.job),
        checked_in: today.is_some(),
        fit: today.map(|checked_in| !checked_in.unwell),
    })
}
