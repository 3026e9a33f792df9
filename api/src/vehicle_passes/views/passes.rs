//! Passes, as their holders, the authority and other provinces see them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::values::{
    AboardRole, CaseOutcome, Colour, Division, VehicleApplicationId, VehiclePassId,
    VehicleRevocation,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::VehicleView;
use crate::{
    roads::{Hours, Route},
    vehicle_passes::{
        rules::{Cause, Standing},
        types::TypeWords,
    },
};

/// A pass (T6).
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::vehicle_passes) struct VehiclePassView {
    /// Which.
    pub(in crate::vehicle_passes) id: VehiclePassId,
    /// Its number.
    #[schema(example = "120102000001")]
    pub(in crate::vehicle_passes) number: String,
    /// The application that it was granted on.
    pub(in crate::vehicle_passes) application: VehicleApplicationId,
    /// Its type.
    #[serde(rename = "type")]
    pub(in crate::vehicle_passes) of_type: String,
    /// What people call that.
    pub(in crate::vehicle_passes) title: TypeWords,
    /// The vehicle.
    pub(in crate::vehicle_passes) vehicle: VehicleView,
    /// What the vehicle is called while it has no plate: behind the windscreen, and at gates. Null where it has
    /// one.
    #[schema(example = "120102T000001")]
    pub(in crate::vehicle_passes) temporary_number: Option<String>,
    /// Whose it is: the unit, or the person by their masked name.
    pub(in crate::vehicle_passes) holder: String,
    /// The county or district that issued it.
    pub(in crate::vehicle_passes) division: Division,
    /// The same by name.
    pub(in crate::vehicle_passes) issued_by: Option<String>,
    /// Where the vehicle may drive.
    pub(in crate::vehicle_passes) route: Route,
    /// When.
    pub(in crate::vehicle_passes) hours: Hours,
    /// Who is aboard.
    pub(in crate::vehicle_passes) people: Vec<VehicleRiderView>,
    /// The first moment that it is good.
    pub(in crate::vehicle_passes) valid_from: DateTime<Utc>,
    /// The first moment that it is not good any more.
    pub(in crate::vehicle_passes) valid_until: DateTime<Utc>,
    /// When it was issued.
    pub(in crate::vehicle_passes) issued_at: DateTime<Utc>,
    /// How it stands now.
    pub(in crate::vehicle_passes) standing: Standing,
    /// What suspends it. Null where nothing does.
    pub(in crate::vehicle_passes) because: Option<Cause>,
    /// Why it was taken back. Null where it was not.
    pub(in crate::vehicle_passes) revocation: Option<VehicleRevocation>,
    /// The last day for which the vehicle is inspected. Null where the type does not ask.
    pub(in crate::vehicle_passes) inspected_until: Option<NaiveDate>,
    /// The pass whose place it took. Null where it took none's.
    pub(in crate::vehicle_passes) predecessor: Option<VehiclePassId>,
    /// The signed permit: draw it as a QR symbol. Null while the pass does not count.
    #[schema(pattern = "^TX1:[0-9A-Z $%*+./:-]+$", max_length = 352)]
    pub(in crate::vehicle_passes) token: Option<String>,
}

/// Somebody aboard by a pass, for its holder.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::vehicle_passes) struct VehicleRiderView {
    /// As what.
    pub(in crate::vehicle_passes) role: AboardRole,
    /// Their name, masked.
    pub(in crate::vehicle_passes) name: Option<String>,
    /// What their code shows.
    pub(in crate::vehicle_passes) colour: Colour,
}

/// A pass as somebody in another province sees it (T9).
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::vehicle_passes) struct RecognisedVehiclePassView {
    /// Its number.
    pub(in crate::vehicle_passes) number: String,
    /// The type by name.
    pub(in crate::vehicle_passes) title: TypeWords,
    /// The vehicle.
    pub(in crate::vehicle_passes) vehicle: VehicleView,
    /// What the vehicle is called while it has no plate. Null where it has one.
    #[schema(example = "120102T000001")]
    pub(in crate::vehicle_passes) temporary_number: Option<String>,
    /// Whose it is: the unit, or the person by their masked name.
    pub(in crate::vehicle_passes) holder: String,
    /// Who issued it, by name.
    pub(in crate::vehicle_passes) issued_by: Option<String>,
    /// Where the vehicle may drive.
    pub(in crate::vehicle_passes) route: Route,
    /// When.
    pub(in crate::vehicle_passes) hours: Hours,
    /// How many are aboard.
    pub(in crate::vehicle_passes) aboard: usize,
    /// The first moment that it is good.
    pub(in crate::vehicle_passes) valid_from: DateTime<Utc>,
    /// The first moment that it is not good any more.
    pub(in crate::vehicle_passes) valid_until: DateTime<Utc>,
    /// How it stands now.
    pub(in crate::vehicle_passes) standing: Standing,
    /// When this was said.
    pub(in crate::vehicle_passes) checked_at: DateTime<Utc>,
}

/// Leave to see a pass once.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::vehicle_passes) struct VehicleAuthorisationView {
    /// The text to hand on. It is shown this once.
    pub(in crate::vehicle_passes) authorisation: String,
    /// Until when it may be used.
    pub(in crate::vehicle_passes) expires_at: DateTime<Utc>,
}

/// How many applications stand alike.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::vehicle_passes) struct VehicleCountView {
    /// The county or district that decides.
    pub(in crate::vehicle_passes) division: Division,
    /// The type.
    #[serde(rename = "type")]
    pub(in crate::vehicle_passes) of_type: String,
    /// Where the case stands, or stood at its end.
    pub(in crate::vehicle_passes) stage: String,
    /// How it ended. Null while it is open.
    pub(in crate::vehicle_passes) outcome: Option<CaseOutcome>,
    /// How many.
    pub(in crate::vehicle_passes) count: i64,
}

/// How many applications there are in one's region.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::vehicle_passes) struct VehicleStatisticsView {
    /// By county, type, stage and outcome.
    pub(in crate::vehicle_passes) counts: Vec<VehicleCountView>,
}
