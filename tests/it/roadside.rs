//! A vehicle is stopped on the road: one scan of its pass answers plate, section, hour, validity and everybody
//! aboard, with and without a network (T4, T7).

use api::{
    checkpoints::{
        offline::{Answers, Gate, Held, decide_all},
        roadside::Vehicle,
        ways::Ways,
    },
    commands::gate,
    credentials::{bundle::Bundle, cose::VerifyingKey},
    platform::Clock,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    gate_record,
    values::{Colour, GateMeans, GateReason},
};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, Session, ZHANG},
    gates::{GateDevice, Stands},
    on_both_stacks,
    vehicles::{SECTIONS, vehicle_application, vehicle_form},
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::{
    checkpoints::rig::code_of,
    vehicle_passes::rig::{PASSENGER, PHONE, contact, lift, text},
};

const PLATE: Option<&str> = Some("沪A12345");

/// Decision and reason.
fn said(view: &Value) -> (&str, &str) {
    (text(&view["decision"]), text(&view["reason"]))
}

/// A vehicle pass that names Zhang, who drives, and their grandmother.
async fn family_pass(backend: &Backend, zhang: &Session, grandmother: &Session) -> Value {
    let (citizen, rider) = (backend.as_citizen(zhang), backend.as_citizen(grandmother));
    let draft = backend.vehicle_draft(zhang, vehicle_form()).await;
    let people = format!("{}/people", vehicle_application(&draft));
    let passenger = json!({"role": "passenger", "phone": PASSENGER});
    citizen.post(&people, passenger).await.ok();
    let asked = rider.get("/v1/me/vehicle-invitations").await.ok();
    let place = text(&asked["invitations"][0]["id"]);
    let consent = format!("/v1/me/vehicle-invitations/{place}/consent");
    rider.post(&consent, Value::Null).await.ok();
    let draft = citizen.get(&vehicle_application(&draft)).await.ok();
    backend.submitted_and_granted(zhang, &draft).await
}

/// A device of a post that watches `section`.
async fn watching(backend: &Backend, section: &str) -> GateDevice {
    let post = backend.checkpoint_on(Some(section)).await;
    backend.device(Stands::On(post)).await
}

fn root(backend: &Backend) -> VerifyingKey {
    let root = backend.deps.keyring.root().expect("the root is here");
    VerifyingKey::new(root.kid(), root.public_key()).unwrap()
}

/// The bundle that `device` fetches now, and the ways in it.
async fn bundle(backend: &Backend, device: &GateDevice) -> (Bundle, Ways) {
    let reply = device.get("/v1/gate/bundle").await;
    assert_eq!(reply.status, 200);
    let bundle = Bundle::verify(&reply.body, &root(backend), backend.clock.now(), 0).unwrap();
    let ways = Ways::unpacked(&bundle.contents.ways).unwrap();
    (bundle, ways)
}

/// What a gate without a network does with `texts` in the vehicle with `plate` on `section` at `at`.
fn alone(
    (bundle, ways): &(Bundle, Ways),
    texts: &[&str],
    (plate, section, at): (Option<&str>, &str, DateTime<Utc>),
) -> Answers {
    let held: Vec<Held<'_>> = texts
        .iter()
        .map(|text| Held {
            text,
            document_last4: None,
            temperature_tenths: Some(365),
        })
        .collect();
    let section = section.parse().unwrap();
    let vehicle = Vehicle {
        plate,
        section: Some(&section),
        at,
    };
    let gate = Gate {
        bundle,
        ways,
        device: None,
    };
    decide_all(gate, &held, vehicle).unwrap()
}

