//! Passes are changed, renewed, given up, taken back, suspended by time, and shown to others once.

use api::{
    checkpoints::{
        offline::{Gate, Held, decide_all},
        roadside::Vehicle,
        ways::Ways,
    },
    credentials::{bundle::Bundle, cose::VerifyingKey, read_permit},
    jobs::Sweep,
    platform::Clock,
};
use chrono::TimeDelta;
use entity::{values::Role, vehicle_authorisation};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG, declaration},
    gates::Stands,
    on_both_stacks,
    vehicles::{DISTRICT, SECTIONS, recognition, vehicle_application, vehicle_form},
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::rig::{PASSENGER, PHONE, events, keys, look_after, pass_path, submit, text};
use crate::printing::pdf::Pdf;

on_both_stacks! {
    async fn a_change_takes_the_place_of_the_pass(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let pass = backend.vehicle_pass(&zhang).await;
        let path = pass_path(&pass["id"]);
        let draft = citizen.post(&format!("{path}/changes"), Value::Null).await.ok();
        assert_eq!((&draft["kind"], &draft["predecessor"]), (&json!("change"), &pass["id"]));
        assert_eq!(draft["people"].as_array().unwrap().len(), 1);
        let mut form = vehicle_form();
        form["vehicle"]["plate"] = json!("沪A54321");
        let application = vehicle_application(&draft);
        let refused = citizen.put(&format!("{application}/form"), form).await;
        assert_eq!(refused.faults(), [("vehicle".to_owned(), "other_vehicle".to_owned())]);
        let mut form = vehicle_form();
        form["route"]["sections"] = json!([SECTIONS[2]]);
        form["materials"] = json!([{"kind": "vehicle_licence", "upload": backend.picture(&citizen).await}]);
        citizen.put(&format!("{application}/form"), form).await.ok();
        let another = citizen.post(&format!("{path}/changes"), Value::Null).await.ok();
        let mut elsewhere = vehicle_form();
        elsewhere["route"]["sections"] = json!([SECTIONS[0]]);
        elsewhere["materials"] = json!([{"kind": "vehicle_licence", "upload": backend.picture(&citizen).await}]);
        citizen.put(&format!("{}/form", vehicle_application(&another)), elsewhere).await.ok();
        let after = backend.submitted_and_granted(&zhang, &draft).await;
        // Of two that were begun, one takes its place.
        assert_eq!(submit(&citizen, &another).await.problem(409), "vehicle-pass-not-in-force");
        assert_eq!((&after["standing"], &after["predecessor"]), (&json!("good"), &pass["id"]));
        assert_eq!(after["number"], "310101000002");
        assert_eq!(citizen.get(&path).await.ok()["standing"], "superseded");
        assert_eq!(citizen.post(&format!("{path}/changes"), Value::Null).await.problem(409), "vehicle-pass-not-in-force");
        let listed = citizen.get("/v1/vehicle-passes").await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    }

    async fn a_change_of_a_pass_that_runs_keeps_its_days(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let pass = backend.vehicle_pass(&zhang).await;
        backend.wait(TimeDelta::days(2));
        let zhang = backend.log_in(PHONE).await;
        backend.become_green(&zhang).await;
        let citizen = backend.as_citizen(&zhang);
        let changes = format!("{}/changes", pass_path(&pass["id"]));
        let draft = citizen.post(&changes, Value::Null).await.ok();
        let mut form = vehicle_form();
        form["route"]["sections"] = json!([SECTIONS[2]]);
        form["materials"] = json!([{"kind": "vehicle_licence", "upload": backend.picture(&citizen).await}]);
        let path = format!("{}/form", vehicle_application(&draft));
        let mut longer = form.clone();
        longer["hours"]["first"] = json!("2026-03-04");
        longer["hours"]["last"] = json!("2026-03-20");
        citizen.put(&path, longer).await.ok();
        let refused = submit(&citizen, &draft).await;
        assert_eq!(refused.faults(), [("hours".to_owned(), "other_days".to_owned())]);
        // The days began in the past, and they are the pass's own.
        citizen.put(&path, form).await.ok();
        let after = backend.submitted_and_granted(&zhang, &draft).await;
        assert_eq!((&after["standing"], &after["valid_until"]), (&json!("good"), &pass["valid_until"]));
    }

    async fn a_renewal_begins_within_seven_days_of_the_end_and_both_count_in_their_days(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let mut form = vehicle_form();
        form["hours"]["last"] = json!("2026-03-09");
        let draft = backend.vehicle_draft(&zhang, form).await;
        let pass = backend.submitted_and_granted(&zhang, &draft).await;
        let path = pass_path(&pass["id"]);
        let early = citizen.post(&format!("{path}/renewals"), Value::Null).await;
        assert_eq!(early.problem(409), "vehicle-pass-renewed-too-early");
        backend.wait(TimeDelta::hours(13));
        let zhang = backend.log_in(PHONE).await;
        backend.become_green(&zhang).await;
        let citizen = backend.as_citizen(&zhang);
        let draft = citizen.post(&format!("{path}/renewals"), Value::Null).await.ok();
        assert_eq!(draft["hours"], Value::Null);
        let mut form = vehicle_form();
        form["hours"]["first"] = json!("2026-03-10");
        form["hours"]["last"] = json!("2026-03-20");
        form["materials"] = json!([{"kind": "vehicle_licence", "upload": backend.picture(&citizen).await}]);
        citizen.put(&format!("{}/form", vehicle_application(&draft)), form).await.ok();
        let after = backend.submitted_and_granted(&zhang, &draft).await;
        assert_eq!(after["standing"], "not_yet");
        assert_eq!(citizen.get(&path).await.ok()["standing"], "good");
    }

    async fn a_pass_that_was_given_up_or_taken_back_never_counts_again(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let pass = backend.vehicle_pass(&zhang).await;
        let path = pass_path(&pass["id"]);
        let ended = citizen.post(&format!("{path}/cancellation"), Value::Null).await.ok();
        assert_eq!((&ended["standing"], &ended["token"]), (&json!("cancelled"), &Value::Null));
        citizen.post(&format!("{path}/cancellation"), Value::Null).await.problem(409);
        // The vehicle may have another one now.
        let pass = backend.vehicle_pass(&zhang).await;
        let staff = backend.staff(Role::Reviewer, DISTRICT).await;
        let own = format!("/v1/staff/vehicle-passes/{}/revocation", text(&pass["id"]));
        let revoked = staff.put(&own, json!({"reason": "misused"})).await.ok();
        assert_eq!((&revoked["standing"], &revoked["revocation"]), (&json!("revoked"), &json!("misused")));
        staff.put(&own, json!({"reason": "misused"})).await.problem(409);
        let told = citizen.get("/v1/me/notifications").await.ok();
        assert!(told.to_string().contains("pass_standing"), "{told}");
        assert_eq!(citizen.get(&pass_path(&pass["id"])).await.ok()["standing"], "revoked");
    }

    async fn while_the_inspection_is_over_the_pass_is_suspended(stack: Stack) {
        let (backend, registry) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        registry.say_registered(0, "2026-03-02");
        let pass = backend.vehicle_pass(&zhang).await;
        look_after(&backend).await;
        let path = pass_path(&pass["id"]);
        backend.wait(TimeDelta::hours(13));
        let zhang = backend.log_in(PHONE).await;
        backend.become_green(&zhang).await;
        let citizen = backend.as_citizen(&zhang);
        let seen = citizen.get(&path).await.ok();
        assert_eq!((&seen["standing"], &seen["because"]), (&json!("suspended"), &json!("inspection")));
        registry.say_registered(0, "2027-03-02");
        look_after(&backend).await;
        let seen = citizen.get(&path).await.ok();
        assert_eq!((&seen["standing"], &seen["inspected_until"]), (&json!("good"), &json!("2027-03-02")));
    }

    async fn a_driver_who_leaves_stops_the_vehicle(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let pass = backend.vehicle_pass(&zhang).await;
        let mine = citizen.get("/v1/me/vehicle-invitations").await.ok();
        assert_eq!(mine["invitations"][0]["standing"], "good");
        let place = format!("/v1/me/vehicle-invitations/{}", mine["invitations"][0]["id"].as_str().unwrap());
        citizen.post(&format!("{place}/refusal"), Value::Null).await.ok();
        let seen = citizen.get(&pass_path(&pass["id"])).await.ok();
        assert_eq!((&seen["standing"], &seen["because"]), (&json!("suspended"), &json!("driver")));
    }

    async fn whoever_acts_for_somebody_leaves_for_them(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let grandmother = json!({
            "name": GRANDMOTHER.name, "document_kind": "resident_card",
            "document_number": GRANDMOTHER.number, "relationship": "elder",
        });
        let ward = citizen.post("/v1/dependants", grandmother).await.ok();
        let person = text(&ward["person_id"]);
        citizen.post(&format!("/v1/people/{person}/declarations"), declaration()).await.ok();
        backend.compare().await;
        let draft = backend.vehicle_draft(&zhang, vehicle_form()).await;
        let people = format!("{}/people", vehicle_application(&draft));
        citizen.post(&people, json!({"role": "passenger", "person": person})).await.ok();
        let draft = citizen.get(&vehicle_application(&draft)).await.ok();
        let pass = backend.submitted_and_granted(&zhang, &draft).await;
        assert_eq!(pass["people"].as_array().unwrap().len(), 2);
        let mine = citizen.get("/v1/me/vehicle-invitations").await.ok();
        let places = mine["invitations"].as_array().unwrap();
        let hers = places.iter().find(|one| one["role"] == "passenger").unwrap();
        assert_eq!((&hers["rider"], &places.iter().find(|one| one["role"] == "driver").unwrap()["rider"]), (&json!("李*英"), &Value::Null));
        let leaves = format!("/v1/me/vehicle-invitations/{}/refusal", text(&hers["id"]));
        let stranger = backend.log_in(PASSENGER).await;
        backend.as_citizen(&stranger).post(&leaves, Value::Null).await.problem(404);
        citizen.post(&leaves, Value::Null).await.ok();
        let seen = citizen.get(&pass_path(&pass["id"])).await.ok();
        assert_eq!((&seen["standing"], seen["people"].as_array().unwrap().len()), (&json!("good"), 1));
    }

    async fn a_vehicle_without_a_plate_gets_a_temporary_pass(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let begin = json!({"type": "temporary", "division": DISTRICT});
        let draft = citizen.post("/v1/vehicle-applications", begin).await.ok();
        let path = vehicle_application(&draft);
        citizen.post(&format!("{path}/people"), json!({"role": "driver", "person": zhang.person})).await.ok();
        let mut form = vehicle_form();
        form["vehicle"] = json!({"vin": "1M8GDM9A1KP042788"});
        let refused = citizen.put(&format!("{path}/form"), form.clone()).await;
        assert_eq!(refused.faults(), [("vehicle.vin".to_owned(), "vin".to_owned())]);
        form["vehicle"] = json!({"vin": "1m8gdm9axkp042788"});
        form["materials"] = json!([{"kind": "purchase_invoice", "upload": backend.picture(&citizen).await}]);
        citizen.put(&format!("{path}/form"), form).await.ok();
        let pass = backend.submitted_and_granted(&zhang, &draft).await;
        assert_eq!((&pass["vehicle"]["plate"], &pass["vehicle"]["vin"]), (&Value::Null, &json!("1M8GDM9AXKP042788")));
        assert!(pass["token"].as_str().unwrap().starts_with("TX1:"));
        assert_eq!(pass["temporary_number"], "310101T000001");
        let permit = read_permit(&keys(&backend).await, text(&pass["token"]), backend.clock.now()).unwrap();
        assert_eq!(permit.face.holder, "310101T000001");
        let paper = citizen.get(&format!("{}/document", pass_path(&pass["id"]))).await;
        let words = Pdf::read(&paper.body).text();
        assert!(words.contains("310101T000001") && words.contains("1M8GDM9AXKP042788"), "{words}");
        let police = backend.staff(Role::Police, DISTRICT).await;
        for (vehicle, found) in [("310101t000001", 1), ("1M8GDM9AXKP042788", 1), ("310101T000002", 0)] {
            let sought = json!({"vehicle": vehicle});
            let listed = police.post("/v1/staff/vehicle-passes/searches", sought).await.ok();
            assert_eq!(listed["items"].as_array().unwrap().len(), found, "{vehicle}");
        }
        let device = backend.device(Stands::On(backend.checkpoint_on(Some(SECTIONS[0])).await)).await;
        let reply = device.get("/v1/gate/bundle").await;
        let root = backend.deps.keyring.root().unwrap();
        let root = VerifyingKey::new(root.kid(), root.public_key()).unwrap();
        let bundle = Bundle::verify(&reply.body, &root, backend.clock.now(), 0).unwrap();
        let ways = Ways::unpacked(&bundle.contents.ways).unwrap();
        let section = SECTIONS[0].parse().unwrap();
        for (plate, reason) in [
            ("310101T000001", "vehicle_pass"),
            ("1m8gdm9axkp042788", "vehicle_pass"),
            ("310101T000002", "other_vehicle"),
            ("沪A12345", "vehicle_to_compare"),
        ] {
            let scan = json!([{"code": pass["token"], "temperature": 36.5}]);
            let seen = device.verify_vehicle(Some(plate), scan).await.ok();
            assert_eq!(seen["reason"], reason, "{plate}");
            assert_eq!(seen["vehicle"]["temporary_number"], "310101T000001");
            // The same without a network.
            let held = Held { text: text(&pass["token"]), document_last4: None, temperature_tenths: None };
            let vehicle = Vehicle { plate: Some(plate), section: Some(&section), at: backend.clock.now() };
            let gate = Gate { bundle: &bundle, ways: &ways, device: None };
            let alone = decide_all(gate, &[held], vehicle).unwrap();
            assert_eq!(json!(alone.each[0].reason), reason, "{plate}");
        }
    }

    async fn another_province_sees_a_pass_once_with_its_holders_leave(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let pass = backend.vehicle_pass(&zhang).await;
        let path = format!("{}/authorisations", pass_path(&pass["id"]));
        citizen.post(&path, json!({"minutes": 9})).await.problem(422);
        let leave = citizen.post(&path, json!({"minutes": 60})).await.ok();
        let unsigned = json!({"authorisation": leave["authorisation"]});
        let refused = backend.anyone().post("/v1/recognitions", unsigned.clone()).await;
        assert_eq!(refused.problem(403), "vehicle-recognition-not-signed");
        let asked = recognition(&leave);
        for (path, other) in [("/counterpart/id", "jiangsu"), ("/authorisation", "another text")] {
            let mut forged = asked.clone();
            *forged.pointer_mut(path).unwrap() = json!(other);
            let refused = backend.anyone().post("/v1/recognitions", forged).await;
            assert_eq!(refused.problem(403), "vehicle-recognition-not-signed", "{path}");
        }
        // Nothing of that used the text up.
        let seen = backend.anyone().post("/v1/recognitions", asked.clone()).await.ok();
        let told = citizen.get("/v1/me/notifications").await.ok().to_string();
        assert_eq!(told.matches("pass_recognised").count(), 1, "{told}");
        assert!(told.contains("浙江省") && told.contains("310101000001"), "{told}");
        let recorded = events(&backend, "vehicle_pass_recognised").await;
        assert!(recorded.len() == 1 && recorded[0].contains("zhejiang"), "{recorded:?}");
        let used = vehicle_authorisation::Entity::find().one(&backend.deps.db).await.unwrap().unwrap();
        assert_eq!(used.used_by.as_deref(), Some("zhejiang"));
        assert_eq!((&seen["number"], &seen["standing"]), (&pass["number"], &json!("good")));
        assert!(!seen.to_string().contains(ZHANG.name));
        let again = backend.anyone().post("/v1/recognitions", asked).await;
        assert_eq!(again.problem(410), "vehicle-authorisation-not-good");
        let leave = citizen.post(&path, json!({"minutes": 10})).await.ok();
        backend.wait(TimeDelta::minutes(10));
        backend.anyone().post("/v1/recognitions", recognition(&leave)).await.problem(410);
        let guess = recognition(&json!({"authorisation": "guess"}));
        backend.anyone().post("/v1/recognitions", guess).await.problem(410);
        assert_eq!(submit(&citizen, &json!({"id": pass["application"]})).await.problem(409), "vehicle-application-submitted");
        api::vehicle_passes::ForgetDrafts::run(&backend.deps).await.unwrap();
    }

    async fn where_the_service_allows_it_whoever_has_the_text_sees_the_pass(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let pass = backend.vehicle_pass(&zhang).await;
        let path = format!("{}/authorisations", pass_path(&pass["id"]));
        let leave = backend.as_citizen(&zhang).post(&path, json!({"minutes": 60})).await.ok();
        let open = backend.another_instance_with(|deps| deps.vehicle_passes.unsigned_recognition = true).await;
        let asked = json!({"authorisation": leave["authorisation"]});
        let seen = open.anyone().post("/v1/recognitions", asked).await.ok();
        assert_eq!(seen["number"], pass["number"]);
        let told = backend.as_citizen(&zhang).get("/v1/me/notifications").await.ok().to_string();
        assert!(told.contains("pass_recognised") && told.contains("by: unnamed"), "{told}");
    }
}
