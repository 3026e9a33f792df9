//! What may go wrong, and what a caller is told of it.

use std::time::Duration;

use actix_web::http::StatusCode;
use entity::values::SocialCreditCodeError;
use sea_orm::DbErr;

use crate::{
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAUTHENTICATED,
            UNAVAILABLE,
        },
    },
    identity::{self, KeyError},
    platform::{db::is_outage, ephemeral::Unavailable, vault::Sealed},
};

/// A use case of units did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No token, or none that is good: the caller cannot tell why.
    #[error("no session of a unit")]
    Unauthenticated,
    /// No such thing, or another's.
    #[error("no such thing for this caller")]
    NotFound,
    /// Only the legal person, or the unit's own session, may do this.
    #[error("only the legal person may")]
    LegalPersonOnly,
    /// What came back from the provider was not begun here, by this caller, a moment ago; or the provider
    /// does not vouch for it.
    #[error("the log-in is not accepted")]
    LoginRefused,
    /// The provider vouches for a unit with a code that is none.
    #[error("the certificate names no unified social credit code")]
    CreditCode(#[source] SocialCreditCodeError),
    /// The provider vouches for a unit without a name, or for a legal person without a document.
    #[error("the certificate does not name {0}")]
    Certificate(&'static str),
    /// The unit is registered elsewhere.
    #[error("the unit is registered elsewhere")]
    RegisteredElsewhere,
    /// The provider does not answer.
    #[error("the certificate provider is not available")]
    ProviderUnavailable(#[source] anyhow::Error),
    /// Too many log-ins were begun.
    #[error("too many log-ins")]
    TooManyAttempts(Duration),
    /// Not a mainland mobile number.
    #[error("not a mainland mobile number")]
    Phone,
    /// As many act for the unit, or were asked to, as may.
    #[error("too many agents")]
    TooManyAgents,
    /// The owner of the number acts for the unit, or was asked to.
    #[error("the number was invited before")]
    KnownAgent,
    /// The invitation is over.
    #[error("the invitation is over")]
    InvitationOver,
    /// Who may act for whom.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// A person's data key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A sealed value does not open.
    #[error("a sealed value does not open")]
    Sealed(#[from] Sealed),
    /// What is kept of a log-in for a moment cannot be written.
    #[error("a log-in that was begun cannot be kept")]
    Begun(#[from] serde_json::Error),
    /// The short-lived store failed where it must not.
    #[error("one-time state is not available")]
    Ephemeral(#[from] Unavailable),
    /// The database failed.
    #[error("the store of units failed")]
    Store(#[from] DbErr),
}

const LEGAL_PERSON_ONLY: Kind = Kind {
    slug: "legal-person-required",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "该操作须由法定代表人办理",
        "Only the legal person may do this",
    ),
};

const LOGIN_REFUSED: Kind = Kind {
    slug: "organisation-login-refused",
    status: StatusCode::UNAUTHORIZED,
    title: Text::new(
        "登录未通过，请重新发起",
        "The log-in is not accepted; please begin again",
    ),
};

const CERTIFICATE_UNFIT: Kind = Kind {
    slug: "organisation-certificate-unfit",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "证照信息不完整或有误，请联系发证机关",
        "The certificate is incomplete or wrong; please ask whoever issued it",
    ),
};

const REGISTERED_ELSEWHERE: Kind = Kind {
    slug: "organisation-registered-elsewhere",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "仅限本地登记的单位，贵单位登记地不在本地",
        "This is for units registered here; yours is registered elsewhere",
    ),
};

const PROVIDER_UNAVAILABLE: Kind = Kind {
    slug: "certificate-provider-unavailable",
    status: StatusCode::SERVICE_UNAVAILABLE,
    title: Text::new(
        "证照登录服务暂时没有响应，请稍后再试",
        "The certificate provider does not answer; please try again later",
    ),
};

const TOO_MANY_ATTEMPTS: Kind = Kind {
    slug: "too-many-attempts",
    status: StatusCode::TOO_MANY_REQUESTS,
    title: Text::new(
        "操作过于频繁，请稍后再试",
        "Too many attempts; please try again later",
    ),
};

const TOO_MANY_AGENTS: Kind = Kind {
    slug: "organisation-too-many-agents",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "一个单位最多可授权二十名经办人",
        "A unit may have twenty agents at the most",
    ),
};

const KNOWN_AGENT: Kind = Kind {
    slug: "organisation-agent-known",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该号码已获邀请或已是经办人",
        "This number was invited, or is an agent, already",
    ),
};

const INVITATION_OVER: Kind = Kind {
    slug: "organisation-invitation-over",
    status: StatusCode::CONFLICT,
    title: Text::new("该邀请已失效", "This invitation is over"),
};

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Unauthenticated => UNAUTHENTICATED,
            Self::NotFound => NOT_FOUND,
            Self::LegalPersonOnly => LEGAL_PERSON_ONLY,
            Self::LoginRefused => LOGIN_REFUSED,
            Self::CreditCode(_) | Self::Certificate(_) => CERTIFICATE_UNFIT,
            Self::RegisteredElsewhere => REGISTERED_ELSEWHERE,
            Self::ProviderUnavailable(_) => PROVIDER_UNAVAILABLE,
            Self::TooManyAttempts(_) => TOO_MANY_ATTEMPTS,
            Self::Phone => INVALID_REQUEST,
            Self::TooManyAgents => TOO_MANY_AGENTS,
            Self::KnownAgent => KNOWN_AGENT,
            Self::InvitationOver => INVITATION_OVER,
            Self::Identity(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Ephemeral(_) => UNAVAILABLE,
            Self::Store(error) | Self::Key(KeyError::Store(error)) if is_outage(error) => {
                UNAVAILABLE
            }
            Self::Key(_) | Self::Sealed(_) | Self::Begun(_) | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::CreditCode(error) => vec![FieldFault::new(
                "credit_code",
                error.code(),
                Text::new("不是统一社会信用代码", "is no unified social credit code"),
            )],
            Self::Certificate(field) => vec![FieldFault::new(
                *field,
                "missing",
                Text::new(
                    "证照未载明或有误",
                    "is missing in the certificate, or wrong",
                ),
            )],
            Self::RegisteredElsewhere => vec![FieldFault::new(
                "credit_code",
                "elsewhere",
                Text::new(
                    "登记地不在本地",
                    "says that the unit is registered elsewhere",
                ),
            )],
            Self::Phone => vec![FieldFault::new(
                "phone",
                "not_a_mainland_mobile",
                Text::new("须为中国大陆手机号码", "must be a mainland mobile number"),
            )],
            Self::Identity(error) => error.fields(),
            Self::Idempotency(error) => error.fields(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyAttempts(wait) => Some(*wait),
            Self::Identity(error) => error.retry_after(),
            Self::Idempotency(error) => error.retry_after(),
            _ => None,
        }
    }
}
