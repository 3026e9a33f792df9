//! Access tokens: `EdDSA` JWTs of type `at+jwt` (RFC 9068), good for a quarter of an hour.

use std::{borrow::Cow, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::values::{PersonId, SessionId};
use jsonwebtoken::{Algorithm, crypto, decode_header, encode};
use serde::{Deserialize, Serialize};

use super::{actors::Citizen, error::Error, rules};
use crate::{credentials::keyring::SessionKey, deps::Deps};

/// Longer ones are none of ours.
const LONGEST: usize = 1_024;

/// Exactly these claims.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    aud: Cow<'a, str>,
    sub: PersonId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

/// Sign an access token of `citizen` that is good until `expires`.
pub(super) fn sign(
    deps: &Deps,
    citizen: Citizen,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> Result<String, Error> {
    let key = deps.keyring.session_signer(now).ok_or(Error::NoKey)?;
    let claims = Claims {
        iss: Cow::Borrowed(&deps.login.issuer),
        aud: Cow::Borrowed(&deps.login.issuer),
        sub: citizen.person,
        sid: citizen.session,
        iat: now.timestamp(),
        exp: expires.timestamp(),
    };
    Ok(encode(&key.header, &claims, &key.signer)?)
}

/// Whose token `bearer` is and until when, if it is one of ours and good at `now` (S7).
pub(super) fn verify(
    deps: &Deps,
    bearer: &[u8],
    now: DateTime<Utc>,
) -> Option<(Citizen, DateTime<Utc>)> {
    if bearer.len() > LONGEST {
        return None;
    }
    let bearer = str::from_utf8(bearer).ok()?;
    let (message, signature) = bearer.rsplit_once('.')?;
    let (header, claims) = message.split_once('.')?;
    let key = signer_of(deps, bearer, header, now)?;
    // The library checks the signature alone; it would judge times by the machine's clock.
    let signed = crypto::verify(
        signature,
        message.as_bytes(),
        &key.verifier,
        Algorithm::EdDSA,
    );
    if !signed.ok()? {
        return None;
    }
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?;
    let claims: Claims<'_> = serde_json::from_slice(&claims).ok()?;
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

/// The key that `bearer` says it is signed with, if it says so in no other header than ours: no other
/// algorithm, type, embedded key or address of one.
fn signer_of(
    deps: &Deps,
    bearer: &str,
    header: &str,
    now: DateTime<Utc>,
) -> Option<Arc<SessionKey>> {
    let as_we_write_it = |key: &SessionKey| key.header_part == header;
    deps.keyring
        .session_verifier(now, as_we_write_it)
        .or_else(|| {
            let stated = decode_header(bearer).ok()?;
            deps.keyring
                .session_verifier(now, |key| key.header == stated)
        })
}
