//! What may go wrong, and what a caller is told of it.

use std::time::Duration;

use entity::values::DocumentError;
use sea_orm::DbErr;

use super::{
    kinds::{
        ALREADY_VERIFIED, CODE_REFUSED, IDENTITY_CHECK_REQUIRED, IDENTITY_IN_USE,
        IDENTITY_MISMATCH, NOT_VERIFIED, PAYLOAD_USED, PHONE_NOT_MAINLAND, PLATFORM_UNAVAILABLE,
        PLATFORM_USER_BLOCKED, REFRESH_REFUSED, REGISTRY_UNAVAILABLE, SMS_CHECK_REQUIRED, SMS_SHUT,
        SMS_UNAVAILABLE, TERMS_NOT_ACCEPTED, TOO_MANY_ATTEMPTS, TOO_MANY_CODES,
        TOO_MANY_DEPENDANTS, TOO_MANY_GUESSES,
    },
    terms::{PRIVACY, TERMS},
};
use crate::{
    clients::{PlatformError, RegistryUnavailable},
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAUTHENTICATED,
            UNAVAILABLE,
        },
    },
    platform::{db::is_outage, ephemeral::Unavailable, vault::Sealed},
};

/// A use case of identity did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No token, or none that is good: the caller cannot tell why.
    #[error("no session")]
    Unauthenticated,
    /// No such thing, or another person's.
    #[error("no such thing for this caller")]
    NotFound,
    /// Another version of the terms or the privacy notice was accepted than the current one.
    #[error("the current documents were not accepted")]
    TermsNotAccepted {
        /// The terms were not.
        terms: bool,
        /// The privacy notice was not.
        privacy: bool,
    },
    /// Not a mainland mobile number.
    #[error("not a mainland mobile number")]
    Phone,
    /// A log-in brings no proof of a phone, or two.
    #[error("not one proof of a phone")]
    OnePhone,
    /// Too many codes were asked for: by this number, address, network or device.
    #[error("too many codes were asked for")]
    TooManyCodes(Duration),
    /// No code can be sent now.
    #[error("no code can be sent")]
    SmsUnavailable(Duration),
    /// Too many wrong guesses in a row: another factor has to succeed first (S2).
    #[error("SMS log-in is shut for this number")]
    SmsShut,
    /// A code is wrong, expired, used, or of another request or number.
    #[error("the code is not accepted")]
    CodeRefused,
    /// Too many guesses at the codes of one number.
    #[error("too many guesses")]
    TooManyGuesses(Duration),
    /// The platform does not answer.
    #[error("the platform is not available")]
    PlatformUnavailable(#[source] anyhow::Error),
    /// The platform blocks the user.
    #[error("the platform blocks this user")]
    PlatformUserBlocked,
    /// Not one of our apps.
    #[error("no such app is configured")]
    UnknownApp,
    /// The platform's number is not a mainland mobile.
    #[error("the platform's number is not a mainland mobile")]
    PhoneNotMainland,
    /// The platform's payload was accepted before.
    #[error("the payload was used before")]
    PayloadUsed,
    /// The platform account stands for somebody else: its phone has to be proved by SMS.
    #[error("the phone has to be proved by SMS")]
    SmsCheckRequired,
    /// The number was not seen for long, so its owner has to name their document (S11).
    #[error("the owner of the number has to be confirmed")]
    OwnerUnconfirmed,
    /// A refresh token is unknown, used or over, or its session is.
    #[error("the refresh token is not accepted")]
    RefreshRefused,
    /// Not a name.
    #[error("not a name")]
    Name,
    /// Not a document number.
    #[error("not a document number")]
    Document(#[source] DocumentError),
    /// The registry does not find this name with this document.
    #[error("name and document do not belong together")]
    IdentityMismatch,
    /// The document is another person's here.
    #[error("the document belongs to another person")]
    IdentityInUse,
    /// The person is verified, by another document or name.
    #[error("the person is verified already")]
    AlreadyVerified,
    /// The person has to be verified first.
    #[error("the person is not verified")]
    NotVerified,
    /// Too many attempts at verification.
    #[error("too many attempts at verification")]
    TooManyAttempts(Duration),
    /// The person acts for as many as one may.
    #[error("too many dependants")]
    TooManyDependants,
    /// Neither a child nor an elder.
    #[error("neither a child nor an elder")]
    NotOfAge,
    /// The registry does not answer.
    #[error("the registry did not answer")]
    Registry(#[from] RegistryUnavailable),
    /// No key signs sessions yet.
    #[error("no key signs sessions")]
    NoKey,
    /// A token cannot be written.
    #[error("a token cannot be signed")]
    Token(#[from] jsonwebtoken::errors::Error),
    /// A sealed value does not open.
    #[error("a sealed value of a person does not open")]
    Sealed(#[from] Sealed),
    /// The short-lived store failed where it must not.
    #[error("one-time state is not available")]
    Ephemeral(#[from] Unavailable),
    /// An answer could not be kept or given again.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// The database failed.
    #[error("the store of people failed")]
    Store(#[from] DbErr),
}

impl From<PlatformError> for Error {
    fn from(error: PlatformError) -> Self {
        match error {
            PlatformError::CodeRefused | PlatformError::Forged => Self::CodeRefused,
            PlatformError::UserBlocked => Self::PlatformUserBlocked,
            PlatformError::UnknownApp => Self::UnknownApp,
            PlatformError::Unavailable(source) => Self::PlatformUnavailable(source),
        }
    }
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Unauthenticated => UNAUTHENTICATED,
            Self::NotFound => NOT_FOUND,
            Self::TermsNotAccepted { .. } => TERMS_NOT_ACCEPTED,
            Self::Phone | Self::OnePhone | Self::UnknownApp | Self::Name | Self::Document(_) => {
                INVALID_REQUEST
            }
            Self::TooManyCodes(_) => TOO_MANY_CODES,
            Self::SmsUnavailable(_) => SMS_UNAVAILABLE,
            Self::SmsShut => SMS_SHUT,
            Self::CodeRefused => CODE_REFUSED,
            Self::TooManyGuesses(_) => TOO_MANY_GUESSES,
            Self::PlatformUnavailable(_) => PLATFORM_UNAVAILABLE,
            Self::PlatformUserBlocked => PLATFORM_USER_BLOCKED,
            Self::PhoneNotMainland => PHONE_NOT_MAINLAND,
            Self::PayloadUsed => PAYLOAD_USED,
            Self::SmsCheckRequired => SMS_CHECK_REQUIRED,
            Self::OwnerUnconfirmed => IDENTITY_CHECK_REQUIRED,
            Self::RefreshRefused => REFRESH_REFUSED,
            Self::IdentityMismatch => IDENTITY_MISMATCH,
            Self::IdentityInUse => IDENTITY_IN_USE,
            Self::AlreadyVerified => ALREADY_VERIFIED,
            Self::NotVerified => NOT_VERIFIED,
            Self::TooManyAttempts(_) => TOO_MANY_ATTEMPTS,
            Self::TooManyDependants => TOO_MANY_DEPENDANTS,
            Self::NotOfAge => INVALID_REQUEST,
            Self::Registry(_) => REGISTRY_UNAVAILABLE,
            Self::Idempotency(error) => error.kind(),
            Self::NoKey | Self::Ephemeral(_) => UNAVAILABLE,
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Token(_) | Self::Sealed(_) | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::TermsNotAccepted { terms, privacy } => [
                (*terms, "accepted.terms", TERMS.not_current),
                (*privacy, "accepted.privacy", PRIVACY.not_current),
            ]
            .into_iter()
            .filter(|(at_fault, ..)| *at_fault)
            .map(|(_, field, message)| FieldFault::new(field, "not_current", message))
            .collect(),
            Self::NotOfAge => vec![FieldFault::new(
                "relationship",
                "age",
                Text::new(
                    "子女须未满 18 周岁，老人须年满 60 周岁",
                    "a child is younger than 18, and an elder 60 or older",
                ),
            )],
            Self::Phone => vec![FieldFault::new(
                "phone",
                "not_a_mainland_mobile",
                Text::new("须为中国大陆手机号码", "must be a mainland mobile number"),
            )],
            Self::OnePhone => vec![FieldFault::new(
                "phone_code",
                "one_of",
                Text::new(
                    "须提供 phone_code 或 encrypted_phone，二者择一",
                    "or encrypted_phone has to be given, one of the two",
                ),
            )],
            Self::UnknownApp => vec![FieldFault::new(
                "app_id",
                "unknown",
                Text::new("没有配置这个应用", "is not one of our apps"),
            )],
            Self::OwnerUnconfirmed => vec![FieldFault::new(
                "document_number",
                "owner",
                Text::new(
                    "须为该号码实名用户的证件号码",
                    "must be that of the person whom this number was verified for",
                ),
            )],
            Self::Name => vec![FieldFault::new(
                "name",
                "form",
                Text::new("须与证件上的姓名一致", "must be a name as on the document"),
            )],
            Self::Document(error) => vec![document_fault(*error)],
            Self::Idempotency(error) => error.fields(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyCodes(wait)
            | Self::SmsUnavailable(wait)
            | Self::TooManyGuesses(wait)
            | Self::TooManyAttempts(wait) => Some(*wait),
            Self::Idempotency(error) => error.retry_after(),
            _ => None,
        }
    }
}

/// `document_number` is no number of its kind of document.
#[must_use]
pub fn document_fault(error: DocumentError) -> FieldFault {
    let message = match error {
        DocumentError::Form => Text::new(
            "不是该类证件的号码",
            "is not a number of this kind of document",
        ),
        DocumentError::Province => Text::new("省级代码不存在", "begins with no province"),
        DocumentError::BirthDate => Text::new("出生日期不存在", "has no possible date of birth"),
        DocumentError::CheckCharacter => Text::new("校验码不符", "has a wrong check character"),
    };
    FieldFault::new("document_number", error.code(), message)
}
