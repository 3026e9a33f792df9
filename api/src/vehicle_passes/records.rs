//! Passes as permits: which do not count, and what every copy of one must say.

use chrono::{DateTime, Utc};
use entity::{
    values::{PersonId, VehiclePassId},
    vehicle_pass::Model,
};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use super::{
    passes::permit_of,
    rules::Standing,
    standing,
    store::{aboard, passes},
};
use crate::{
    credentials::{
        Carried, Expected, PermitKind, PermitRecords, RecordStanding, RecordsError, Status,
        StatusIndex,
    },
    deps::Deps,
    health_code,
    platform::clock::local_date,
};

/// Passes of one person that are listed at once.
const MOST_CARRIED: u64 = 20;

/// Vehicle passes, as the status lists and the gates ask for them.
#[derive(Debug, Clone, Copy)]
pub struct PassRecords;

/// What is published of a pass that stands so: that its days have not begun, the permit says itself.
fn status_of(standing: Standing) -> Status {
    match standing {
        Standing::Good | Standing::NotYet => Status::Valid,
        Standing::Suspended => Status::Suspended,
        Standing::Expired | Standing::Revoked | Standing::Cancelled | Standing::Superseded => {
            Status::Invalid
        }
    }
}

impl PermitRecords for PassRecords {
    fn kind(&self) -> PermitKind {
        PermitKind::Vehicle
    }

    fn not_valid<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        _: &'a Deps,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Vec<(StatusIndex, Status)>, RecordsError>> {
        async move {
            let coloured = health_code::coloured();
            let rows = passes::not_counting(db, coloured, now, local_date(now)).await?;
            let status = |row: &Model| match row.void_from {
                Some(from) if from <= now => Status::Invalid,
                _ => Status::Suspended,
            };
            Ok(rows
                .iter()
                .map(|row| (row.status_index, status(row)))
                .collect())
        }
        .boxed()
    }

    fn standing<'a>(
        &'a self,
        deps: &'a Deps,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Option<RecordStanding>, RecordsError>> {
        async move {
            let Some(pass) = passes::find(&deps.db, VehiclePassId(id)).await? else {
                return Ok(None);
            };
            let places = aboard::of(&deps.db, pass.application_id).await?;
            let found = standing::found(&deps.db, deps, &places, now).await?;
            let (standing, _) = standing::standing_with(&pass, &found, now);
            Ok(Some(RecordStanding {
                status: status_of(standing),
                people: found.iter().map(|one| one.person).collect(),
                valid_until: pass.valid_until,
            }))
        }
        .boxed()
    }

    fn carried_by<'a>(
        &'a self,
        deps: &'a Deps,
        person: PersonId,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Vec<Carried>, RecordsError>> {
        async move {
            let mut carried = Vec::new();
            for pass in passes::running_of(&deps.db, person, now, MOST_CARRIED).await? {
                let (standing, _) = standing::standing_of(&deps.db, deps, &pass, now).await?;
                carried.push(Carried {
                    record: pass.id.0,
                    number: pass.number,
                    status: status_of(standing),
                    valid_from: Some(pass.valid_from),
                    valid_until: Some(pass.valid_until),
                });
            }
            Ok(carried)
        }
        .boxed()
    }

    fn expected<'a>(
        &'a self,
        deps: &'a Deps,
        after: Option<Uuid>,
        limit: u64,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Vec<Expected>, RecordsError>> {
        async move {
            let after = after.map(VehiclePassId);
            let mut expected = Vec::new();
            for pass in passes::unexpired(&deps.db, after, now, limit).await? {
                let (standing, _) = standing::standing_of(&deps.db, deps, &pass, now).await?;
                expected.push(Expected {
                    permit: permit_of(&pass)?,
                    status: status_of(standing),
                });
            }
            Ok(expected)
        }
        .boxed()
    }
}
