//! What applicants upload.

use sea_orm::entity::prelude::*;

use crate::values::{UploadId, VehicleApplicationId, VehicleMaterial};

/// An upload that belongs to an application.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vehicle_material")]
pub struct Model {
    /// To which application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub application_id: VehicleApplicationId,
    /// Which upload.
    #[sea_orm(primary_key, auto_increment = false)]
    pub upload_id: UploadId,
    /// What it shows.
    pub kind: VehicleMaterial,
    /// Since when.
    pub added_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
