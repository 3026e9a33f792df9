//! A pass is issued on an application that was granted, and takes the place of the one before it (T6, T8).

use entity::{
    values::{VehiclePassId, VehiclePassVoid},
    vehicle_application,
    vehicle_pass::Model,
};
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    store::passes::{self, Ending},
    submitting::asked_by,
};
use crate::{
    audit::{self, Actor, Event, VehicleEvent},
    credentials::{self, PermitKind},
    deps::Deps,
};

/// Passes that one county numbers.
const SERIALS: i64 = 999_999;

/// Issue a pass on `application`, whose applicant is locked. The one whose place it takes ends when it
/// begins.
pub(super) async fn issue(
    tx: &DatabaseTransaction,
    deps: &Deps,
    application: &vehicle_application::Model,
) -> Result<(), Error> {
    let asked = asked_by(application)?.ok_or(Error::NotFound)?;
    let now = deps.clock.now();
    let id = VehiclePassId(deps.entropy.id());
    let (valid_from, valid_until) = (asked.hours.begin_at(), asked.hours.end_at());
    let serial = passes::next_serial(tx, &application.division).await?;
    if serial > SERIALS {
        return Err(credentials::PermitError::NoRoom.into());
    }
    let status_index =
        credentials::enlist(tx, deps, PermitKind::Vehicle, id.0, valid_until).await?;
    let pass = Model {
        id,
        application_id: application.id,
        type_key: application.type_key.clone(),
        type_version: application.type_version,
        organisation_id: application.organisation_id,
        person_id: application.applied_by,
        division: application.division.clone(),
        number: format!("{}{serial:06}", application.division.code()),
        plate: application.plate.clone(),
        vin: application.vin.clone(),
        route: serde_json::to_value(&asked.route)?,
        hours: serde_json::to_value(&asked.hours)?,
        valid_from,
        valid_until,
        issued_at: now,
        status_index,
        predecessor: application.predecessor,
        void: None,
        void_from: None,
        revocation: None,
        inspected_until: application.inspected_until,
        stood: true,
        reminded_at: None,
        due_at: Some(now),
    };
    passes::insert(tx, pass).await?;
    let event = Event::Vehicle(VehicleEvent::VehiclePassIssued {
        pass: id,
        application: application.id,
    });
    audit::record(tx, deps, Actor::System, application.applied_by, &event).await?;
    if let Some(before) = application.predecessor {
        let ending = Ending {
            void: VehiclePassVoid::Superseded,
            from: valid_from.max(now),
            revocation: None,
        };
        // One that ended meanwhile stays as it ended.
        if passes::end(tx, before, ending, now).await? {
            let event = Event::Vehicle(VehicleEvent::VehiclePassEnded {
                pass: before,
                void: VehiclePassVoid::Superseded,
                reason: None,
            });
            audit::record(tx, deps, Actor::System, application.applied_by, &event).await?;
        }
    }
    Ok(())
}
