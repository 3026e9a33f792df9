//! What may go wrong, and what a caller is told of it.

use std::time::Duration;

use actix_web::http::StatusCode;
use entity::values::DocumentError;
use sea_orm::DbErr;

use super::terms::{PRIVACY, TERMS};
use crate::{
    clients::{PlatformError, RegistryUnavailable},
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    platform::{ephemeral::Unavailable, vault::Sealed},
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
            Self::Phone | Self::UnknownApp | Self::Name | Self::Document(_) => INVALID_REQUEST,
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
            Self::RefreshRefused => REFRESH_REFUSED,
            Self::IdentityMismatch => IDENTITY_MISMATCH,
            Self::IdentityInUse => IDENTITY_IN_USE,
            Self::AlreadyVerified => ALREADY_VERIFIED,
            Self::NotVerified => NOT_VERIFIED,
            Self::TooManyAttempts(_) => TOO_MANY_ATTEMPTS,
            Self::TooManyDependants => TOO_MANY_DEPENDANTS,
            Self::Registry(_) => REGISTRY_UNAVAILABLE,
            Self::Idempotency(error) => error.kind(),
            Self::NoKey
            | Self::Ephemeral(_)
            | Self::Store(DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) => UNAVAILABLE,
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
            Self::Phone => vec![FieldFault::new(
                "phone",
                "not_a_mainland_mobile",
                Text::new("须为中国大陆手机号码", "must be a mainland mobile number"),
            )],
            Self::UnknownApp => vec![FieldFault::new(
                "app_id",
                "unknown",
                Text::new("没有配置这个应用", "is not one of our apps"),
            )],
            Self::Name => vec![FieldFault::new(
                "name",
                "form",
                Text::new("须与证件上的姓名一致", "must be a name as on the document"),
            )],
            Self::Document(error) => vec![FieldFault::new(
                "document_number",
                error.code(),
                explain(*error),
            )],
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

fn explain(error: DocumentError) -> Text {
    match error {
        DocumentError::Form => Text::new(
            "不是该类证件的号码",
            "is not a number of this kind of document",
        ),
        DocumentError::Province => Text::new("省级代码不存在", "begins with no province"),
        DocumentError::BirthDate => Text::new("出生日期不存在", "has no possible date of birth"),
        DocumentError::CheckCharacter => Text::new("校验码不符", "has a wrong check character"),
    }
}

const fn kind(slug: &'static str, status: StatusCode, zh: &'static str, en: &'static str) -> Kind {
    Kind {
        slug,
        status,
        title: Text::new(zh, en),
    }
}

const UNAUTHENTICATED: Kind = kind(
    "unauthenticated",
    StatusCode::UNAUTHORIZED,
    "请先登录",
    "Please log in first",
);

const TERMS_NOT_ACCEPTED: Kind = kind(
    "terms-not-accepted",
    StatusCode::UNPROCESSABLE_ENTITY,
    "须先接受现行的使用条款和隐私声明",
    "The current terms and privacy notice have to be accepted",
);

const TOO_MANY_CODES: Kind = kind(
    "too-many-codes",
    StatusCode::TOO_MANY_REQUESTS,
    "获取验证码过于频繁，请稍后再试",
    "Too many codes were asked for; please try again later",
);

const SMS_UNAVAILABLE: Kind = kind(
    "sms-unavailable",
    StatusCode::SERVICE_UNAVAILABLE,
    "暂时无法发送短信，请改用微信或支付宝登录",
    "No SMS can be sent now; please log in through WeChat or Alipay",
);

const SMS_SHUT: Kind = kind(
    "sms-login-shut",
    StatusCode::FORBIDDEN,
    "错误次数过多，该号码的短信登录已关闭，请用微信或支付宝登录",
    "Too many wrong codes: SMS log-in is shut for this number; please log in through WeChat or Alipay",
);

const CODE_REFUSED: Kind = kind(
    "code-refused",
    StatusCode::UNAUTHORIZED,
    "验证码不正确或已失效",
    "The code is not correct, or no longer good",
);

const TOO_MANY_GUESSES: Kind = kind(
    "too-many-guesses",
    StatusCode::TOO_MANY_REQUESTS,
    "验证码错误次数过多，请稍后再试",
    "Too many wrong codes; please try again later",
);

const PLATFORM_UNAVAILABLE: Kind = kind(
    "platform-unavailable",
    StatusCode::SERVICE_UNAVAILABLE,
    "平台暂时没有响应，请改用短信登录",
    "The platform does not answer; please log in by SMS",
);

const PLATFORM_USER_BLOCKED: Kind = kind(
    "platform-user-blocked",
    StatusCode::FORBIDDEN,
    "平台限制了该用户登录",
    "The platform does not let this user log in",
);

const PHONE_NOT_MAINLAND: Kind = kind(
    "phone-not-mainland",
    StatusCode::UNPROCESSABLE_ENTITY,
    "平台绑定的不是中国大陆手机号码",
    "The number bound on the platform is not a mainland mobile",
);

const PAYLOAD_USED: Kind = kind(
    "payload-used",
    StatusCode::CONFLICT,
    "该授权已使用过，请重新授权",
    "This authorisation was used before; please authorise again",
);

const SMS_CHECK_REQUIRED: Kind = kind(
    "sms-check-required",
    StatusCode::CONFLICT,
    "该平台账号已绑定其他号码，请用短信验证码登录",
    "This platform account is bound to another number; please log in by SMS",
);

const REFRESH_REFUSED: Kind = kind(
    "refresh-refused",
    StatusCode::UNAUTHORIZED,
    "登录已失效，请重新登录",
    "The session is over; please log in again",
);

const IDENTITY_MISMATCH: Kind = kind(
    "identity-mismatch",
    StatusCode::UNPROCESSABLE_ENTITY,
    "姓名与证件号码不一致",
    "Name and document do not belong together",
);

const IDENTITY_IN_USE: Kind = kind(
    "identity-in-use",
    StatusCode::CONFLICT,
    "该证件已被其他用户使用",
    "Another person here has this document",
);

const ALREADY_VERIFIED: Kind = kind(
    "already-verified",
    StatusCode::CONFLICT,
    "已完成实名认证",
    "The identity is verified already",
);

const NOT_VERIFIED: Kind = kind(
    "identity-required",
    StatusCode::CONFLICT,
    "请先完成本人的实名认证",
    "Please verify your own identity first",
);

const TOO_MANY_ATTEMPTS: Kind = kind(
    "too-many-attempts",
    StatusCode::TOO_MANY_REQUESTS,
    "认证次数过多，请稍后再试",
    "Too many attempts; please try again later",
);

const TOO_MANY_DEPENDANTS: Kind = kind(
    "too-many-dependants",
    StatusCode::CONFLICT,
    "最多可代办五人",
    "One may act for five people at the most",
);

const REGISTRY_UNAVAILABLE: Kind = kind(
    "registry-unavailable",
    StatusCode::SERVICE_UNAVAILABLE,
    "身份核验服务暂时没有响应，请稍后再试",
    "The identity registry does not answer; please try again later",
);
