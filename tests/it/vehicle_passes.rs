//! A vehicle pass is asked for, looked up, reviewed and issued, and counts as long as everybody aboard is
//! green.

mod keeping;
mod refusals;
pub(crate) mod rig;
mod waiting;

use api::{
    credentials::{PermitKind, read_permit},
    jobs::Sweep,
    platform::Clock,
    vehicle_passes::{self, Asked, LookAfterPasses, Standing, Verdict},
};
use entity::values::{Plate, Role, SectionCode, VehiclePassId};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG},
    on_both_stacks,
    vehicles::{DISTRICT, PLATE, SECTIONS, vehicle_application, vehicle_form},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::printing::pdf::Pdf;
use rig::{PASSENGER, PHONE, contact, events, keys, lift, look_after, pass_path, text};

on_both_stacks! {
    async fn a_pass_is_asked_for_looked_up_reviewed_and_issued(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let types = backend.anyone().get("/v1/vehicle-pass-types").await.ok();
        assert!(types["types"].as_array().unwrap().iter().any(|one| one["key"] == "livelihood"));
        let zhang = backend.green(PHONE, ZHANG).await;
        let grandmother = backend.green(PASSENGER, GRANDMOTHER).await;
        let (citizen, rider) = (backend.as_citizen(&zhang), backend.as_citizen(&grandmother));

        let draft = backend.vehicle_draft(&zhang, vehicle_form()).await;
        assert_eq!(draft["vehicle"]["plate"], "沪A12345");
        assert_eq!((&draft["state"], &draft["stage"]), (&json!("draft"), &Value::Null));
        let path = vehicle_application(&draft);
        citizen.post(&format!("{path}/people"), json!({"role": "passenger", "phone": PASSENGER})).await.ok();
        let refused = citizen.post(&format!("{path}/submission"), Value::Null).await;
        assert_eq!(refused.problem(409), "vehicle-passenger-not-agreed");
        assert_eq!(refused.faults(), [("people[1]".to_owned(), "not_agreed".to_owned())]);

        let asked = rider.get("/v1/me/vehicle-invitations").await.ok();
        let place = text(&asked["invitations"][0]["id"]).to_owned();
        citizen.post(&format!("/v1/me/vehicle-invitations/{place}/consent"), Value::Null).await.problem(404);
        rider.post(&format!("/v1/me/vehicle-invitations/{place}/consent"), Value::Null).await.ok();
        let submitted = citizen.post(&format!("{path}/submission"), Value::Null).await;
        assert_eq!(submitted.status, 201, "{:?}", submitted.json());
        let submitted = submitted.ok();
        assert_eq!(submitted["stage"]["key"], "district");
        // Seven working days after a Monday.
        assert_eq!(submitted["stage"]["until"], "2026-03-11T16:00:00Z");
        assert_eq!(submitted["findings"]["registry"]["answer"], "registered");
        assert!(text(&submitted["reference"]).starts_with("CL-"));
        citizen.put(&format!("{path}/form"), vehicle_form()).await.problem(409);

        let staff = backend.staff(Role::Reviewer, DISTRICT).await;
        let case = text(&submitted["case"]);
        let shown = staff.get(&format!("/v1/staff/review/cases/{case}")).await.ok();
        assert!(shown.to_string().contains("运送生活物资") && !shown.to_string().contains(ZHANG.name));
        let upload = text(&submitted["materials"][0]["upload"]);
        let seen = staff.get(&format!("/v1/staff/vehicle-applications/{}/materials/{upload}", text(&draft["id"]))).await;
        assert_eq!((seen.status.as_u16(), &seen.body[1..4]), (200, &b"PNG"[..]));
        // Who applied can be told who looked, and that is all that is on record of it.
        let looked = events(&backend, "vehicle_material_read").await;
        assert_eq!(looked.len(), 1);
        assert!(looked[0].contains(upload) && !looked[0].contains(ZHANG.name), "{looked:?}");
        assert_eq!(events(&backend, "vehicle_material_kept").await.len(), 1, "saved again, it is kept once");

        backend.decide_on_vehicle(&draft, json!({"action": "approve"})).await.ok();
        let granted = citizen.get(&path).await.ok();
        assert_eq!((&granted["outcome"], &granted["state"]), (&json!("approved"), &json!("closed")));
        let pass = citizen.get(&pass_path(&granted["pass"])).await.ok();
        assert_eq!((&pass["number"], &pass["standing"]), (&json!("310101000001"), &json!("good")));
        assert_eq!(pass["people"].as_array().unwrap().len(), 2);
        assert_eq!(pass["valid_until"], "2026-03-08T16:00:00Z");

        let permit = read_permit(&keys(&backend).await, text(&pass["token"]), backend.clock.now()).unwrap();
        assert_eq!((permit.kind, &*permit.face.holder), (PermitKind::Vehicle, "沪A12345"));
        assert_eq!((&*permit.face.mark, &*permit.face.site), (SECTIONS[0], SECTIONS[2]));
        assert_eq!(permit.face.number, "310101000001");
        let told = citizen.get("/v1/me/notifications").await.ok();
        assert!(told.to_string().contains("review_decided"), "{told}");
        rider.get(&pass_path(&granted["pass"])).await.problem(404);
    }

    async fn a_pass_is_drawn_for_the_phone_and_for_paper(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let pass = backend.vehicle_pass(&zhang).await;
        let citizen = backend.as_citizen(&zhang);
        let path = pass_path(&pass["id"]);
        let picture = citizen.get(&format!("{path}/picture")).await;
        assert_eq!((picture.status.as_u16(), &picture.body[1..4]), (200, &b"PNG"[..]));
        let paper = citizen.get(&format!("{path}/document")).await;
        assert_eq!((paper.status.as_u16(), &paper.body[..5]), (200, &b"%PDF-"[..]));
        let words = Pdf::read(&paper.body).text();
        assert!(words.contains("310101-0001延安东路Yan'anRoadEast"), "{words}");
        assert_eq!(paper.headers["content-disposition"], "inline; filename=\"310101000001.pdf\"");
    }

    async fn one_aboard_who_is_not_green_suspends_it_and_brings_it_back(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let pass = backend.vehicle_pass(&zhang).await;
        let citizen = backend.as_citizen(&zhang);
        let path = pass_path(&pass["id"]);
        look_after(&backend).await;

        let fact = contact(&backend, ZHANG).await;
        let seen = citizen.get(&path).await.ok();
        assert_eq!((&seen["standing"], &seen["because"]), (&json!("suspended"), &json!("colour")));
        assert_eq!(seen["token"], Value::Null);
        assert_eq!(citizen.get(&format!("{path}/document")).await.problem(409), "vehicle-pass-not-in-force");
        look_after(&backend).await;
        let told = citizen.get("/v1/me/notifications").await.ok().to_string();
        assert!(told.contains("pass_standing") && told.contains("is suspended now"), "{told}");

        lift(&backend, &fact).await;
        assert_eq!(citizen.get(&path).await.ok()["standing"], "good");
        look_after(&backend).await;
        let told = citizen.get("/v1/me/notifications").await.ok().to_string();
        assert_eq!(told.matches("pass_standing").count(), 2, "{told}");
        assert_eq!(LookAfterPasses::run(&backend.deps).await.unwrap(), 0, "once is enough");
    }

    async fn on_the_road_vehicle_section_and_hour_are_compared(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let pass = backend.vehicle_pass(&zhang).await;
        let id = VehiclePassId(text(&pass["id"]).parse().unwrap());
        let (own, other) = (Plate::parse(PLATE).unwrap(), Plate::parse("沪A54321").unwrap());
        let sections = ["310101-0002", "310101-0009"].map(|code| code.parse::<SectionCode>().unwrap());
        let now = backend.clock.now();
        let night = "2026-03-02T22:30:00+08:00".parse().unwrap();
        for (plate, section, at, verdict) in [
            (Some(&own), Some(&sections[0]), now, Verdict::Ok),
            (None, None, now, Verdict::Ok),
            (Some(&other), Some(&sections[0]), now, Verdict::OtherVehicle),
            (Some(&own), Some(&sections[1]), now, Verdict::OtherSection),
            (Some(&own), Some(&sections[0]), night, Verdict::OtherHour),
        ] {
            let found = vehicle_passes::inspect(&backend.deps, id, Asked { plate, section, at }).await;
            assert_eq!(found.unwrap().unwrap().verdict, verdict);
        }
        let carried = vehicle_passes::carried(&backend.deps.db, now).await.unwrap();
        assert_eq!((carried.len(), carried[0].aboard, carried[0].plate.as_ref()), (1, 1, Some(&own)));
        contact(&backend, ZHANG).await;
        let asked = Asked { plate: Some(&own), section: None, at: now };
        let found = vehicle_passes::inspect(&backend.deps, id, asked).await.unwrap().unwrap();
        assert_eq!((found.verdict, found.standing), (Verdict::PassNotGood, Standing::Suspended));
        let nothing = vehicle_passes::inspect(&backend.deps, VehiclePassId(uuid::Uuid::nil()), asked).await;
        assert_eq!(nothing.unwrap(), None);
    }

    async fn whose_it_is_not_finds_nothing(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let pass = backend.vehicle_pass(&zhang).await;
        let (pass, application) = (text(&pass["id"]), text(&pass["application"]));
        let stranger = backend.verified(PASSENGER, GRANDMOTHER).await;
        let stranger = backend.as_citizen(&stranger);
        for path in ["", "/picture", "/document"] {
            stranger.get(&format!("/v1/vehicle-passes/{pass}{path}")).await.problem(404);
        }
        stranger.get(&format!("/v1/vehicle-applications/{application}")).await.problem(404);
        for path in ["changes", "renewals", "cancellation"] {
            stranger.post(&format!("/v1/vehicle-passes/{pass}/{path}"), Value::Null).await.problem(404);
        }
        let leave = json!({"minutes": 60});
        stranger.post(&format!("/v1/vehicle-passes/{pass}/authorisations"), leave).await.problem(404);
        assert_eq!(stranger.get("/v1/vehicle-passes").await.ok()["items"], json!([]));
        let staff = backend.staff(Role::Reviewer, "310104").await;
        let path = format!("/v1/staff/vehicle-passes/{pass}");
        staff.sees_nothing_at(Method::GET, &path, pass, &Value::Null).await;
        let why = json!({"reason": "misused"});
        staff.sees_nothing_at(Method::PUT, &format!("{path}/revocation"), pass, &why).await;
        assert_eq!(staff.get("/v1/staff/vehicle-passes").await.ok()["items"], json!([]));
        let staff = backend.staff(Role::Reviewer, "310000").await;
        let listed = staff.post("/v1/staff/vehicle-passes/searches", json!({"vehicle": "沪a·12345"})).await.ok();
        assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["token"]), (&json!(pass), &Value::Null));
        let another = staff.post("/v1/staff/vehicle-passes/searches", json!({"vehicle": "沪A54321"})).await.ok();
        assert_eq!(another["items"], json!([]));
        let nothing = staff.post("/v1/staff/vehicle-passes/searches", json!({"vehicle": "?"})).await;
        assert_eq!(nothing.faults(), [("vehicle".to_owned(), "form".to_owned())]);
        staff.get("/v1/staff/vehicle-passes?plate=沪A12345").await.problem(422);
        let counts = staff.get("/v1/staff/vehicle-applications/statistics").await.ok();
        let expected = json!({"division": "310101", "type": "livelihood", "stage": "district", "outcome": "approved", "count": 1});
        assert_eq!(counts["counts"], json!([expected]));
    }
}
