//! Use case: say whether a shown code is good, and the live colour.

use chrono::{DateTime, Utc};
use entity::values::Colour;
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::Error, showing};
use crate::deps::Deps;

/// Whether a code is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// One of ours, and good now.
    Valid,
    /// Anything else. Why is not said, or the answer would help to forge one.
    Invalid,
}

/// What a verifier is told.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Verification {
    /// Whether the code is good.
    verdict: Verdict,
    /// The colour now, whatever the code says. Null for an invalid code.
    colour: Option<Colour>,
    /// When the code was issued. Null for an invalid code.
    issued_at: Option<DateTime<Utc>>,
    /// When the code stops being good. Null for an invalid code.
    expires_at: Option<DateTime<Utc>>,
    /// The server's time of this answer.
    checked_at: DateTime<Utc>,
    /// True if neither store answers and the colour is what was known before.
    stale: bool,
}

/// Verify `token`.
pub(super) async fn verify(deps: &Deps, token: &str) -> Result<Verification, Error> {
    let now = deps.clock.now();
    let invalid = Verification {
        verdict: Verdict::Invalid,
        colour: None,
        issued_at: None,
        expires_at: None,
        checked_at: now,
        stale: false,
    };
    let code = match deps.keyring.read(token, now) {
        Ok(code) => code,
        Err(reason) => {
            tracing::debug!(%reason, "a code did not verify");
            return Ok(invalid);
        }
    };
    let Some((snapshot, stale)) = showing::live_snapshot(&deps.db, deps, code.number, now).await?
    else {
        return Ok(invalid);
    };
    Ok(Verification {
        verdict: Verdict::Valid,
        colour: Some(snapshot.colour),
        issued_at: Some(code.issued_at),
        expires_at: Some(code.expires_at),
        stale,
        ..invalid
    })
}