on_both_stacks! {
    async fn one_scan_answers_for_the_vehicle_and_everybody_aboard(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let grandmother = backend.green(PASSENGER, GRANDMOTHER).await;
        let pass = family_pass(&backend, &zhang, &grandmother).await;
        let token = text(&pass["token"]).to_owned();
        let device = watching(&backend, SECTIONS[1]).await;
        let scan = json!([{"code": token, "temperature": 36.5}]);

        let view = device.verify_vehicle(PLATE, scan.clone()).await.ok();
        assert_eq!(said(&view), ("pass", "vehicle_pass"), "{view}");
        let vehicle = &view["vehicle"];
        assert_eq!((&vehicle["number"], &vehicle["plate"]), (&pass["number"], &json!("沪A12345")));
        assert_eq!((&vehicle["aboard"], &vehicle["hours"]["from"]), (&json!(2), &json!("06:00")));
        assert_eq!(vehicle["route"]["sections"], json!(SECTIONS));
        let people = view["people"].as_array().unwrap();
        assert_eq!(people.len(), 2);
        assert!(people.iter().all(|one| one["named_by_pass"] == true && one["colour"] == "green"));
        assert!(people.iter().any(|one| one["masked_name"] == "张*明"));
        let rows = gate_record::Entity::find().all(&backend.deps.db).await.unwrap();
        assert_eq!(rows.len(), 3);
        assert!(rows.iter().all(|row| row.means == GateMeans::VehiclePass));
        assert_eq!(rows.iter().filter(|row| row.person_id.is_some()).count(), 2);

        // Those whom it names and who show nothing are measured as well.
        let unmeasured = device.verify_vehicle(PLATE, json!([{"code": token}])).await.ok();
        assert_eq!(said(&unmeasured), ("look_again", "no_temperature"));

        // Who shows a code is not there twice.
        let code = code_of(&backend, &zhang).await;
        let both = json!([{"code": token, "temperature": 36.4}, {"code": code, "temperature": 36.5}]);
        let view = device.verify_vehicle(PLATE, both).await.ok();
        let named: Vec<&Value> = view["people"].as_array().unwrap().iter().map(|one| &one["named_by_pass"]).collect();
        assert_eq!(named, [&json!(false), &json!(true)]);

        // One turns yellow on the way: nobody drives on, and the road is told neither who nor why aloud.
        let fact = contact(&backend, GRANDMOTHER).await;
        let view = device.verify_vehicle(PLATE, scan.clone()).await.ok();
        assert_eq!(view["decision"], "stop");
        assert_eq!(said(&view["vehicle"]), ("stop", "pass_not_good"));
        assert_eq!(view["say"]["zh"], "请留步，由工作人员协助");
        lift(&backend, &fact).await;
        let view = device.verify_vehicle(PLATE, scan).await.ok();
        assert_eq!(said(&view), ("pass", "vehicle_pass"));
    }

    async fn another_vehicle_another_road_another_hour_and_a_stranger_are_stopped(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let pass = backend.vehicle_pass(&zhang).await;
        let token = pass["token"].clone();
        let device = watching(&backend, SECTIONS[0]).await;
        let scan = json!([{"code": token, "temperature": 36.5}]);
        let ask = async |plate| device.verify_vehicle(plate, scan.clone()).await.ok();

        assert_eq!(said(&ask(PLATE).await), ("pass", "vehicle_pass"));
        assert_eq!(said(&ask(Some("沪Ａ·12345")).await), ("pass", "vehicle_pass"));
        let other = ask(Some("沪A54321")).await;
        assert_eq!(said(&other), ("stop", "other_vehicle"));
        assert_eq!(other["people"], json!([]), "who is aboard of another vehicle is nobody's business");
        assert_eq!(said(&ask(None).await), ("look_again", "vehicle_to_compare"));
        assert_eq!(said(&ask(Some("沪AI2345")).await), ("look_again", "vehicle_to_compare"));

        let elsewhere = watching(&backend, "310101-0009").await;
        let view = elsewhere.verify_vehicle(PLATE, scan.clone()).await.ok();
        assert_eq!(said(&view), ("stop", "other_section"));
        // A post that watches no section asks for none.
        let anywhere = backend.device(Stands::On(backend.checkpoint().await)).await;
        assert_eq!(said(&anywhere.verify_vehicle(PLATE, scan.clone()).await.ok()), ("pass", "vehicle_pass"));

        let grandmother = backend.green(PASSENGER, GRANDMOTHER).await;
        let code = code_of(&backend, &grandmother).await;
        let view = device.verify_vehicle(PLATE, json!([{"code": token, "temperature": 36.4}, {"code": code, "temperature": 36.5}])).await.ok();
        assert_eq!(said(&view), ("stop", "stranger_aboard"));
        assert_eq!(said(&view["vehicle"]), ("pass", "vehicle_pass"));

        let twice = device.verify_vehicle(PLATE, json!([{"code": token}, {"code": token}])).await;
        assert_eq!(twice.problem(422), "invalid-request");
        assert_eq!(twice.faults(), [("people[1].code".to_owned(), "repeated".to_owned())]);
        let fever = device.verify_vehicle(PLATE, json!([{"code": token, "temperature": 38.0}])).await.ok();
        assert_eq!(said(&fever), ("stop", "fever"));

        // 23:00 of that day: the pass is for 6 to 22 o'clock.
        backend.wait(TimeDelta::hours(11));
        assert_eq!(said(&ask(PLATE).await)  , ("stop", "other_hour"));
        let forged = json!([{"code": text(&token).replacen('A', "B", 1), "temperature": 36.5}]);
        assert_eq!(said(&device.verify_vehicle(PLATE, forged).await.ok()), ("look_again", "not_valid"));
    }

    async fn a_gate_without_a_network_finds_the_same(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let grandmother = backend.green(PASSENGER, GRANDMOTHER).await;
        let device = watching(&backend, SECTIONS[0]).await;
        let before = bundle(&backend, &device).await;
        let pass = family_pass(&backend, &zhang, &grandmother).await;
        let token = text(&pass["token"]).to_owned();
        backend.wait(TimeDelta::minutes(1));
        let known = bundle(&backend, &device).await;
        let now = backend.clock.now();
        let codes = [code_of(&backend, &zhang).await, code_of(&backend, &grandmother).await];
        let all = [token.as_str(), codes[0].as_str(), codes[1].as_str()];
        let here = (PLATE, SECTIONS[0], now);
        let reason = |texts: &[&str], seen| alone(&known, texts, seen).reason;

        let good = alone(&known, &all, here);
        assert_eq!((good.reason, good.aboard), (GateReason::VehiclePass, Some(2)));
        assert_eq!(reason(&all[..2], here), GateReason::SomebodyMissing);
        assert_eq!(reason(&[all[0], all[1], all[1]], here), GateReason::SomebodyMissing, "one code twice");
        let stranger = backend.deps.keyring.issue(42, Colour::Green, now, 7).unwrap().token;
        assert_eq!(reason(&[all[0], all[1], all[2], &stranger], here), GateReason::StrangerAboard);
        assert_eq!(reason(&all, (Some("沪A54321"), SECTIONS[0], now)), GateReason::OtherVehicle);
        assert_eq!(reason(&all, (None, SECTIONS[0], now)), GateReason::VehicleToCompare);
        assert_eq!(reason(&all, (PLATE, "310101-0009", now)), GateReason::OtherSection);
        assert_eq!(reason(&[all[0], all[0], all[1], all[2]], here), GateReason::OtherVehicle);
        let night = (PLATE, SECTIONS[0], now + TimeDelta::hours(11));
        assert_eq!(alone(&known, &all[..1], night).each[0].reason, GateReason::OtherHour);
        // A pass that is younger than the bundle is looked up by somebody.
        assert_eq!(alone(&before, &all[..1], here).reason, GateReason::OnlineOnly);

        contact(&backend, GRANDMOTHER).await;
        backend.wait(TimeDelta::minutes(1));
        let suspended = bundle(&backend, &device).await;
        let later = (PLATE, SECTIONS[0], backend.clock.now());
        assert_eq!(alone(&suspended, &all[..1], later).reason, GateReason::PassNotGood);
    }

    async fn the_command_of_a_gate_keeps_a_record_of_the_whole_vehicle(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let pass = backend.vehicle_pass(&zhang).await;
        let device = watching(&backend, SECTIONS[0]).await;
        let folder = std::env::temp_dir().join(format!("roadside-{}", device.id));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("bundle"), device.get("/v1/gate/bundle").await.body).unwrap();
        let asked = gate::Arguments {
            bundle: folder.join("bundle"),
            tokens: vec![text(&pass["token"]).to_owned(), code_of(&backend, &zhang).await],
            plate: PLATE.map(str::to_owned),
            section: SECTIONS[0].parse().ok(),
            document_last4: None,
            temperature: Some(36.5),
            queue: None,
        };
        let now = backend.clock.now();
        let told = gate::run(&asked, &root(&backend), now).await.unwrap();
        for line in [
            "decision  pass", "reason    vehicle_pass", "1         pass, vehicle_pass",
            "2         pass, green", "aboard    1, as the pass says",
        ] {
            assert!(told.lines().any(|it| it == line), "{line} in {told}");
        }
        assert!(told.contains(text(&pass["number"])) && told.contains("沪A12345"), "{told}");
        let other = gate::Arguments { plate: Some("沪A54321".into()), ..asked };
        let told = gate::run(&other, &root(&backend), now).await.unwrap();
        assert!(told.contains("decision  stop\nreason    other_vehicle"), "{told}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
