//! A gate without a network: what it goes by, what it decides, and what it delivers afterwards.

use api::{
    checkpoints::{
        DeviceKey,
        offline::{Held, decide},
        records::{Signed, ToldPerson},
    },
    commands::gate,
    credentials::{
        bundle::{Bundle, Refused},
        cose::VerifyingKey,
    },
    platform::OsEntropy,
};
use chrono::TimeDelta;
use entity::{
    gate_record,
    values::{Assurance, Colour, GateDecision, GateMeans, GateReason, VenueCategory},
    visit,
};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG},
    gates::{GateDevice, Stands},
    on_both_stacks,
};
use reqwest::Method;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::rig::code_of;
use crate::pass_cards::rig as cards;

pub(super) fn root(backend: &Backend) -> VerifyingKey {
    let root = backend.deps.keyring.root().unwrap();
    VerifyingKey::new(root.kid(), root.public_key()).unwrap()
}

pub(super) async fn bundle(backend: &Backend, device: &GateDevice) -> Bundle {
    let reply = device.get("/v1/gate/bundle").await;
    assert_eq!(reply.status, 200);
    Bundle::verify(&reply.body, &root(backend), backend.deps.clock.now(), 0).unwrap()
}

/// What a gate without a network does with `text`, as it keeps it.
fn kept(backend: &Backend, bundle: &Bundle, text: &str) -> ToldPerson {
    let held = Held {
        text,
        document_last4: None,
        temperature_tenths: Some(365),
    };
    decide(bundle, held, backend.deps.clock.now()).told(held)
}

/// What became of each record.
fn outcomes(view: &Value) -> Vec<(&str, Option<&str>)> {
    let records = view["records"].as_array().unwrap();
    records
        .iter()
        .map(|it| (it["outcome"].as_str().unwrap(), it["fault"].as_str()))
        .collect()
}

