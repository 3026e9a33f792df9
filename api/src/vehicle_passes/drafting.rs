//! Use cases of applicants: begin an application, fill it in as one goes, give it up.

use chrono::{DateTime, Utc};
use entity::{
    values::{
        Division, Plate, PlateColour, VehicleApplicationId, VehicleApplicationKind,
        VehicleApplicationState,
    },
    vehicle_application::Model,
};
use sea_orm::DatabaseTransaction;

use super::{
    caller::Caller,
    error::Error,
    materials, reading,
    requests::{VehicleApplicationRequest, VehicleFormRequest, VehicleRequest},
    rules::MOST_OPEN,
    store::applications::{self, Whose},
    types::{self, ApplicantKind, PassType},
    views::VehicleApplicationView,
};
use crate::{
    audit::Actor,
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        problem::{FieldFault, Text},
    },
    identity,
    platform::{db::begin_write, vault::Column},
    regions::{self, Standing},
    roads::HoursRequest,
    uploads,
};

/// What a pass is asked for, sealed.
pub(super) const PURPOSE: Column = Column("vehicle_application.purpose");

/// Begin an application.
pub(super) async fn begin(
    deps: &Deps,
    caller: &Caller,
    key: &IdempotencyKey,
    request: VehicleApplicationRequest,
) -> Result<Answer, Error> {
    check_place(deps, &request.division)?;
    let effect = async |tx: &DatabaseTransaction| {
        let person = caller.person(tx).await?;
        identity::lock(tx, person).await?;
        let whose = caller.whose(tx, deps, request.organisation).await?;
        let of_type = types::newest(tx, &request.of_type).await?;
        check_applicant(&of_type, whose)?;
        let now = deps.clock.now();
        let row = Model {
            organisation_id: match whose {
                Whose::Unit(unit) => Some(unit),
                Whose::Person(_) => None,
            },
            applied_by: person,
            ..blank(deps, &of_type, request.division.clone(), now)
        };
        insert(tx, deps, whose, row).await
    };
    idempotency::once(
        deps,
        &caller.key(),
        "begin-vehicle-application",
        key,
        &request,
        effect,
    )
    .await
}

/// An application in which nothing is filled in; who applies is left to the caller.
fn blank(deps: &Deps, of_type: &PassType, division: Division, now: DateTime<Utc>) -> Model {
    Model {
        id: VehicleApplicationId(deps.entropy.id()),
        kind: VehicleApplicationKind::New,
        state: VehicleApplicationState::Draft,
        type_key: of_type.key.clone(),
        type_version: of_type.version,
        organisation_id: None,
        applied_by: entity::values::PersonId(uuid::Uuid::nil()),
        division,
        created_at: now,
        saved_at: now,
        agreed_at: None,
        plate: None,
        plate_colour: None,
        vin: None,
        route: None,
        hours: None,
        purpose: None,
        predecessor: None,
        submitted_at: None,
        findings: None,
        inspected_until: None,
        ask_at: None,
        outcome: None,
        closed_at: None,
    }
}

/// Keep a new draft of `whose`, if they have room for one more.
pub(super) async fn insert(
    tx: &DatabaseTransaction,
    deps: &Deps,
    whose: Whose,
    row: Model,
) -> Result<(Outcome, VehicleApplicationView), Error> {
    if applications::count_open(tx, whose).await? >= MOST_OPEN {
        return Err(Error::TooManyOpen);
    }
    applications::insert(tx, row.clone()).await?;
    let view = reading::application(tx, deps, row).await?;
    Ok((Outcome::Created, view))
}

/// Whether the type is for who applies.
pub(super) fn check_applicant(of_type: &PassType, whose: Whose) -> Result<(), Error> {
    let kind = match whose {
        Whose::Unit(_) => ApplicantKind::Unit,
        Whose::Person(_) => ApplicantKind::Person,
    };
    if of_type.applicants.contains(&kind) {
        Ok(())
    } else {
        Err(Error::NotForApplicant)
    }
}

/// Whether `division` is a county or district in force, or a city without any.
fn check_place(deps: &Deps, division: &Division) -> Result<(), Error> {
    let innermost = regions::children(Some(division)).is_empty();
    if !innermost || regions::standing(division) != Standing::Current {
        return Err(Error::NoSuchPlace);
    }
    let here = [&deps.policy.province].into_iter();
    let mut here = here.chain(&deps.organisations.registered_in);
    if here.any(|place| division.code().starts_with(place)) {
        Ok(())
    } else {
        Err(Error::NoSuchPlace)
    }
}

/// The draft `id` of the caller, which nobody else changes until the transaction ends.
pub(super) async fn draft(
    tx: &DatabaseTransaction,
    deps: &Deps,
    caller: &Caller,
    id: VehicleApplicationId,
) -> Result<Model, Error> {
    let row = applications::lock(tx, id).await?;
    let row = caller.own(tx, deps, row).await?;
    if row.state == VehicleApplicationState::Draft {
        Ok(row)
    } else {
        Err(Error::NotADraft)
    }
}

