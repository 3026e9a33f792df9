//! Typed ids, so that one cannot be passed for another. Random (UUID version 4) wherever a URL shows them.

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType,
            Serialize, Deserialize, ToSchema,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        // SeaORM asks every primary key for this; only numeric ones have an answer.
        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A citizen or a dependant.
    PersonId,
    /// A log-in and all tokens that come of it: a session family.
    SessionId,
    /// One version of what somebody declared.
    DeclarationId,
    /// One day's check-in.
    CheckInId,
    /// A cause for a colour other than green.
    HoldId,
    /// Something that a person is to be told. UUID version 7: it grows with time, and who may read
    /// it is asked by person.
    NotificationId,
    /// One decision on when a region opens.
    OpeningId,
    /// A member of staff.
    StaffId,
    /// What a member of staff proves themselves with.
    StaffCredentialId,
    /// A staff log-in.
    StaffSessionId,
    /// A role that a member of staff holds in a region for a time.
    GrantId,
    /// Something recorded about a person that a colour may depend on.
    FactId,
    /// A request that colours be turned by decision of several people.
    OverrideId,
    /// A level that a place had for a time.
    RiskAreaId,
    /// A file of facts on its way in.
    ImportId,
    /// What somebody says is wrong in what is recorded about them.
    CorrectionId,
    /// Something that somebody of the authority has to decide.
    CaseId,
    /// An attempt to reach an applicant.
    ContactId,
    /// A time in which one member of staff stands in for another.
    DelegationId,
    /// What somebody complains of.
    ComplaintId,
    /// An application for a health pass card.
    PassApplicationId,
    /// A health pass card.
    PassCardId,
    /// A mark on an application whose declaration is not true.
    FalseMarkId,
    /// A unit: a government body, a public institution, an enterprise, an individual business.
    OrganisationId,
    /// An invitation to act for a unit, and what became of it.
    AgentId,
    /// A log-in of a unit with its certificate or its licence.
    OrganisationSessionId,
    /// A place that has, or asks for, a venue code.
    VenueId,
    /// An application about a venue: for a code, or to move.
    VenueApplicationId,
    /// What is done about somebody who was turned away (V9).
    ControlActionId,
    /// A request to release who was at a venue.
    TracingId,
    /// A post where people and vehicles are checked on the road.
    CheckpointId,
    /// A sentinel, or what an officer at a checkpoint holds.
    DeviceId,
    /// A file that somebody sent: a scan of a document, a photograph.
    UploadId,
    /// A stretch of road that takes a pass at some hours.
    RoadSectionId,
    /// An application about a vehicle: for a pass, or to change one.
    VehicleApplicationId,
    /// Somebody's place in a vehicle that a pass is asked for.
    AboardId,
    /// A vehicle pass.
    VehiclePassId,
    /// What a holder lets somebody in another province see of a pass, once (T9).
    AuthorisationId,
    /// A collection form: the workers whose return an enterprise asks for at once (W2).
    WorkFormId,
    /// A worker of a collection form, and the permit that comes of it.
    WorkPermitId,
    /// Workers whom the city sends to the data centre together (W4).
    WorkBatchId,
    /// An objection to a return that was made public (W5).
    WorkObjectionId,
    /// A decision on many workers of a form at once.
    WorkRulingId,
    /// A comparison of every permit with its record.
    ReconciliationId,
}

impl PersonId {
    /// The number that stands for this person in the handles of personal codes: positive, random,
    /// and kept unique in `person.number`.
    #[must_use]
    pub fn number(self) -> i64 {
        i64::try_from(self.0.as_u128() >> 65).unwrap_or_default()
    }
}
