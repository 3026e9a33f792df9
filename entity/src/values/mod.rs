//! What columns share. Every type here is valid once it exists; those that name a person mask
//! themselves in `Debug` and have no `Display`.

mod case;
mod cause;
mod colour;
mod community;
mod complaint;
mod correction;
mod division;
mod document;
mod fact;
mod gap;
mod gate;
mod ids;
mod notification;
mod office_hours;
mod organisation;
mod overriding;
mod pass_card;
mod permit;
mod person_name;
mod phone;
mod plate;
mod platform;
mod policy;
mod reason;
mod road;
mod role;
mod social_credit_code;
mod upload;
mod vehicle;
mod venue;
mod vin;
mod window;
mod work;

pub use case::{
    CaseAction, CaseOutcome, CaseState, CaseSubject, CaseTimer, ContactMeans, ContactResult,
};
pub use cause::CauseClass;
pub use colour::Colour;
pub use community::{Area, AreaError, Community, CommunityError};
pub use complaint::ComplaintKind;
pub use correction::{CorrectionState, Mistake, Refusal};
pub use division::{Division, DivisionError};
pub use document::{Document, DocumentError, DocumentKind};
pub use fact::{FactKind, RiskLevel, TestResult};
pub use gap::Gap;
pub use gate::{GateDecision, GateMark, GateMeans, GateReason, LookedUpBy};
pub use ids::{
    AboardId, AgentId, AuthorisationId, CaseId, CheckInId, CheckpointId, ComplaintId, ContactId,
    ControlActionId, CorrectionId, DeclarationId, DelegationId, DeviceId, FactId, FalseMarkId,
    GrantId, HoldId, ImportId, NotificationId, OpeningId, OrganisationId, OrganisationSessionId,
    OverrideId, PassApplicationId, PassCardId, PersonId, ReconciliationId, RiskAreaId,
    RoadSectionId, SessionId, StaffCredentialId, StaffId, StaffSessionId, TracingId, UploadId,
    VehicleApplicationId, VehiclePassId, VenueApplicationId, VenueId, WorkBatchId, WorkFormId,
    WorkObjectionId, WorkPermitId, WorkRulingId,
};
pub use notification::{
    NotificationChannel, NotificationKind, NotificationLanguage, NotificationState, TemplateChannel,
};
pub use office_hours::{OfficeHours, OfficeHoursError};
pub use organisation::{AgentEnding, CertificateKind, RefusalReason};
pub use overriding::{OverrideEffect, OverrideGround, OverrideState};
pub use pass_card::{Falsehood, PassCardReplacement, PassCardState, PassCardVoid};
pub use permit::{PermitFault, PermitKind, StatusIndex};
pub use person_name::{PersonName, PersonNameError};
pub use phone::{Phone, PhoneError};
pub use plate::{Plate, PlateClass, PlateColour, PlateError};
pub use platform::Platform;
pub use policy::RuleState;
pub use reason::ReasonCode;
pub use road::{SectionCode, SectionCodeError};
pub use role::Role;
pub use social_credit_code::{SocialCreditCode, SocialCreditCodeError};
pub use upload::UploadContent;
pub use vehicle::{
    AboardEnding, AboardRole, VehicleApplicationKind, VehicleApplicationState, VehicleMaterial,
    VehiclePassVoid, VehicleRevocation,
};
pub use venue::{
    Assurance, TracingState, VenueApplicationKind, VenueCategory, VenueChannel,
    VenueCodeReplacement, VenueState, VenueSuspension, VisitWay,
};
pub use vin::{Vin, VinError};
pub use window::Window;
pub use work::{Authentication, EnterpriseKind, ObjectionReason, WorkBatchState, WorkEnding};
