//! Access tokens: `EdDSA` JWTs of type `at+jwt` (RFC 9068), good for a quarter of an hour.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use entity::values::{PersonId, SessionId};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};

use super::{actors::Citizen, error::Error, rules};
use crate::deps::Deps;

const TYPE: &str = "at+jwt";

/// Longer ones are none of ours.
const LONGEST: usize = 1_024;

/// Exactly these claims.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: PersonId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

/// The library checks the signature alone; it would judge times by the machine's clock.
static SIGNATURE_ONLY: LazyLock<Validation> = LazyLock::new(|| {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
});

/// Sign an access token of `citizen` that is good until `expires`.
pub(super) fn sign(
    deps: &Deps,
    citizen: Citizen,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> Result<String, Error> {
    let key = deps.keyring.session_signer(now).ok_or(Error::NoKey)?;
    let claims = Claims {
        iss: deps.login.issuer.clone(),
        aud: deps.login.issuer.clone(),
        sub: citizen.person,
        sid: citizen.session,
        iat: now.timestamp(),
        exp: expires.timestamp(),
    };
    Ok(encode(&header(key.kid.clone()), &claims, &key.signer)?)
}

/// Whose token `bearer` is and until when, if it is one of ours and good at `now` (S7).
pub(super) fn verify(
    deps: &Deps,
    bearer: &str,
    now: DateTime<Utc>,
) -> Option<(Citizen, DateTime<Utc>)> {
    if bearer.len() > LONGEST {
        return None;
    }
    let stated = decode_header(bearer).ok()?;
    let kid = stated.kid.clone()?;
    let key = deps.keyring.session_verifier(&kid, now)?;
    // No other algorithm, type, embedded key or address of one.
    if stated != header(kid) {
        return None;
    }
    let claims = decode::<Claims>(bearer, &key.verifier, &SIGNATURE_ONLY)
        .ok()?
        .claims;
    let ours = claims.iss == deps.login.issuer && claims.aud == deps.login.issuer;
    if !ours || !rules::times_hold(claims.iat, claims.exp, now) {
        return None;
    }
    let citizen = Citizen {
        person: claims.sub,
        session: claims.sid,
    };
    Some((citizen, DateTime::from_timestamp_secs(claims.exp)?))
}

fn header(kid: String) -> Header {
    Header {
        typ: Some(TYPE.into()),
        kid: Some(kid),
        ..Header::new(Algorithm::EdDSA)
    }
}
