//! Use cases of the authority: count applications, look at what was uploaded.

use bytes::Bytes;
use entity::values::{UploadContent, UploadId, VehicleApplicationId};

use super::{
    error::Error,
    store::{applications, counting},
    views::{VehicleCountView, VehicleStatisticsView},
};
use crate::{
    audit::{self, Actor, Event, VehicleEvent},
    deps::Deps,
    platform::db::begin_write,
    staff::Staff,
    uploads,
};

/// How many applications there are where `staff` decide.
pub(super) async fn count(deps: &Deps, staff: &Staff) -> Result<VehicleStatisticsView, Error> {
    let regions = staff.scope.regions();
    let counts = counting::applications(&deps.db, &regions).await?;
    let counts = counts.into_iter().map(|row| VehicleCountView {
        division: row.division,
        of_type: row.type_key,
        stage: row.stage,
        outcome: row.outcome,
        count: row.count,
    });
    Ok(VehicleStatisticsView {
        counts: counts.collect(),
    })
}

/// What was uploaded for an application where `staff` decide. That they looked is on record before they see
/// it.
pub(super) async fn material(
    deps: &Deps,
    staff: &Staff,
    id: VehicleApplicationId,
    upload: UploadId,
) -> Result<(UploadContent, Bytes), Error> {
    let tx = begin_write(&deps.db).await?;
    let row = applications::find(&tx, id).await?;
    let row = row.filter(|row| row.submitted_at.is_some() && staff.scope.covers(&row.division));
    let row = row.ok_or(Error::NotFound)?;
    let materials = applications::materials(&tx, row.id).await?;
    if !materials.iter().any(|one| one.upload_id == upload) {
        return Err(Error::NotFound);
    }
    let event = Event::Vehicle(VehicleEvent::VehicleMaterialRead {
        application: row.id,
        upload,
    });
    let actor = Actor::Staff(staff.account);
    audit::record(&tx, deps, actor, row.applied_by, &event).await?;
    tx.commit().await?;
    Ok(uploads::read(deps, upload).await?)
}
