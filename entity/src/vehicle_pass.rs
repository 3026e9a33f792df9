//! Vehicle passes.

use sea_orm::entity::prelude::*;

use crate::values::{
    Division, OrganisationId, PersonId, Plate, StatusIndex, VehicleApplicationId, VehiclePassId,
    VehiclePassVoid, VehicleRevocation,
};

/// A pass that was issued (T6). Whether it counts is not a column: it follows from these, from the time and from what everybody aboard shows.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vehicle_pass")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VehiclePassId,
    /// What it was granted on: the people of that are aboard.
    #[sea_orm(unique)]
    pub application_id: VehicleApplicationId,
    /// Its type.
    pub type_key: String,
    /// Which version of that.
    pub type_version: i64,
    /// The unit whose it is, if it is one's.
    pub organisation_id: Option<OrganisationId>,
    /// Who applied for it.
    pub person_id: PersonId,
    /// The county or district that issued it.
    pub division: Division,
    /// Its number: six digits of the division and six of its own.
    #[sea_orm(unique)]
    pub number: String,
    /// The plate. None of a vehicle that has none yet.
    pub plate: Option<Plate>,
    /// The number of the vehicle itself, where it has no plate yet.
    pub vin: Option<String>,
    /// Where it may drive.
    pub route: Json,
    /// When, by weekday, time and date.
    pub hours: Json,
    /// The first moment that it is good.
    pub valid_from: DateTimeUtc,
    /// The first moment that it is not good any more.
    pub valid_until: DateTimeUtc,
    /// When it was issued.
    pub issued_at: DateTimeUtc,
    /// Its place in the status lists.
    pub status_index: StatusIndex,
    /// The pass whose place it took.
    pub predecessor: Option<VehiclePassId>,
    /// How it ended before its time.
    pub void: Option<VehiclePassVoid>,
    /// From when on.
    pub void_from: Option<DateTimeUtc>,
    /// Why it was taken back.
    pub revocation: Option<VehicleRevocation>,
    /// The last day for which the vehicle is inspected, where its type asks for that.
    pub inspected_until: Option<Date>,
    /// Whether it counted when its applicant was told last.
    pub stood: bool,
    /// When its applicant was reminded that it ends.
    pub reminded_at: Option<DateTimeUtc>,
    /// When to look after it. None: never again.
    pub due_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