on_both_stacks! {
    async fn a_bundle_is_fetched_once_until_something_is_taken_back_and_is_good_for_a_day(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(cards::COMMUNITY).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let application = cards::apply(&backend, &zhang).await;
        let staff = cards::issuer(&backend).await;
        let shown = cards::contact(&staff, &application, "contradicted").await;
        cards::approve(&staff, &application).await.ok();
        let token = cards::text(&cards::card_of(&backend, &zhang).await["token"]).to_owned();
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let first = device.get("/v1/gate/bundle").await;
        let tag = first.headers["etag"].to_str().unwrap().to_owned();
        let again = async || {
            let request = device.signed(Method::GET, "/v1/gate/bundle", Vec::new());
            integration_tests::call::Reply::to(request.header("if-none-match", &tag)).await
        };
        assert_eq!(again().await.status, 304);
        backend.wait(TimeDelta::minutes(2));
        assert_eq!(again().await.status, 304, "nothing changed");

        let root = root(&backend);
        let now = backend.deps.clock.now();
        let read = Bundle::verify(&first.body, &root, now, 0).unwrap();
        let held = Held { text: &token, document_last4: Some("0019"), temperature_tenths: Some(365) };
        let answer = decide(&read, held, now);
        assert_eq!((answer.decision, answer.reason), (GateDecision::Pass, GateReason::PassCard));
        let other = Held { document_last4: Some("002X"), ..held };
        assert_eq!(decide(&read, other, now).reason, GateReason::OtherDocument);
        let fever = Held { temperature_tenths: Some(373), ..held };
        assert_eq!(decide(&read, fever, now).reason, GateReason::Fever);

        // A mark of a false declaration suspends the card: minutes later every gate knows.
        let staff = cards::issuer(&backend).await;
        let mark = json!({"falsehood": "health", "text": "体温不实", "evidence": format!("contact/{shown}")});
        let path = format!("/v1/staff/pass-applications/{}/false-declaration", cards::text(&application["id"]));
        staff.post(&path, mark).await.ok();
        backend.wait(TimeDelta::minutes(2));
        let second = again().await;
        assert_eq!(second.status, 200);
        let now = backend.deps.clock.now();
        let read = Bundle::verify(&second.body, &root, now, read.contents.version).unwrap();
        assert_eq!(decide(&read, held, now).reason, GateReason::CardDoesNotCount);
        let old = Bundle::verify(&first.body, &root, now, read.contents.version);
        assert_eq!(old.unwrap_err(), Refused::RolledBack);
        let tomorrow = now + TimeDelta::hours(24);
        assert_eq!(Bundle::verify(&second.body, &root, tomorrow, 0).unwrap_err(), Refused::Expired);
    }

    async fn what_was_kept_is_delivered_once_in_any_order_and_a_break_is_made_up_for(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let device = backend.device(Stands::At(venue.id)).await;
        let bundle = bundle(&backend, &device).await;
        let mut records = Vec::new();
        for showing in 0..5 {
            let number = cards::person(&zhang).number();
            let now = backend.deps.clock.now();
            let code = backend.deps.keyring.issue(number, Colour::Green, now, showing);
            let code = code.unwrap().token;
            let person = kept(&backend, &bundle, &code);
            assert_eq!(person.reason, GateReason::Green);
            records.push(device.keeps(vec![person]));
            backend.wait(TimeDelta::minutes(20));
        }
        records.reverse();
        let (late, early) = records.split_at(2);
        let view = device.deliver(late).await.ok();
        assert_eq!((&view["stored"], &view["known"]), (&json!(2), &json!(0)));
        let missing = device.get("/v1/gate/records/missing?upto=5").await.ok();
        assert_eq!(missing["missing"], json!([{"from": 1, "upto": 3}]));
        let view = device.deliver(&records).await.ok();
        assert_eq!((&view["stored"], &view["known"]), (&json!(3), &json!(2)));
        let view = device.deliver(early).await.ok();
        assert_eq!((&view["stored"], &view["known"]), (&json!(0), &json!(3)));
        assert_eq!(device.get("/v1/gate/records/missing?upto=5").await.ok()["missing"], json!([]));

        let visits = visit::Entity::find().all(&backend.deps.db).await.unwrap();
        assert_eq!(visits.len(), 5);
        assert!(visits.iter().all(|visit| visit.assurance == Assurance::Sentinel));
        let rows = gate_record::Entity::find().all(&backend.deps.db).await.unwrap();
        assert_eq!(rows.len(), 5);
        assert!(rows.iter().all(|row| row.offline && row.person_id.is_some()));
    }

    async fn a_tampered_record_alone_is_refused(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let other = backend.device(Stands::On(backend.checkpoint().await)).await;
        let bundle = bundle(&backend, &device).await;
        let person = kept(&backend, &bundle, &code_of(&backend, &zhang).await);
        let red = ToldPerson { decision: GateDecision::Stop, reason: GateReason::Red, ..person.clone() };
        let keeps = || device.keeps(vec![person.clone()]);
        let [mut tampered, mut future, mut hot] = [keeps(), keeps(), keeps()];
        tampered.told.people = vec![red];
        future.told.captured_at = "2026-03-03T04:00:00Z".into();
        let future = device.key.record(future.told);
        hot.told.people[0].temperature_tenths = Some(3660);
        let hot = device.key.record(hot.told);
        let nobody = device.keeps(Vec::new());
        let foreign = other.keeps(vec![person.clone()]);
        let renumbered = { let mut it = keeps(); it.told.seq += 100; it };
        let records = [keeps(), tampered, future, hot, nobody, foreign, renumbered, keeps()];
        let mut body: String = records.iter().map(|it| serde_json::to_string(it).unwrap() + "\n").collect();
        body.push_str("{\"seq\": 99}\nnot json\n");
        let send = async |body: &str| {
            let request = device.signed(Method::POST, "/v1/gate/records", body.into());
            integration_tests::call::Reply::to(request).await
        };
        let view = send(&body).await.ok();
        assert_eq!(outcomes(&view), [
            ("stored", None),
            ("refused", Some("tampered")),
            ("refused", Some("future")),
            ("refused", Some("temperature")),
            ("refused", Some("people")),
            ("refused", Some("other_device")),
            ("refused", Some("tampered")),
            ("stored", None),
            ("refused", Some("malformed")),
            ("refused", Some("malformed")),
        ]);
        assert_eq!(gate_record::Entity::find().count(&backend.deps.db).await.unwrap(), 2);
        let again = send(&body).await.ok();
        assert_eq!((&again["stored"], &again["known"], &again["refused"]), (&json!(0), &json!(2), &json!(8)));
        assert_eq!(send("").await.problem(400), "batch-unreadable");
        assert_eq!(send("[{]").await.problem(400), "batch-unreadable");
        let many = "{}\n".repeat(1_001);
        assert_eq!(send(&many).await.problem(413), "batch-too-large");
    }

    async fn a_record_with_the_number_of_something_else_is_refused_and_never_called_known(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let bundle = bundle(&backend, &device).await;
        let code = code_of(&backend, &zhang).await;
        // Number 1 is a call's.
        device.verify(json!([{"code": code}])).await.ok();
        let person = kept(&backend, &bundle, &code);
        let mut first = device.keeps(vec![person.clone()]);
        let second = device.keeps(vec![person.clone()]);
        first.told.seq = 1;
        let first = device.key.record(first.told);
        let mut same_number = second.told.clone();
        same_number.people.push(person);
        let same_number = device.key.record(same_number);
        let conflict = ("refused", Some("conflict"));
        let batch = [first.clone(), second.clone(), same_number.clone(), second.clone()];
        let view = device.deliver(&batch).await.ok();
        assert_eq!(outcomes(&view), [conflict, ("stored", None), conflict, ("known", None)]);
        let view = device.deliver(&[same_number, second, first]).await.ok();
        assert_eq!(outcomes(&view)[0], conflict);
        let rows = gate_record::Entity::find().all(&backend.deps.db).await.unwrap();
        let keys: Vec<_> = rows.iter().map(|row| (row.seq, row.place, row.offline)).collect();
        assert_eq!(keys, [(1, 0, false), (3, 0, true)]);
    }

    async fn a_number_is_there_whichever_of_its_people_is_on_record(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let device = backend.device(Stands::At(venue.id)).await;
        // The first is a visit, the others are rows.
        let code = code_of(&backend, &zhang).await;
        let unknown = json!({"id_card": {"number": GRANDMOTHER.number}});
        device.verify(json!([{"code": code, "temperature": 36.5}, unknown, unknown])).await.ok();
        let rows = gate_record::Entity::find().all(&backend.deps.db).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.place).collect::<Vec<_>>(), [1, 2]);
        let missing = device.get("/v1/gate/records/missing?upto=2").await.ok();
        assert_eq!(missing["missing"], json!([{"from": 2, "upto": 2}]));
    }

    async fn a_gate_goes_back_neither_to_an_older_bundle_nor_in_time_and_answers_twice_the_same(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.green("13800138000", ZHANG).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let folder = std::env::temp_dir().join(format!("gate-{}", device.id));
        std::fs::create_dir_all(&folder).unwrap();
        let (secret, root) = (DeviceKey::create(&OsEntropy).unwrap().1, root(&backend));
        std::fs::write(folder.join("key"), secret.as_bytes()).unwrap();
        let queue = folder.join("queue");
        let held = |token: &str, temperature| gate::Arguments {
            bundle: folder.join("bundle"),
            tokens: vec![token.into()],
            plate: None,
            section: None,
            document_last4: None,
            temperature,
            queue: Some(gate::Queue { file: queue.clone(), device: device.id, key: folder.join("key") }),
        };
        let first = device.get("/v1/gate/bundle").await.body;
        backend.wait(TimeDelta::hours(1));
        let session = backend.log_in("13800138000").await;
        let code = code_of(&backend, &session).await;
        let second = device.get("/v1/gate/bundle").await.body;
        let (now, kept) = (backend.deps.clock.now(), || std::fs::read_to_string(&queue).unwrap().lines().count());

        std::fs::write(folder.join("bundle"), &second).unwrap();
        let said = gate::run(&held(&code, Some(36.5)), &root, now).await.unwrap();
        assert!(said.starts_with("decision  pass") && said.ends_with("kept as   1"), "{said}");
        let again = gate::run(&held(&code, Some(36.5)), &root, now + TimeDelta::seconds(10)).await.unwrap();
        assert_eq!((again, kept()), (said, 1));
        let hot = gate::run(&held(&code, Some(38.0)), &root, now + TimeDelta::seconds(10)).await.unwrap();
        assert!(hot.starts_with("decision  stop"), "{hot}");
        let later = gate::run(&held(&code, Some(36.5)), &root, now + TimeDelta::seconds(21)).await.unwrap();
        assert!(later.ends_with("kept as   3"), "{later}");
        let back = gate::run(&held(&code, Some(36.5)), &root, now - TimeDelta::seconds(10)).await;
        assert!(back.unwrap_err().to_string().contains("set back"));
        std::fs::write(folder.join("bundle"), &first).unwrap();
        let old = gate::run(&held(&code, Some(36.5)), &root, now + TimeDelta::seconds(40)).await.unwrap_err();
        assert_eq!(old.downcast_ref::<Refused>(), Some(&Refused::RolledBack));
        assert_eq!(kept(), 3);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    async fn whose_code_it_was_is_still_known_after_three_days(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        backend.verified("13900139000", GRANDMOTHER).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let bundle = bundle(&backend, &device).await;
        let code = code_of(&backend, &zhang).await;
        let mut kept_then: Vec<Signed> = Vec::new();
        kept_then.push(device.keeps(vec![kept(&backend, &bundle, &code)]));
        let card = ToldPerson {
            decision: GateDecision::LookAgain,
            document_number: Some(GRANDMOTHER.number.into()),
            means: GateMeans::IdCard,
            reason: GateReason::OnlineOnly,
            temperature_tenths: None,
            text: None,
        };
        kept_then.push(device.keeps(vec![card]));
        for _ in 0..6 {
            backend.wait(TimeDelta::hours(12));
            backend.sweep().await;
        }
        let view = device.deliver(&kept_then).await.ok();
        assert_eq!(view["stored"], 2);
        let rows = gate_record::Entity::find().all(&backend.deps.db).await.unwrap();
        let mut people: Vec<_> = rows.iter().map(|row| row.person_id.map(|it| it.to_string())).collect();
        assert_eq!(people.remove(0), Some(zhang.person.clone()));
        assert!(people.remove(0).is_some());
    }
}
