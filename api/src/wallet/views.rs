//! What is answered.

use chrono::{DateTime, Utc};
use entity::values::{PermitKind, PersonId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::credentials::{Carried, Status};

/// The permits that one carries.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnPermits)]
pub(super) struct OwnPermitsView {
    /// Pass card, vehicle passes, work permit.
    pub(super) items: Vec<OwnPermitView>,
}

/// How a permit stands now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OwnPermitStanding)]
enum Stands {
    /// It counts in its days.
    Valid,
    /// It does not count for now.
    Suspended,
    /// It ended.
    Invalid,
}

/// A permit that one carries.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnPermit)]
pub(super) struct OwnPermitView {
    /// What it is for.
    kind: PermitKind,
    /// Which.
    id: Uuid,
    /// The number that people read out.
    number: String,
    /// How it stands now.
    standing: Stands,
    /// Since when it is good. Null where its days have not begun.
    valid_from: Option<DateTime<Utc>>,
    /// When it stops being good. Null likewise.
    valid_until: Option<DateTime<Utc>>,
    /// Where it is shown, with the text to draw.
    shown_at: String,
}

impl OwnPermitView {
    pub(super) fn of(kind: PermitKind, person: PersonId, carried: Carried) -> Self {
        Self {
            kind,
            id: carried.record,
            number: carried.number,
            standing: match carried.status {
                Status::Valid => Stands::Valid,
                Status::Suspended => Stands::Suspended,
                Status::Invalid => Stands::Invalid,
            },
            valid_from: carried.valid_from,
            valid_until: carried.valid_until,
            shown_at: match kind {
                PermitKind::PassCard => format!("/v1/people/{person}/pass-card"),
                PermitKind::Vehicle => format!("/v1/vehicle-passes/{}", carried.record),
                PermitKind::Work => "/v1/me/work-permit".to_owned(),
            },
        }
    }
}
