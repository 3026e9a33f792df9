//! What can keep a pass from being asked for, granted, shown or used.

mod kinds;

pub(super) use kinds::{DATES_OVER, NOT_OF_THE_UNIT, REGISTRY_SILENT};

use std::time::Duration;

use entity::values::PlateError;
use sea_orm::DbErr;

use crate::{
    credentials::{self, qr::TooLong},
    documents::NotWritten,
    health_code,
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    identity::{self, KeyError},
    notifications, organisations,
    platform::{db::is_outage, ephemeral::Unavailable, vault::Sealed},
    regions, review,
    roads::{self, HoursError},
    uploads,
};

/// Something about a pass for a vehicle did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such application, pass or invitation, or not for this caller: they look the same.
    #[error("no such thing for this caller")]
    NotFound,
    /// No such type of pass.
    #[error("no such type of pass")]
    NoSuchType,
    /// A type that the product comes with cannot be issued, or is kept with other words.
    #[error("the type {0} cannot be kept")]
    UnsoundType(String),
    /// The type is not for who applies.
    #[error("the type is not for this kind of applicant")]
    NotForApplicant,
    /// Nobody here is verified as the unit's legal person, so nobody could be told.
    #[error("nobody could be told what becomes of the application")]
    NobodyToTell,
    /// No county or district, or not one that is decided for here.
    #[error("a division that nothing is decided for")]
    NoSuchPlace,
    /// As many applications are open as may be.
    #[error("too many applications are open")]
    TooManyOpen,
    /// The application was submitted, so it stays as it is.
    #[error("the application is not a draft")]
    NotADraft,
    /// The form is not filled in, or not rightly.
    #[error("the form is not in order")]
    Form(Vec<FieldFault>),
    /// No plate.
    #[error(transparent)]
    Plate(#[from] PlateError),
    /// The hours are none, or run backwards.
    #[error(transparent)]
    Hours(#[from] HoursError),
    /// A route that takes no pass, or that is none.
    #[error("the route cannot be granted")]
    Route(Vec<FieldFault>),
    /// Somebody aboard never agreed.
    #[error("somebody aboard did not agree")]
    NotAgreed(Vec<FieldFault>),
    /// Somebody aboard is not green.
    #[error("somebody aboard is not green")]
    NotGreen(Vec<FieldFault>),
    /// Somebody aboard has no test that is new enough.
    #[error("somebody aboard was not tested")]
    NotTested(Vec<FieldFault>),
    /// The vehicle has a pass, or one is asked for, on the same way at the same time.
    #[error("the vehicle has an overlapping pass")]
    Overlaps,
    /// The registry knows no such vehicle.
    #[error("the vehicle is not registered")]
    NotRegistered,
    /// Violations of traffic rules are not settled.
    #[error("violations are not settled")]
    Violations,
    /// The annual inspection is over before the pass would be.
    #[error("the inspection is over")]
    NotInspected,
    /// There is no room for one more.
    #[error("nobody else may be aboard")]
    Full,
    /// They are aboard, or were asked.
    #[error("they were asked before")]
    KnownAboard,
    /// Not a mainland mobile number.
    #[error("not a mainland mobile number")]
    Phone,
    /// No plate, temporary number or number of a vehicle.
    #[error("nothing that a vehicle is called")]
    NoVehicle,
    /// Nobody was named who shall be aboard.
    #[error("nobody was named")]
    Nobody,
    /// What was asked is over, or somebody took the place.
    #[error("the invitation is over")]
    InvitationOver,
    /// The pass ended, or does not count.
    #[error("the pass is not in force")]
    NotInForce,
    /// The pass does not count yet, and is not signed so long before.
    #[error("too early to sign")]
    TooEarly,
    /// It ends later than it may be renewed.
    #[error("too early to renew")]
    RenewedTooEarly,
    /// A change of the pass, or its renewal, is asked for already.
    #[error("a successor is asked for")]
    SuccessorOpen,
    /// Nobody who is known signed for the recognition.
    #[error("nobody who is known signed")]
    NotSigned,
    /// The text opens nothing: it was used, is over, or was never given.
    #[error("the authorisation is not good")]
    NotAuthorised,
    /// As much leave was given as may be at a time.
    #[error("too much leave at a time")]
    TooManyAuthorisations,
    /// Too many texts were tried.
    #[error("too many texts were tried")]
    TooManyAttempts(Duration),
    /// Too many people were asked aboard.
    #[error("too many people were asked aboard")]
    TooManyAsked(Duration),
    /// Setting a page was given up.
    #[error("a page was not set")]
    NotSet,
    /// A code was not drawn.
    #[error(transparent)]
    Symbol(#[from] TooLong),
    /// A document was not written.
    #[error(transparent)]
    Document(#[from] NotWritten),
    /// What is kept cannot be read.
    #[error("a row does not read")]
    Unreadable(#[from] serde_json::Error),
    /// A sealed value does not open.
    #[error(transparent)]
    Sealed(#[from] Sealed),
    /// The shared store does not answer.
    #[error(transparent)]
    Ephemeral(#[from] Unavailable),
    /// The catalogue of roads.
    #[error(transparent)]
    Roads(#[from] roads::Error),
    /// What was uploaded.
    #[error(transparent)]
    Upload(#[from] uploads::Error),
    /// The permit was not enlisted or signed.
    #[error(transparent)]
    Permit(#[from] credentials::PermitError),
    /// What somebody shows.
    #[error(transparent)]
    Colour(#[from] health_code::Error),
    /// Telling somebody.
    #[error(transparent)]
    Notification(#[from] notifications::Error),
    /// The review of cases.
    #[error(transparent)]
    Review(#[from] review::Error),
    /// Who acts for a unit.
    #[error(transparent)]
    Organisation(#[from] organisations::Error),
    /// Who somebody is.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// A person's data key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// The database failed.
    #[error("the store of vehicle passes failed")]
    Store(#[from] DbErr),
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => NOT_FOUND,
            Self::NoSuchType | Self::NoSuchPlace | Self::Phone | Self::NoVehicle | Self::Nobody => {
                INVALID_REQUEST
            }
            Self::NotForApplicant => kinds::NOT_FOR_APPLICANT,
            Self::NobodyToTell => kinds::NOBODY_TO_TELL,
            Self::TooManyOpen => kinds::TOO_MANY_OPEN,
            Self::NotADraft => kinds::NOT_A_DRAFT,
            Self::Form(_) => kinds::FORM,
            Self::Plate(_) => kinds::PLATE,
            Self::Hours(HoursError::Backwards) => kinds::BACKWARDS,
            Self::Hours(_) => kinds::HOURS,
            Self::Route(_) => kinds::ROUTE,
            Self::NotAgreed(_) => kinds::NOT_AGREED,
            Self::NotGreen(_) => kinds::NOT_GREEN,
            Self::NotTested(_) => kinds::NOT_TESTED,
            Self::Overlaps => kinds::OVERLAPS,
            Self::NotRegistered => kinds::NOT_REGISTERED,
            Self::Violations => kinds::VIOLATIONS,
            Self::NotInspected => kinds::NOT_INSPECTED,
            Self::Full => kinds::FULL,
            Self::KnownAboard => kinds::KNOWN_ABOARD,
            Self::InvitationOver => kinds::INVITATION_OVER,
            Self::NotInForce => kinds::NOT_IN_FORCE,
            Self::TooEarly => kinds::TOO_EARLY,
            Self::RenewedTooEarly => kinds::RENEWED_TOO_EARLY,
            Self::SuccessorOpen => kinds::SUCCESSOR_OPEN,
            Self::NotSigned => kinds::NOT_SIGNED,
            Self::NotAuthorised => kinds::NOT_AUTHORISED,
            Self::TooManyAuthorisations => kinds::TOO_MANY_AUTHORISATIONS,
            Self::TooManyAsked(_) => kinds::TOO_MANY_ASKED,
            Self::TooManyAttempts(_) => kinds::TOO_MANY_ATTEMPTS,
            Self::Roads(error) => error.kind(),
            Self::Upload(error) => error.kind(),
            Self::Permit(error) => error.kind(),
            Self::Colour(error) => error.kind(),
            Self::Notification(error) => error.kind(),
            Self::Review(error) => error.kind(),
            Self::Organisation(error) => error.kind(),
            Self::Identity(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Ephemeral(_) => UNAVAILABLE,
            Self::Key(KeyError::Store(error)) | Self::Store(error) if is_outage(error) => {
                UNAVAILABLE
            }
            Self::UnsoundType(_)
            | Self::NotSet
            | Self::Symbol(_)
            | Self::Document(_)
            | Self::Unreadable(_)
            | Self::Sealed(_)
            | Self::Key(_)
            | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        let one = |field: &'static str, code: &'static str, zh, en| {
            vec![FieldFault::new(field, code, Text::new(zh, en))]
        };
        match self {
            Self::NoSuchType => one(
                "type",
                "unknown_type",
                "没有这种通行证",
                "is no type of pass",
            ),
            Self::NoSuchPlace => vec![regions::unknown_division("division")],
            Self::Phone => one("phone", "phone", "不是手机号", "is no mobile number"),
            Self::NoVehicle => one(
                "vehicle",
                "form",
                "不是号牌号码、临时编号或车辆识别代号",
                "is no plate, temporary number or vehicle identification number",
            ),
            Self::Nobody => one("phone", "missing", "须填写", "is missing"),
            Self::Form(faults)
            | Self::Route(faults)
            | Self::NotAgreed(faults)
            | Self::NotGreen(faults)
            | Self::NotTested(faults) => faults.clone(),
            Self::Plate(error) => vec![roads::plate_fault("vehicle.plate", *error)],
            Self::Hours(error) => vec![error.fault("hours")],
            Self::Overlaps => one(
                "vehicle",
                "overlap",
                "同一时段同一路线已有通行证或申请",
                "has a pass, or one is asked for, on this way at this time",
            ),
            Self::NotRegistered => one(
                "vehicle",
                "not_registered",
                "未注册登记",
                "is not registered",
            ),
            Self::Violations => one(
                "vehicle",
                "violations",
                "有未处理的交通违法",
                "has traffic violations that are not settled",
            ),
            Self::NotInspected => one(
                "vehicle",
                "inspection",
                "检验有效期在通行期内届满",
                "is not inspected for as long as the pass would be good",
            ),
            Self::Upload(error) => error.fields(),
            Self::Review(error) => error.fields(),
            Self::Organisation(error) => error.fields(),
            Self::Identity(error) => error.fields(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyAsked(after) | Self::TooManyAttempts(after) => Some(*after),
            _ => None,
        }
    }
}
