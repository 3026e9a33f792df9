//! Use cases: show passes, and sign what their QR symbol says.

use chrono::{DateTime, Utc};
use entity::{values::VehiclePassId, vehicle_pass::Model};
use sea_orm::ConnectionTrait;

use super::{
    caller::Caller,
    error::Error,
    requests::VehiclesParams,
    rules::{self, Mark, Standing},
    standing,
    store::{aboard, applications, passes},
    types,
    views::{VehiclePassView, VehicleRiderView, VehicleView},
};
use crate::{
    credentials::{self, Permit, PermitFace, PermitKind, permit::MAX_LIFE},
    deps::Deps,
    http::page::{Page, Place},
    identity, regions,
    roads::Route,
    staff::Staff,
};

/// The permit that every copy of `pass` is.
pub(super) fn permit_of(pass: &Model) -> Result<Permit, Error> {
    let (route, _) = standing::way_of(pass)?;
    let (mark, site) = ends(&route);
    Ok(Permit {
        kind: PermitKind::Vehicle,
        id: *pass.id.0.as_bytes(),
        not_before: pass.valid_from,
        expires_at: pass.valid_until,
        status_index: pass.status_index,
        face: PermitFace {
            holder: mark_of(pass),
            mark,
            site,
            number: pass.number.clone(),
        },
    })
}

/// What the vehicle of `pass` is called: its plate, or the temporary number that stands for one.
pub(super) fn mark_of(pass: &Model) -> String {
    match &pass.plate {
        Some(plate) => plate.as_str().to_owned(),
        None => rules::temporary_number(&pass.number),
    }
}

/// The temporary number of the vehicle of `pass`, where it has no plate.
pub(super) fn temporary_number_of(pass: &Model) -> Option<String> {
    let registered = pass.plate.is_some();
    (!registered).then(|| rules::temporary_number(&pass.number))
}

/// Where a route begins and where it ends.
fn ends(route: &Route) -> (String, String) {
    match route {
        Route::Sections { sections } => {
            let end = |section: Option<&entity::values::SectionCode>| {
                section.map(|section| section.as_str().to_owned())
            };
            (
                end(sections.first()).unwrap_or_default(),
                end(sections.last()).unwrap_or_default(),
            )
        }
        Route::Freight {
            origin,
            destination,
        } => (origin.code().to_owned(), destination.code().to_owned()),
    }
}

/// The signed text of `pass`, which stands as `standing`. None unless it counts, or will before long.
pub(super) async fn token(
    db: &impl ConnectionTrait,
    deps: &Deps,
    pass: &Model,
    standing: Standing,
    now: DateTime<Utc>,
) -> Result<Option<String>, Error> {
    // A permit lives for so long from its signing.
    let near = pass.valid_until - now <= MAX_LIFE;
    match standing {
        Standing::Good | Standing::NotYet if near => {
            let permit = permit_of(pass)?;
            Ok(Some(credentials::sign_for(db, deps, &permit).await?))
        }
        _ => Ok(None),
    }
}

/// Whose `pass` is, by name: the unit, or the person, masked.
pub(super) async fn holder_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    pass: &Model,
) -> Result<String, Error> {
    let name = match pass.organisation_id {
        Some(unit) => applications::unit(db, unit).await?.map(|unit| unit.name),
        None => identity::masked_name_of(db, deps, pass.person_id).await?,
    };
    Ok(name.unwrap_or_default())
}

