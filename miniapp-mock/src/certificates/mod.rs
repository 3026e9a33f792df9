//! The provider of legal-person certificates and electronic business licences: `OpenID` Connect by the
//! authorization code flow, with PKCE.

mod grants;
mod keys;
mod token;

use actix_web::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

pub(crate) use self::grants::Certificates;
use self::grants::Grant;
use crate::call::{Call, Endpoint, Reply, Trouble};
use crate::state::{Inner, World, lock};

const JSON: &str = "application/json";

/// What its issuer identifier ends with.
const ISSUER: &str = "/certificates";

/// How long a code can be exchanged.
const CODE_LIFETIME_MS: i64 = 60_000;

/// A unit, as its certificate or licence says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertifiedUnit {
    /// Its unified social credit code.
    pub credit_code: String,
    /// Its registered name.
    pub organisation_name: String,
    /// Its legal person.
    pub legal_person: LegalPerson,
}

/// The legal person of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalPerson {
    /// The name as on the document.
    pub name: String,
    /// The kind of document, in the words of the identity registry.
    pub document_type: String,
    /// Its number.
    pub document_number: String,
}

/// What is wrong with the next ID token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateFlaw {
    /// Its nonce is that of another log-in.
    WrongNonce,
    /// It expired a minute ago.
    Expired,
    /// It is for another client.
    OtherAudience,
    /// It is another provider's.
    OtherIssuer,
    /// It is for several clients, and was given to another one.
    OtherParty,
    /// It is signed by a key that nobody publishes.
    UnknownKey,
    /// It says that it is signed by the published key, and is not.
    Forged,
    /// It says that it is not signed (`alg: none`), and is not.
    Unsigned,
    /// It says that it is signed with the public key as a shared secret (`alg: HS256`), and is.
    SharedSecret,
    /// It is of a log-in with the other kind of certificate.
    OtherCertificate,
    /// It was made in the past, and still holds.
    Old,
}

/// With what a browser comes back from the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateReturn {
    /// Where to.
    pub address: String,
    /// The code.
    pub code: String,
    /// The state of the request.
    pub state: String,
}

/// A request that the provider shows an error page for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the provider does not know this request: {0}")]
pub struct CertificateRefused(pub &'static str);

impl World {
    /// What a browser comes back with that is sent to `address`, where `unit` logs in.
    pub fn certify(
        &self,
        address: &str,
        unit: &CertifiedUnit,
    ) -> Result<CertificateReturn, CertificateRefused> {
        let url = Url::parse(address).map_err(|_| CertificateRefused("address"))?;
        let query: Vec<_> = url.query_pairs().into_owned().collect();
        let param = |name: &str| {
            let mut found = query.iter().filter(|(key, _)| key == name);
            found.next().map(|(_, value)| value.as_str())
        };
        authorize(&self.0, param, unit)
    }

    /// Have `unit` log in whenever a browser asks for it; nobody if there is none.
    pub fn hold_certificate(&self, unit: Option<CertifiedUnit>) {
        lock(&self.0.certificates).holder = unit;
    }

    /// Have the next ID token be wrong.
    pub fn flaw_next_certificate(&self, flaw: CertificateFlaw) {
        lock(&self.0.certificates).flaw = Some(flaw);
    }

    /// Sign with another key from now on, and publish that one alone.
    pub fn rotate_certificate_key(&self) {
        lock(&self.0.certificates).rotate();
    }
}

/// Answer one of the provider's own paths.
pub(crate) fn answer(world: &Inner, endpoint: Endpoint, call: &Call) -> Reply {
    let expected = match endpoint {
        Endpoint::CertificatesToken => Method::POST,
        _ => Method::GET,
    };
    if call.method != expected {
        return failure(405, "method_not_allowed");
    }
    match endpoint {
        Endpoint::CertificatesDiscovery => discovery(call),
        Endpoint::CertificatesKeys => {
            let keys = lock(&world.certificates).published();
            Reply::new(JSON, keys.to_string(), "OK")
        }
        Endpoint::CertificatesAuthorize => browse(world, call),
        _ => match token::exchange(world, call, &issuer(call)) {
            Ok(body) => Reply::new(JSON, body.to_string(), "OK"),
            Err(code) => failure(if code == "invalid_client" { 401 } else { 400 }, code),
        },
    }
}

/// Refuse a call without looking at it.
pub(crate) fn refuse(trouble: &Trouble) -> Reply {
    match trouble {
        Trouble::Busy => failure(503, "temporarily_unavailable"),
        Trouble::Quota => failure(429, "quota_exceeded"),
        Trouble::Code(code) => failure(400, code),
    }
}

fn failure(status: u16, code: &str) -> Reply {
    Reply::new(JSON, json!({"error": code}).to_string(), code).with_status(status)
}

fn issuer(call: &Call) -> String {
    let host = call.header("host").unwrap_or_default();
    format!("http://{host}{ISSUER}")
}

fn discovery(call: &Call) -> Reply {
    let issuer = issuer(call);
    let published = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": ["legal-person-certificate", "e-business-licence"],
    });
    Reply::new(JSON, published.to_string(), "OK")
}

/// A browser at the provider: it is sent back at once, as whoever holds a certificate.
fn browse(world: &Inner, call: &Call) -> Reply {
    let holder = lock(&world.certificates).holder.clone();
    let outcome = holder
        .ok_or(CertificateRefused("nobody holds a certificate"))
        .and_then(|unit| authorize(world, |name| call.param(name), &unit));
    match outcome {
        Ok(back) => Reply::new("text/html", "", "OK")
            .with_status(302)
            .with_location(back.address),
        Err(CertificateRefused(why)) => failure(400, why),
    }
}

fn authorize<'a>(
    world: &Inner,
    param: impl Fn(&str) -> Option<&'a str>,
    unit: &CertifiedUnit,
) -> Result<CertificateReturn, CertificateRefused> {
    let needed = |name: &'static str| param(name).ok_or(CertificateRefused(name));
    let is = |name: &'static str, expected: &str| {
        let found = needed(name)?;
        (found == expected)
            .then_some(())
            .ok_or(CertificateRefused(name))
    };
    let client = &world.config.certificate_client;
    is("response_type", "code")?;
    is("client_id", &client.client_id)?;
    is("code_challenge_method", "S256")?;
    if !needed("scope")?.split(' ').any(|scope| scope == "openid") {
        return Err(CertificateRefused("scope"));
    }
    let redirect_uri = needed("redirect_uri")?;
    if !client
        .redirect_uris
        .iter()
        .any(|known| known == redirect_uri)
    {
        return Err(CertificateRefused("redirect_uri"));
    }
    let state = needed("state")?;
    let grant = Grant {
        redirect_uri: redirect_uri.to_owned(),
        nonce: param("nonce").map(str::to_owned),
        challenge: needed("code_challenge")?.to_owned(),
        acr: param("acr_values")
            .unwrap_or("legal-person-certificate")
            .to_owned(),
        unit: unit.clone(),
        until: world.clock.now_ms() + CODE_LIFETIME_MS,
    };
    let code = lock(&world.certificates).give(grant);
    let back = form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &code)
        .append_pair("state", state)
        .finish();
    Ok(CertificateReturn {
        address: format!("{redirect_uri}?{back}"),
        state: state.to_owned(),
        code,
    })
}

/// The claims about `unit`.
fn claims_of(unit: &CertifiedUnit) -> Value {
    json!({
        "sub": format!("unit:{}", unit.credit_code),
        "credit_code": unit.credit_code,
        "organisation_name": unit.organisation_name,
        "legal_person": unit.legal_person,
    })
}
