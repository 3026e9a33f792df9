//! Three stories of doors: the unit that wanted too many codes, the picture of a code that went around,
//! and the checkpoint that was cut off for a weekend.

use api::{
    checkpoints::{
        offline::{Held, decide},
        records::Signed,
    },
    credentials::{bundle::Bundle, cose::VerifyingKey},
};
use chrono::TimeDelta;
use entity::{
    gate_record,
    values::{Assurance, Colour, PersonId, VenueCategory},
    venue, visit,
};
use futures_util::future::join_all;
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, Session, ZHANG},
    gates::{GateDevice, Stands},
    on_both_stacks,
};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::{contact_tracing as tracing, venues::rig as venues};

/// Records of the weekend.
const RECORDS: usize = 100_000;

/// Records while which a code lives: 52 of its 60 seconds.
const ONE_CODE: usize = 20;

/// Records in a batch.
const BATCH: usize = 1_000;

async fn colour(backend: &Backend, session: &Session) -> Value {
    let path = format!("/v1/people/{}/health-code", session.person);
    let shown = backend.as_citizen(session).get(&path).await.ok();
    shown["colour"].clone()
}

/// What the gate kept in 72 hours without a network, a record every 2.6 seconds.
async fn weekend(backend: &Backend, device: &GateDevice, people: &[PersonId]) -> Vec<Signed> {
    let root = backend.deps.keyring.root().unwrap();
    let root = VerifyingKey::new(root.kid(), root.public_key()).unwrap();
    let bundle = device.get("/v1/gate/bundle").await;
    let now = backend.deps.clock.now();
    let bundle = Bundle::verify(&bundle.body, &root, now, 0).unwrap();
    let apart = TimeDelta::hours(72) / i32::try_from(RECORDS).unwrap();
    let mut records = Vec::with_capacity(RECORDS);
    let mut shown = Vec::new();
    for showing in 0..RECORDS {
        if showing % (RECORDS / 6) == 0 {
            // The authority goes on meanwhile: keys are rotated.
            backend.sweep().await;
        }
        if showing % ONE_CODE == 0 {
            let now = backend.deps.clock.now();
            let random = u64::try_from(showing).unwrap();
            let show = |person: &PersonId| {
                let keyring = &backend.deps.keyring;
                let code = keyring.issue(person.number(), Colour::Green, now, random);
                let code = code.unwrap().token;
                let held = Held {
                    text: &code,
                    document_last4: None,
                    temperature_tenths: Some(365),
                };
                decide(&bundle, held, now).told(held)
            };
            shown = people.iter().map(show).collect();
        }
        let person = shown[showing % shown.len()].clone();
        records.push(device.keeps(vec![person]));
        backend.wait(apart);
    }
    records
}

fn counts(view: &Value) -> [u64; 3] {
    ["stored", "known", "refused"].map(|outcome| view[outcome].as_u64().unwrap())
}

