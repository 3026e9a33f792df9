//! What cannot be granted is refused by name and field, and nothing of it is kept.

use api::{
    facts::{self, NewTest},
    platform::{Clock, db::begin_write},
};
use chrono::TimeDelta;
use entity::{
    values::{PersonId, TestResult, VehicleApplicationState},
    vehicle_application,
};
use futures_util::future::join_all;
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG},
    on_both_stacks,
    organisations::COMPANY,
    vehicles::{DISTRICT, SECTIONS, Says, vehicle_application, vehicle_form},
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::rig::{PASSENGER, PHONE, contact, submit, text};

on_both_stacks! {
    async fn what_is_no_plate_or_runs_backwards_is_refused_as_it_is_saved(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let draft = backend.vehicle_draft(&zhang, vehicle_form()).await;
        let form = format!("{}/form", vehicle_application(&draft));
        for (plate, code) in [("沪AI2345", "forbidden_letter"), ("沪A1234O", "forbidden_letter"), ("沪A1234", "length"), ("火A12345", "unknown_province"), ("沪A1234挂5", "form")] {
            let mut request = vehicle_form();
            request["vehicle"]["plate"] = json!(plate);
            let refused = citizen.put(&form, request).await;
            assert_eq!(refused.problem(422), "vehicle-plate-invalid", "{plate}");
            assert_eq!(refused.faults(), [("vehicle.plate".to_owned(), code.to_owned())], "{plate}");
        }
        let mut request = vehicle_form();
        request["vehicle"]["plate"] = json!("沪Ａ－１２３４５");
        assert_eq!(citizen.put(&form, request.clone()).await.ok()["vehicle"]["plate"], "沪A12345");
        request["vehicle"]["plate_colour"] = json!("green_gradient");
        let refused = citizen.put(&form, request).await;
        assert_eq!(refused.faults(), [("vehicle.plate_colour".to_owned(), "other_class".to_owned())]);
        let mut request = vehicle_form();
        request["hours"]["last"] = json!("2026-03-01");
        let refused = citizen.put(&form, request).await;
        assert_eq!(refused.problem(422), "vehicle-dates-backwards");
        assert_eq!(refused.faults(), [("hours.last".to_owned(), "backwards".to_owned())]);
        let mut request = vehicle_form();
        request["agreement"] = json!("2020-01-01");
        assert_eq!(citizen.put(&form, request).await.faults()[0].1, "other_version");
        let mut request = vehicle_form();
        request["materials"] = json!([{"kind": "vehicle_licence", "upload": uuid::Uuid::nil()}]);
        assert!(citizen.put(&form, request).await.status.is_client_error());
        let kept = citizen.get(&vehicle_application(&draft)).await.ok();
        assert_eq!(kept["hours"]["last"], "2026-03-08");
    }

    async fn what_is_missing_is_said_field_by_field(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let begin = json!({"type": "livelihood", "division": DISTRICT});
        let draft = citizen.post("/v1/vehicle-applications", begin).await.ok();
        let refused = submit(&citizen, &draft).await;
        assert_eq!(refused.problem(422), "vehicle-application-incomplete");
        let fields: Vec<String> = refused.faults().into_iter().map(|(field, _)| field).collect();
        for field in ["agreement", "purpose", "vehicle.plate", "route", "hours", "people", "materials"] {
            assert!(fields.iter().any(|at| at == field), "{field}: {fields:?}");
        }
        for (request, field, code) in [
            (json!({"type": "none", "division": DISTRICT}), "type", "unknown_type"),
            (json!({"type": "livelihood", "division": "310000"}), "division", "unknown_division"),
            (json!({"type": "livelihood", "division": "110101"}), "division", "unknown_division"),
        ] {
            let refused = citizen.post("/v1/vehicle-applications", request).await;
            assert_eq!(refused.problem(422), "invalid-request");
            assert_eq!(refused.faults(), [(field.to_owned(), code.to_owned())]);
        }
        let begin = json!({"type": "charter", "division": DISTRICT});
        let refused = citizen.post("/v1/vehicle-applications", begin).await;
        assert_eq!(refused.problem(409), "vehicle-pass-type-not-for-applicant");
    }

    async fn dates_that_cannot_be_are_refused_when_it_is_submitted(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        for (first, last, field, code) in [
            ("2026-03-01", "2026-03-08", "hours.first", "past"),
            ("2026-05-01", "2026-05-08", "hours.first", "too_far"),
            ("2026-03-02", "2026-04-05", "hours.last", "too_long"),
        ] {
            let mut form = vehicle_form();
            form["hours"]["first"] = json!(first);
            form["hours"]["last"] = json!(last);
            let draft = backend.vehicle_draft(&zhang, form).await;
            let refused = submit(&citizen, &draft).await;
            assert_eq!(refused.problem(422), "vehicle-application-incomplete");
            assert_eq!(refused.faults(), [(field.to_owned(), code.to_owned())]);
        }
    }

    async fn a_route_that_takes_no_pass_is_refused_by_its_section(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        backend.road_in_week("310101-0009", json!([])).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        for (section, code) in [("310101-0009", "not_restricted"), ("310101-0404", "unknown_section")] {
            let mut form = vehicle_form();
            form["route"]["sections"] = json!([SECTIONS[0], section]);
            let draft = backend.vehicle_draft(&zhang, form).await;
            let refused = submit(&citizen, &draft).await;
            assert_eq!(refused.problem(422), "vehicle-route-not-granted");
            assert_eq!(refused.faults(), [("route.sections[1]".to_owned(), code.to_owned())]);
        }
    }

    async fn what_the_registry_says_against_a_vehicle_refuses_it(stack: Stack) {
        let (backend, registry) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let draft = backend.vehicle_draft(&zhang, vehicle_form()).await;
        registry.say(Says::Unregistered);
        assert_eq!(submit(&citizen, &draft).await.problem(409), "vehicle-not-registered");
        registry.say_registered(2, "2026-12-31");
        assert_eq!(submit(&citizen, &draft).await.problem(409), "vehicle-has-violations");
        registry.say_registered(0, "2026-03-01");
        assert_eq!(submit(&citizen, &draft).await.problem(409), "vehicle-not-inspected");
        registry.say_registered(0, "2026-03-02");
        submit(&citizen, &draft).await.ok();
    }

    async fn nobody_is_driven_who_is_not_green(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let draft = backend.vehicle_draft(&zhang, vehicle_form()).await;
        let fact = contact(&backend, ZHANG).await;
        let refused = submit(&citizen, &draft).await;
        assert_eq!(refused.problem(409), "vehicle-passenger-not-green");
        assert_eq!(refused.faults(), [("people[0]".to_owned(), "not_green".to_owned())]);
        super::rig::lift(&backend, &fact).await;
        submit(&citizen, &draft).await.ok();
        // Nor is it granted.
        contact(&backend, ZHANG).await;
        let refused = backend.decide_on_vehicle(&draft, json!({"action": "approve"})).await;
        assert_eq!(refused.problem(409), "vehicle-passenger-not-green");
    }

    async fn freight_takes_a_test_of_everybody_aboard(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let unit = backend.organisation(COMPANY).await;
        let citizen = backend.as_citizen(&zhang);
        let begin = json!({"type": "freight", "division": DISTRICT, "organisation": unit});
        let draft = citizen.post("/v1/vehicle-applications", begin).await.ok();
        let path = vehicle_application(&draft);
        let mut form = vehicle_form();
        form["route"] = json!({"kind": "freight", "origin": DISTRICT, "destination": "320583"});
        form["hours"]["last"] = json!("2026-03-07");
        citizen.put(&format!("{path}/form"), form).await.ok();
        citizen.post(&format!("{path}/people"), json!({"role": "driver", "person": zhang.person})).await.ok();
        let refused = submit(&citizen, &draft).await;
        assert_eq!(refused.faults(), [("materials".to_owned(), "missing".to_owned())]);
        let mut form = vehicle_form();
        form["route"] = json!({"kind": "freight", "origin": DISTRICT, "destination": "320583"});
        form["hours"]["last"] = json!("2026-03-07");
        let upload = async |kind: &str| json!({"kind": kind, "upload": backend.picture_of_unit(&citizen, unit).await});
        form["materials"] = json!([upload("vehicle_licence").await, upload("carriage_contract").await]);
        citizen.put(&format!("{path}/form"), form).await.ok();
        let refused = submit(&citizen, &draft).await;
        assert_eq!(refused.problem(409), "vehicle-passenger-not-tested");
        let now = backend.clock.now();
        let test = NewTest {
            person: PersonId(zhang.person.parse().unwrap()),
            sampled_at: now - TimeDelta::hours(47),
            sample: "lab-1/1".into(),
            reported_at: now,
            result: TestResult::Negative,
            tube_size: 1,
            source: "lab-1".into(),
            recorded_by: None,
        };
        let tx = begin_write(&backend.deps.db).await.unwrap();
        facts::record_test(&tx, &backend.deps, test).await.unwrap();
        tx.commit().await.unwrap();
        backend.compare().await;
        submit(&citizen, &draft).await.ok();
        let as_unit = backend.as_unit(unit).await;
        let listed = as_unit.get("/v1/vehicle-applications").await.ok();
        assert_eq!(listed["items"][0]["id"], draft["id"]);
    }

    async fn of_two_at_once_for_one_vehicle_on_one_way_one_is_refused(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let grandmother = backend.green(PASSENGER, GRANDMOTHER).await;
        let callers = [backend.as_citizen(&zhang), backend.as_citizen(&grandmother)];
        let drafts = [
            backend.vehicle_draft(&zhang, vehicle_form()).await,
            backend.vehicle_draft(&grandmother, vehicle_form()).await,
        ];
        let replies = join_all(callers.iter().zip(&drafts).map(|(caller, draft)| submit(caller, draft))).await;
        let (taken, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 201);
        assert_eq!((taken.len(), refused.len()), (1, 1));
        assert_eq!(refused[0].problem(409), "vehicle-pass-overlaps");
        let rows = vehicle_application::Entity::find().all(&backend.deps.db).await.unwrap();
        let submitted = rows.iter().filter(|row| row.state == VehicleApplicationState::Submitted);
        assert_eq!(submitted.count(), 1);
        // On other hours both may drive.
        let other = drafts.iter().zip(&callers).find(|(draft, _)| draft["id"] != taken[0].json()["id"]);
        let (draft, caller) = other.unwrap();
        let mut form = vehicle_form();
        form["materials"] = draft["materials"].clone();
        form["hours"]["first"] = json!("2026-03-09");
        form["hours"]["last"] = json!("2026-03-10");
        caller.put(&format!("{}/form", vehicle_application(draft)), form).await.ok();
        submit(caller, draft).await.ok();
    }

    async fn a_vehicle_with_a_pass_gets_no_other_on_the_same_way(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        backend.vehicle_pass(&zhang).await;
        let citizen = backend.as_citizen(&zhang);
        let mut form = vehicle_form();
        form["route"]["sections"] = json!([SECTIONS[1]]);
        form["hours"]["from"] = json!("07:00");
        form["hours"]["until"] = json!("08:00");
        let draft = backend.vehicle_draft(&zhang, form).await;
        let refused = submit(&citizen, &draft).await;
        assert_eq!(refused.problem(409), "vehicle-pass-overlaps");
        assert_eq!(refused.faults(), [("vehicle".to_owned(), "overlap".to_owned())]);
    }

    async fn nobody_is_aboard_twice_or_by_anothers_word(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let grandmother = backend.green(PASSENGER, GRANDMOTHER).await;
        let (citizen, rider) = (backend.as_citizen(&zhang), backend.as_citizen(&grandmother));
        let draft = backend.vehicle_draft(&zhang, vehicle_form()).await;
        let people = format!("{}/people", vehicle_application(&draft));
        let by_word = json!({"role": "passenger", "person": grandmother.person});
        citizen.post(&people, by_word).await.problem(404);
        let own = json!({"role": "driver", "person": zhang.person});
        assert_eq!(citizen.post(&people, own).await.problem(409), "vehicle-passenger-known");
        let asked = json!({"role": "passenger", "phone": PASSENGER});
        let place = citizen.post(&people, asked.clone()).await.ok();
        assert_eq!(place["name"], Value::Null);
        assert_eq!(citizen.post(&people, asked).await.problem(409), "vehicle-passenger-known");
        assert_eq!(citizen.post(&people, json!({"role": "passenger"})).await.faults()[0].1, "missing");
        let path = format!("/v1/me/vehicle-invitations/{}", text(&place["id"]));
        rider.post(&format!("{path}/refusal"), Value::Null).await.ok();
        assert_eq!(rider.post(&format!("{path}/consent"), Value::Null).await.problem(409), "vehicle-invitation-over");
        let read = citizen.get(&vehicle_application(&draft)).await.ok();
        assert_eq!(read["people"].as_array().unwrap().len(), 1);
    }
}
