//! Applications about vehicles.

use sea_orm::entity::prelude::*;

use crate::values::{
    CaseOutcome, Division, OrganisationId, PersonId, Plate, PlateColour, VehicleApplicationId,
    VehicleApplicationKind, VehicleApplicationState, VehiclePassId,
};

/// An application for a pass (T1, T2): saved as one goes, then decided as a case of [`crate::review_case`].
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vehicle_application")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VehicleApplicationId,
    /// What is asked for.
    pub kind: VehicleApplicationKind,
    /// How far it got.
    pub state: VehicleApplicationState,
    /// Of which type the pass shall be.
    pub type_key: String,
    /// Which version of that the applicant read.
    pub type_version: i64,
    /// The unit that applies. None: a citizen does, for themselves.
    pub organisation_id: Option<OrganisationId>,
    /// Who applies, in person or for the unit. They are told what becomes of it.
    pub applied_by: PersonId,
    /// The county or district that decides.
    pub division: Division,
    /// When it was begun.
    pub created_at: DateTimeUtc,
    /// When it was saved last. A draft is kept for a time from here.
    pub saved_at: DateTimeUtc,
    /// When the agreement of the type was accepted.
    pub agreed_at: Option<DateTimeUtc>,
    /// The plate. None while nobody said it, and of a vehicle that has none yet.
    pub plate: Option<Plate>,
    /// Its colour.
    pub plate_colour: Option<PlateColour>,
    /// The number of the vehicle itself, where it has no plate yet.
    pub vin: Option<String>,
    /// Where it shall drive.
    pub route: Option<Json>,
    /// When, by weekday, time and date.
    pub hours: Option<Json>,
    /// What for, in words, sealed under the data key of who applies.
    pub purpose: Option<Vec<u8>>,
    /// The pass whose place the new one takes.
    pub predecessor: Option<VehiclePassId>,
    /// When it was submitted.
    pub submitted_at: Option<DateTimeUtc>,
    /// What the checks before the review found.
    pub findings: Option<Json>,
    /// Until when the registry says that the vehicle is inspected.
    pub inspected_until: Option<Date>,
    /// When to ask the registry, which did not answer, again.
    pub ask_at: Option<DateTimeUtc>,
    /// How it ended.
    pub outcome: Option<CaseOutcome>,
    /// When.
    pub closed_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
