//! Use cases: read applications and what one was asked.

use entity::{
    review_case,
    values::{CaseAction, CaseSubject, PersonId, VehicleApplicationId},
    vehicle_aboard,
    vehicle_application::Model,
    vehicle_pass,
};
use sea_orm::ConnectionTrait;

use super::{
    caller::Caller,
    drafting::PURPOSE,
    error::Error,
    form,
    requests::VehiclesParams,
    rules::ASKED,
    standing,
    store::{aboard, applications, passes},
    views::{
        AboardView, VehicleApplicationView, VehicleInvitationView, VehicleMaterialView,
        VehicleRefusalView, VehicleStageView, VehicleView, reference,
    },
};
use crate::{
    deps::Deps,
    http::page::{Page, Place},
    identity, regions, review,
};

/// `row` as its applicant reads it.
pub(super) async fn application(
    db: &impl ConnectionTrait,
    deps: &Deps,
    row: Model,
) -> Result<VehicleApplicationView, Error> {
    let mut people = Vec::new();
    for place in aboard::of(db, row.id).await? {
        people.push(AboardView::open(db, deps, &place).await?);
    }
    let materials = applications::materials(db, row.id).await?;
    let materials = materials.into_iter().map(|one| VehicleMaterialView {
        kind: one.kind,
        upload: one.upload_id,
    });
    let case = review::case_about(db, CaseSubject::VehiclePass, row.id.0).await?;
    let (stage, refusal) = match &case {
        Some(case) => told(db, deps, case).await?,
        None => (None, None),
    };
    let pass = passes::of_applications(db, [row.id]).await?;
    Ok(VehicleApplicationView {
        id: row.id,
        reference: reference(row.id.0).into(),
        kind: row.kind,
        state: row.state,
        route: form::route_of(&row)?,
        hours: form::hours_of(&row)?,
        purpose: purpose_of(db, deps, &row).await?,
        findings: row.findings.map(serde_json::from_value).transpose()?,
        of_type: row.type_key,
        type_version: row.type_version,
        organisation: row.organisation_id,
        applied_by: row.applied_by,
        place: regions::full_name(&row.division),
        division: row.division,
        created_at: row.created_at,
        saved_at: row.saved_at,
        agreed_at: row.agreed_at,
        vehicle: VehicleView {
            plate: row.plate,
            plate_colour: row.plate_colour,
            vin: row.vin,
        },
        people,
        materials: materials.collect(),
        predecessor: row.predecessor,
        submitted_at: row.submitted_at,
        case: case.map(|case| case.id),
        stage,
        outcome: row.outcome,
        closed_at: row.closed_at,
        refusal,
        pass: pass.first().map(|pass| pass.id),
    })
}

/// What the pass of `row` is asked for, in words.
pub(super) async fn purpose_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    row: &Model,
) -> Result<Option<String>, Error> {
    let Some(sealed) = &row.purpose else {
        return Ok(None);
    };
    let key = identity::data_key_of(db, deps, row.applied_by).await?;
    let place = PURPOSE.owned_by(row.id.0.as_bytes());
    Ok(Some(key.open_text(place, sealed)?.to_string()))
}

/// How far `case` got, and why it was refused if it was.
async fn told(
    db: &impl ConnectionTrait,
    deps: &Deps,
    case: &review_case::Model,
) -> Result<(Option<VehicleStageView>, Option<VehicleRefusalView>), Error> {
    let stage = review::stage_of(db, deps, case).await?;
    let place = case.area.division().ok();
    let place = place.and_then(|place| regions::full_name(&place));
    let last = applications::last_step(db, case).await?;
    let reason = last.and_then(|step| step.reason);
    let refusal = stage.action(CaseAction::Refuse).zip(reason);
    let refusal = refusal.and_then(|(rule, reason)| rule.reason(&reason).map(Into::into));
    Ok((Some(VehicleStageView::of(case, &stage, place)), refusal))
}

/// An application of the caller.
pub(super) async fn one(
    deps: &Deps,
    caller: &Caller,
    id: VehicleApplicationId,
) -> Result<VehicleApplicationView, Error> {
    let row = applications::find(&deps.db, id).await?;
    let row = caller.own(&deps.db, deps, row).await?;
    application(&deps.db, deps, row).await
}

/// Those of the caller, newest first.
pub(super) async fn list(
    deps: &Deps,
    caller: &Caller,
    after: Option<Place>,
    params: &VehiclesParams,
) -> Result<Page<VehicleApplicationView>, Error> {
    let whose = caller.whose(&deps.db, deps, params.organisation).await?;
    let rows = applications::list(&deps.db, whose, after, params.limit + 1).await?;
    let page = Page::cut(rows, params.limit, |last: &Model| {
        let (at, id) = (last.created_at, last.id.0);
        Place { at, id }.to_string()
    });
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        items.push(application(&deps.db, deps, row).await?);
    }
    Ok(Page {
        items,
        next: page.next,
    })
}

/// Who applied for `row`, as those see it who are asked aboard.
pub(super) async fn applicant_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    row: &Model,
) -> Result<Option<String>, Error> {
    Ok(match row.organisation_id {
        Some(unit) => applications::unit(db, unit).await?.map(|unit| unit.name),
        None => identity::masked_name_of(db, deps, row.applied_by).await?,
    })
}

/// The place `place` of `row`, as `reader` sees it, who takes it or acts for whoever does.
pub(super) async fn invitation(
    db: &impl ConnectionTrait,
    deps: &Deps,
    place: &vehicle_aboard::Model,
    row: Model,
    (pass, reader): (Option<&vehicle_pass::Model>, PersonId),
) -> Result<VehicleInvitationView, Error> {
    let now = deps.clock.now();
    let standing = match pass {
        Some(pass) => Some(standing::standing_of(db, deps, pass, now).await?.0),
        None => None,
    };
    let rider = match place.person_id {
        Some(rider) if rider != reader => identity::masked_name_of(db, deps, rider).await?,
        _ => None,
    };
    let open = place.agreed_at.is_none() && place.ended_at.is_none();
    Ok(VehicleInvitationView {
        id: place.id,
        role: place.role,
        rider,
        applicant: applicant_of(db, deps, &row).await?,
        route: form::route_of(&row)?,
        hours: form::hours_of(&row)?,
        vehicle: VehicleView {
            plate: row.plate,
            plate_colour: row.plate_colour,
            vin: row.vin,
        },
        asked_at: place.asked_at,
        until: open.then_some(place.asked_at + ASKED),
        agreed_at: place.agreed_at,
        ended_at: place.ended_at,
        standing,
    })
}