/// `pass` as its holder reads it; the authority sees the same without the signed text.
pub(super) async fn view(
    db: &impl ConnectionTrait,
    deps: &Deps,
    pass: Model,
    signed: bool,
) -> Result<VehiclePassView, Error> {
    let now = deps.clock.now();
    let places = aboard::of(db, pass.application_id).await?;
    let found = standing::found(db, deps, &places, now).await?;
    let (standing, because) = standing::standing_with(&pass, &found, now);
    let mut people = Vec::with_capacity(found.len());
    for one in &found {
        people.push(VehicleRiderView {
            role: one.role,
            name: identity::masked_name_of(db, deps, one.person).await?,
            colour: one.live.colour,
        });
    }
    let of_type = types::read(db, &pass.type_key, pass.type_version).await?;
    let token = if signed {
        token(db, deps, &pass, standing, now).await?
    } else {
        None
    };
    let (route, hours) = standing::way_of(&pass)?;
    Ok(VehiclePassView {
        temporary_number: temporary_number_of(&pass),
        holder: holder_of(db, deps, &pass).await?,
        id: pass.id,
        number: pass.number,
        application: pass.application_id,
        of_type: pass.type_key,
        title: of_type.title,
        vehicle: VehicleView {
            plate: pass.plate,
            plate_colour: None,
            vin: pass.vin,
        },
        issued_by: regions::full_name(&pass.division),
        division: pass.division,
        route,
        hours,
        people,
        valid_from: pass.valid_from,
        valid_until: pass.valid_until,
        issued_at: pass.issued_at,
        standing,
        because,
        revocation: pass.revocation,
        inspected_until: pass.inspected_until,
        predecessor: pass.predecessor,
        token,
    })
}

/// The pass `id` of the caller.
pub(super) async fn own(
    db: &impl ConnectionTrait,
    deps: &Deps,
    caller: &Caller,
    id: VehiclePassId,
) -> Result<Model, Error> {
    let pass = passes::find(db, id).await?;
    caller.own(db, deps, pass).await
}

/// A pass of the caller.
pub(super) async fn one(
    deps: &Deps,
    caller: &Caller,
    id: VehiclePassId,
) -> Result<VehiclePassView, Error> {
    let pass = own(&deps.db, deps, caller, id).await?;
    view(&deps.db, deps, pass, true).await
}

/// Those of the caller, newest first.
pub(super) async fn list(
    deps: &Deps,
    caller: &Caller,
    after: Option<Place>,
    params: &VehiclesParams,
) -> Result<Page<VehiclePassView>, Error> {
    let whose = caller.whose(&deps.db, deps, params.organisation).await?;
    let rows = passes::list(&deps.db, whose, after, params.limit + 1).await?;
    let page = Page::cut(rows, params.limit, |last: &Model| {
        let (at, id) = (last.issued_at, last.id.0);
        Place { at, id }.to_string()
    });
    views(deps, page).await
}

async fn views(deps: &Deps, page: Page<Model>) -> Result<Page<VehiclePassView>, Error> {
    let mut items = Vec::with_capacity(page.items.len());
    for pass in page.items {
        items.push(view(&deps.db, deps, pass, false).await?);
    }
    Ok(Page {
        items,
        next: page.next,
    })
}

/// The pass `id`, where `staff` decide.
pub(super) async fn in_charge(
    db: &impl ConnectionTrait,
    staff: &Staff,
    id: VehiclePassId,
) -> Result<Model, Error> {
    let pass = passes::find(db, id).await?;
    let pass = pass.filter(|pass| staff.scope.covers(&pass.division));
    pass.ok_or(Error::NotFound)
}

/// A pass where `staff` decide.
pub(super) async fn seen_by(
    deps: &Deps,
    staff: &Staff,
    id: VehiclePassId,
) -> Result<VehiclePassView, Error> {
    let pass = in_charge(&deps.db, staff, id).await?;
    view(&deps.db, deps, pass, false).await
}

/// Those where `staff` decide, by id; only those of `vehicle`, if it is named.
pub(super) async fn of_staff(
    deps: &Deps,
    staff: &Staff,
    vehicle: Option<&Mark>,
    after: Option<VehiclePassId>,
    limit: u64,
) -> Result<Page<VehiclePassView>, Error> {
    let regions = staff.scope.regions();
    let rows = passes::within(&deps.db, &regions, vehicle, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last: &Model| last.id.to_string());
    views(deps, page).await
}
