//! Applications as cases: what may be done to them, what follows, and what a reviewer sees.

use chrono::{DateTime, Utc};
use entity::{
    review_case, review_step,
    values::{
        AboardRole, CaseAction, CaseOutcome, CaseSubject, Colour, Division, OrganisationId,
        SocialCreditCode, VehicleApplicationId, VehicleApplicationKind, VehiclePassId,
    },
    vehicle_application::Model,
};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use serde_json::Value;

use super::{
    checking,
    error::{DATES_OVER, Error, NOT_OF_THE_UNIT, REGISTRY_SILENT},
    form, issuing, reading, standing,
    store::{aboard, applications},
    submitting::asked_by,
    types::{self, TypeWords},
    views::{Findings, RegistryAnswer, VehicleMaterialView, VehicleView, reference},
};
use crate::{
    deps::Deps,
    http::problem::Problem,
    identity,
    notifications::Reference,
    organisations, regions,
    review::{By, Handler, HandlerError, Permit},
    roads::{Hours, Route},
};

/// Applications for vehicle passes, under review.
#[derive(Debug, Clone, Copy)]
pub struct VehicleReviews;

impl Handler for VehicleReviews {
    fn subject(&self) -> CaseSubject {
        CaseSubject::VehiclePass
    }

    fn reference(&self, case: &review_case::Model) -> Reference {
        reference(case.subject_id)
    }

    fn permits<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a review_case::Model,
        action: CaseAction,
        by: By,
    ) -> BoxFuture<'a, Result<Permit, HandlerError>> {
        async move {
            let against = against(tx, deps, case, action, by).await?;
            Ok(against.map_or(Permit::Yes, Permit::No))
        }
        .boxed()
    }

    fn moved<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a review_case::Model,
        _: &'a review_step::Model,
    ) -> BoxFuture<'a, Result<(), HandlerError>> {
        async move { Ok(follow(tx, deps, case).await?) }.boxed()
    }

    fn show<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a review_case::Model,
    ) -> BoxFuture<'a, Result<Value, HandlerError>> {
        async move {
            match show(tx, deps, case).await {
                Ok(shown) => Ok(serde_json::to_value(shown).unwrap_or_default()),
                // What was decided on long ago is forgotten before its case is.
                Err(Error::NotFound) => Ok(Value::Null),
                Err(error) => Err(error.into()),
            }
        }
        .boxed()
    }
}

async fn row_of(tx: &DatabaseTransaction, case: &review_case::Model) -> Result<Model, Error> {
    let row = applications::find(tx, VehicleApplicationId(case.subject_id)).await?;
    row.ok_or(Error::NotFound)
}

/// What stands against `action`, if anything does.
async fn against(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &review_case::Model,
    action: CaseAction,
    by: By,
) -> Result<Option<Problem>, Error> {
    let row = row_of(tx, case).await?;
    if let By::Person(person) = by
        && let Some(unit) = row.organisation_id
        && organisations::capacity_of(tx, deps, person, unit)
            .await?
            .is_none()
    {
        return Ok(Some(Problem::new(NOT_OF_THE_UNIT)));
    }
    if action != CaseAction::Approve {
        return Ok(None);
    }
    match grantable(tx, deps, &row).await? {
        Ok(()) => Ok(None),
        Err(problem) => Ok(Some(problem)),
    }
}

/// Whether what must hold when a pass is granted does: nobody grants over any of it (T3, T4).
async fn grantable(
    tx: &DatabaseTransaction,
    deps: &Deps,
    row: &Model,
) -> Result<Result<(), Problem>, Error> {
    let now = deps.clock.now();
    let Some(asked) = asked_by(row)? else {
        return Err(Error::NotFound);
    };
    if asked.hours.end_at() <= now {
        return Ok(Err(Problem::new(DATES_OVER)));
    }
    match checking::predecessor(tx, row).await {
        Ok(()) => {}
        Err(error @ Error::NotInForce) => return Ok(Err(error.into())),
        Err(error) => return Err(error),
    }
    let of_type = types::read(tx, &row.type_key, row.type_version).await?;
    let found = row.findings.clone().map(serde_json::from_value::<Findings>);
    let registry = found.transpose()?.map(|found| found.registry);
    if registry == Some(RegistryAnswer::Silent) {
        return Ok(Err(Problem::new(REGISTRY_SILENT)));
    }
    let answer = registry.unwrap_or_default();
    if let Err(error) = checking::weigh_registry(answer, &of_type, &asked) {
        return Ok(Err(error.into()));
    }
    let places = aboard::of(tx, row.id).await?;
    match checking::people(tx, deps, &of_type, &places, now).await {
        Ok(()) => Ok(Ok(())),
        Err(error @ (Error::NotAgreed(_) | Error::NotGreen(_) | Error::NotTested(_))) => {
            Ok(Err(error.into()))
        }
        Err(error) => Err(error),
    }
}

