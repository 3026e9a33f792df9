//! Use cases: read venues, and what units asked for.

use std::collections::BTreeMap;

use entity::{
    review_case,
    values::{CaseAction, CaseId, OrganisationId, VenueId},
    venue, venue_application,
};
use sea_orm::ConnectionTrait;

pub(super) use super::store::applications::Whose;
use super::{
    error::Error,
    rules::CodeId,
    store::{self, applications},
    views::{VenueApplicationView, VenueRefusalView, VenueUnitView, VenueView, VenuesParams},
};
use crate::{
    deps::Deps,
    http::page::{Page, Place},
    organisations::UnitActor,
    regions, review,
    staff::Staff,
};

/// A venue of `unit`.
pub(super) async fn own(
    db: &impl ConnectionTrait,
    unit: &UnitActor,
    id: VenueId,
) -> Result<venue::Model, Error> {
    let row = store::find(db, id).await?;
    let row = row.filter(|row| row.organisation_id == unit.organisation);
    row.ok_or(Error::NoSuchVenue)
}

/// A venue of `unit`, as people see it.
pub(super) async fn one(deps: &Deps, unit: &UnitActor, id: VenueId) -> Result<VenueView, Error> {
    let row = own(&deps.db, unit, id).await?;
    view(&deps.db, deps, row).await
}

/// A venue where `staff` decide, as people see it.
pub(super) async fn seen_by(deps: &Deps, staff: &Staff, id: VenueId) -> Result<VenueView, Error> {
    let row = in_charge(&deps.db, staff, id).await?;
    view(&deps.db, deps, row).await
}

/// A venue where `staff` decide.
pub(super) async fn in_charge(
    db: &impl ConnectionTrait,
    staff: &Staff,
    id: VenueId,
) -> Result<venue::Model, Error> {
    let row = store::find(db, id).await?;
    let row = row.filter(|row| staff.scope.covers(&row.division));
    row.ok_or(Error::NoSuchVenue)
}

/// `row` as people see it.
pub(super) async fn view(
    db: &impl ConnectionTrait,
    deps: &Deps,
    row: venue::Model,
) -> Result<VenueView, Error> {
    let views = views(db, deps, vec![row]).await?;
    views.into_iter().next().ok_or(Error::NoSuchVenue)
}

async fn views(
    db: &impl ConnectionTrait,
    deps: &Deps,
    rows: Vec<venue::Model>,
) -> Result<Vec<VenueView>, Error> {
    let codes = store::doors::codes_of(db, rows.iter().map(|row| row.id).collect()).await?;
    let text = |id: &str| CodeId::read(id).map(|id| deps.doors.printed(id));
    let codes = codes.iter().map(|code| (code.venue_id, text(&code.id)));
    let mut codes: BTreeMap<VenueId, Option<String>> = codes.collect();
    let mut units: Vec<OrganisationId> = rows.iter().map(|row| row.organisation_id).collect();
    units.sort_unstable();
    units.dedup();
    let units = store::units(db, units).await?;
    let units = units
        .iter()
        .map(|unit| (unit.id, VenueUnitView::from(unit)));
    let units: BTreeMap<OrganisationId, VenueUnitView> = units.collect();
    let view = |row: venue::Model| {
        let unit = units.get(&row.organisation_id)?.clone();
        let place = regions::full_name(&row.division);
        let code = codes.remove(&row.id).flatten();
        Some(VenueView::of(row, unit, place, code))
    };
    Ok(rows.into_iter().filter_map(view).collect())
}

/// The venues of `unit`, newest first, after `after`.
pub(super) async fn of_unit(
    deps: &Deps,
    unit: &UnitActor,
    after: Option<Place>,
    limit: u64,
) -> Result<Page<VenueView>, Error> {
    let rows = store::of_unit(&deps.db, unit.organisation, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last: &venue::Model| {
        let (at, id) = (last.applied_at, last.id.0);
        Place { at, id }.to_string()
    });
    Ok(Page {
        items: views(&deps.db, deps, page.items).await?,
        next: page.next,
    })
}

/// The venues where `staff` decide, by id.
pub(super) async fn of_staff(
    deps: &Deps,
    staff: &Staff,
    after: Option<VenueId>,
    params: &VenuesParams,
) -> Result<Page<VenueView>, Error> {
    let regions = staff.scope.regions();
    let (state, category, limit) = (params.state, params.category, params.limit);
    let rows = store::within(&deps.db, &regions, state, category, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last: &venue::Model| last.id.to_string());
    Ok(Page {
        items: views(&deps.db, deps, page.items).await?,
        next: page.next,
    })
}

/// What a unit or somebody asked for, newest first, after `after`.
pub(super) async fn applications(
    deps: &Deps,
    whose: Whose,
    after: Option<Place>,
    limit: u64,
) -> Result<Page<VenueApplicationView>, Error> {
    let rows = applications::list(&deps.db, whose, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last: &venue_application::Model| {
        let (at, id) = (last.applied_at, last.id.0);
        Place { at, id }.to_string()
    });
    Ok(Page {
        items: tell(deps, page.items).await?,
        next: page.next,
    })
}

/// `rows` with what became of them, in their order.
pub(super) async fn tell(
    deps: &Deps,
    rows: Vec<venue_application::Model>,
) -> Result<Vec<VenueApplicationView>, Error> {
    let cases = applications::cases_about(&deps.db, rows.iter().map(|row| row.id)).await?;
    let mut refusals = refusals(deps, &cases).await?;
    let cases: BTreeMap<_, _> = cases.iter().map(|case| (case.subject_id, case)).collect();
    let told = rows.into_iter().filter_map(|row| {
        let case = cases.get(&row.id.0)?;
        let refusal = refusals.remove(&case.id);
        Some(VenueApplicationView::of(row, case, refusal))
    });
    Ok(told.collect())
}

/// Why those of `cases` were refused that were.
async fn refusals(
    deps: &Deps,
    cases: &[review_case::Model],
) -> Result<BTreeMap<CaseId, VenueRefusalView>, Error> {
    let steps = applications::last_steps(&deps.db, cases).await?;
    let mut refusals = BTreeMap::new();
    for case in cases {
        let step = steps.iter().find(|step| step.case_id == case.id);
        let Some(reason) = step.and_then(|step| step.reason.as_deref()) else {
            continue;
        };
        let stage = review::stage_of(&deps.db, deps, case).await?;
        let rule = stage.action(CaseAction::Refuse);
        if let Some(rule) = rule.and_then(|rule| rule.reason(reason)) {
            refusals.insert(case.id, rule.into());
        }
    }
    Ok(refusals)
}
