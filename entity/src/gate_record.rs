//! What was verified at gates.

use sea_orm::entity::prelude::*;

use crate::values::{
    CheckpointId, Colour, DeviceId, GateDecision, GateMark, GateMeans, GateReason, PersonId,
};

/// One person whom a device verified. A call is known by its device and its number there, and each of
/// its people by their place in it: delivered again, it is the same.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "gate_record")]
pub struct Model {
    /// By which device.
    #[sea_orm(primary_key, auto_increment = false)]
    pub device_id: DeviceId,
    /// The device's own number of the call.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// Which of its people, from zero.
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    /// When it happened.
    pub captured_at: DateTimeUtc,
    /// When it arrived here.
    pub received_at: DateTimeUtc,
    /// At which post. None at a venue, whose visit tells.
    pub checkpoint_id: Option<CheckpointId>,
    /// Who, where that is known.
    pub person_id: Option<PersonId>,
    /// What they showed.
    pub means: GateMeans,
    /// What the gate did.
    pub decision: GateDecision,
    /// Why.
    pub reason: GateReason,
    /// What their code showed, where that is known.
    pub colour: Option<Colour>,
    /// Their temperature in tenths of a degree, where it was taken.
    pub temperature: Option<i32>,
    /// The vehicle's plate, sealed.
    pub plate: Option<Vec<u8>>,
    /// Whether the device decided by itself, without a network.
    pub offline: bool,
    /// The blind index of all that the device said with this number.
    pub digest: Vec<u8>,
    /// What makes it worth another look, if something does.
    pub mark: Option<GateMark>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
