//! Whatever refuses, the caller gets a problem.

use std::{cell::RefCell, fmt};

use actix_web::{
    Error, HttpResponse, ResponseError,
    body::{BoxBody, EitherBody, MessageBody},
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName},
    },
};

use crate::http::{
    fallback::METHOD_NOT_ALLOWED,
    problem::{INTERNAL, Kind, Language, NOT_FOUND, PROBLEM_JSON, Problem, Text, UNAVAILABLE},
};

/// The problem to answer with in place of `response`, if it is a refusal that is not written yet in
/// the caller's language.
pub(super) fn of<B>(response: &HttpResponse<B>) -> Option<Problem> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    match response.error() {
        Some(error) => Some(of_error(error)),
        None if is_problem(response.headers()) => None,
        None => Some(Problem::new(of_status(status))),
    }
}

/// The problem that `error` is. Of errors that are not ours only the status is believed.
pub(super) fn of_error(error: &Error) -> Problem {
    error
        .as_error::<Problem>()
        .cloned()
        .unwrap_or_else(|| Problem::new(of_status(error.as_response_error().status_code())))
}

/// `refused` with the body that says `problem`. Headers that are not about the body stay, such as
/// `Allow`.
pub(super) fn rewrite<B: MessageBody>(
    refused: ServiceResponse<B>,
    problem: &Problem,
    language: Language,
    request_id: &str,
) -> ServiceResponse<EitherBody<B>> {
    let (request, refused) = refused.into_parts();
    let mut response = problem.render(language, Some(request_id));
    let written: Vec<HeaderName> = response.headers().keys().cloned().collect();
    for (name, value) in refused.headers() {
        if !written.contains(name) && !is_about_the_body(name) {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, response.map_into_right_body())
}

fn is_problem(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(PROBLEM_JSON.as_bytes()))
}

fn is_about_the_body(name: &HeaderName) -> bool {
    [
        header::CONTENT_LENGTH,
        header::CONTENT_ENCODING,
        header::TRANSFER_ENCODING,
        header::ETAG,
        header::LAST_MODIFIED,
    ]
    .contains(name)
}

/// What a status says when nothing else does. A failure that is not ours was logged by nobody.
fn of_status(status: StatusCode) -> Kind {
    if status.is_server_error() {
        let code = status.as_u16();
        tracing::error!("a layer below answered {code} without a problem");
    }
    let (slug, title) = match status {
        StatusCode::NOT_FOUND => return NOT_FOUND,
        StatusCode::SERVICE_UNAVAILABLE => return UNAVAILABLE,
        StatusCode::UNAUTHORIZED => (
            "unauthenticated",
            Text::new("请先登录", "Please log in first"),
        ),
        StatusCode::FORBIDDEN => ("forbidden", Text::new("没有权限", "Not permitted")),
        StatusCode::METHOD_NOT_ALLOWED => return METHOD_NOT_ALLOWED,
        StatusCode::PAYLOAD_TOO_LARGE => (
            "body-too-large",
            Text::new("请求体过大", "The body is too large"),
        ),
        status if status.is_server_error() => return Kind { status, ..INTERNAL },
        _ => (
            "bad-request",
            Text::new("请求无法处理", "The request cannot be handled"),
        ),
    };
    Kind {
        slug,
        status,
        title,
    }
}

/// A written response on its way through layers that only pass errors on.
pub(super) struct Refused {
    status: StatusCode,
    response: RefCell<Option<HttpResponse<BoxBody>>>,
}

impl Refused {
    pub(super) fn new(response: HttpResponse) -> Self {
        Self {
            status: response.status(),
            response: RefCell::new(Some(response)),
        }
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Refused").field(&self.status).finish()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {}", self.status)
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        self.response
            .take()
            .unwrap_or_else(|| HttpResponse::new(self.status))
    }
}