on_both_stacks! {
    async fn forty_applications_at_once_on_two_instances_end_in_exactly_twenty(stack: Stack) {
        let backend = Backend::start(stack).await;
        let other = backend.another_instance().await;
        let (zhang, unit) = venues::unit(&backend).await;
        let (agent, _) = venues::agent(&backend, &backend.as_unit(unit).await, unit).await;
        // The legal person and an agent, each at both instances.
        let pages = [
            backend.as_citizen(&zhang),
            other.as_citizen(&agent),
            other.as_citizen(&zhang),
            backend.as_citizen(&agent),
        ];
        let asked = (0..40).map(|at| venues::ask(&pages[at % 4], unit, venues::bookshop()));
        let replies = join_all(asked).await;
        let taken = replies.iter().filter(|reply| reply.status == 201).count();
        let refused = replies.iter().filter(|reply| reply.status == 409).count();
        assert_eq!((taken, refused), (20, 20));
        assert_eq!(venue::Entity::find().count(&backend.deps.db).await.unwrap(), 20);
    }

    async fn whoever_scans_a_picture_of_a_code_from_afar_stays_green_whatever_happened_at_the_venue(stack: Stack) {
        let backend = Backend::start(stack).await;
        let was_there = backend.green("13800138000", ZHANG).await;
        let far_away = backend.green("13900139000", GRANDMOTHER).await;
        let shop = backend.venue(VenueCategory::Shop).await;
        tracing::comes(&backend, &was_there, &shop, Assurance::Sentinel).await;
        // The picture goes around, and is scanned from another city.
        let scanned = json!({"code": shop.code_text});
        let answer = backend.as_citizen(&far_away).post("/v1/visits", scanned).await.ok();
        assert_eq!(answer["assurance"], "static_only");
        assert_eq!(answer["visitor"]["colour"], "green");

        let now = backend.deps.clock.now();
        let both = tracing::two_organisations(&backend).await;
        let asked = json!({
            "venue": shop.id, "from": now - TimeDelta::hours(1), "until": now,
            "case_number": "HP-2026-0001",
        });
        let id = tracing::released(&both, asked).await;
        let contacts = format!("/v1/staff/tracings/{id}/contacts");
        for kind in ["close_contact", "secondary_contact", "companion"] {
            let picture = json!({"people": [far_away.person], "kind": kind});
            let refused = both.0.post(&contacts, picture).await;
            assert_eq!(refused.problem(409), "presence-not-vouched-for");
        }
        let there = json!({"people": [was_there.person], "kind": "close_contact"});
        both.0.post(&contacts, there).await.ok();
        backend.compare().await;
        backend.wait(TimeDelta::seconds(3));
        assert_ne!(colour(&backend, &was_there).await, "green");
        assert_eq!(colour(&backend, &far_away).await, "green");
        let kept = visit::Entity::find().all(&backend.deps.db).await.unwrap();
        let person = PersonId(far_away.person.parse().unwrap());
        let own = kept.iter().find(|visit| visit.subject == person.0).unwrap();
        assert_eq!(own.assurance, Assurance::StaticOnly, "it stays what it is");
    }

    async fn a_checkpoint_that_was_cut_off_for_a_weekend_delivers_every_record_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let grandmother = backend.green("13900139000", GRANDMOTHER).await;
        let people = [&zhang, &grandmother].map(|one| PersonId(one.person.parse().unwrap()));
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let records = weekend(&backend, &device, &people).await;
        backend.sweep().await;

        // The network is back, and breaks again: the newest come first, some come twice, and one was
        // tampered with on its way.
        let batches: Vec<&[Signed]> = records.chunks(BATCH).rev().collect();
        let (first, rest) = batches.split_at(40);
        for batch in first {
            let view = device.deliver(batch).await.ok();
            assert_eq!(counts(&view), [1_000, 0, 0]);
        }
        let upto = format!("/v1/gate/records/missing?upto={RECORDS}");
        let missing = device.get(&upto).await.ok();
        assert_eq!(missing["missing"], json!([{"from": 1, "upto": 60_000}]));
        for batch in &first[..3] {
            assert_eq!(counts(&device.deliver(batch).await.ok()), [0, 1_000, 0]);
        }
        let mut tampered = rest[0].to_vec();
        tampered[500].told.people[0].temperature_tenths = Some(366);
        assert_eq!(counts(&device.deliver(&tampered).await.ok()), [999, 0, 1]);
        for batch in &rest[1..] {
            assert_eq!(counts(&device.deliver(batch).await.ok()), [1_000, 0, 0]);
        }
        let seq = rest[0][500].told.seq;
        let missing = device.get(&upto).await.ok();
        assert_eq!(missing["missing"], json!([{"from": seq, "upto": seq}]));
        assert_eq!(counts(&device.deliver(rest[0]).await.ok()), [1, 999, 0]);
        assert_eq!(device.get(&upto).await.ok()["missing"], json!([]));

        let kept = gate_record::Entity::find().count(&backend.deps.db).await.unwrap();
        assert_eq!(kept, u64::try_from(RECORDS).unwrap());
        assert_eq!(colour(&backend, &backend.log_in("13800138000").await).await, "green");
    }
}
