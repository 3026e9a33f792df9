//! Refusals as RFC 9457 problems, in Chinese and English.

use std::{borrow::Cow, collections::BTreeMap, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
};
use serde::Serialize;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

/// Media type of every refusal (RFC 9457 §6.1).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Prefix of every problem's `type`. A name, not an address to visit.
pub const TYPE_PREFIX: &str = "urn:tongxing:problem:";

/// The languages that the product speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Simplified Chinese, the default.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The language that a request with `headers` asks for.
    #[must_use]
    pub fn asked_for_in(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT_LANGUAGE);
        Self::negotiate(accept.and_then(|value| value.to_str().ok()))
    }

    /// The language that an `Accept-Language` value (RFC 9110 §12.5.4) ranks first among ours.
    #[must_use]
    pub fn negotiate(accept: Option<&str>) -> Self {
        let mut best = (0_u16, Self::default());
        for range in accept.unwrap_or_default().split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let primary = tag.split('-').next().unwrap_or_default();
            let language = match primary {
                tag if tag.eq_ignore_ascii_case("zh") => Self::Chinese,
                tag if tag.eq_ignore_ascii_case("en") => Self::English,
                _ => continue,
            };
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1000, |q| q.parse::<f32>().map_or(0, per_mille));
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    /// The `Content-Language` value.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=1 before"
)]
fn per_mille(quality: f32) -> u16 {
    (quality.clamp(0.0, 1.0) * 1000.0) as u16
}

/// One sentence in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

impl Text {
    /// A sentence in both languages.
    #[must_use]
    pub const fn new(zh: &'static str, en: &'static str) -> Self {
        Self { zh, en }
    }

    /// The sentence in `language`.
    #[must_use]
    pub fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.zh,
            Language::English => self.en,
        }
    }
}

/// A kind of refusal: stable for clients to branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Last part of the problem's `type`; never changes once published.
    pub slug: &'static str,
    /// HTTP status.
    pub status: StatusCode,
    /// What happened, in words for the person in front of the screen.
    pub title: Text,
}

/// Something broke on our side. Says no more than that; the log does.
pub const INTERNAL: Kind = Kind {
    slug: "internal",
    status: StatusCode::INTERNAL_SERVER_ERROR,
    title: Text::new(
        "服务内部错误，请稍后再试",
        "Something broke on our side; please try again later",
    ),
};

/// Something that we depend on does not answer.
pub const UNAVAILABLE: Kind = Kind {
    slug: "temporarily-unavailable",
    status: StatusCode::SERVICE_UNAVAILABLE,
    title: Text::new(
        "服务暂时不可用，请稍后再试",
        "Temporarily unavailable; please try again later",
    ),
};

/// No token, or none that is good: the caller cannot tell why.
pub const UNAUTHENTICATED: Kind = Kind {
    slug: "unauthenticated",
    status: StatusCode::UNAUTHORIZED,
    title: Text::new("请先登录", "Please log in first"),
};

/// There is no such thing, or not for this caller: the two look the same.
pub const NOT_FOUND: Kind = Kind {
    slug: "not-found",
    status: StatusCode::NOT_FOUND,
    title: Text::new("没有找到", "Not found"),
};

/// The body or a parameter is not what the operation takes.
pub const INVALID_REQUEST: Kind = Kind {
    slug: "invalid-request",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new("提交的内容有误", "What was submitted is not valid"),
};

/// One field that is wrong, and how. Never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// Path of the field in the body, or the name of the parameter: `residence[0].division`.
    pub field: Cow<'static, str>,
    /// Stable code of what is wrong: `unknown_field`, `length`, `check_character`.
    pub code: Cow<'static, str>,
    /// The same in words.
    pub message: Text,
}

impl FieldFault {
    /// `field` is wrong in the way that `code` names.
    pub fn new(
        field: impl Into<Cow<'static, str>>,
        code: impl Into<Cow<'static, str>>,
        message: Text,
    ) -> Self {
        Self {
            field: field.into(),
            code: code.into(),
            message,
        }
    }
}

