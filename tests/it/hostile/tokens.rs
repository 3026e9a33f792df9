//! Access tokens that we did not issue, or not for this.

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use integration_tests::{Backend, Stack, backend::ZHANG};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

/// A token taken apart, and the keys to put another together.
struct Forger {
    header: Value,
    claims: Value,
    signature: String,
    own: EncodingKey,
    public: Vec<u8>,
    strange: EncodingKey,
    strange_public: Vec<u8>,
}

impl Forger {
    fn new(backend: &Backend, token: &str) -> Self {
        let parts: Vec<_> = token.split('.').collect();
        let json = |part: &str| -> Value {
            serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        let key = backend
            .deps
            .keyring
            .session_signer(backend.deps.clock.now())
            .unwrap();
        let strange = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(strange.as_ref()).unwrap();
        Self {
            header: json(parts[0]),
            claims: json(parts[1]),
            signature: parts[2].to_owned(),
            own: key.signer.clone(),
            public: key.verifier.try_get_as_bytes().unwrap().to_vec(),
            strange: EncodingKey::from_ed_der(strange.as_ref()),
            strange_public: pair.public_key().as_ref().to_vec(),
        }
    }

    /// The genuine header and claims, changed, and signed by `key`.
    fn signed(&self, key: &EncodingKey, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let (mut header, mut claims) = (self.header.clone(), self.claims.clone());
        change(&mut header, &mut claims);
        let message = message(&header, &claims);
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), key, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    }

    fn with_header(&self, change: impl FnOnce(&mut Value)) -> String {
        self.signed(&self.own, |header, _| change(header))
    }

    fn with_claims(&self, change: impl FnOnce(&mut Value)) -> String {
        self.signed(&self.own, |_, claims| change(claims))
    }

    /// Signed by HMAC with what everybody may know, the header saying so.
    fn hs256(&self, key: &[u8]) -> String {
        let mut header = self.header.clone();
        header["alg"] = json!("HS256");
        let message = message(&header, &self.claims);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes());
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(tag))
    }
}

fn message(header: &Value, claims: &Value) -> String {
    let part = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}", part(header), part(claims))
}

