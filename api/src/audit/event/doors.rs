//! What is recorded of units, their venues, gates, and who was there.

use entity::values::{
    AgentEnding, AgentId, CertificateKind, CheckpointId, ControlActionId, DeviceId, OrganisationId,
    OrganisationSessionId, RefusalReason, TracingId, VenueApplicationId, VenueApplicationKind,
    VenueChannel, VenueCodeReplacement, VenueId, VenueSuspension,
};
use serde::Serialize;

/// What happened to units, their venues, gates, and who was there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", content = "detail", rename_all = "snake_case")]
pub enum DoorEvent {
    /// A unit was seen for the first time.
    OrganisationCreated {
        /// Which.
        organisation: OrganisationId,
    },
    /// The certificate of a unit names another legal person than before.
    LegalPersonChanged {
        /// Of which unit.
        organisation: OrganisationId,
    },
    /// A unit logged in.
    OrganisationSessionBegan {
        /// Which unit.
        organisation: OrganisationId,
        /// Which log-in.
        session: OrganisationSessionId,
        /// With what.
        certificate: CertificateKind,
    },
    /// A log-in of a unit ended before its time.
    OrganisationSessionEnded {
        /// Which unit.
        organisation: OrganisationId,
        /// Which log-in.
        session: OrganisationSessionId,
    },
    /// Somebody was asked to act for a unit.
    AgentInvited {
        /// Which unit.
        organisation: OrganisationId,
        /// Which invitation.
        agent: AgentId,
    },
    /// They accepted.
    AgentAccepted {
        /// Which unit.
        organisation: OrganisationId,
        /// Which invitation.
        agent: AgentId,
    },
    /// They act for the unit no more, or never will.
    AgentEnded {
        /// Which unit.
        organisation: OrganisationId,
        /// Which invitation.
        agent: AgentId,
        /// How.
        ending: AgentEnding,
    },
    /// Somebody was turned away at a door, and the headquarters was told.
    ControlActionOpened {
        /// Which.
        action: ControlActionId,
        /// Why they were turned away.
        reason: RefusalReason,
    },
    /// The health authority asked who was at a venue.
    TracingRequested {
        /// Which request.
        tracing: TracingId,
        /// Where.
        venue: VenueId,
    },
    /// The other organisation decided.
    TracingDecided {
        /// Which request.
        tracing: TracingId,
        /// How.
        released: bool,
        /// How many people it concerns.
        people: u64,
    },
    /// The health authority read who somebody is, and when they were at a venue.
    TracingRead {
        /// By which request.
        tracing: TracingId,
    },
    /// A post on the road was set up.
    CheckpointCreated {
        /// Which.
        checkpoint: CheckpointId,
    },
    /// A device is expected at a gate.
    DeviceExpected {
        /// Which.
        device: DeviceId,
        /// Whether a temperature can be taken there: where it cannot, a green code does without.
        thermometer: bool,
    },
    /// A device brought its key.
    DeviceEnrolled {
        /// Which.
        device: DeviceId,
    },
    /// Nobody believes a device any more.
    DeviceRevoked {
        /// Which.
        device: DeviceId,
    },
    /// A unit asked for something at a venue.
    VenueAppliedFor {
        /// Which application.
        application: VenueApplicationId,
        /// About which venue.
        venue: VenueId,
        /// What it asked for.
        kind: VenueApplicationKind,
        /// Through which door.
        channel: VenueChannel,
    },
    /// A venue got a code.
    VenueCodeGiven {
        /// Which venue.
        venue: VenueId,
    },
    /// A venue got another code in place of the one that it had.
    VenueCodeReplaced {
        /// Which venue.
        venue: VenueId,
        /// Why.
        reason: VenueCodeReplacement,
    },
    /// The code of a venue counts no more for now.
    VenueSuspended {
        /// Which venue.
        venue: VenueId,
        /// Why.
        reason: VenueSuspension,
    },
    /// The code of a suspended venue counts again.
    VenueResumed {
        /// Which venue.
        venue: VenueId,
    },
    /// A unit gave up a venue and its code.
    VenueClosed {
        /// Which venue.
        venue: VenueId,
    },
    /// A unit asked at a door of its own whose a document or a phone number is. Without a subject: nobody's.
    VisitorLookedUp {
        /// Which unit.
        organisation: OrganisationId,
        /// At which venue.
        venue: VenueId,
    },
}
