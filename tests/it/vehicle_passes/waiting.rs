//! Where somebody else has to answer first: the registry, the applicant, time.

use api::{
    jobs::Sweep,
    review::RunClocks,
    uploads::DeleteUnheld,
    vehicle_passes::{AskRegistry, ForgetDrafts, TellAsked},
};
use chrono::TimeDelta;
use entity::{
    review_case, upload, values::Role, vehicle_aboard, vehicle_application, vehicle_authorisation,
    vehicle_identity, vehicle_material, vehicle_pass, vehicle_pass_serial,
};
use integration_tests::{
    Backend,
    backend::ZHANG,
    on_both_stacks,
    vehicles::{DISTRICT, Says, vehicle_application, vehicle_form},
};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::rig::{PASSENGER, PHONE, events, pass_path, submit};

on_both_stacks! {
    async fn while_the_registry_is_silent_the_case_waits_and_nothing_is_granted(stack: Stack) {
        let (backend, registry) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let draft = backend.vehicle_draft(&zhang, vehicle_form()).await;
        registry.say(Says::Nothing);
        let submitted = submit(&citizen, &draft).await.ok();
        assert_eq!(submitted["stage"]["key"], "checks");
        assert_eq!(AskRegistry::run(&backend.deps).await.unwrap(), 0, "not due yet");
        backend.wait(TimeDelta::minutes(11));
        assert_eq!(AskRegistry::run(&backend.deps).await.unwrap(), 0, "still silent");
        registry.say_registered(0, "2026-12-31");
        backend.wait(TimeDelta::minutes(11));
        assert_eq!(AskRegistry::run(&backend.deps).await.unwrap(), 1);
        let zhang = backend.log_in(PHONE).await;
        let citizen = backend.as_citizen(&zhang);
        let read = citizen.get(&vehicle_application(&draft)).await.ok();
        assert_eq!(read["stage"]["key"], "district");
        assert_eq!(read["findings"]["registry"]["answer"], "registered");
        backend.decide_on_vehicle(&draft, json!({"action": "approve"})).await.ok();
    }

    async fn a_violation_that_the_registry_tells_later_is_for_the_reviewer(stack: Stack) {
        let (backend, registry) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let mut form = vehicle_form();
        form["hours"]["last"] = json!("2026-03-20");
        let draft = backend.vehicle_draft(&zhang, form).await;
        registry.say(Says::Nothing);
        submit(&citizen, &draft).await.ok();
        backend.wait(TimeDelta::hours(25));
        RunClocks::run(&backend.deps).await.unwrap();
        let refused = backend.decide_on_vehicle(&draft, json!({"action": "approve"})).await;
        assert_eq!(refused.problem(409), "vehicle-registry-silent");
        registry.say_registered(1, "2026-12-31");
        AskRegistry::run(&backend.deps).await.unwrap();
        let refused = backend.decide_on_vehicle(&draft, json!({"action": "approve"})).await;
        assert_eq!(refused.problem(409), "vehicle-has-violations");
        let refusal = json!({"action": "refuse", "reason": "violations"});
        backend.decide_on_vehicle(&draft, refusal).await.ok();
        let zhang = backend.log_in(PHONE).await;
        let read = backend.as_citizen(&zhang).get(&vehicle_application(&draft)).await.ok();
        assert_eq!((&read["outcome"], &read["refusal"]["code"]), (&json!("refused"), &json!("violations")));
    }

    async fn a_reviewer_asks_for_more_and_the_applicant_brings_it(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let draft = backend.vehicle_draft(&zhang, vehicle_form()).await;
        submit(&citizen, &draft).await.ok();
        let path = vehicle_application(&draft);
        let brought = json!({"text": "补充如下", "materials": [{"kind": "commitment", "upload": backend.picture(&citizen).await}]});
        citizen.post(&format!("{path}/resubmission"), brought.clone()).await.problem(409);
        backend.decide_on_vehicle(&draft, json!({"action": "ask", "text": "请补充承诺书"})).await.ok();
        let read = citizen.get(&path).await.ok();
        assert_eq!((&read["stage"]["state"], &read["stage"]["may"][0]), (&json!("applicant"), &json!("resubmit")));
        let read = citizen.post(&format!("{path}/resubmission"), brought).await.ok();
        assert_eq!(read["stage"]["key"], "district");
        assert_eq!(read["materials"].as_array().unwrap().len(), 2);
        let read = citizen.post(&format!("{path}/withdrawal"), Value::Null).await.ok();
        assert_eq!(read["outcome"], "withdrawn");
        citizen.post(&format!("{path}/withdrawal"), Value::Null).await.problem(409);
    }

    async fn after_seven_working_days_the_prefecture_decides(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let draft = backend.vehicle_draft(&zhang, vehicle_form()).await;
        submit(&citizen, &draft).await.ok();
        backend.wait_until("2026-03-12T00:00:01+08:00");
        while RunClocks::run(&backend.deps).await.unwrap() > 0 {}
        backend.sweep().await;
        let zhang = backend.log_in(PHONE).await;
        let read = backend.as_citizen(&zhang).get(&vehicle_application(&draft)).await.ok();
        assert_eq!(read["stage"]["key"], "prefecture");
    }

    async fn a_draft_that_nobody_goes_on_with_is_forgotten_after_thirty_days(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let draft = backend.vehicle_draft(&zhang, vehicle_form()).await;
        backend.wait(TimeDelta::days(29));
        assert_eq!(ForgetDrafts::run(&backend.deps).await.unwrap(), 0);
        backend.wait(TimeDelta::days(2));
        assert_eq!(ForgetDrafts::run(&backend.deps).await.unwrap(), 1);
        let rows = vehicle_application::Entity::find().all(&backend.deps.db).await.unwrap();
        assert_eq!(rows.len(), 0, "{draft}");
    }

    async fn three_months_after_its_end_nothing_is_left_of_a_pass(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let pass = backend.vehicle_pass(&zhang).await;
        assert_eq!(pass["valid_until"], "2026-03-08T16:00:00Z");
        let leave = format!("{}/authorisations", pass_path(&pass["id"]));
        backend.as_citizen(&zhang).post(&leave, json!({"minutes": 60})).await.ok();
        let db = &backend.deps.db;
        let left = async || {
            let counts = [
                vehicle_application::Entity::find().count(db).await,
                vehicle_aboard::Entity::find().count(db).await,
                vehicle_material::Entity::find().count(db).await,
                vehicle_pass::Entity::find().count(db).await,
                vehicle_identity::Entity::find().count(db).await,
            ];
            counts.map(Result::unwrap)
        };
        let sweep = async || ForgetDrafts::run(&backend.deps).await.unwrap();
        backend.wait_until("2026-06-06T23:00:00+08:00");
        sweep().await;
        assert_eq!(left().await, [1, 1, 1, 1, 0]);
        backend.wait_until("2026-06-07T01:00:00+08:00");
        assert_eq!((sweep().await, sweep().await), (1, 0));
        assert_eq!(left().await, [0; 5]);
        assert_eq!(vehicle_authorisation::Entity::find().count(db).await.unwrap(), 0);
        DeleteUnheld::run(&backend.deps).await.unwrap();
        assert_eq!(upload::Entity::find().count(db).await.unwrap(), 0);
        // Its number is nobody else's, that it was forgotten is on record, and its case says nothing.
        let serial = vehicle_pass_serial::Entity::find().one(db).await.unwrap().unwrap();
        assert_eq!(serial.last, 1);
        assert_eq!(events(&backend, "vehicle_application_forgotten").await.len(), 1);
        assert_eq!(events(&backend, "vehicle_material_gone").await.len(), 1);
        let case = review_case::Entity::find().one(db).await.unwrap().unwrap();
        let staff = backend.staff(Role::Reviewer, DISTRICT).await;
        staff.get(&format!("/v1/staff/review/cases/{}", case.id)).await.ok();
        staff.get(&format!("/v1/staff{}", pass_path(&pass["id"]).trim_start_matches("/v1"))).await.problem(404);
    }

    async fn people_asked_aboard_are_told_if_they_have_an_account_and_the_asker_is_not(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let rider = backend.log_in(PASSENGER).await;
        let citizen = backend.as_citizen(&zhang);
        let draft = backend.vehicle_draft(&zhang, vehicle_form()).await;
        let people = format!("{}/people", vehicle_application(&draft));
        let ask = async |phone: &str| {
            let asked = json!({"role": "passenger", "phone": phone});
            let mut answer = citizen.post(&people, asked).await.ok();
            answer["id"].take();
            answer["phone"].take();
            answer
        };
        assert_eq!(ask(PASSENGER).await, ask("13700137000").await);
        let sweep = async || TellAsked::run(&backend.deps).await.unwrap();
        assert_eq!((sweep().await, sweep().await), (1, 0));
        let told = backend.as_citizen(&rider).get("/v1/me/notifications").await.ok();
        let reference = draft["reference"].as_str().unwrap();
        assert!(told.to_string().contains("ride_asked") && told.to_string().contains(reference), "{told}");
        assert!(!told.to_string().contains(PHONE), "{told}");
        // Who is asked again for the same is not told again.
        let mine = backend.as_citizen(&rider).get("/v1/me/vehicle-invitations").await.ok();
        let place = mine["invitations"][0]["id"].as_str().unwrap();
        citizen.delete(&format!("{people}/{place}")).await;
        ask(PASSENGER).await;
        sweep().await;
        let told = backend.as_citizen(&rider).get("/v1/me/notifications").await.ok().to_string();
        assert_eq!(told.matches("ride_asked").count(), 1, "{told}");
    }

    async fn a_draft_is_given_up_with_everything_in_it(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let draft = backend.vehicle_draft(&zhang, vehicle_form()).await;
        let path = vehicle_application(&draft);
        assert_eq!(citizen.delete(&path).await.status, 204);
        citizen.get(&path).await.problem(404);
        assert_eq!(citizen.get("/v1/vehicle-applications").await.ok()["items"], json!([]));
    }
}
