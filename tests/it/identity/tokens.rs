//! Access tokens: only ours, only as issued.

use std::sync::Arc;

use actix_web::test::TestRequest;
use api::{credentials::keyring::SessionKey, platform::Clock};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use integration_tests::Stack;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde_json::{Value, json};

use super::rig::{Instance, Rig};

const ZHANG: &str = "13800138000";

fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

fn read(part: &str) -> Value {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

async fn status_with(instance: &Instance, authorization: &str) -> u16 {
    let request = TestRequest::get()
        .uri("/me")
        .insert_header(("authorization", authorization.to_owned()));
    instance.call(request).await.status.as_u16()
}

async fn status_of(instance: &Instance, token: &str) -> u16 {
    status_with(instance, &format!("Bearer {token}")).await
}

/// The claims with one of them changed, or taken away.
fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

/// A token as issued, and the means to issue others: our own key.
struct Forger {
    rig: Rig,
    instance: Instance,
    issued: String,
    key: Arc<SessionKey>,
    header: Header,
    claims: Value,
}

impl Forger {
    async fn start() -> Self {
        let (rig, instance) = Rig::start(Stack::Embedded).await;
        let tokens = rig.log_in(&instance, ZHANG).await;
        let issued = tokens["access_token"].as_str().unwrap().to_owned();
        let key = instance.deps.keyring.session_signer(rig.clock.now());
        let key = key.unwrap();
        let forger = Self {
            header: Header {
                typ: Some("at+jwt".into()),
                kid: Some(key.kid.clone()),
                ..Header::new(Algorithm::EdDSA)
            },
            claims: read(issued.split('.').nth(1).unwrap()),
            rig,
            instance,
            issued,
            key,
        };
        let same = forger.sign(&forger.header, &forger.claims);
        assert_eq!(
            status_of(&forger.instance, &same).await,
            200,
            "it can forge"
        );
        forger
    }

    fn sign(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.key.signer).unwrap()
    }

    /// None of `forgeries` opens anything, and the real one does.
    async fn fails_with(&self, forgeries: impl IntoIterator<Item = String>) {
        for forged in forgeries {
            assert_eq!(status_of(&self.instance, &forged).await, 401, "{forged}");
        }
        assert_eq!(status_of(&self.instance, &self.issued).await, 200);
    }
}

#[tokio::test]
async fn a_token_with_other_claims_opens_nothing() {
    let forger = Forger::start().await;
    let (good, now) = (&forger.claims, forger.rig.clock.now().timestamp());
    let changed = [
        with(good, "iss", json!("elsewhere")),
        with(good, "iss", json!(["tongxing"])),
        with(good, "aud", json!("elsewhere")),
        with(good, "aud", json!(["tongxing", "elsewhere"])),
        with(good, "exp", json!(now)),
        with(good, "exp", json!(now + 901)),
        with(good, "exp", json!(i64::MAX)),
        with(good, "exp", json!("9999999999")),
        with(good, "iat", json!(now + 6)),
        with(good, "iat", json!(i64::MIN)),
        with(good, "sub", json!("5f0c0c0e-8f7f-4b52-9b5f-0d5b5f5f5f5f")),
        with(good, "sid", json!("5f0c0c0e-8f7f-4b52-9b5f-0d5b5f5f5f5f")),
        with(good, "role", json!("admin")),
    ];
    let without =
        ["iss", "aud", "sub", "sid", "iat", "exp"].map(|name| with(good, name, Value::Null));
    let claims = changed.iter().chain(&without);
    forger
        .fails_with(claims.map(|claims| forger.sign(&forger.header, claims)))
        .await;
}

#[tokio::test]
async fn a_token_with_another_header_opens_nothing() {
    let forger = Forger::start().await;
    let ours = || forger.header.clone();
    let jwk: Jwk = serde_json::from_value(json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }))
    .unwrap();
    let headers = [
        Header {
            typ: Some("JWT".into()),
            ..ours()
        },
        Header {
            typ: None,
            ..ours()
        },
        Header {
            kid: None,
            ..ours()
        },
        Header {
            kid: Some("00000000".into()),
            ..ours()
        },
        Header {
            kid: Some("../../key".into()),
            ..ours()
        },
        Header {
            jwk: Some(jwk),
            ..ours()
        },
        Header {
            jku: Some("https://evil.example/keys".into()),
            ..ours()
        },
        Header {
            x5u: Some("https://evil.example/cert".into()),
            ..ours()
        },
        Header {
            crit: Some(vec!["exp".into()]),
            ..ours()
        },
    ];
    forger
        .fails_with(
            headers
                .iter()
                .map(|header| forger.sign(header, &forger.claims)),
        )
        .await;

    // The public key as a shared secret.
    let public = EncodingKey::from_secret(forger.key.verifier.try_get_as_bytes().unwrap());
    let symmetric = Header {
        alg: Algorithm::HS256,
        ..ours()
    };
    forger
        .fails_with([encode(&symmetric, &forger.claims, &public).unwrap()])
        .await;
}

#[tokio::test]
async fn a_token_that_was_altered_opens_nothing() {
    let forger = Forger::start().await;
    let issued = &forger.issued;
    let [header, claims, signature] = issued.split('.').collect::<Vec<_>>().try_into().unwrap();
    let none = part(&json!({"alg": "none", "typ": "at+jwt", "kid": forger.key.kid}));
    let longer = part(&with(&forger.claims, "exp", json!(i64::MAX)));
    let altered = [
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        format!("{header}.{claims}.{signature}."),
        format!("{header}.{claims}.{signature}="),
        format!("{header}.{longer}.{signature}"),
        format!("{header}..{signature}"),
        format!("{issued}{}", "A".repeat(2_000)),
        String::new(),
        "x".into(),
    ];
    forger.fails_with(altered).await;

    let flipped = (0..issued.len()).step_by(7).map(|at| {
        let mut flipped = issued.clone().into_bytes();
        flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(flipped).unwrap()
    });
    forger.fails_with(flipped).await;
}

#[tokio::test]
async fn a_token_comes_as_a_bearer_token() {
    let forger = Forger::start().await;
    let (instance, issued) = (&forger.instance, &forger.issued);
    let lenient = format!("bearer  {issued}");
    assert_eq!(status_with(instance, &lenient).await, 200);
    for authorization in ["", "Bearer", "Bearer ", issued, &format!("Basic {issued}")] {
        assert_eq!(
            status_with(instance, authorization).await,
            401,
            "{authorization}"
        );
    }
}

#[tokio::test]
async fn a_token_is_good_for_a_quarter_of_an_hour() {
    let (rig, instance) = Rig::start(Stack::Embedded).await;
    let tokens = rig.log_in(&instance, ZHANG).await;
    let token = tokens["access_token"].as_str().unwrap();
    rig.pass(899);
    assert_eq!(status_of(&instance, token).await, 200);
    rig.pass(1);
    assert_eq!(status_of(&instance, token).await, 401);
}

#[tokio::test]
async fn a_refusal_says_how_to_come_back() {
    let (_rig, instance) = Rig::start(Stack::Embedded).await;
    let answer = instance.call(TestRequest::get().uri("/me")).await;
    assert_eq!(answer.refusal(), "401 unauthenticated");
    assert_eq!(answer.headers.get("www-authenticate").unwrap(), "Bearer");
}
