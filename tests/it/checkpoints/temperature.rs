//! A temperature belongs to the check, with and without a network (V7, C1, C2).

use api::{
    checkpoints::{
        offline::{Gate, Held, decide, decide_all},
        roadside::Vehicle,
        ways::Ways,
    },
    commands::gate,
};
use entity::{
    audit_entry, gate_record,
    values::{GateReason, Role, VenueCategory},
    visit,
};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG},
    gates::Stands,
    on_both_stacks,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use super::{
    offline::{bundle, root},
    rig::{code_of, said},
};
use crate::pass_cards::rig as cards;

on_both_stacks! {
    async fn nobody_goes_through_at_a_post_or_a_sentinel_whose_temperature_was_not_taken(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let grandmother = backend.green("13900139000", GRANDMOTHER).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let post = backend.checkpoint().await;
        for stands in [Stands::On(post), Stands::At(venue.id)] {
            let device = backend.device(stands).await;
            let code = code_of(&backend, &zhang).await;
            let both = format!("{code}\n{}", code_of(&backend, &grandmother).await);
            for people in [
                json!([{"code": code}]),
                json!([{"id_card": {"number": ZHANG.number}}]),
                json!([{"code": both}]),
            ] {
                let view = device.verify(people.clone()).await.ok();
                assert_eq!(said(&view), ("look_again", "no_temperature"), "{people}");
                assert_eq!(view["say"], json!({"zh": "请测量体温", "en": "Please have your temperature taken"}));
            }
            assert_eq!(visit::Entity::find().count(&backend.deps.db).await.unwrap(), 0);
            let taken = device.verify(json!([{"code": both, "temperature": 36.5}])).await.ok();
            assert_eq!(said(&taken), ("pass", "green"));
            backend.wait(chrono::TimeDelta::minutes(2));
        }
        assert_eq!(visit::Entity::find().count(&backend.deps.db).await.unwrap(), 2);
    }

    async fn without_a_network_nobody_does_either(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let known = bundle(&backend, &device).await;
        let code = code_of(&backend, &zhang).await;
        let now = backend.deps.clock.now();
        let without = Held { text: &code, document_last4: None, temperature_tenths: None };
        assert_eq!(decide(&known, without, now).reason, GateReason::NoTemperature);
        let taken = Held { temperature_tenths: Some(365), ..without };
        assert_eq!(decide(&known, taken, now).reason, GateReason::Green);

        // The command that any gate runs says the same.
        let folder = std::env::temp_dir().join(format!("temperature-{}", device.id));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("bundle"), device.get("/v1/gate/bundle").await.body).unwrap();
        let asked = gate::Arguments {
            bundle: folder.join("bundle"),
            tokens: vec![code],
            plate: None,
            section: None,
            document_last4: None,
            temperature: None,
            queue: None,
        };
        let told = gate::run(&asked, &root(&backend), now).await.unwrap();
        assert!(told.starts_with("decision  look_again\nreason    no_temperature\nsay       请测量体温"), "{told}");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    async fn where_staff_said_that_nobody_can_take_one_a_green_code_does_without_and_a_card_does_not(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(cards::COMMUNITY).await;
        let (zhang, _) = cards::with_card(&backend, "13800138000", ZHANG).await;
        let card = cards::card_of(&backend, &zhang).await["token"].clone();
        let post = backend.checkpoint().await;
        let device = backend.device_without_thermometer(Stands::On(post)).await;
        let usual = backend.device(Stands::On(post)).await;
        let grandmother = backend.green("13900139000", GRANDMOTHER).await;
        let code = code_of(&backend, &grandmother).await;
        let view = device.verify(json!([{"code": code}])).await.ok();
        assert_eq!(said(&view), ("pass", "green"));
        assert_eq!(said(&device.verify(json!([{"code": card}])).await.ok()), ("look_again", "no_temperature"));
        let hot = json!([{"code": code, "temperature": 37.3}]);
        assert_eq!(said(&device.verify(hot).await.ok()), ("stop", "fever"));

        // The bundle says so of this device, and of no other.
        let known = bundle(&backend, &device).await;
        let held = [Held { text: &code, document_last4: None, temperature_tenths: None }];
        let vehicle = Vehicle { plate: None, section: None, at: backend.deps.clock.now() };
        let reason = |device| {
            let gate = Gate { bundle: &known, ways: &Ways::default(), device };
            decide_all(gate, &held, vehicle).unwrap().reason
        };
        assert_eq!(reason(Some(device.id)), GateReason::Green);
        assert_eq!(reason(Some(usual.id)), GateReason::NoTemperature);
        assert_eq!(reason(None), GateReason::NoTemperature);
        let rows = gate_record::Entity::find().all(&backend.deps.db).await.unwrap();
        assert!(rows.iter().all(|row| row.mark.is_none()));
    }

    async fn that_a_gate_has_no_thermometer_is_said_by_staff_and_on_record(stack: Stack) {
        let backend = Backend::start(stack).await;
        let admin = backend.staff(Role::RegionAdmin, "310000").await;
        let post = backend.checkpoint().await;
        let usual = json!({"name": "手持 1", "checkpoint": post});
        let usual = admin.post("/v1/staff/devices", usual).await.ok();
        assert_eq!(usual["device"]["thermometer"], true);
        let without = json!({"name": "手持 2", "checkpoint": post, "thermometer": false});
        let without = admin.post("/v1/staff/devices", without).await.ok();
        assert_eq!(without["device"]["thermometer"], false);
        let expected = audit_entry::Entity::find()
            .filter(audit_entry::Column::Event.eq("device_expected"))
            .all(&backend.deps.db)
            .await
            .unwrap();
        let said = |device: &Value| {
            let entry = expected.iter().find(|entry| entry.detail["device"] == device["device"]["id"]);
            entry.expect("an entry").detail["thermometer"].clone()
        };
        assert_eq!((said(&usual), said(&without)), (json!(true), json!(false)));
    }
}
