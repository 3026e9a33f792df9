//! Posts on the road.

use sea_orm::entity::prelude::*;

use crate::values::{CheckpointId, Division, SectionCode, StaffId};

/// A post where people and vehicles are checked (C1).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "checkpoint")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CheckpointId,
    /// What those call it who stand there.
    pub name: String,
    /// The county or district that it lies in: its headquarters.
    pub division: Division,
    /// The stretch of road, in words.
    pub road_section: String,
    /// The same in the catalogue of sections that take a pass, where it is one of those.
    pub section: Option<SectionCode>,
    /// Where it is: the longitude in millionths of a degree (WGS 84), if somebody said.
    pub longitude_e6: Option<i32>,
    /// The latitude, likewise.
    pub latitude_e6: Option<i32>,
    /// Who set it up.
    pub created_by: StaffId,
    /// When.
    pub created_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
