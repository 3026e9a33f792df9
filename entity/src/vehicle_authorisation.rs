//! What holders let others see of a pass.

use sea_orm::entity::prelude::*;

use crate::values::{AuthorisationId, VehiclePassId};

/// Leave to see a pass once (T9). Only a digest of its text is kept.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vehicle_authorisation")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuthorisationId,
    /// Of which pass.
    pub pass_id: VehiclePassId,
    /// SHA-256 of the text that opens it.
    #[sea_orm(unique)]
    pub digest: Vec<u8>,
    /// When it was given.
    pub made_at: DateTimeUtc,
    /// Until when it may be used.
    pub expires_at: DateTimeUtc,
    /// When it was used.
    pub used_at: Option<DateTimeUtc>,
    /// By whom, by the short name of the configuration. None: by nobody who signed.
    pub used_by: Option<String>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