#[tokio::test]
async fn a_forged_token_opens_nothing() {
    let backend = Backend::start(Stack::Embedded).await;
    let zhang = backend.verified("13800138000", ZHANG).await;
    let forger = Forger::new(&backend, &zhang.access);
    let now = backend.deps.clock.now().timestamp();
    let code_kid =
        backend.anyone().get("/.well-known/jwks.json").await.ok()["keys"][0]["kid"].clone();
    let genuine = &zhang.access;
    let (unsigned, _) = genuine.rsplit_once('.').unwrap();
    let none = |alg: &str| {
        let mut header = forger.header.clone();
        header["alg"] = json!(alg);
        message(&header, &forger.claims)
    };
    let jwk = json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": BASE64_URL_SAFE_NO_PAD.encode(&forger.strange_public),
    });
    let by_library = encode(
        &Header {
            typ: Some("at+jwt".into()),
            kid: Some("0000".into()),
            ..Header::new(Algorithm::EdDSA)
        },
        &forger.claims,
        &forger.strange,
    )
    .unwrap();

    // The forger is able: only the forgeries below make the difference.
    let untouched = forger.with_claims(|_| ());
    assert_eq!(
        backend
            .anyone()
            .with_bearer(&untouched)
            .get("/v1/me")
            .await
            .status,
        200
    );

    let forgeries = [
        ("no algorithm", format!("{}.", none("none"))),
        ("no algorithm, in capitals", format!("{}.", none("None"))),
        (
            "no algorithm, a signature all the same",
            format!("{}.{}", none("none"), forger.signature),
        ),
        ("the public key as a secret", forger.hs256(&forger.public)),
        ("nothing as a secret", forger.hs256(b"")),
        (
            "somebody else's key",
            forger.signed(&forger.strange, |_, _| ()),
        ),
        ("somebody else's key and name", by_library),
        (
            "a key that it brings along",
            forger.signed(&forger.strange, |header, _| header["jwk"] = jwk),
        ),
        (
            "the address of a key",
            forger.with_header(|h| h["jku"] = json!("http://127.0.0.1:1/keys")),
        ),
        (
            "the address of a certificate",
            forger.with_header(|h| h["x5u"] = json!("http://127.0.0.1:1/")),
        ),
        (
            "something critical",
            forger.with_header(|h| h["crit"] = json!(["b64"])),
        ),
        (
            "a content type",
            forger.with_header(|h| h["cty"] = json!("JWT")),
        ),
        ("no type", forger.with_header(|h| h["typ"] = Value::Null)),
        (
            "another type",
            forger.with_header(|h| h["typ"] = json!("JWT")),
        ),
        (
            "another algorithm's name",
            forger.with_header(|h| h["alg"] = json!("ES256")),
        ),
        ("no key", forger.with_header(|h| h["kid"] = Value::Null)),
        (
            "an unknown key",
            forger.with_header(|h| h["kid"] = json!("ffff")),
        ),
        (
            "a path for a key",
            forger.with_header(|h| h["kid"] = json!("../../dev/null")),
        ),
        (
            "a query for a key",
            forger.with_header(|h| h["kid"] = json!("' OR 1=1 --")),
        ),
        (
            "the key that signs codes",
            forger.with_header(|h| h["kid"] = code_kid),
        ),
        (
            "another issuer",
            forger.with_claims(|c| c["iss"] = json!("https://elsewhere.example")),
        ),
        (
            "another audience",
            forger.with_claims(|c| c["aud"] = json!("somebody else")),
        ),
        (
            "several audiences",
            forger.with_claims(|c| c["aud"] = json!([c["aud"], "another"])),
        ),
        (
            "no audience",
            forger.with_claims(|c| c["aud"] = Value::Null),
        ),
        ("expired", forger.with_claims(|c| c["exp"] = json!(now))),
        (
            "expired long ago",
            forger.with_claims(|c| c["exp"] = json!(0)),
        ),
        (
            "issued after it expires",
            forger.with_claims(|c| c["iat"] = json!(now + 10_000)),
        ),
        (
            "good for a day",
            forger.with_claims(|c| c["exp"] = json!(now + 86_400)),
        ),
        (
            "good for ever",
            forger.with_claims(|c| c["exp"] = json!(i64::MAX)),
        ),
        (
            "since ever",
            forger.with_claims(|c| c["iat"] = json!(i64::MIN)),
        ),
        (
            "a time that is none",
            forger.with_claims(|c| c["exp"] = json!(1e300)),
        ),
        (
            "a time in words",
            forger.with_claims(|c| c["exp"] = json!("tomorrow")),
        ),
        (
            "one claim more",
            forger.with_claims(|c| c["scope"] = json!("admin")),
        ),
        (
            "no session",
            forger.with_claims(|c| c["sid"] = json!(uuid::Uuid::nil())),
        ),
        (
            "claims that are none",
            forger.with_claims(|c| *c = json!([])),
        ),
        ("no signature", unsigned.to_owned()),
        ("an empty signature", format!("{unsigned}.")),
        ("half a signature", genuine[..genuine.len() - 40].to_owned()),
        ("one more part", format!("{genuine}.x")),
        ("twice itself", format!("{genuine}{genuine}")),
        ("itself after a space", format!("x {genuine}")),
        ("huge", format!("{genuine}{}", "A".repeat(6_000))),
        (
            "huge claims",
            forger.with_claims(|c| c["iss"] = json!("x".repeat(4_000))),
        ),
        ("dots", "...".to_owned()),
        ("padding", format!("{genuine}==")),
        ("the refresh token", zhang.refresh.clone()),
    ];
    for (what, token) in forgeries {
        let reply = backend.anyone().with_bearer(&token).get("/v1/me").await;
        assert_eq!(reply.status, 401, "{what}");
        assert_eq!(reply.problem(401), "unauthenticated", "{what}");
    }
    assert_eq!(
        backend
            .anyone()
            .with_bearer(genuine)
            .get("/v1/me")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_token_is_good_for_a_quarter_of_an_hour_and_only_as_a_bearer() {
    let backend = Backend::start(Stack::Embedded).await;
    let zhang = backend.log_in("13800138000").await;
    let genuine = &zhang.access;
    for scheme in ["Basic", "Token", "DPoP", "Bearer:", ""] {
        let request = backend.anyone().request(reqwest::Method::GET, "/v1/me");
        let request = request.header("authorization", format!("{scheme} {genuine}"));
        let reply = integration_tests::call::Reply::to(request).await;
        assert_eq!(reply.problem(401), "unauthenticated", "{scheme}");
    }
    for elsewhere in ["access_token", "token", "authorization"] {
        let path = format!("/v1/me?{elsewhere}={genuine}");
        assert_eq!(
            backend.anyone().get(&path).await.status,
            401,
            "never in an address"
        );
    }
    let page = backend.as_citizen(&zhang);
    backend.wait(TimeDelta::seconds(899));
    assert_eq!(page.get("/v1/me").await.status, 200);
    backend.wait(TimeDelta::seconds(1));
    assert_eq!(page.get("/v1/me").await.problem(401), "unauthenticated");
}
