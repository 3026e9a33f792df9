//! Keys: the list that verifiers believe, and a key for every moment.

use api::credentials::{
    cose::VerifyingKey,
    key_list::{KeyList, Refused},
    keyring::Keyring,
    load, replace_code_key, rotate, sign_list,
};
use api::platform::Clock;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use coset::{CoseSign1, TaggedCborSerializable};
use entity::signing_key::{self, KeyUse};
use entity::values::Colour;
use futures_util::future::join_all;
use integration_tests::{Backend, on_both_stacks};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

const NUMBER: i64 = 42;

fn issue(backend: &Backend) -> String {
    let issued = backend
        .deps
        .keyring
        .issue(NUMBER, Colour::Green, backend.clock.now(), 7);
    issued.expect("a code can be issued").token
}

fn is_read(backend: &Backend, token: &str) -> bool {
    let read = backend.deps.keyring.read(token, backend.clock.now());
    read.is_ok_and(|code| code.number == NUMBER)
}

/// The root's public half, as a verifier pins it.
fn pinned(backend: &Backend) -> VerifyingKey {
    let root = backend.deps.keyring.root().expect("the root is here");
    VerifyingKey::new(root.kid(), root.public_key()).unwrap()
}

async fn fetch(backend: &Backend) -> Vec<u8> {
    let list = backend.anyone().get("/v1/keys").await;
    assert_eq!(
        list.headers["content-type"],
        "application/cose; cose-type=\"cose-sign1\""
    );
    assert_eq!(list.status, 200);
    list.body
}

async fn verified_list(backend: &Backend, lowest: u64) -> Result<KeyList, Refused> {
    KeyList::verify(
        &fetch(backend).await,
        &pinned(backend),
        backend.clock.now(),
        lowest,
    )
}

async fn jwks(backend: &Backend) -> Vec<Value> {
    let keys = backend.anyone().get("/.well-known/jwks.json").await.ok();
    keys["keys"].as_array().unwrap().clone()
}

async fn rows(backend: &Backend, usage: KeyUse) -> Vec<signing_key::Model> {
    let all = signing_key::Entity::find()
        .all(&backend.deps.db)
        .await
        .unwrap();
    all.into_iter().filter(|key| key.usage == usage).collect()
}

/// What another library makes of `token` with the keys in `keys`.
fn verifies_elsewhere(token: &str, keys: &[Value]) -> bool {
    let bytes = base45::decode(token.strip_prefix("JK1:").unwrap()).unwrap();
    let message = CoseSign1::from_tagged_slice(&bytes).unwrap();
    let kid = BASE64_URL_SAFE_NO_PAD.encode(&message.protected.header.key_id);
    let Some(key) = keys.iter().find(|key| key["kid"] == kid.as_str()) else {
        return false;
    };
    assert_eq!(
        (&key["kty"], &key["crv"]),
        (&json!("OKP"), &json!("Ed25519"))
    );
    let public = BASE64_URL_SAFE_NO_PAD
        .decode(key["x"].as_str().unwrap())
        .unwrap();
    let public = UnparsedPublicKey::new(&ED25519, public);
    message
        .verify_signature(b"", |signature, signed| public.verify(signed, signature))
        .is_ok()
}

fn kid_of(token: &str) -> Vec<u8> {
    let bytes = base45::decode(token.strip_prefix("JK1:").unwrap()).unwrap();
    CoseSign1::from_tagged_slice(&bytes)
        .unwrap()
        .protected
        .header
        .key_id
}

