//! The token endpoint.

use serde_json::{Value, json};

use super::grants::Grant;
use super::keys::{Key, encoded};
use super::{CertificateFlaw as Flaw, claims_of};
use crate::call::Call;
use crate::crypto::{base64_decode, hmac_sha256, random_hex, sha256};
use crate::state::{Inner, lock};

const LIFETIME: i64 = 300;

/// Exchange a code for an ID token, or say why not in the words of RFC 6749.
pub(super) fn exchange(world: &Inner, call: &Call, issuer: &str) -> Result<Value, &'static str> {
    if !is_the_client(world, call) {
        return Err("invalid_client");
    }
    let form = call.form();
    let field = |name: &str| {
        let mut found = form.iter().filter(|(key, _)| key == name);
        found.next().map_or("", |(_, value)| value.as_str())
    };
    if field("grant_type") != "authorization_code" {
        return Err("unsupported_grant_type");
    }
    let now = world.clock.now_ms();
    let mut state = lock(&world.certificates);
    let grant = state.spend(field("code")).ok_or("invalid_grant")?;
    let challenge = encoded(&sha256(field("code_verifier").as_bytes()));
    let good = grant.redirect_uri == field("redirect_uri")
        && grant.challenge == challenge
        && now < grant.until;
    if !good {
        return Err("invalid_grant");
    }
    let flaw = state.flaw.take();
    let client = &world.config.certificate_client.client_id;
    let claims = claims(&grant, client, issuer, now / 1_000, flaw);
    Ok(json!({
        "access_token": random_hex::<32>(),
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "id_token": signed(&claims, &state.key, flaw),
    }))
}

/// Basic authentication, its parts encoded as in a form (RFC 6749 2.3.1).
fn is_the_client(world: &Inner, call: &Call) -> bool {
    let client = &world.config.certificate_client;
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let expected = format!("{}:{}", encode(&client.client_id), encode(&client.secret));
    let given = call
        .header("authorization")
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(base64_decode);
    given.as_deref() == Some(expected.as_bytes())
}

fn claims(grant: &Grant, client: &str, issuer: &str, now: i64, flaw: Option<Flaw>) -> Value {
    let mut claims = claims_of(&grant.unit);
    let mut set = |name: &str, value: Value| {
        if let Some(claims) = claims.as_object_mut() {
            claims.insert(name.to_owned(), value);
        }
    };
    set("iss", issuer.into());
    set("aud", client.into());
    set("iat", now.into());
    set("exp", (now + LIFETIME).into());
    set("acr", grant.acr.as_str().into());
    if let Some(nonce) = &grant.nonce {
        set("nonce", nonce.as_str().into());
    }
    match flaw {
        Some(Flaw::WrongNonce) => set("nonce", random_hex::<16>().into()),
        Some(Flaw::Expired) => set("exp", (now - 60).into()),
        Some(Flaw::OtherAudience) => set("aud", "another-client".into()),
        Some(Flaw::OtherIssuer) => set("iss", "https://certificates.example".into()),
        Some(Flaw::OtherParty) => {
            set("aud", json!([client, "another-client"]));
            set("azp", "another-client".into());
        }
        Some(Flaw::OtherCertificate) => set("acr", "password".into()),
        Some(Flaw::Old) => {
            set("iat", (now - 86_400).into());
            set("exp", (now + 86_400).into());
        }
        Some(Flaw::UnknownKey | Flaw::Forged | Flaw::Unsigned | Flaw::SharedSecret) | None => {}
    }
    claims
}

fn signed(claims: &Value, key: &Key, flaw: Option<Flaw>) -> String {
    let other = Key::new();
    let (algorithm, kid) = match flaw {
        Some(Flaw::Unsigned) => ("none", &key.kid),
        Some(Flaw::SharedSecret) => ("HS256", &key.kid),
        Some(Flaw::UnknownKey) => ("ES256", &other.kid),
        _ => ("ES256", &key.kid),
    };
    let header = json!({"alg": algorithm, "typ": "JWT", "kid": kid});
    let part = |value: &Value| encoded(value.to_string().as_bytes());
    let message = format!("{}.{}", part(&header), part(claims));
    let signature = match flaw {
        Some(Flaw::Unsigned) => String::new(),
        Some(Flaw::SharedSecret) => encoded(&hmac_sha256(key.point(), message.as_bytes())),
        Some(Flaw::UnknownKey | Flaw::Forged) => other.sign(&message),
        _ => key.sign(&message),
    };
    format!("{message}.{signature}")
}