/// Issue what was granted, and close what is over.
async fn follow(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &review_case::Model,
) -> Result<(), Error> {
    let Some(outcome) = case.outcome else {
        return Ok(());
    };
    let row = row_of(tx, case).await?;
    if let CaseOutcome::Approved | CaseOutcome::ByClock = outcome {
        issuing::issue(tx, deps, &row).await?;
    }
    Ok(applications::close(tx, row.id, outcome, deps.clock.now()).await?)
}

/// An application, for whoever decides.
#[derive(Debug, Serialize)]
struct ReviewView {
    application: VehicleApplicationId,
    reference: Reference,
    kind: VehicleApplicationKind,
    #[serde(rename = "type")]
    title: TypeWords,
    unit: Option<UnitView>,
    masked_name: Option<String>,
    /// Where the applicant, or who acts for them, can be called.
    telephone: Option<String>,
    vehicle: VehicleView,
    route: Option<Route>,
    hours: Option<Hours>,
    purpose: Option<String>,
    people: Vec<RiderView>,
    materials: Vec<VehicleMaterialView>,
    findings: Option<Value>,
    predecessor: Option<VehiclePassId>,
    submitted_at: Option<DateTime<Utc>>,
}

/// The unit that applies.
#[derive(Debug, Serialize)]
struct UnitView {
    id: OrganisationId,
    name: String,
    credit_code: SocialCreditCode,
    division: Division,
    place: Option<String>,
}

/// Somebody aboard: what they show, and no more of them.
#[derive(Debug, Serialize)]
struct RiderView {
    role: AboardRole,
    masked_name: Option<String>,
    colour: Colour,
    tested_at: Option<DateTime<Utc>>,
}

async fn show(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &review_case::Model,
) -> Result<ReviewView, Error> {
    let row = row_of(tx, case).await?;
    let of_type = types::read(tx, &row.type_key, row.type_version).await?;
    let places = aboard::of(tx, row.id).await?;
    let mut people = Vec::with_capacity(places.len());
    for one in standing::found(tx, deps, &places, deps.clock.now()).await? {
        people.push(RiderView {
            role: one.role,
            masked_name: identity::masked_name_of(tx, deps, one.person).await?,
            colour: one.live.colour,
            tested_at: one.live.latest_test.map(|test| test.sampled_at),
        });
    }
    let unit = match row.organisation_id {
        Some(unit) => applications::unit(tx, unit).await?.map(|unit| UnitView {
            place: regions::full_name(&unit.division),
            id: unit.id,
            name: unit.name,
            credit_code: unit.credit_code,
            division: unit.division,
        }),
        None => None,
    };
    let materials = applications::materials(tx, row.id).await?;
    let reach = identity::reach_of(tx, deps, row.applied_by).await?;
    Ok(ReviewView {
        application: row.id,
        reference: reference(row.id.0),
        kind: row.kind,
        title: of_type.title,
        unit,
        masked_name: reach.masked_name,
        telephone: reach.phone.map(|phone| phone.reveal().to_owned()),
        route: form::route_of(&row)?,
        hours: form::hours_of(&row)?,
        purpose: reading::purpose_of(tx, deps, &row).await?,
        vehicle: VehicleView {
            plate: row.plate,
            plate_colour: row.plate_colour,
            vin: row.vin,
        },
        people,
        materials: materials
            .into_iter()
            .map(|one| VehicleMaterialView {
                kind: one.kind,
                upload: one.upload_id,
            })
            .collect(),
        findings: row.findings,
        predecessor: row.predecessor,
        submitted_at: row.submitted_at,
    })
}
