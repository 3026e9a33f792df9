//! What is recorded of a vehicle and its pass.

use entity::values::{
    AboardEnding, AboardId, AuthorisationId, UploadId, VehicleApplicationId,
    VehicleApplicationKind, VehiclePassId, VehiclePassVoid, VehicleRevocation,
};
use serde::Serialize;

/// What happened to a vehicle and its pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", content = "detail", rename_all = "snake_case")]
pub enum VehicleEvent {
    /// Somebody agreed to be aboard of a vehicle that a pass is asked for.
    VehicleRideAgreed {
        /// Which application.
        application: VehicleApplicationId,
        /// Which place.
        place: AboardId,
    },
    /// Somebody who was asked is not, or not any more, aboard.
    VehicleRideEnded {
        /// Which application.
        application: VehicleApplicationId,
        /// Which place.
        place: AboardId,
        /// Why.
        ending: AboardEnding,
    },
    /// An application that was decided on long ago, and all that it led to, was forgotten.
    VehicleApplicationForgotten {
        /// Which application.
        application: VehicleApplicationId,
    },
    /// An upload belongs to an application no more, and is deleted.
    VehicleMaterialGone {
        /// Which application.
        application: VehicleApplicationId,
        /// Which upload.
        upload: UploadId,
    },
    /// An upload belongs to an application from now on.
    VehicleMaterialKept {
        /// Which application.
        application: VehicleApplicationId,
        /// Which upload.
        upload: UploadId,
    },
    /// Somebody of the authority looked at an upload of an application.
    VehicleMaterialRead {
        /// Which application.
        application: VehicleApplicationId,
        /// Which upload.
        upload: UploadId,
    },
    /// A pass for a vehicle was asked for.
    VehiclePassAppliedFor {
        /// Which application.
        application: VehicleApplicationId,
        /// What it asks for.
        kind: VehicleApplicationKind,
    },
    /// A pass for a vehicle was issued.
    VehiclePassIssued {
        /// Which pass.
        pass: VehiclePassId,
        /// On which application.
        application: VehicleApplicationId,
    },
    /// A pass for a vehicle ended before its time.
    VehiclePassEnded {
        /// Which pass.
        pass: VehiclePassId,
        /// How.
        void: VehiclePassVoid,
        /// Why it was taken back, if it was.
        reason: Option<VehicleRevocation>,
    },
    /// A pass for a vehicle was printed.
    VehiclePassPrinted {
        /// Which pass.
        pass: VehiclePassId,
    },
    /// The holder of a pass lets somebody see it once.
    VehiclePassAuthorised {
        /// Which pass.
        pass: VehiclePassId,
        /// Which leave.
        authorisation: AuthorisationId,
    },
    /// Somebody saw a pass with its holder's leave.
    VehiclePassRecognised {
        /// Which pass.
        pass: VehiclePassId,
        /// With which leave.
        authorisation: AuthorisationId,
        /// Who signed for it, by the short name of the configuration. None: nobody.
        by: Option<String>,
    },
}
