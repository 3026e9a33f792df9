//! Permits as records of `credentials`: how they stand, and what every copy of one says.

use chrono::{DateTime, Utc};
use entity::values::{PersonId, StatusIndex, WorkPermitId};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use super::{permits, rules::PermitStanding, store};
use crate::{
    credentials::{
        Carried, Expected, PermitKind, PermitRecords, RecordStanding, RecordsError, Status,
    },
    deps::Deps,
    health_code,
};

/// The records of work permits.
#[derive(Debug, Clone, Copy)]
pub struct WorkRecords;

/// What is published of a permit that stands so.
fn status_of(standing: PermitStanding) -> Status {
    match standing {
        // A copy says itself from when until when it is good.
        PermitStanding::Valid | PermitStanding::NotYet | PermitStanding::Expired => Status::Valid,
        PermitStanding::Suspended | PermitStanding::EnterpriseOff => Status::Suspended,
        PermitStanding::Ended => Status::Invalid,
    }
}

impl PermitRecords for WorkRecords {
    fn kind(&self) -> PermitKind {
        PermitKind::Work
    }

    fn not_valid<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        _: &'a Deps,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Vec<(StatusIndex, Status)>, RecordsError>> {
        async move {
            let coloured = health_code::coloured();
            let found = store::permits::not_counting(db, coloured, now).await?;
            let status = |(place, ended)| {
                let status = if ended {
                    Status::Invalid
                } else {
                    Status::Suspended
                };
                (place, status)
            };
            Ok(found.into_iter().map(status).collect())
        }
        .boxed()
    }

    fn standing<'a>(
        &'a self,
        deps: &'a Deps,
        id: Uuid,
        _: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Option<RecordStanding>, RecordsError>> {
        async move {
            let Some(row) = store::permits::find(&deps.db, WorkPermitId(id)).await? else {
                return Ok(None);
            };
            let Some((standing, _)) = permits::standing_of(deps, &row).await? else {
                return Ok(None);
            };
            let valid_until = row.valid_until.unwrap_or(row.filed_at);
            Ok(Some(RecordStanding {
                status: status_of(standing),
                people: row.person_id.into_iter().collect(),
                valid_until,
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
            for row in store::permits::counting_of(&deps.db, person, now).await? {
                let standing = permits::standing_of(deps, &row).await?;
                let Some(((standing, _), number)) = standing.zip(row.number) else {
                    continue;
                };
                carried.push(Carried {
                    record: row.id.0,
                    number,
                    status: status_of(standing),
                    valid_from: row.valid_from,
                    valid_until: row.valid_until,
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
            let after = after.map(WorkPermitId);
            let mut expected = Vec::new();
            for row in store::permits::running(&deps.db, after, limit, now).await? {
                let Some(face) = permits::face_unsigned(&deps.db, deps, &row).await? else {
                    continue;
                };
                let status = status_of(face.standing);
                let permit = permits::permit_of(&row, &face);
                expected.extend(permit.map(|permit| Expected { permit, status }));
            }
            Ok(expected)
        }
        .boxed()
    }
}
