//! Use cases: what waits for somebody, how much that is, and which promises were not kept.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    review_breach, review_case,
    values::{Area, CaseId, CaseSubject, Role},
};
use sea_orm::{ConnectionTrait, QueryTrait, sea_query::SelectStatement};

use super::{
    desks,
    error::Error,
    rules::{Desk, Held, Lateness, NEARING, Post, Seat, Watch},
    store::{
        Since, breaches,
        cases::{self, Seats, Taken, Times, Wanted},
    },
    views::{ReviewBreachView, ReviewCaseView, ReviewCountsView},
    words::Telling,
};
use crate::{
    deps::Deps,
    http::{
        page::{self, Page},
        problem::Language,
    },
    regions,
    staff::Staff,
};

/// How far back broken promises are counted.
const RECENT: TimeDelta = TimeDelta::days(7);

/// Which cases of an inbox somebody asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) subject: Option<CaseSubject>,
    pub(super) taken: Taken,
    pub(super) lateness: Option<Lateness>,
}

/// Now, and an hour of working time from now where whoever sits at `desk` works.
pub(super) async fn times(
    db: &impl ConnectionTrait,
    deps: &Deps,
    desk: &Desk,
) -> Result<Times, Error> {
    let now = deps.clock.now();
    let here = desk.seats().first().map(|seat| seat.post.area.division());
    let nearing = match here {
        Some(Ok(division)) => {
            regions::working_time_after(db, deps, &division, now, NEARING)
                .await?
                .at
        }
        _ => now,
    };
    Ok(Times { now, nearing })
}

/// The cases that wait for a decision of `staff` or of whom they stand in for, what runs out first
/// first, after `after`.
pub(super) async fn list(
    deps: &Deps,
    staff: &Staff,
    asked: Asked,
    after: Option<cases::Place>,
    limit: u64,
    language: Language,
) -> Result<Page<ReviewCaseView>, Error> {
    let desk = desks::of(&deps.db, deps, staff).await?;
    let times = times(&deps.db, deps, &desk).await?;
    let wanted = Wanted {
        subject: asked.subject,
        taken: asked.taken,
        lateness: asked.lateness,
    };
    let seats = desk.seats();
    let seats = Seats {
        at: &seats,
        held: desk.held(),
    };
    let rows = cases::page(&deps.db, seats, wanted, times, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last: &review_case::Model| {
        cases::Place::of(last).to_string()
    });
    let mut items = Vec::with_capacity(page.items.len());
    for case in &page.items {
        items.push(ReviewCaseView::of(&deps.db, deps, &desk, case, times, language).await?);
    }
    Ok(Page {
        items,
        next: page.next,
    })
}

/// The statement that reads the first page of the inbox of whoever is `role` in `areas`, for whoever looks
/// at how a database answers it.
#[must_use]
pub fn statement(role: Role, areas: &[Area], now: DateTime<Utc>) -> SelectStatement {
    let post = |area: &Area| Post {
        role,
        area: area.clone(),
    };
    let posts: Vec<_> = areas.iter().map(post).collect();
    let anything = Wanted {
        subject: None,
        taken: Taken::ByAnyone,
        lateness: None,
    };
    let times = Times { now, nearing: now };
    let held = held_at(areas, now);
    let seat = |post| Seat { post, held: &[] };
    let seats: Vec<_> = posts.iter().map(seat).collect();
    let seats = Seats {
        at: &seats,
        held: &held,
    };
    cases::page_statement(seats, anything, times, None, page::usual()).into_query()
}

/// The same of the first page of broken promises that a reviewer of `areas` sees.
#[must_use]
pub fn broken_statement(areas: &[Area], now: DateTime<Utc>) -> SelectStatement {
    let watch = |area| Watch {
        role: None,
        area,
        held: &[],
    };
    let watches: Vec<_> = areas.iter().map(watch).collect();
    breaches::page_statement(&watches, &held_at(areas, now), None, page::usual()).into_query()
}

fn held_at(areas: &[Area], until: DateTime<Utc>) -> Vec<Held> {
    let held = |area: &Area| Held {
        area: area.clone(),
        until,
    };
    areas.iter().map(held).collect()
}

/// How much of that there is.
pub(super) async fn count(deps: &Deps, staff: &Staff) -> Result<ReviewCountsView, Error> {
    let desk = desks::of(&deps.db, deps, staff).await?;
    let times = times(&deps.db, deps, &desk).await?;
    let seats = desk.seats();
    let seats = Seats {
        at: &seats,
        held: desk.held(),
    };
    let counted = cases::count(&deps.db, seats, staff.account, times).await?;
    let since = times.now - RECENT;
    Ok(ReviewCountsView {
        due: counted.due,
        nearing: counted.nearing,
        late: counted.late,
        unassigned: counted.unassigned,
        mine: counted.mine,
        breaches: breaches::count(&deps.db, &desk.watches(), desk.held(), since).await?,
    })
}

/// The limits that were reached without an opinion in cases that `staff` sees, the latest first, after
/// `after`.
pub(super) async fn broken(
    deps: &Deps,
    staff: &Staff,
    after: Option<Since>,
    limit: u64,
    language: Language,
) -> Result<Page<ReviewBreachView>, Error> {
    let desk = desks::of(&deps.db, deps, staff).await?;
    let rows = breaches::page(&deps.db, &desk.watches(), desk.held(), after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last: &review_breach::Model| {
        breaches::since(last).to_string()
    });
    let cases = cases_of(deps, &page.items).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        if let Some(case) = cases.get(&row.case_id) {
            let telling = Telling::of(&deps.db, deps, case, language).await?;
            items.push(ReviewBreachView::of(deps, row, case, &telling));
        }
    }
    Ok(Page {
        items,
        next: page.next,
    })
}

async fn cases_of(
    deps: &Deps,
    rows: &[review_breach::Model],
) -> Result<BTreeMap<CaseId, review_case::Model>, Error> {
    let ids = rows.iter().map(|row| row.case_id).collect();
    let cases = cases::find_all(&deps.db, ids).await?;
    Ok(cases.into_iter().map(|case| (case.id, case)).collect())
}
