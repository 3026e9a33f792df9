//! Access tokens: only ours, only as issued.

use actix_web::test::TestRequest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use integration_tests::Stack;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde_json::{Value, json};

use super::rig::{Instance, Rig};
use api::platform::Clock;

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

#[tokio::test]
async fn a_token_that_we_did_not_issue_as_it_is_opens_nothing() {
    let (rig, instance) = Rig::start(Stack::Embedded).await;
    let tokens = rig.log_in(&instance, ZHANG).await;
    let issued = tokens["access_token"].as_str().unwrap();
    assert_eq!(status_of(&instance, issued).await, 200);
    assert_eq!(
        status_with(&instance, &format!("bearer  {issued}")).await,
        200
    );

    let now = rig.clock.now();
    let key = instance.deps.keyring.session_signer(now).unwrap();
    let ours = Header {
        typ: Some("at+jwt".into()),
        kid: Some(key.kid.clone()),
        ..Header::new(Algorithm::EdDSA)
    };
    let [header, claims, signature] = issued.split('.').collect::<Vec<_>>().try_into().unwrap();
    let good = read(claims);
    let resigned = encode(&ours, &good, &key.signer).unwrap();
    assert_eq!(
        status_of(&instance, &resigned).await,
        200,
        "the forger works"
    );

    let mut forgeries = Vec::new();
    for changed in [
        with(&good, "iss", json!("elsewhere")),
        with(&good, "iss", json!(["tongxing"])),
        with(&good, "aud", json!("elsewhere")),
        with(&good, "aud", json!(["tongxing", "elsewhere"])),
        with(&good, "exp", json!(now.timestamp())),
        with(&good, "exp", json!(now.timestamp() + 901)),
        with(&good, "exp", json!(i64::MAX)),
        with(&good, "exp", json!("9999999999")),
        with(&good, "iat", json!(now.timestamp() + 6)),
        with(&good, "iat", json!(i64::MIN)),
        with(&good, "sub", json!("5f0c0c0e-8f7f-4b52-9b5f-0d5b5f5f5f5f")),
        with(&good, "sid", json!("5f0c0c0e-8f7f-4b52-9b5f-0d5b5f5f5f5f")),
        with(&good, "role", json!("admin")),
        with(&good, "iss", Value::Null),
        with(&good, "aud", Value::Null),
        with(&good, "exp", Value::Null),
        with(&good, "iat", Value::Null),
        with(&good, "sid", Value::Null),
    ] {
        forgeries.push(encode(&ours, &changed, &key.signer).unwrap());
    }
    let jwk: Jwk = serde_json::from_value(
        json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
    )
    .unwrap();
    for header in [
        Header {
            typ: Some("JWT".into()),
            ..ours.clone()
        },
        Header {
            typ: None,
            ..ours.clone()
        },
        Header {
            kid: None,
            ..ours.clone()
        },
        Header {
            kid: Some("00000000".into()),
            ..ours.clone()
        },
        Header {
            kid: Some("../../key".into()),
            ..ours.clone()
        },
        Header {
            jwk: Some(jwk),
            ..ours.clone()
        },
        Header {
            jku: Some("https://evil.example/keys".into()),
            ..ours.clone()
        },
        Header {
            x5u: Some("https://evil.example/cert".into()),
            ..ours.clone()
        },
        Header {
            crit: Some(vec!["exp".into()]),
            ..ours.clone()
        },
    ] {
        forgeries.push(encode(&header, &good, &key.signer).unwrap());
    }
    // The public key as a shared secret, and no signature at all.
    let public = EncodingKey::from_secret(key.verifier.try_get_as_bytes().unwrap());
    let symmetric = Header {
        alg: Algorithm::HS256,
        ..ours.clone()
    };
    forgeries.push(encode(&symmetric, &good, &public).unwrap());
    let none = part(&json!({"alg": "none", "typ": "at+jwt", "kid": key.kid}));
    forgeries.push(format!("{none}.{claims}."));
    forgeries.push(format!("{none}.{claims}.{signature}"));
    forgeries.push(format!("{header}.{claims}."));
    forgeries.push(format!("{header}.{claims}"));
    forgeries.push(format!("{header}.{claims}.{signature}."));
    forgeries.push(format!("{header}.{claims}.{signature}="));
    forgeries.push(format!(
        "{header}.{}.{signature}",
        part(&with(&good, "exp", json!(1)))
    ));
    forgeries.push(format!("{header}..{signature}"));
    forgeries.push(format!("{issued}{}", "A".repeat(2_000)));
    forgeries.push(String::new());
    forgeries.push("x".into());

    for forged in &forgeries {
        assert_eq!(status_of(&instance, forged).await, 401, "{forged}");
    }
    for at in (0..issued.len()).step_by(7) {
        let mut flipped = issued.as_bytes().to_vec();
        flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
        let flipped = String::from_utf8(flipped).unwrap();
        assert_eq!(status_of(&instance, &flipped).await, 401, "byte {at}");
    }
    for authorization in ["", "Bearer", issued, &format!("Basic {issued}")] {
        assert_eq!(status_with(&instance, authorization).await, 401);
    }
    assert_eq!(
        status_of(&instance, issued).await,
        200,
        "the real one still opens"
    );
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
