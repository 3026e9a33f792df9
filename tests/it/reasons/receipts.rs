//! Receipts: signed, verified by anybody, and of exactly what was said.

use std::collections::BTreeMap;

use api::platform::Clock;
use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ED25519, UnparsedPublicKey},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use coset::{
    CborSerializable, CoseSign1, TaggedCborSerializable,
    cwt::{ClaimName, ClaimsSet, Timestamp},
};
use integration_tests::{
    backend::{Backend, Session, ZHANG},
    on_both_stacks,
};
use serde_json::{Value, json};

use super::{PHONE, path};
use crate::corrections::contact;

async fn receipt_of(backend: &Backend, session: &Session) -> Value {
    backend
        .as_citizen(session)
        .get(&path(session, "receipt"))
        .await
        .ok()
}

async fn verify(backend: &Backend, token: &str) -> Value {
    let asked = json!({"token": token});
    backend
        .anyone()
        .post("/v1/receipts/verify", asked)
        .await
        .ok()
}

/// Zhang, red by a contact that Wuhan recorded.
async fn red(backend: &Backend) -> Session {
    let zhang = backend.green(PHONE, ZHANG).await;
    contact(backend, &zhang, "420106").await;
    backend.compare().await;
    zhang
}

/// The canonical form of RFC 8785, for JSON without fractions.
fn canonical(json: &Value) -> String {
    match json {
        Value::Object(fields) => {
            let sorted: BTreeMap<_, _> = fields.iter().collect();
            let fields = sorted
                .iter()
                .map(|(name, value)| format!("{}:{}", json!(name), canonical(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(entries) => {
            let entries = entries.iter().map(canonical);
            format!("[{}]", entries.collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}

on_both_stacks! {
    async fn another_library_verifies_a_receipt_with_the_published_keys(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = red(&backend).await;
        let receipt = receipt_of(&backend, &zhang).await;
        let token = receipt["token"].as_str().unwrap();
        let bytes = base45::decode(token.strip_prefix("PJ1:").unwrap()).unwrap();
        let message = CoseSign1::from_tagged_slice(&bytes).unwrap();

        let keys = backend.anyone().get("/.well-known/jwks.json").await.ok();
        let kid = BASE64_URL_SAFE_NO_PAD.encode(&message.protected.header.key_id);
        let named = |key: &&Value| key["kid"] == kid.as_str();
        let named: Vec<_> = keys["keys"].as_array().unwrap().iter().filter(named).collect();
        let [key] = named.as_slice() else { panic!("{keys}") };
        let public = BASE64_URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
        let public = UnparsedPublicKey::new(&ED25519, public);
        message.verify_signature(b"", |signature, signed| public.verify(signed, signature)).unwrap();

        let claims = ClaimsSet::from_slice(message.payload.as_deref().unwrap()).unwrap();
        let issued = backend.clock.now().timestamp();
        assert_eq!(claims.issued_at, Some(Timestamp::WholeSeconds(issued)));
        let expires = issued + TimeDelta::days(30).num_seconds();
        assert_eq!(claims.expiration_time, Some(Timestamp::WholeSeconds(expires)));
        assert!(!claims.subject.unwrap().contains(&zhang.person));
        assert_eq!(claims.rest[0], (ClaimName::PrivateUse(-65537), 3.into()), "red");
    }

    async fn a_receipt_says_what_was_explained_and_holds_its_digest(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = red(&backend).await;
        let receipt = receipt_of(&backend, &zhang).await;
        let explained = super::reasons_of(&backend, &zhang).await;
        assert_eq!(receipt["explanation"], explained);
        let hash = hex::encode(digest(&SHA256, canonical(&explained).as_bytes()));
        assert_eq!(receipt["explanation_sha256"], hash);

        let verdict = verify(&backend, receipt["token"].as_str().unwrap()).await;
        assert_eq!(verdict["verdict"], "valid");
        let said = &verdict["receipt"];
        assert_eq!(said["explanation_sha256"], hash);
        assert_eq!(said["colour"], "red");
        assert_eq!(said["policy"], explained["policy"]["version"]);
        let [reason] = said["reasons"].as_array().unwrap().as_slice() else { panic!("{said}") };
        assert_eq!(reason["code"], "R03");
        assert_eq!(reason["rule"], "contact.close@1.0.0");
        assert_eq!(reason["source_region"], "420106");
        for field in ["since", "until"] {
            assert_eq!(reason[field], explained["reasons"][0][field], "{field}");
        }
        let place = reason["facts"][0].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap();
        assert_eq!(said["facts"][place], json!({
            "kind": "close_contact", "at": "2026-03-01T04:00:00Z", "source_region": "420106",
        }));
    }

    async fn one_person_has_one_pseudonym_and_each_receipt_an_id_of_its_own(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let wang = backend.log_in("13900139000").await;
        let mut said = Vec::new();
        for session in [&zhang, &zhang, &wang] {
            let receipt = receipt_of(&backend, session).await;
            said.push(verify(&backend, receipt["token"].as_str().unwrap()).await["receipt"].clone());
        }
        assert_eq!(said[0]["subject"], said[1]["subject"]);
        assert_ne!(said[0]["id"], said[1]["id"]);
        assert_ne!(said[0]["subject"], said[2]["subject"]);
    }

    async fn a_receipt_outlives_the_keys_of_codes_and_dies_after_thirty_days(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let token = receipt_of(&backend, &zhang).await["token"].as_str().unwrap().to_owned();
        for _ in 0..29 {
            backend.wait(TimeDelta::days(1));
            backend.sweep().await;
            assert_eq!(verify(&backend, &token).await["verdict"], "valid");
        }
        let other = backend.another_instance().await;
        assert_eq!(verify(&other, &token).await["verdict"], "valid", "elsewhere too");
        backend.wait(TimeDelta::days(1) + TimeDelta::seconds(5));
        backend.sweep().await;
        let verdict = verify(&backend, &token).await;
        assert_eq!((&verdict["verdict"], &verdict["receipt"]), (&json!("invalid"), &Value::Null));
    }

    async fn whatever_is_no_receipt_is_answered_alike(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let receipt = receipt_of(&backend, &zhang).await;
        let token = receipt["token"].as_str().unwrap();
        let page = backend.as_citizen(&zhang);
        let code = page.get(&format!("/v1/people/{}/health-code", zhang.person)).await.ok();
        let code = code["token"].as_str().unwrap();
        let mut flipped = base45::decode(token.strip_prefix("PJ1:").unwrap()).unwrap();
        flipped[60] ^= 1;
        let flipped = format!("PJ1:{}", base45::encode(&flipped));
        for other in ["x", code, &code.replacen("JK1:", "PJ1:", 1), &flipped, "PJ1:"] {
            let verdict = verify(&backend, other).await;
            assert_eq!(verdict["verdict"], "invalid");
            assert_eq!(verdict["receipt"], Value::Null);
        }
        let asked = json!({"token": token.replacen("PJ1:", "JK1:", 1)});
        let verdict = backend.anyone().post("/v1/codes/verify", asked).await;
        assert!(verdict.status != 200 || verdict.ok()["verdict"] == "invalid");
        let asked = json!({"token": ""});
        let refused = backend.anyone().post("/v1/receipts/verify", asked).await;
        assert_eq!(refused.problem(422), "invalid-request");
    }
}
