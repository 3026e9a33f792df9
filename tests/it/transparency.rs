//! What is decided lands in a log that outsiders can check, and that nobody changes unnoticed (S27).

pub(crate) mod outside;
mod tampering;
mod witnesses;

use std::time::Duration;

use api::{
    audit::{self, Actor, Event, Subject},
    credentials::{
        cose::VerifyingKey,
        key_list::KeyList,
        note::{self, Checkpoint},
    },
    jobs::Sweep,
    platform::{Clock, db::begin_write},
    transparency::{
        ForgetCheckpoints, GivePlaces,
        offline::{self, Proof},
    },
};
use chrono::TimeDelta;
use entity::{
    audit_entry, log_checkpoint, log_entry, log_leaf,
    values::{Colour, PersonId},
};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, Session, ZHANG},
    on_both_stacks,
};
use sea_orm::{EntityTrait, PaginatorTrait, QueryOrder};
use serde_json::{Value, json};

const PHONE: &str = "13800138000";

/// Give everything that waits its place.
async fn sequence(backend: &Backend) {
    while GivePlaces::run(&backend.deps).await.unwrap() > 0 {}
}

/// Have `count` things be on record that are about nobody.
async fn recorded(backend: &Backend, count: i32) {
    let tx = begin_write(&backend.deps.db).await.unwrap();
    for year in 0..count {
        let event = Event::CalendarSaved { year, version: 1 };
        audit::record(&tx, &backend.deps, Actor::Operator, Subject::Nobody, &event)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

/// Have `total` things be on record, those of which a new deployment consists among them.
async fn recorded_to(backend: &Backend, total: i32) {
    let there = audit_entry::Entity::find().count(&backend.deps.db);
    let there = i32::try_from(there.await.unwrap()).unwrap();
    recorded(backend, total - there).await;
}

/// The root that verifiers pin.
pub(crate) fn pinned(backend: &Backend) -> VerifyingKey {
    let root = backend.deps.keyring.root().expect("the root is here");
    VerifyingKey::new(root.kid(), root.public_key()).unwrap()
}

async fn keys(backend: &Backend) -> KeyList {
    let list = backend.anyone().get("/v1/keys").await.body;
    KeyList::verify(&list, &pinned(backend), backend.clock.now(), 0).unwrap()
}

async fn note_of(backend: &Backend, path: &str) -> String {
    let reply = backend.anyone().get(path).await;
    assert_eq!(
        reply.status,
        200,
        "{:?}",
        String::from_utf8_lossy(&reply.body)
    );
    assert_eq!(reply.headers["content-type"], "text/plain; charset=utf-8");
    String::from_utf8(reply.body).unwrap()
}

/// The newest checkpoint as somebody outside believes it.
async fn checkpoint(backend: &Backend) -> (Checkpoint, String) {
    let note = note_of(backend, "/v1/log/checkpoint").await;
    let (checkpoint, _) = note::believe(&note, &keys(backend).await, backend.clock.now()).unwrap();
    (checkpoint, note)
}

/// The leaves in the order of their places.
async fn leaves(backend: &Backend) -> Vec<log_entry::Model> {
    log_entry::Entity::find()
        .order_by_asc(log_entry::Column::Position)
        .all(&backend.deps.db)
        .await
        .unwrap()
}

async fn proofs(backend: &Backend, caller: &Session, person: &str) -> Vec<Proof> {
    let path = format!("/v1/people/{person}/log-proofs");
    let page = backend.as_citizen(caller).get(&path).await.ok();
    serde_json::from_value(page["items"].clone()).unwrap()
}

/// What the entry says that `proof` proves.
async fn proved(backend: &Backend, proof: &Proof) -> Value {
    let proved = offline::proved(proof, &keys(backend).await, backend.clock.now());
    serde_json::from_str(&proved.unwrap().0).unwrap()
}

/// Leave a row in each table of the log.
pub(crate) async fn live_through(backend: &Backend) {
    recorded(backend, 300).await;
    sequence(backend).await;
    witnesses::one_signs(backend).await;
    recorded(backend, 1).await;
}

on_both_stacks! {
    async fn everything_on_record_has_one_place_in_the_log(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.green(PHONE, ZHANG).await;
        recorded(&backend, 1_100).await;
        sequence(&backend).await;

        let db = &backend.deps.db;
        let entries = audit_entry::Entity::find().all(db).await.unwrap();
        let mut leaves = leaves(&backend).await;
        assert!(leaves.iter().map(|it| it.position).eq(0..i64::try_from(entries.len()).unwrap()));
        leaves.sort_unstable_by_key(|it| it.audit_id);
        leaves.dedup_by_key(|it| it.audit_id);
        assert_eq!(leaves.len(), entries.len());
        for entry in entries {
            let leaf = leaves.iter().find(|it| it.audit_id == entry.id).unwrap();
            let commitment = audit::commitment_of(&entry).unwrap().unwrap();
            assert_eq!(leaf.commitment, commitment, "{entry:?}");
        }
        assert_eq!(log_leaf::Entity::find().count(db).await.unwrap(), 0);
        let (checkpoint, _) = checkpoint(&backend).await;
        assert_eq!(checkpoint.size, u64::try_from(leaves.len()).unwrap());
        assert_eq!(checkpoint.origin, "127.0.0.1:8080/v1/log");
    }

    async fn two_workers_at_a_time_give_nothing_two_places(stack: Stack) {
        let one = Backend::start(stack).await;
        let other = one.another_instance().await;
        recorded_to(&one, 100).await;
        sequence(&one).await;
        for _ in 0..3 {
            recorded(&one, 700).await;
            let (first, second, third) = tokio::join!(
                GivePlaces::run(&one.deps),
                GivePlaces::run(&other.deps),
                GivePlaces::run(&one.deps),
            );
            assert_eq!(first.unwrap() + second.unwrap() + third.unwrap(), 700);
        }
        let leaves = leaves(&one).await;
        assert_eq!(leaves.len(), 2_200);
        assert!(leaves.iter().map(|it| it.position).eq(0..2_200));
        assert_eq!(checkpoint(&one).await.0.size, 2_200);
    }

    async fn whoever_has_the_checkpoint_of_before_can_tell_that_nothing_was_changed(stack: Stack) {
        let backend = Backend::start(stack).await;
        recorded_to(&backend, 30).await;
        sequence(&backend).await;
        let (before, _) = checkpoint(&backend).await;
        backend.wait(TimeDelta::seconds(2));
        recorded(&backend, 1).await;
        sequence(&backend).await;
        let (after, _) = checkpoint(&backend).await;
        assert_eq!((before.size, after.size), (30, 31));
        assert_ne!(before.root, after.root);
        assert_eq!(GivePlaces::run(&backend.deps).await.unwrap(), 0);
        assert_eq!(checkpoint(&backend).await.0, after, "nothing was recorded since");
    }

    async fn each_change_of_ones_colour_can_be_proved_to_be_in_the_log(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        backend.as_citizen(&zhang).get(&format!("/v1/people/{}/log-proofs", zhang.person)).await.problem(404);
        sequence(&backend).await;
        backend.wait(TimeDelta::seconds(1));
        let fever = json!({"temperature": 38.0, "symptoms": []});
        backend.as_citizen(&zhang).post(&format!("/v1/people/{}/check-ins", zhang.person), fever).await.ok();
        backend.compare().await;
        assert_eq!(proofs(&backend, &zhang, &zhang.person).await.len(), 1, "the second has no place yet");
        recorded(&backend, 300).await;
        sequence(&backend).await;

        let proofs = proofs(&backend, &zhang, &zhang.person).await;
        let history = format!("/v1/people/{}/health-code/history", zhang.person);
        let history = backend.as_citizen(&zhang).get(&history).await.ok();
        let changes = history["items"].as_array().unwrap();
        assert_eq!(changes.len(), 2);
        assert_eq!(proofs.len(), changes.len());
        for (proof, change) in proofs.iter().zip(changes) {
            let entry = proved(&backend, proof).await;
            assert_eq!(entry["event"], "colour_changed");
            assert_eq!(entry["subject"], zhang.person);
            assert_eq!(entry["actor"], json!({"kind": "system", "id": null}));
            let detail = json!({"from": change["from"], "to": change["to"], "version": change["version"]});
            assert_eq!(entry["detail"], detail);
        }

        let keys = keys(&backend).await;
        let refused = |proof: &Proof| offline::proved(proof, &keys, backend.clock.now()).unwrap_err();
        let [proof, _] = proofs.as_slice() else { panic!("{proofs:?}") };
        let other = Proof { salt: proofs[1].salt.clone(), ..proof.clone() };
        assert_eq!(refused(&other), offline::Refused::NotIncluded);
        let other = Proof { index: proof.index + 1, ..proof.clone() };
        assert_eq!(refused(&other), offline::Refused::NotIncluded);
        let other = Proof { hashes: proof.hashes[1..].to_vec(), ..proof.clone() };
        assert_eq!(refused(&other), offline::Refused::NotIncluded);
    }

    async fn a_guardian_gets_the_proofs_of_a_dependant_and_nobody_gets_anybody_elses(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let stranger = backend.green("13900139000", GRANDMOTHER).await;
        sequence(&backend).await;
        let path = format!("/v1/people/{}/log-proofs", stranger.person);
        backend.as_citizen(&zhang).get(&path).await.problem(404);
        backend.anyone().get(&path).await.problem(401);
        let own = proofs(&backend, &stranger, &stranger.person).await;
        assert_eq!(proved(&backend, &own[0]).await["subject"], stranger.person);
    }

    async fn pages_of_proofs_begin_where_the_last_one_ended(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.log_in(PHONE).await;
        let person = PersonId(zhang.person.parse().unwrap());
        let tx = begin_write(&backend.deps.db).await.unwrap();
        for version in 0..5 {
            let event = Event::ColourChanged { from: Colour::Green, to: Colour::Red, version };
            audit::record(&tx, &backend.deps, Actor::System, person, &event).await.unwrap();
        }
        tx.commit().await.unwrap();
        sequence(&backend).await;
        let page = backend.as_citizen(&zhang);
        let path = format!("/v1/people/{}/log-proofs?limit=2", zhang.person);
        let mut places = Vec::new();
        let mut next = Some(path.clone());
        while let Some(asked) = next {
            let answer = page.get(&asked).await.ok();
            for proof in answer["items"].as_array().unwrap() {
                places.push(proof["index"].as_u64().unwrap());
            }
            next = answer["next"].as_str().map(|after| format!("{path}&after={after}"));
        }
        assert_eq!(places.len(), 5);
        assert!(places.is_sorted_by(|one, next| one > next), "{places:?}");
    }

    async fn the_log_holds_what_was_recorded_only_of_whom_it_is_theirs_to_see(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let person: PersonId = PersonId(zhang.person.parse().unwrap());
        let waiting = log_leaf::Entity::find().all(&backend.deps.db).await.unwrap();
        assert!(waiting.len() > 5);
        let disclosed: Vec<_> = waiting.iter().filter(|it| it.content.is_some()).collect();
        let [colour] = disclosed.as_slice() else { panic!("{disclosed:?}") };
        assert_eq!(colour.subject_id, Some(person.0));
        assert!(waiting.iter().filter(|it| it.content.is_none()).all(|it| it.subject_id.is_none()));
        let text = String::from_utf8_lossy(colour.content.as_ref().unwrap()).into_owned();
        for personal in [PHONE, ZHANG.number, ZHANG.name] {
            assert!(!text.contains(personal), "{text}");
        }
    }

    async fn what_is_rolled_back_leaves_no_leaf(stack: Stack) {
        let backend = Backend::start(stack).await;
        sequence(&backend).await;
        let tx = begin_write(&backend.deps.db).await.unwrap();
        let event = Event::CalendarSaved { year: 1, version: 1 };
        audit::record(&tx, &backend.deps, Actor::Operator, Subject::Nobody, &event).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(log_leaf::Entity::find().count(&backend.deps.db).await.unwrap(), 0);
    }

    async fn a_new_key_signs_what_is_there_and_the_old_one_is_believed_on(stack: Stack) {
        let backend = Backend::start(stack).await;
        recorded(&backend, 2).await;
        sequence(&backend).await;
        let (first, note) = checkpoint(&backend).await;
        backend.wait(TimeDelta::days(366));
        backend.sweep().await;
        GivePlaces::run(&backend.deps).await.unwrap();
        let later = note_of(&backend, "/v1/log/checkpoint").await;
        let keys = keys(&backend).await;
        let now = backend.clock.now();
        let (second, key) = note::believe(&later, &keys, now).unwrap();
        let (kept, old_key) = note::believe(&note, &keys, now).unwrap();
        assert_ne!(key, old_key, "the term of the first is over");
        assert_eq!(kept, first);
        assert!(second.size >= first.size);
    }

    async fn a_key_that_leaked_is_dropped_and_another_one_signs(stack: Stack) {
        let backend = Backend::start(stack).await;
        recorded(&backend, 2).await;
        sequence(&backend).await;
        let (before, note) = checkpoint(&backend).await;
        let kid = backend.deps.keyring.log_signer(backend.clock.now()).unwrap();
        api::credentials::drop_permit_key(&backend.deps, kid.as_bytes()).await.unwrap();
        api::credentials::sign_list(&backend.deps).await.unwrap();
        sequence(&backend).await;
        let keys = keys(&backend).await;
        let refused = note::believe(&note, &keys, backend.clock.now()).unwrap_err();
        assert_eq!(refused, note::NotBelieved::Unsigned);
        let (after, _) = checkpoint(&backend).await;
        assert_eq!(after.size, before.size + 1, "the dropping is on record");
    }

    async fn old_checkpoints_are_forgotten_and_the_newest_never(stack: Stack) {
        let backend = Backend::start(stack).await;
        for _ in 0..3 {
            recorded(&backend, 1).await;
            sequence(&backend).await;
        }
        let kept = async || log_checkpoint::Entity::find().count(&backend.deps.db).await.unwrap();
        ForgetCheckpoints::run(&backend.deps).await.unwrap();
        assert!(kept().await >= 3);
        let (newest, _) = checkpoint(&backend).await;
        backend.wait(TimeDelta::days(8));
        backend.sweep().await;
        ForgetCheckpoints::run(&backend.deps).await.unwrap();
        assert_eq!(kept().await, 1);
        assert_eq!(checkpoint(&backend).await.0, newest);
    }
}

#[test]
fn what_is_recorded_waits_less_than_ten_seconds_for_its_place() {
    assert!(GivePlaces::EVERY < Duration::from_secs(5));
    let names: Vec<_> = api::jobs::all().iter().map(api::jobs::Job::name).collect();
    assert!(names.contains(&GivePlaces::NAME));
    assert!(names.contains(&ForgetCheckpoints::NAME));
}
