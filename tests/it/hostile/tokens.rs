//! Access tokens that we did not issue, or not for this.

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use integration_tests::{
    Backend, Stack,
    backend::ZHANG,
    call::Reply,
    document::{Operation, operations},
};
use jsonwebtoken::{Algorithm, EncodingKey};
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

/// What a forgery tries, and the token.
type Forgery = (&'static str, String);

impl Forger {
    fn without_a_signature(&self) -> Vec<Forgery> {
        let none = |alg: &str| {
            let mut header = self.header.clone();
            header["alg"] = json!(alg);
            message(&header, &self.claims)
        };
        let signed_no_more = format!("{}.{}", none("none"), self.signature);
        vec![
            ("no algorithm", format!("{}.", none("none"))),
            ("no algorithm, capitalised", format!("{}.", none("None"))),
            ("no algorithm, but a signature", signed_no_more),
        ]
    }

    fn with_other_keys(&self) -> Vec<Forgery> {
        let jwk = json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "x": BASE64_URL_SAFE_NO_PAD.encode(&self.strange_public),
        });
        let strange = &self.strange;
        vec![
            ("the public key as a secret", self.hs256(&self.public)),
            ("nothing as a secret", self.hs256(b"")),
            ("somebody else's key", self.signed(strange, |_, _| ())),
            (
                "somebody else's key and its name",
                self.signed(strange, |h, _| h["kid"] = json!("0000")),
            ),
            (
                "a key that it brings along",
                self.signed(strange, |h, _| h["jwk"] = jwk),
            ),
        ]
    }

    fn with_other_headers(&self, code_kid: &str) -> Vec<Forgery> {
        [
            (
                "the address of a key",
                "jku",
                json!("http://127.0.0.1:1/keys"),
            ),
            (
                "the address of a certificate",
                "x5u",
                json!("http://127.0.0.1:1/"),
            ),
            ("something critical", "crit", json!(["b64"])),
            ("a content type", "cty", json!("JWT")),
            ("no type", "typ", Value::Null),
            ("another type", "typ", json!("JWT")),
            ("another algorithm's name", "alg", json!("ES256")),
            ("no key", "kid", Value::Null),
            ("an unknown key", "kid", json!("ffff")),
            ("a path for a key", "kid", json!("../../dev/null")),
            ("a query for a key", "kid", json!("' OR 1=1 --")),
            ("the key that signs codes", "kid", json!(code_kid)),
        ]
        .map(|(what, name, value)| (what, self.signed(&self.own, |h, _| h[name] = value)))
        .into()
    }

    fn with_other_claims(&self, now: i64) -> Vec<Forgery> {
        [
            ("another issuer", "iss", json!("https://elsewhere.example")),
            ("a huge issuer", "iss", json!("x".repeat(4_000))),
            ("another audience", "aud", json!("somebody else")),
            (
                "several audiences",
                "aud",
                json!([self.claims["aud"], "another"]),
            ),
            ("no audience", "aud", Value::Null),
            ("expired", "exp", json!(now)),
            ("expired long ago", "exp", json!(0)),
            ("issued after it expires", "iat", json!(now + 10_000)),
            ("good for a day", "exp", json!(now + 86_400)),
            ("good for ever", "exp", json!(i64::MAX)),
            ("since ever", "iat", json!(i64::MIN)),
            ("a time that is none", "exp", json!(1e300)),
            ("a time in words", "exp", json!("tomorrow")),
            ("one claim more", "scope", json!("admin")),
            ("no session", "sid", json!(uuid::Uuid::nil())),
        ]
        .map(|(what, name, value)| (what, self.signed(&self.own, |_, c| c[name] = value)))
        .into()
    }
}

/// What is left of `genuine` when it is cut and patched.
fn mangled(genuine: &str) -> Vec<Forgery> {
    let (unsigned, _) = genuine.rsplit_once('.').unwrap();
    let cut = genuine.chars().take(genuine.len() - 40).collect();
    vec![
        ("no signature", unsigned.to_owned()),
        ("an empty signature", format!("{unsigned}.")),
        ("half a signature", cut),
        ("one more part", format!("{genuine}.x")),
        ("twice itself", format!("{genuine}{genuine}")),
        ("itself after a space", format!("x {genuine}")),
        ("huge", format!("{genuine}{}", "A".repeat(6_000))),
        ("dots", "...".to_owned()),
        ("padding", format!("{genuine}==")),
    ]
}

#[tokio::test]
async fn a_forged_token_opens_no_operation() {
    let backend = Backend::start(Stack::Embedded).await;
    let zhang = backend.verified("13800138000", ZHANG).await;
    let forger = Forger::new(&backend, &zhang.access);
    let now = backend.deps.clock.now().timestamp();
    let codes = backend.anyone().get("/.well-known/jwks.json").await.ok();
    let code_kid = codes["keys"][0]["kid"].as_str().unwrap();
    let guarded: Vec<_> = operations()
        .into_iter()
        .filter(Operation::is_for_a_session)
        .collect();
    let opens = async |token: &str| backend.anyone().with_bearer(token).get("/v1/me").await;

    // The forger is able: nothing but the forgery makes the difference.
    let untouched = forger.signed(&forger.own, |_, _| ());
    assert_eq!(opens(&untouched).await.status, 200);

    let forgeries = [
        forger.without_a_signature(),
        forger.with_other_keys(),
        forger.with_other_headers(code_kid),
        forger.with_other_claims(now),
        mangled(&zhang.access),
        vec![
            (
                "claims that are none",
                forger.signed(&forger.own, |_, c| *c = json!([])),
            ),
            ("the refresh token", zhang.refresh.clone()),
        ],
    ];
    for (what, token) in forgeries.into_iter().flatten() {
        let stranger = backend.anyone().with_bearer(&token);
        for operation in &guarded {
            let path = operation.path_of(&zhang.person);
            let reply = Reply::to(stranger.request(operation.method.clone(), &path)).await;
            let name = operation.name();
            assert_eq!(reply.status, 401, "{what}: {name}");
            assert_eq!(reply.problem(401), "unauthenticated", "{what}: {name}");
        }
    }
    assert_eq!(opens(&zhang.access).await.status, 200);
}
