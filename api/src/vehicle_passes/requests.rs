//! What is asked for.

use entity::values::{
    AboardRole, Division, OrganisationId, PersonId, PlateColour, UploadId, VehicleMaterial,
    VehicleRevocation,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use crate::{
    http::page,
    organisations,
    roads::{HoursRequest, Route},
};

/// Uploads of an application, at the most.
const MOST_MATERIALS: u64 = 12;

/// A check of words that people read: they say something, in characters that are seen.
fn legible(text: &str) -> Result<(), ValidationError> {
    if text.trim().is_empty() {
        return Err(ValidationError::new("length"));
    }
    if text.trim() != text || !organisations::is_legible(text) {
        return Err(ValidationError::new("characters"));
    }
    Ok(())
}

/// An application to begin.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VehicleApplicationRequest {
    /// Of which type the pass shall be.
    #[serde(rename = "type")]
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "livelihood")]
    pub(super) of_type: String,
    /// The county or district that decides: where the vehicle drives first.
    #[schema(example = "120102")]
    pub(super) division: Division,
    /// The unit that applies. Nothing: a citizen does for themselves, or the unit whose session this is.
    #[serde(default)]
    pub(super) organisation: Option<OrganisationId>,
}

/// All that an application says by now. What is left out is not filled in yet.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VehicleFormRequest {
    /// The version of the agreement that is accepted.
    #[serde(default)]
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "2026-03-01")]
    pub(super) agreement: Option<String>,
    /// The vehicle.
    #[serde(default)]
    #[validate(nested)]
    pub(super) vehicle: Option<VehicleRequest>,
    /// Where it shall drive.
    #[serde(default)]
    pub(super) route: Option<Route>,
    /// When.
    #[serde(default)]
    #[validate(nested)]
    pub(super) hours: Option<HoursRequest>,
    /// What for, in words.
    #[serde(default)]
    #[validate(length(max = 200), custom(function = legible))]
    #[schema(min_length = 1, max_length = 200, example = "运送生活物资")]
    pub(super) purpose: Option<String>,
    /// What was uploaded.
    #[serde(default)]
    #[validate(length(max = MOST_MATERIALS), nested)]
    #[schema(max_items = 12)]
    pub(super) materials: Vec<VehicleMaterialRequest>,
}

/// A vehicle.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VehicleRequest {
    /// What its plate says, as people write it. Nothing where it has none yet.
    #[serde(default)]
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "津A·12345")]
    pub(super) plate: Option<String>,
    /// The colour of the plate.
    #[serde(default)]
    pub(super) plate_colour: Option<PlateColour>,
    /// The vehicle identification number, where it has no plate yet.
    #[serde(default)]
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "LVSHCAMB1CE054249")]
    pub(super) vin: Option<String>,
}

/// An upload that belongs to an application.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VehicleMaterialRequest {
    /// What it shows.
    pub(super) kind: VehicleMaterial,
    /// Which.
    pub(super) upload: UploadId,
}

/// Somebody who shall be aboard.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AboardRequest {
    /// As what.
    pub(super) role: AboardRole,
    /// The mobile number of somebody who is asked.
    #[serde(default)]
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "13800138000")]
    pub(super) phone: Option<String>,
    /// Oneself or a dependant: they need not be asked.
    #[serde(default)]
    pub(super) person: Option<PersonId>,
}

/// What the applicant brings.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VehicleResubmissionRequest {
    /// The answer to what was asked.
    #[validate(length(max = 2000), custom(function = legible))]
    #[schema(min_length = 1, max_length = 2000)]
    pub(super) text: String,
    /// What was uploaded besides.
    #[serde(default)]
    #[validate(length(max = MOST_MATERIALS), nested)]
    #[schema(max_items = 12)]
    pub(super) materials: Vec<VehicleMaterialRequest>,
}

/// Why a pass is taken back.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VehicleRevocationRequest {
    /// Why.
    pub(super) reason: VehicleRevocation,
}

/// For how long somebody may see a pass.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VehicleAuthorisationRequest {
    /// Minutes until it is over.
    #[validate(range(min = 10, max = 1440))]
    #[schema(minimum = 10, maximum = 1440, example = 60)]
    pub(super) minutes: u32,
}

/// What opens a pass.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RecognitionRequest {
    /// The text that the holder gave.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    pub(super) authorisation: String,
    /// Who recognises it. Nothing where the service lets anybody who has the text.
    #[serde(default)]
    #[validate(nested)]
    pub(super) counterpart: Option<CounterpartRequest>,
}

/// Another province's platform, and its signature.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CounterpartRequest {
    /// Its short name, as it is registered here.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "zhejiang")]
    pub(super) id: String,
    /// The Ed25519 signature, in base64, of `tongxing-recognition-v1`, a line feed, the short name, a line feed
    /// and the text.
    #[validate(length(equal = 88))]
    #[schema(min_length = 88, max_length = 88)]
    pub(super) signature: String,
}

/// Whose to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct VehiclesParams {
    /// A unit that one acts for. Nothing: one's own.
    pub(super) organisation: Option<OrganisationId>,
    /// `next` of the page before; absent for the first.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64)]
    pub(super) after: Option<String>,
    /// Entries of a page, at the most.
    #[validate(range(min = 1, max = 100))]
    #[serde(default = "page::usual")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: u64,
}

/// Which passes of one's region to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct VehiclePassesParams {
    /// `next` of the page before; absent for the first.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64)]
    pub(super) after: Option<String>,
    /// Entries of a page, at the most.
    #[validate(range(min = 1, max = 100))]
    #[serde(default = "page::usual")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: u64,
}

/// Which vehicle's passes to find. What it is called stands in no address.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VehiclePassSearchRequest {
    /// What its plate says; or, where it has none, its temporary number or its own.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "津A·12345")]
    pub(super) vehicle: String,
    /// `next` of the page before; absent for the first.
    #[serde(default)]
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    pub(super) after: Option<String>,
    /// Entries of a page, at the most.
    #[validate(range(min = 1, max = 100))]
    #[serde(default = "page::usual")]
    #[schema(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: u64,
}
