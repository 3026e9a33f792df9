//! What is done about people who were turned away.

use sea_orm::entity::prelude::*;

use crate::values::{
    CheckpointId, ControlActionId, DeviceId, Division, OrganisationId, PersonId, RefusalReason,
    VenueId,
};

/// A report on somebody who was turned away at a door (V9). Its case says how far it got.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "control_action")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ControlActionId,
    /// Who was turned away, where that is known.
    pub person_id: Option<PersonId>,
    /// Whose data key seals the words: theirs, or that of somebody made up where nobody knows them.
    pub sealed_for: PersonId,
    /// At which venue's door.
    pub venue_id: Option<VenueId>,
    /// At which post.
    pub checkpoint_id: Option<CheckpointId>,
    /// The county or district whose headquarters was told.
    pub division: Division,
    /// Why they were turned away.
    pub reason: RefusalReason,
    /// What the reporter wrote, sealed.
    pub words: Option<Vec<u8>>,
    /// When.
    pub reported_at: DateTimeUtc,
    /// The unit whose staff reported it, where they did.
    pub organisation_id: Option<OrganisationId>,
    /// Who reported it, where a citizen did.
    pub reported_by: Option<PersonId>,
    /// The device that did, where one did.
    pub device_id: Option<DeviceId>,
    /// When the case was closed.
    pub closed_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
