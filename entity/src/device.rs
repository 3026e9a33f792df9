//! Devices at gates.

use sea_orm::entity::prelude::*;

use crate::values::{CheckpointId, DeviceId, Division, StaffId, VenueId};

/// A sentinel at a venue's door (V7), or what an officer at a post holds (C1): bound to one of the two.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeviceId,
    /// What its people call it.
    pub name: String,
    /// The venue at whose door it stands.
    pub venue_id: Option<VenueId>,
    /// The post that it belongs to.
    pub checkpoint_id: Option<CheckpointId>,
    /// Where the venue or the post lies.
    pub division: Division,
    /// Where it stands: the longitude in millionths of a degree (WGS 84). None where nobody said, or where
    /// its post says.
    pub longitude_e6: Option<i32>,
    /// The latitude, likewise.
    pub latitude_e6: Option<i32>,
    /// Whether those who stand there can take a temperature.
    pub thermometer: bool,
    /// Its Ed25519 public key, once it is enrolled.
    pub public_key: Option<Vec<u8>>,
    /// Blind index of the code that enrols it.
    #[sea_orm(unique)]
    pub enrolment: Vec<u8>,
    /// Until when that code may be used.
    pub enrolment_until: DateTimeUtc,
    /// Who set it up.
    pub created_by: StaffId,
    /// When.
    pub created_at: DateTimeUtc,
    /// When it brought its key.
    pub enrolled_at: Option<DateTimeUtc>,
    /// When it was last heard of.
    pub seen_at: Option<DateTimeUtc>,
    /// The version of the bundle that it said it has.
    pub bundle_version: Option<i64>,
    /// How many records it said wait to be delivered.
    pub waiting: Option<i64>,
    /// When nobody believes it any more.
    pub revoked_at: Option<DateTimeUtc>,
    /// The hour in which it last delivered records.
    pub delivered_in: Option<DateTimeUtc>,
    /// How many it delivered in that hour.
    pub delivered: i64,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
