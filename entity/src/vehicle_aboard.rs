//! Who is aboard.

use sea_orm::entity::prelude::*;

use crate::values::{AboardEnding, AboardId, AboardRole, PersonId, VehicleApplicationId};

/// Somebody who shall be aboard, and whether they agreed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vehicle_aboard")]
pub struct Model {
    /// Which place.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AboardId,
    /// Of which application.
    pub application_id: VehicleApplicationId,
    /// As what.
    pub role: AboardRole,
    /// The blind index of the phone that was asked. None: nobody had to be.
    pub phone_index: Option<Vec<u8>>,
    /// The phone, sealed.
    pub phone: Option<Vec<u8>>,
    /// Who it is. None until somebody agreed.
    pub person_id: Option<PersonId>,
    /// When they were asked.
    pub asked_at: DateTimeUtc,
    /// When they agreed, or whoever acts for them did.
    pub agreed_at: Option<DateTimeUtc>,
    /// When to tell them, if they have an account. None: never, or not again.
    pub tell_at: Option<DateTimeUtc>,
    /// When it ended, if it did.
    pub ended_at: Option<DateTimeUtc>,
    /// How.
    pub ending: Option<AboardEnding>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
