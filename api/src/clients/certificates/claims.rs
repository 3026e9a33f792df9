//! What an ID token says, if it is this log-in's (`OpenID` Connect Core 3.1.3.7).

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::CertificateKind;
use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation, decode, decode_header,
    jwk::{Jwk, PublicKeyUse},
};
use serde::Deserialize;

use super::{CertifiedPerson, CertifiedUnit};

/// Longer ones are none that a provider gives.
const LONGEST: usize = 16 * 1024;

/// What ID tokens may be signed with. Nothing with a shared secret, and not nothing.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::ES256, Algorithm::RS256];

/// How far clocks may be apart.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// An ID token is made when its code is exchanged: an older one is of another log-in.
const OLDEST: TimeDelta = TimeDelta::minutes(5);

/// What an ID token has to say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) certificate: CertificateKind,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: Option<String>,
    acr: Option<String>,
    #[serde(default)]
    credit_code: String,
    #[serde(default)]
    organisation_name: String,
    legal_person: Option<CertifiedPerson>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// How a provider calls the log-in with a `certificate`.
pub(super) fn acr_of(certificate: CertificateKind) -> &'static str {
    match certificate {
        CertificateKind::LegalPersonCertificate => "legal-person-certificate",
        CertificateKind::BusinessLicence => "e-business-licence",
    }
}

/// The header of `token`, if it is signed in a way that is accepted.
pub(super) fn header_of(token: &str) -> Option<Header> {
    let short = token.len() <= LONGEST;
    let header = decode_header(token.as_bytes()).ok().filter(|_| short)?;
    let accepted = ALGORITHMS.contains(&header.alg);
    // What a verifier must understand (`crit`) is nothing that this one does.
    let plain = !header.extras.inner().contains_key("crit");
    (accepted && plain).then_some(header)
}

/// The unit that `token` vouches for, if `key` signed it and it is what is `expected` at `now`.
pub(super) fn verified(
    token: &str,
    header: &Header,
    key: &Jwk,
    expected: &Expected<'_>,
    now: DateTime<Utc>,
) -> Option<CertifiedUnit> {
    let signs = key
        .common
        .public_key_use
        .as_ref()
        .is_none_or(|usage| *usage == PublicKeyUse::Signature);
    if !signs {
        return None;
    }
    let mut rules = Validation::new(header.alg);
    rules.set_issuer(&[expected.issuer]);
    rules.set_audience(&[expected.client_id]);
    rules.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    // The library would judge times by the machine's clock.
    rules.validate_exp = false;
    let key = DecodingKey::from_jwk(key).ok()?;
    let claims: Claims = decode(token.as_bytes(), &key, &rules).ok()?.claims;
    claims.hold(expected, now).then(|| claims.unit(expected))
}

impl Claims {
    fn hold(&self, expected: &Expected<'_>, now: DateTime<Utc>) -> bool {
        let at = |seconds| DateTime::from_timestamp_secs(seconds);
        let fresh = at(self.exp).is_some_and(|expires| now < expires)
            && at(self.iat).is_some_and(|made| made <= now + SKEW && now < made + OLDEST + SKEW);
        let ours = match (&self.aud, &self.azp) {
            (_, Some(azp)) => azp == expected.client_id,
            (Audience::One(_), None) => true,
            (Audience::Many(all), None) => all.len() == 1,
        };
        fresh
            && ours
            && !self.sub.is_empty()
            && self.nonce.as_deref() == Some(expected.nonce)
            && self.acr.as_deref() == Some(acr_of(expected.certificate))
    }

    fn unit(self, expected: &Expected<'_>) -> CertifiedUnit {
        CertifiedUnit {
            certificate: expected.certificate,
            credit_code: self.credit_code,
            name: self.organisation_name,
            legal_person: self.legal_person,
        }
    }
}