on_both_stacks! {
    async fn a_verifier_that_pins_the_root_believes_the_list_and_no_older_one(stack: Stack) {
        let backend = Backend::start(stack).await;
        let list = verified_list(&backend, 0).await.unwrap();
        assert!(list.keys.len() >= 3, "keys are published two days ahead");

        let mut highest = list.version;
        for _ in 0..50 {
            backend.wait(TimeDelta::hours(1));
            backend.sweep().await;
            let newer = verified_list(&backend, highest).await.unwrap();
            assert!(newer.version > highest);
            highest = newer.version;
        }
        assert_eq!(verified_list(&backend, highest + 1).await.unwrap_err(), Refused::RolledBack);
    }

    async fn an_instance_without_the_root_serves_what_the_root_signed_and_signs_codes(stack: Stack) {
        let with_root = Backend::start(stack).await;
        let serving = with_root.another_instance_with(|deps| {
            deps.keyring = Keyring::new(None);
        }).await;
        for instance in [&serving, &with_root] {
            load(&instance.deps).await.unwrap();
        }
        assert!(serving.deps.keyring.root().is_none());
        assert_eq!(fetch(&serving).await, fetch(&with_root).await);
        assert!(is_read(&with_root, &issue(&serving)));
    }

    async fn a_list_of_another_root_is_not_believed(stack: Stack) {
        let backend = Backend::start(stack).await;
        let other = Backend::start_with(stack, |config| {
            let key = api::credentials::create_root(&integration_tests::SeededEntropy::new(8)).unwrap();
            config.keys.root_key = Some(api::platform::Secret::new(key.to_string()));
        }).await;
        let list = fetch(&other).await;
        let believed = KeyList::verify(&list, &pinned(&backend), backend.clock.now(), 0);
        assert_eq!(believed.unwrap_err(), Refused::OtherRoot);
    }

    async fn the_published_key_set_verifies_a_code_with_another_library(stack: Stack) {
        let backend = Backend::start(stack).await;
        let token = issue(&backend);
        let keys = jwks(&backend).await;
        assert!(verifies_elsewhere(&token, &keys));
        let others: Vec<Value> = keys.iter().map(|key| {
            let mut other = key.clone();
            other["x"] = keys.iter().find(|k| k["kid"] != key["kid"]).unwrap()["x"].clone();
            other
        }).collect();
        assert!(!verifies_elsewhere(&token, &others), "under another key it does not");
        let listed = verified_list(&backend, 0).await.unwrap();
        assert_eq!(listed.keys.len(), keys.len());
    }

    async fn over_ten_days_there_is_a_key_for_every_moment_and_none_outlives_its_use(stack: Stack) {
        let backend = Backend::start(stack).await;
        let mut kids = std::collections::HashSet::new();
        for _ in 0..10 {
            // A code key's day ends at 08:00 in Shanghai, which is midnight of UTC.
            backend.wait(TimeDelta::hours(20) - TimeDelta::milliseconds(1));
            let late = issue(&backend);
            kids.insert(kid_of(&late));
            backend.wait(TimeDelta::milliseconds(1));
            let early = issue(&backend);
            assert_ne!(kid_of(&late), kid_of(&early));
            rotate(&backend.deps).await.unwrap();
            assert!(is_read(&backend, &late) && is_read(&backend, &early));
            assert!(verifies_elsewhere(&late, &jwks(&backend).await), "yesterday's key is still published");
            backend.wait(TimeDelta::seconds(59));
            assert!(is_read(&backend, &late), "for its whole minute");
            backend.wait(TimeDelta::hours(4) - TimeDelta::seconds(59));
            rotate(&backend.deps).await.unwrap();
            let now = backend.clock.now();
            for usage in [KeyUse::Code, KeyUse::Handle, KeyUse::Session] {
                let rows = rows(&backend, usage).await;
                assert!(rows.iter().all(|key| key.destroy_at > now), "{usage:?}");
                assert!(rows.len() <= 8, "{usage:?}: {}", rows.len());
            }
        }
        assert_eq!(kids.len(), 10);
    }

    async fn a_handles_key_is_destroyed_four_days_after_its_day(stack: Stack) {
        let backend = Backend::start(stack).await;
        let now = backend.clock.now();
        let first = rows(&backend, KeyUse::Handle).await;
        let first = first.iter().find(|key| key.not_before <= now && now < key.not_after).unwrap().kid.clone();
        let is_there = async || rows(&backend, KeyUse::Handle).await.iter().any(|key| key.kid == first);

        // The day of UTC began at 08:00 in Shanghai.
        backend.wait_until("2026-03-07T07:59:59.999+08:00");
        rotate(&backend.deps).await.unwrap();
        assert!(is_there().await);
        backend.wait(TimeDelta::milliseconds(1));
        rotate(&backend.deps).await.unwrap();
        assert!(!is_there().await);
    }

    async fn a_leaked_key_is_replaced_at_once_several_times_a_day(stack: Stack) {
        let backend = Backend::start(stack).await;
        let mut kids = std::collections::HashSet::new();
        for _ in 0..4 {
            let leaked = issue(&backend);
            assert!(kids.insert(kid_of(&leaked)), "no name is given twice");
            replace_code_key(&backend.deps).await.unwrap();
            assert!(sign_list(&backend.deps).await.unwrap(), "verifiers are told");
            assert!(is_read(&backend, &leaked), "honest codes stay good for their minute");

            backend.wait(TimeDelta::minutes(2));
            rotate(&backend.deps).await.unwrap();
            sign_list(&backend.deps).await.unwrap();
            let keys = jwks(&backend).await;
            assert!(!verifies_elsewhere(&leaked, &keys), "nothing is believed under the old key");
            let listed = verified_list(&backend, 0).await.unwrap();
            assert!(listed.keys.iter().all(|key| key.key.kid().as_bytes() != kid_of(&leaked)));
            let fresh = issue(&backend);
            assert!(is_read(&backend, &fresh) && verifies_elsewhere(&fresh, &keys));
        }
    }

    async fn without_a_name_for_another_key_the_present_one_keeps_signing(stack: Stack) {
        let backend = Backend::start(stack).await;
        for _ in 0..7 {
            replace_code_key(&backend.deps).await.unwrap();
            backend.wait(TimeDelta::minutes(1));
        }
        replace_code_key(&backend.deps).await.unwrap_err();
        load(&backend.deps).await.unwrap();
        assert!(is_read(&backend, &issue(&backend)));
        backend.wait_until("2026-03-03T12:00:00+08:00");
        rotate(&backend.deps).await.unwrap();
        replace_code_key(&backend.deps).await.expect("a new day has new names");
    }

    async fn instances_that_rotate_at_once_agree_on_every_key(stack: Stack) {
        let one = Backend::start(stack).await;
        let other = one.another_instance().await;
        for _ in 0..3 {
            one.wait(TimeDelta::hours(24));
            let rotated = join_all([&one, &other, &one, &other].map(|i| rotate(&i.deps))).await;
            assert!(rotated.iter().all(Result::is_ok));
            let signed = join_all([&one, &other].map(|i| sign_list(&i.deps))).await;
            assert!(signed.iter().all(Result::is_ok));
            for instance in [&one, &other] {
                load(&instance.deps).await.unwrap();
            }
            assert_eq!(kid_of(&issue(&one)), kid_of(&issue(&other)));
            assert!(is_read(&other, &issue(&one)) && is_read(&one, &issue(&other)));
            assert_eq!(jwks(&one).await, jwks(&other).await);
            assert_eq!(fetch(&one).await, fetch(&other).await);
            let now = one.clock.now();
            for usage in [KeyUse::Code, KeyUse::Handle, KeyUse::Session] {
                let rows = rows(&one, usage).await;
                let in_term = rows.iter().filter(|key| key.not_before <= now && now < key.not_after);
                assert_eq!(in_term.count(), 1, "{usage:?}");
            }
        }
    }
}