/// An error that knows which problem it is to a caller.
pub trait Fault: std::error::Error + Send + Sync + 'static {
    /// The problem to answer with.
    fn kind(&self) -> Kind;

    /// The fields at fault, where the input was.
    fn fields(&self) -> Vec<FieldFault> {
        Vec::new()
    }

    /// When trying again may help.
    fn retry_after(&self) -> Option<Duration> {
        None
    }
}

/// A refusal on its way to the caller. The outermost middleware renders it in the caller's language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", kind.slug)]
pub struct Problem {
    /// What kind of refusal.
    pub kind: Kind,
    /// The fields at fault.
    pub fields: Vec<FieldFault>,
    /// When trying again may help.
    pub retry_after: Option<Duration>,
}

impl Problem {
    /// A refusal without fields.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            fields: Vec::new(),
            retry_after: None,
        }
    }

    /// A refusal because of one field.
    #[must_use]
    pub fn field(kind: Kind, fault: FieldFault) -> Self {
        Self {
            kind,
            fields: vec![fault],
            retry_after: None,
        }
    }

    /// The response in `language`.
    #[must_use]
    pub fn render(&self, language: Language, request_id: Option<&str>) -> HttpResponse {
        let mut response = HttpResponse::build(self.kind.status);
        response
            .insert_header((header::CONTENT_TYPE, PROBLEM_JSON))
            .insert_header((header::CONTENT_LANGUAGE, language.tag()))
            .insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(wait) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, wait.as_secs().max(1)));
        }
        if self.kind.status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.json(self.body(language, request_id))
    }

    /// The document in `language`.
    #[must_use]
    pub fn body(&self, language: Language, request_id: Option<&str>) -> ProblemBody {
        ProblemBody {
            kind: format!("{TYPE_PREFIX}{}", self.kind.slug),
            title: self.kind.title.in_language(language).into(),
            status: self.kind.status.as_u16(),
            errors: self
                .fields
                .iter()
                .map(|fault| FieldError {
                    field: fault.field.to_string(),
                    code: fault.code.to_string(),
                    message: fault.message.in_language(language).into(),
                })
                .collect(),
            request_id: request_id.map(Into::into),
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status
    }

    fn error_response(&self) -> HttpResponse {
        self.render(Language::default(), None)
    }
}

impl<E: Fault> From<E> for Problem {
    fn from(error: E) -> Self {
        let kind = error.kind();
        if kind.status.is_server_error() {
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::error!(problem = kind.slug, error, "request failed: {}", kind.slug);
        }
        Self {
            kind,
            fields: error.fields(),
            retry_after: error.retry_after(),
        }
    }
}

/// An RFC 9457 problem document.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// `urn:tongxing:problem:` and the kind; stable, to branch on.
    #[serde(rename = "type")]
    #[schema(example = "urn:tongxing:problem:invalid-request")]
    kind: String,
    /// What happened, in the language of `Accept-Language`.
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// The fields at fault. Absent when no field is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
    /// The `X-Request-Id` of this request, to quote when asking for help.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request_id: Option<String>,
}

/// The problems that any operation may answer with, for its documentation.
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        [("4XX", "Refused"), ("5XX", "Failed; try again later")]
            .into_iter()
            .map(|(status, description)| {
                let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody")));
                let response = ResponseBuilder::new()
                    .description(description)
                    .content("application/problem+json", body.build());
                (status.to_owned(), RefOr::T(response.build()))
            })
            .collect()
    }
}

/// One field at fault.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// Path of the field.
    #[schema(example = "residence[0].division")]
    field: String,
    /// What is wrong; stable.
    #[schema(example = "check_character")]
    code: String,
    /// What is wrong, in words.
    message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_weight_among_our_languages_wins() {
        let cases = [
            (None, Language::Chinese),
            (Some(""), Language::Chinese),
            (Some("en"), Language::English),
            (Some("en-GB,en;q=0.9"), Language::English),
            (Some("fr, en;q=0.2, zh;q=0.8"), Language::Chinese),
            (Some("zh-TW;q=0.5,en;q=0.6"), Language::English),
            (Some("en;q=nonsense"), Language::Chinese),
            (Some("en;q=0"), Language::Chinese),
        ];
        for (accept, expected) in cases {
            assert_eq!(Language::negotiate(accept), expected, "{accept:?}");
        }
    }
}