/// Keep what is filled in by now. It need not be whole, but what is there is right.
pub(super) async fn fill_in(
    deps: &Deps,
    caller: &Caller,
    id: VehicleApplicationId,
    request: VehicleFormRequest,
) -> Result<VehicleApplicationView, Error> {
    let tx = begin_write(&deps.db).await?;
    let mut row = draft(&tx, deps, caller, id).await?;
    let of_type = types::read(&tx, &row.type_key, row.type_version).await?;
    let now = deps.clock.now();
    row.agreed_at = agreed(&row, &of_type, request.agreement.as_deref(), now)?;
    say_vehicle(&mut row, request.vehicle.as_ref())?;
    row.route = request.route.map(serde_json::to_value).transpose()?;
    let hours = request.hours.map(HoursRequest::read).transpose()?;
    row.hours = hours.map(serde_json::to_value).transpose()?;
    row.purpose = match &request.purpose {
        Some(text) => Some(seal_purpose(&tx, deps, &row, text).await?),
        None => None,
    };
    row.saved_at = now;
    materials::hold_all(&tx, deps, caller.actor(), &row, &request.materials).await?;
    applications::save(&tx, row.clone()).await?;
    let view = reading::application(&tx, deps, row).await?;
    tx.commit().await?;
    Ok(view)
}

/// Since when the agreement is accepted, if `version` is the one of the type.
fn agreed(
    row: &Model,
    of_type: &PassType,
    version: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Error> {
    match version {
        None => Ok(None),
        Some(version) if version == of_type.agreement.version => {
            Ok(Some(row.agreed_at.unwrap_or(now)))
        }
        Some(_) => Err(Error::Form(vec![FieldFault::new(
            "agreement",
            "other_version",
            Text::new("协议版本不符", "is not the version of this type"),
        )])),
    }
}

/// Write into `row` which vehicle it is. Of a pass that is changed or renewed it stays the same.
fn say_vehicle(row: &mut Model, said: Option<&VehicleRequest>) -> Result<(), Error> {
    let before = (row.plate.clone(), row.vin.clone());
    let plate = said.and_then(|vehicle| vehicle.plate.as_deref());
    row.plate = plate.map(Plate::parse).transpose()?;
    row.plate_colour = said.and_then(|vehicle| vehicle.plate_colour);
    let vin = said.and_then(|vehicle| vehicle.vin.as_deref());
    row.vin = vin.map(read_vin).transpose()?;
    if let Some(plate) = &row.plate {
        check_colour(plate, row.plate_colour)?;
    }
    if row.predecessor.is_some() && before != (row.plate.clone(), row.vin.clone()) {
        return Err(Error::Form(vec![FieldFault::new(
            "vehicle",
            "other_vehicle",
            Text::new(
                "变更或续期不能更换车辆",
                "is another one: a change or renewal is for the same vehicle",
            ),
        )]));
    }
    Ok(())
}

fn check_colour(plate: &Plate, colour: Option<PlateColour>) -> Result<(), Error> {
    let fault = |code, message| {
        let fault = FieldFault::new("vehicle.plate_colour", code, message);
        Err(Error::Form(vec![fault]))
    };
    match colour {
        None => fault("missing", Text::new("须填写", "is missing")),
        Some(colour) if plate.class().colours().contains(&colour) => Ok(()),
        Some(_) => fault(
            "other_class",
            Text::new("与号牌种类不符", "is not one that such plates come in"),
        ),
    }
}

fn read_vin(text: &str) -> Result<String, Error> {
    super::rules::vin(text).ok_or_else(|| {
        Error::Form(vec![FieldFault::new(
            "vehicle.vin",
            "vin",
            Text::new("不是车辆识别代号", "is no vehicle identification number"),
        )])
    })
}

/// Seal what a pass is asked for.
pub(super) async fn seal_purpose(
    tx: &DatabaseTransaction,
    deps: &Deps,
    row: &Model,
    text: &str,
) -> Result<Vec<u8>, Error> {
    let key = identity::data_key_of(tx, deps, row.applied_by).await?;
    let place = PURPOSE.owned_by(row.id.0.as_bytes());
    Ok(key.seal(place, text.as_bytes(), &*deps.entropy)?)
}

/// Give up a draft: nothing of it is kept.
pub(super) async fn discard(
    deps: &Deps,
    caller: &Caller,
    id: VehicleApplicationId,
) -> Result<(), Error> {
    let tx = begin_write(&deps.db).await?;
    let row = draft(&tx, deps, caller, id).await?;
    forget(&tx, deps, caller.actor(), &row).await?;
    tx.commit().await?;
    Ok(())
}

/// Forget an application and all that belongs to it.
pub(super) async fn forget(
    tx: &DatabaseTransaction,
    deps: &Deps,
    by: Actor,
    row: &Model,
) -> Result<(), Error> {
    for material in applications::materials(tx, row.id).await? {
        materials::gone(tx, deps, by, row, material.upload_id).await?;
    }
    uploads::let_go(tx, deps, row.id.0).await?;
    Ok(applications::forget(tx, row.id).await?)
}
