//! Tokens in headers.

use actix_web::http::header::HeaderValue;

/// The token of an `Authorization: Bearer` (RFC 6750).
#[must_use]
pub fn bearer(authorization: &HeaderValue) -> Option<&[u8]> {
    let value = authorization.as_bytes();
    let (scheme, token) = value.split_at_checked(value.iter().position(|byte| *byte == b' ')?)?;
    scheme
        .eq_ignore_ascii_case(b"bearer")
        .then(|| token.trim_ascii_start())
}
