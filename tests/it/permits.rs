//! Permits: keys that sign them, for a month and a month beyond, and whoever verifies them alone.

use api::{
    commands::{keys, verify},
    credentials::{
        Permit, PermitError, PermitFace, PermitKind, StatusIndex,
        cose::VerifyingKey,
        enlist,
        key_list::{KeyList, Purpose},
        permit::{MAX_LIFE, NotSigned},
        personal_code::Skew,
        read_permit, rotate, sign_for, sign_list, status_list,
    },
    platform::{Clock, db::begin_write},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use coset::{CoseSign1, TaggedCborSerializable};
use entity::{
    audit_entry,
    signing_key::{self, KeyUse},
};
use integration_tests::{Backend, on_both_stacks};
use sea_orm::EntityTrait;
use uuid::Uuid;

/// A permit that nobody granted yet.
fn permit(backend: &Backend, life: TimeDelta) -> Permit {
    let now = backend.clock.now();
    let text = |text: &str| text.to_owned();
    Permit {
        kind: PermitKind::PassCard,
        id: *backend.deps.entropy.id().as_bytes(),
        not_before: now,
        expires_at: now + life,
        status_index: StatusIndex::from_number(0),
        face: PermitFace {
            holder: text("张*明"),
            mark: text("0019"),
            site: text("黄浦区"),
            number: text("TXK31010100012345"),
        },
    }
}

/// The same, granted.
async fn granted(backend: &Backend, life: TimeDelta) -> Permit {
    let mut permit = permit(backend, life);
    let record = Uuid::from_bytes(permit.id);
    let tx = begin_write(&backend.deps.db).await.unwrap();
    let until = permit.expires_at;
    let place = enlist(&tx, &backend.deps, permit.kind, record, until).await;
    permit.status_index = place.unwrap();
    tx.commit().await.unwrap();
    permit
}

async fn sign(backend: &Backend, life: TimeDelta) -> String {
    let permit = granted(backend, life).await;
    sign_for(&backend.deps.db, &backend.deps, &permit)
        .await
        .unwrap()
}

fn pinned(backend: &Backend) -> VerifyingKey {
    let root = backend.deps.keyring.root().expect("the root is here");
    VerifyingKey::new(root.kid(), root.public_key()).unwrap()
}

async fn key_list(backend: &Backend) -> KeyList {
    let list = backend.anyone().get("/v1/keys").await.body;
    KeyList::verify(&list, &pinned(backend), backend.clock.now(), 0).unwrap()
}

fn kid_of(token: &str) -> Vec<u8> {
    let bytes = base45::decode(token.strip_prefix("TX1:").unwrap()).unwrap();
    let message = CoseSign1::from_tagged_slice(&bytes).unwrap();
    message.protected.header.key_id
}

async fn keys_for_permits(backend: &Backend) -> Vec<signing_key::Model> {
    let all = signing_key::Entity::find().all(&backend.deps.db).await;
    let mut all = all.unwrap();
    all.retain(|key| key.usage == KeyUse::Permit);
    all
}

/// A day later, with every key and the list as they are then.
async fn next_day(backend: &Backend) {
    backend.wait(TimeDelta::days(1));
    rotate(&backend.deps).await.unwrap();
    sign_list(&backend.deps).await.unwrap();
}

on_both_stacks! {
    async fn over_three_months_every_permit_verifies_for_its_whole_life(stack: Stack) {
        let backend = Backend::start(stack).await;
        let mut names = std::collections::HashSet::new();
        let mut signed = Vec::new();
        for _ in 0..95 {
            let token = sign(&backend, MAX_LIFE).await;
            let kid = kid_of(&token);
            assert!(kid.len() == 4 && kid.starts_with(b"TX"));
            let is_new = names.insert(kid.clone());
            signed.push((backend.clock.now(), kid, token));
            next_day(&backend).await;

            let (now, list) = (backend.clock.now(), key_list(&backend).await);
            signed.retain(|(at, _, _)| now < *at + MAX_LIFE);
            for (at, _, token) in &signed {
                let read = read_permit(&list, token, now);
                assert!(read.is_ok(), "{at}: {read:?}");
            }
            let published = list.keys.iter().filter(|key| key.purpose == Purpose::Permit);
            assert!(published.count() <= 8, "each slot has a key and the next");
            assert!(!is_new || names.len() <= 5, "a key signs for 30 days");
        }
        assert!(names.len() >= 3, "{names:?}");
        let now = backend.clock.now();
        assert!(keys_for_permits(&backend).await.iter().all(|key| key.destroy_at > now));
    }

    async fn verifiers_have_a_key_a_week_before_it_signs(stack: Stack) {
        let backend = Backend::start(stack).await;
        let mut known = key_list(&backend).await;
        let mut of_a_week_ago = std::collections::VecDeque::from([known.clone()]);
        let mut changes = 0;
        let mut before = kid_of(&sign(&backend, TimeDelta::days(1)).await);
        for _ in 0..40 {
            next_day(&backend).await;
            known = key_list(&backend).await;
            of_a_week_ago.push_back(known.clone());
            if of_a_week_ago.len() > 7 {
                of_a_week_ago.pop_front();
            }
            let kid = kid_of(&sign(&backend, TimeDelta::days(1)).await);
            if kid != before {
                changes += 1;
                let old = &of_a_week_ago[0];
                assert!(old.keys.iter().any(|key| key.key.kid().as_bytes() == kid.as_slice()));
            }
            before = kid;
        }
        assert!(changes >= 1);
    }

    async fn a_dropped_key_is_believed_by_nobody_and_what_is_shown_again_is_signed_by_another(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (permit, now) = (granted(&backend, TimeDelta::days(14)).await, backend.clock.now());
        let leaked = sign_for(&backend.deps.db, &backend.deps, &permit).await.unwrap();
        let before = key_list(&backend).await;
        assert!(read_permit(&before, &leaked, now).is_ok());
        keys::drop_permit_key(&backend.deps, &hex::encode(kid_of(&leaked))).await.unwrap();

        backend.deps.keyring.read_permit(&leaked, now).unwrap_err();
        let list = key_list(&backend).await;
        read_permit(&list, &leaked, now).unwrap_err();
        assert!(list.version > before.version);
        let again = sign_for(&backend.deps.db, &backend.deps, &permit).await.unwrap();
        assert_ne!(kid_of(&again), kid_of(&leaked));
        let read = read_permit(&list, &again, now).unwrap();
        assert_eq!((read.id, read.status_index), (permit.id, permit.status_index), "it keeps its place");

        // Its name stays taken, its private half is gone, and it is in the log.
        for _ in 0..3 {
            next_day(&backend).await;
        }
        let known = keys_for_permits(&backend).await;
        let dropped = known.iter().find(|key| key.kid == kid_of(&leaked)).unwrap();
        assert!(dropped.dropped_at.is_some() && dropped.private_key.is_empty());
        let log = audit_entry::Entity::find().all(&backend.deps.db).await.unwrap();
        assert!(log.iter().any(|entry| format!("{entry:?}").contains("key_dropped")));
        let twice = keys::drop_permit_key(&backend.deps, &hex::encode(kid_of(&leaked))).await;
        twice.unwrap_err();
        keys::drop_permit_key(&backend.deps, "nonsense").await.unwrap_err();

        // All of a slot may leak, one after the other, and each permit is signed as before.
        for _ in 0..6 {
            let token = sign_for(&backend.deps.db, &backend.deps, &permit).await.unwrap();
            keys::drop_permit_key(&backend.deps, &hex::encode(kid_of(&token))).await.unwrap();
        }
        let token = sign_for(&backend.deps.db, &backend.deps, &permit).await.unwrap();
        read_permit(&key_list(&backend).await, &token, backend.clock.now()).unwrap();
    }

    async fn a_dropped_key_for_status_lists_signs_none_that_anybody_believes(stack: Stack) {
        let backend = Backend::start(stack).await;
        let permit = granted(&backend, TimeDelta::days(14)).await;
        let path = format!("/v1/status-lists/pass_card/{}", permit.status_index.list());
        let published = async || backend.anyone().get(&path).await.body;
        let (old, now) = (published().await, backend.clock.now());
        let known = key_list(&backend).await;
        let kid = CoseSign1::from_tagged_slice(&old).unwrap().protected.header.key_id;
        status_list::verify(&old, &known, now, Skew::Online).unwrap();
        keys::drop_permit_key(&backend.deps, &hex::encode(&kid)).await.unwrap();
        let known = key_list(&backend).await;
        status_list::verify(&old, &known, now, Skew::Online).unwrap_err();
        status_list::verify(&published().await, &known, now, Skew::Online).unwrap();
        // Keys for codes and sessions are not dropped so.
        let code = known.keys.iter().find(|key| key.purpose == Purpose::Code).unwrap();
        keys::drop_permit_key(&backend.deps, &code.key.kid().to_string()).await.unwrap_err();
    }

    async fn the_key_set_names_the_keys_of_permits_and_no_name_stands_for_two(stack: Stack) {
        let backend = Backend::start(stack).await;
        let token = sign(&backend, TimeDelta::days(14)).await;
        let keys = backend.anyone().get("/.well-known/jwks.json").await.ok();
        let keys = keys["keys"].as_array().unwrap();
        let kid = BASE64_URL_SAFE_NO_PAD.encode(kid_of(&token));
        assert_eq!(keys.iter().filter(|key| key["kid"] == kid.as_str()).count(), 1);
        let names: std::collections::HashSet<_> = keys.iter().map(|key| key["kid"].as_str()).collect();
        assert_eq!(names.len(), keys.len());
    }

    async fn instances_sign_with_one_key_and_believe_each_other(stack: Stack) {
        let one = Backend::start(stack).await;
        let other = one.another_instance().await;
        let permit = granted(&one, MAX_LIFE).await;
        let first = sign_for(&one.deps.db, &one.deps, &permit).await.unwrap();
        let second = sign_for(&other.deps.db, &other.deps, &permit).await.unwrap();
        assert_eq!(first, second, "one permit, one key, one text");
        let now = one.clock.now();
        assert!(other.deps.keyring.read_permit(&first, now).is_ok());
        let beyond = granted(&one, MAX_LIFE + TimeDelta::seconds(1)).await;
        let refused = sign_for(&one.deps.db, &one.deps, &beyond).await;
        assert!(matches!(refused, Err(PermitError::NotSigned(NotSigned::Life))), "{refused:?}");
    }

    async fn a_permit_is_verified_from_a_file_of_keys_and_from_a_service(stack: Stack) {
        let backend = Backend::start(stack).await;
        let token = sign(&backend, TimeDelta::days(14)).await;
        let list = backend.anyone().get("/v1/keys").await.body;
        let file = std::env::temp_dir().join(format!("{}.cose", backend.deps.entropy.id()));
        std::fs::write(&file, list).unwrap();
        let (root, now) = (pinned(&backend), backend.clock.now());
        let service = backend.anyone().url("/");
        for keys in [file.to_str().unwrap(), service.as_str()] {
            let said = verify::run(keys, &root, &token, now).await.unwrap();
            for word in ["health pass card TXK31010100012345", "张*明", "0019", "黄浦区", "tongxing"] {
                assert!(said.contains(word), "{word} in {said}");
            }
            let code = backend.deps.keyring.issue(42, entity::values::Colour::Green, now, 7).unwrap();
            let said = verify::run(keys, &root, &code.token, now).await.unwrap();
            assert!(said.contains("personal code") && said.contains("green"), "{said}");

            let later = now + TimeDelta::days(15);
            verify::run(keys, &root, &token, later).await.unwrap_err();
            let middle = token.len() / 2;
            let (before, after) = token.split_at(middle);
            let another = if after.starts_with('0') { '1' } else { '0' };
            let forged: String = before.chars().chain([another]).chain(after.chars().skip(1)).collect();
            verify::run(keys, &root, &forged, now).await.unwrap_err();
            let other = verify::pinned(&"aa".repeat(32));
            if let Ok(other) = other {
                verify::run(keys, &other, &token, now).await.unwrap_err();
            }
        }
        let public = hex::encode(root.as_bytes());
        assert_eq!(verify::pinned(&public).unwrap().kid(), root.kid());
        std::fs::remove_file(file).unwrap();
    }
}
