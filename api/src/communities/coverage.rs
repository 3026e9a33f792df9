//! Use cases: see which communities have nobody, now and on the days before.

use std::{collections::BTreeMap, str::FromStr};

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    community,
    coverage_gap::Model as Noted,
    values::{Community, Division},
};

use super::{
    duty::Unreadable,
    error::Error,
    rules::{self, Span},
    store::{self, coverage::Count},
    views::{
        CommunityCoverageView, CountiesView, CountyCoverageView, CoverageView, GapView, TodayView,
    },
};
use crate::{deps::Deps, http::page::Page, platform::clock::local_date, regions, staff};

/// The day, and whether it is time that somebody signed in.
pub(super) struct Today {
    pub(super) now: DateTime<Utc>,
    pub(super) day: NaiveDate,
    pub(super) deadline: DateTime<Utc>,
    works: bool,
}

impl Today {
    pub(super) async fn of(deps: &Deps) -> Result<Self, Error> {
        let now = deps.clock.now();
        let day = local_date(now);
        let calendar = regions::calendar_from(&deps.db, day).await?;
        Ok(Self {
            now,
            day,
            deadline: rules::deadline(day, deps.communities.sign_in_by),
            works: calendar.is_working_day(day),
        })
    }

    /// Whether it is a working day on which the time to sign in is over.
    pub(super) fn is_late(&self) -> bool {
        self.works && self.now > self.deadline
    }

    fn view(&self) -> TodayView {
        TodayView {
            day: self.day,
            working_day: self.works,
            sign_in_by: self.works.then_some(self.deadline),
        }
    }
}

/// The codes of the regions that the caller sees, or of `division` alone if it is one of them.
fn spans(scope: &staff::Scope, division: Option<&Division>) -> Result<Vec<Span>, Error> {
    let span = |region: &Division| Span::of(&region.clone().into());
    match division {
        Some(division) if scope.covers(division) => Ok(vec![span(division)]),
        Some(_) => Err(Error::NotFound),
        None => Ok(scope.regions().into_iter().map(span).collect()),
    }
}

/// The open communities within `scope`, each with who is named for it and who signed in today.
pub(super) async fn communities(
    deps: &Deps,
    scope: &staff::Scope,
    division: Option<&Division>,
    after: Option<&Community>,
    limit: u64,
) -> Result<CoverageView, Error> {
    let today = Today::of(deps).await?;
    let spans = spans(scope, division)?;
    let rows = store::directory::open_within(&deps.db, &spans, after, Some(limit + 1)).await?;
    let page = Page::cut(rows, limit, |last: &community::Model| {
        last.code.code().to_owned()
    });
    let codes: Vec<_> = page.items.iter().map(|row| row.code.clone()).collect();
    let issuers = staff::issuers_of_communities(&deps.db, codes.clone(), today.now).await?;
    let there = store::duty::of_communities(&deps.db, today.day, codes).await?;
    let view = |row: community::Model| {
        let named = issuers.iter().filter(|(code, _)| *code == row.code).count();
        let own = || there.iter().filter(|there| there.community == row.code);
        let in_time = own().filter(|there| there.at <= today.deadline).count();
        CommunityCoverageView {
            issuers: named,
            signed_in: own().count(),
            signed_in_in_time: in_time,
            lacks: rules::gap(named, in_time, today.is_late()),
            community: row.code,
            division: row.division,
            name: row.name,
        }
    };
    Ok(CoverageView {
        today: today.view(),
        communities: page.map(view),
    })
}

/// The counties and districts within `scope`, each with how many of its communities lack somebody.
pub(super) async fn counties(
    deps: &Deps,
    scope: &staff::Scope,
    after: Option<&Division>,
    limit: u64,
) -> Result<CountiesView, Error> {
    let today = Today::of(deps).await?;
    let spans = spans(scope, None)?;
    let rows = store::coverage::counties(&deps.db, &spans, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |(last, _): &Count| last.code().to_owned());
    let codes: Vec<Division> = page.items.iter().map(|(code, _)| code.clone()).collect();
    let staffed = staffed(deps, &today, codes.clone()).await?;
    let unnamed = unnamed(deps, &today, codes.clone()).await?;
    let around: Vec<Division> = codes.iter().flat_map(Division::chain).collect();
    let issuers = staff::issuers_of_divisions(&deps.db, around, today.now).await?;
    let view = |(division, communities): Count| {
        let counted = |of: &BTreeMap<Division, i64>| of.get(&division).copied().unwrap_or(0);
        let without_issuer = counted(&unnamed);
        let rest = communities - counted(&staffed) - without_issuer;
        let mut around: Vec<_> = issuers
            .iter()
            .filter(|(region, _)| region.contains(&division))
            .map(|(_, account)| account)
            .collect();
        around.sort_unstable();
        around.dedup();
        CountyCoverageView {
            name: regions::full_name(&division).unwrap_or_default(),
            communities,
            without_issuer,
            without_sign_in: if today.is_late() { rest } else { 0 },
            division_issuers: around.len(),
            division,
        }
    };
    Ok(CountiesView {
        today: today.view(),
        counties: page.map(view),
    })
}

async fn staffed(
    deps: &Deps,
    today: &Today,
    codes: Vec<Division>,
) -> Result<BTreeMap<Division, i64>, Error> {
    let has_issuer = staff::community_has_issuer(today.now);
    let (day, deadline) = (today.day, today.deadline);
    let counts = store::coverage::staffed(&deps.db, codes, day, deadline, has_issuer).await?;
    Ok(counts.into_iter().collect())
}

async fn unnamed(
    deps: &Deps,
    today: &Today,
    codes: Vec<Division>,
) -> Result<BTreeMap<Division, i64>, Error> {
    let has_issuer = staff::community_has_issuer(today.now);
    let counts = store::coverage::unnamed(&deps.db, codes, has_issuer).await?;
    Ok(counts.into_iter().collect())
}

/// Where a page of what was noted begins: after this community on this day.
#[derive(Debug, Clone)]
pub(super) struct Place(NaiveDate, Community);

impl FromStr for Place {
    type Err = Unreadable;

    fn from_str(key: &str) -> Result<Self, Unreadable> {
        let (day, community) = key.split_once('_').ok_or(Unreadable)?;
        let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| Unreadable)?;
        let community = Community::try_from(community.to_owned()).map_err(|_| Unreadable)?;
        Ok(Self(day, community))
    }
}

/// What was noted of communities within `scope`, the last day first.
pub(super) async fn gaps(
    deps: &Deps,
    scope: &staff::Scope,
    after: Option<Place>,
    limit: u64,
) -> Result<Page<GapView>, Error> {
    let after = after.map(|Place(day, community)| (day, community));
    let spans = spans(scope, None)?;
    let rows = store::coverage::gaps(&deps.db, &spans, after.as_ref(), limit + 1).await?;
    let page = Page::cut(rows, limit, |last: &Noted| {
        format!("{}_{}", last.day, last.community.code())
    });
    Ok(page.map(GapView::from))
}
