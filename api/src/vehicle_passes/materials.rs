//! What is uploaded for an application: held as long as it belongs to it, and on record when that begins and
//! ends.

use entity::{values::UploadId, vehicle_application::Model, vehicle_material};
use sea_orm::DatabaseTransaction;

use super::{error::Error, requests::VehicleMaterialRequest, store::applications};
use crate::{
    audit::{self, Actor, Event, VehicleEvent},
    deps::Deps,
    http::problem::{FieldFault, Text},
    uploads::{self, Owner},
};

/// Whose uploads belong to an application.
fn owner(row: &Model) -> Owner {
    match row.organisation_id {
        Some(unit) => Owner::Unit(unit),
        None => Owner::Person(row.applied_by),
    }
}

/// Have just `materials` belong to `row`.
pub(super) async fn hold_all(
    tx: &DatabaseTransaction,
    deps: &Deps,
    by: Actor,
    row: &Model,
    materials: &[VehicleMaterialRequest],
) -> Result<(), Error> {
    for known in applications::materials(tx, row.id).await? {
        let upload = known.upload_id;
        let stays = |one: &VehicleMaterialRequest| (one.upload, one.kind) == (upload, known.kind);
        if materials.iter().any(stays) {
            continue;
        }
        if !materials.iter().any(|one| one.upload == upload) {
            uploads::let_go_of(tx, deps, upload, row.id.0).await?;
            gone(tx, deps, by, row, upload).await?;
        }
        applications::drop_material(tx, row.id, upload).await?;
    }
    let known = applications::materials(tx, row.id).await?;
    let is_new = |one: &&VehicleMaterialRequest| {
        let mut known = known.iter();
        !known.any(|known| (known.upload_id, known.kind) == (one.upload, one.kind))
    };
    refuse_repeated(materials)?;
    let more: Vec<_> = materials.iter().filter(is_new).cloned().collect();
    hold_more(tx, deps, by, row, &more).await
}

/// Note that `upload` belongs to `row` no more.
pub(super) async fn gone(
    tx: &DatabaseTransaction,
    deps: &Deps,
    by: Actor,
    row: &Model,
    upload: UploadId,
) -> Result<(), Error> {
    let event = Event::Vehicle(VehicleEvent::VehicleMaterialGone {
        application: row.id,
        upload,
    });
    Ok(audit::record(tx, deps, by, row.applied_by, &event).await?)
}

fn refuse_repeated(materials: &[VehicleMaterialRequest]) -> Result<(), Error> {
    let earlier = |at, upload| {
        materials
            .iter()
            .take(at)
            .any(|other| other.upload == upload)
    };
    let mut numbered = materials.iter().enumerate();
    match numbered.find(|(at, one)| earlier(*at, one.upload)) {
        Some((at, _)) => Err(repeated(at)),
        None => Ok(()),
    }
}

fn repeated(at: usize) -> Error {
    Error::Form(vec![FieldFault::new(
        format!("materials[{at}].upload"),
        "repeated",
        Text::new("重复", "is named twice"),
    )])
}

/// Have `materials` belong to `row` as well.
pub(super) async fn hold_more(
    tx: &DatabaseTransaction,
    deps: &Deps,
    by: Actor,
    row: &Model,
    materials: &[VehicleMaterialRequest],
) -> Result<(), Error> {
    refuse_repeated(materials)?;
    let known = applications::materials(tx, row.id).await?;
    for (at, material) in materials.iter().enumerate() {
        if known.iter().any(|known| known.upload_id == material.upload) {
            return Err(repeated(at));
        }
        uploads::hold(tx, material.upload, owner(row), row.id.0).await?;
        let kept = vehicle_material::Model {
            application_id: row.id,
            upload_id: material.upload,
            kind: material.kind,
            added_at: deps.clock.now(),
        };
        applications::add_material(tx, kept).await?;
        let event = Event::Vehicle(VehicleEvent::VehicleMaterialKept {
            application: row.id,
            upload: material.upload,
        });
        audit::record(tx, deps, by, row.applied_by, &event).await?;
    }
    Ok(())
}
