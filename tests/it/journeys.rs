//! Three ways from a log-in to the roadside: a vehicle pass of Tianjin (S4), a permit for work of Shanghai
//! (S0), and Hubei's return to work in a chartered coach (S1).

mod rig;

use chrono::TimeDelta;
use entity::values::Role;
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG},
    gates::Stands,
    on_both_stacks,
    organisations::COMPANY,
    vehicles,
};
use serde_json::{Value, json};

use crate::{
    checkpoints::rig::code_of, organisations::rig as organisations, printing::pdf::Pdf,
    vehicle_passes::rig::look_after, work_permits::rig as work,
};
use rig::{Coach, coach, rides_along, said, symbol, text, vehicle, watching};

on_both_stacks! {
    async fn tianjins_vehicle_pass_is_checked_in_a_tunnel(stack: Stack) {
        const DISTRICT: &str = "120102";
        const SECTION: &str = "120102-0001";
        let backend = Backend::start_with(stack, |config| {
            config.policy.province = "12".into();
            config.vehicle_passes.counterparts = vec![vehicles::counterpart()];
        }).await;
        let office = backend.staff(Role::RegionAdmin, DISTRICT).await;
        rig::restrict(&office, SECTION).await;
        backend.mock.register_vehicle(vehicle("津AD12345", "green_gradient", 1));
        let zhang = backend.log_in("13800138000").await;
        backend.prove(&zhang, ZHANG).await;
        backend.become_green(&zhang).await;
        let page = backend.as_citizen(&zhang);

        // Types, instructions and the agreement come first; the application is saved as one goes.
        let types = backend.anyone().get("/v1/vehicle-pass-types").await.ok();
        let kind = types["types"].as_array().unwrap().iter().find(|one| one["key"] == "livelihood").unwrap();
        assert!(!kind["instructions"].as_array().unwrap().is_empty());
        let begun = json!({"type": "livelihood", "division": DISTRICT});
        let draft = page.post("/v1/vehicle-applications", begun).await.ok();
        let application = format!("/v1/vehicle-applications/{}", text(&draft["id"]));
        let licence = backend.upload(&page).await;
        let mut form = json!({
            "agreement": kind["agreement"]["version"],
            "vehicle": {"plate": "津ａ·Ｄ12345", "plate_colour": "green_gradient"},
            "route": {"kind": "sections", "sections": [SECTION]},
            "hours": {"weekdays": ["mon", "tue", "wed", "thu", "fri"], "from": "22:00", "until": "06:00",
                "first": "2026-03-02", "last": "2026-03-13"},
            "purpose": "夜间配送生活物资",
        });
        page.put(&format!("{application}/form"), form.clone()).await.ok();
        form["materials"] = json!([{"kind": "vehicle_licence", "upload": licence}]);
        page.put(&format!("{application}/form"), form).await.ok();
        let driver = json!({"role": "driver", "person": zhang.person});
        page.post(&format!("{application}/people"), driver).await.ok();

        // Whoever shall ride along says so on their own phone.
        let passenger = json!({"role": "passenger", "phone": "13900139000"});
        page.post(&format!("{application}/people"), passenger).await.ok();
        let submission = format!("{application}/submission");
        let unasked = page.post(&submission, Value::Null).await;
        assert_eq!(unasked.problem(409), "vehicle-passenger-not-agreed");
        let grandmother = backend.green("13900139000", GRANDMOTHER).await;
        rides_along(&backend.as_citizen(&grandmother)).await;

        // The registry knows of a violation; once it is settled, the case begins.
        let violation = page.post(&submission, Value::Null).await;
        assert!(violation.status.is_client_error(), "{:?}", violation.json());
        backend.mock.register_vehicle(vehicle("津AD12345", "green_gradient", 0));
        let submitted = page.post(&submission, Value::Null).await.ok();
        assert_eq!(submitted["stage"]["until"], "2026-03-11T16:00:00Z", "seven working days");
        let reviewer = backend.staff(Role::Reviewer, DISTRICT).await;
        let inbox = reviewer.get("/v1/staff/review/cases").await.ok();
        let case = text(&inbox["items"][0]["id"]);
        let approval = json!({"action": "approve"});
        reviewer.post(&format!("/v1/staff/review/cases/{case}/actions"), approval).await.ok();

        // The pass: on the phone and on paper the same symbol.
        let granted = page.get(&application).await.ok();
        let pass = format!("/v1/vehicle-passes/{}", text(&granted["pass"]));
        let shown = page.get(&pass).await.ok();
        assert_eq!(shown["number"], "120102000001");
        let token = symbol(&page.get(&format!("{pass}/picture")).await.body);
        assert!(token.starts_with("TX1:"));
        let paper = Pdf::read(&page.get(&format!("{pass}/document")).await.body);
        assert!(paper.text().contains("津AD12345"), "{}", paper.text());

        // At noon it is not good; at eleven in the evening it is, and at one in the morning.
        let device = watching(&backend, SECTION).await;
        let scan = json!([{"code": token, "temperature": 36.5}]);
        let noon = device.verify_vehicle(Some("津AD12345"), scan.clone()).await.ok();
        assert_eq!(said(&noon), ("stop", "other_hour"));
        backend.wait(TimeDelta::hours(11));
        let night = device.verify_vehicle(Some("津AD12345"), scan.clone()).await.ok();
        assert_eq!(said(&night), ("pass", "vehicle_pass"), "{night}");
        assert_eq!(night["people"].as_array().unwrap().len(), 2);
        backend.wait(TimeDelta::hours(2));
        let later = device.verify_vehicle(Some("津AD12345"), scan.clone()).await.ok();
        assert_eq!(said(&later), ("pass", "vehicle_pass"));

        // In the tunnel there is no network.
        let zhang = backend.log_in("13800138000").await;
        let grandmother = backend.log_in("13900139000").await;
        let page = backend.as_citizen(&zhang);
        let tunnel = rig::tunnel(&backend, &device, SECTION).await;
        let codes = [code_of(&backend, &zhang).await, code_of(&backend, &grandmother).await];
        let aboard = [token.as_str(), codes[0].as_str(), codes[1].as_str()];
        assert_eq!(tunnel.says(&backend, "津AD12345", &aboard), "vehicle_pass");
        assert_eq!(tunnel.says(&backend, "津AD54321", &aboard), "other_vehicle");

        // Another province sees it once, by leave of its holder.
        let leave = page.post(&format!("{pass}/authorisations"), json!({"minutes": 60})).await.ok();
        let leave = vehicles::recognition(&leave);
        let recognised = backend.anyone().post("/v1/recognitions", leave.clone()).await.ok();
        assert_eq!(recognised["number"], "120102000001", "{recognised}");
        backend.anyone().post("/v1/recognitions", leave).await.problem(410);

        // Taken back is taken back at once, also where the network comes and goes.
        let revocation = format!("/v1/staff{}/revocation", pass.trim_start_matches("/v1"));
        let reviewer = backend.staff_again(&reviewer).await;
        reviewer.put(&revocation, json!({"reason": "misused"})).await.ok();
        let stopped = device.verify_vehicle(Some("津AD12345"), scan).await.ok();
        assert_eq!(said(&stopped), ("stop", "pass_not_good"));
        backend.wait(TimeDelta::minutes(1));
        let tunnel = rig::tunnel(&backend, &device, SECTION).await;
        assert_eq!(tunnel.says(&backend, "津AD12345", &aboard[..1]), "pass_not_good");
    }

    async fn shanghais_permit_leads_from_the_form_to_the_gate(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(work::COMMUNITY).await;
        let callback = backend.anyone().url("/v1/platforms/data-centre/answers");
        backend.mock.let_data_centre_call(callback);

        // The enterprise logs in with its certificate, and is on the white list.
        let (unit, organisation) = organisations::logged_in(&backend, &organisations::company()).await;
        let district = backend.staff(Role::Reviewer, work::DISTRICT).await;
        let today = backend.deps.clock.now();
        let entry = json!({"short_name": "浦江商贸", "division": work::DISTRICT, "kind": "logistics",
            "listed_from": today, "listed_until": today + TimeDelta::days(90)});
        let listed = format!("/v1/staff/work-enterprises/{COMPANY}");
        district.put(&listed, entry).await.ok();

        // The form: what is wrong in it is named by cell, and nothing of it is kept.
        let forms = format!("/v1/organisations/{organisation}/work-forms");
        let wrong = work::form(&[work::hers().replace("13900139000", "139")]);
        let refused = work::post_file(&unit, &forms, "wrong", wrong).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.faults()[0].0, "D2", "{:?}", refused.json());
        let file = work::form(&[work::hers()]);
        let taken = work::post_file(&unit, &forms, "right", file).await.ok();
        let worker = backend.green("13900139000", GRANDMOTHER).await;
        let page = backend.as_citizen(&worker);
        work::sweep(&backend).await;

        // District, city, data centre, neighbourhood.
        let approved = json!({"stage": "district", "action": "approve", "text": "核酸阴性，绿码"});
        let decisions = format!("/v1/staff/work-forms/{}/decisions", text(&taken["id"]));
        district.post(&decisions, approved).await.ok();
        work::sweep(&backend).await;
        work::close_batch(&backend).await;
        backend.wait(TimeDelta::seconds(3));
        let answers = backend.mock.flush_data_centre().await;
        assert_eq!(answers[0].status, 200, "{}", answers[0].body);
        let row = work::only_row(&backend).await;
        assert_eq!(work::stage(&backend, &row).await, "neighbourhood");
        let returns = page.get("/v1/me/returns").await.ok();
        assert!(returns.to_string().contains("neighbourhood"), "{returns}");
        work::approve(&backend, &row, Role::CommunityIssuer, work::COMMUNITY).await;
        backend.wait(TimeDelta::hours(24));
        work::sweep(&backend).await;

        // The permit is reached from the code page, and the gate sees who works where.
        let worker = backend.log_in("13900139000").await;
        let page = backend.as_citizen(&worker);
        let permit = page.get("/v1/me/work-permit").await.ok();
        assert_eq!(permit["standing"], "valid");
        let token = symbol(&page.get("/v1/me/work-permit.png").await.body);
        assert_eq!(token, text(&permit["token"]));
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let code = code_of(&backend, &worker).await;
        let gate = device.verify(json!([{"code": code, "temperature": 36.4}])).await.ok();
        assert_eq!(gate["decision"], "pass");
        let shown = device.verify(json!([{"code": token, "document_last4": "002X", "temperature": 36.4}])).await.ok();
        assert_eq!(shown["people"][0]["work"]["employer"], "浦江商贸", "{shown}");

        // The employer sees who checked in today, and no more.
        let fit = json!({"temperature": 36.5, "symptoms": []});
        page.post(&format!("/v1/people/{}/check-ins", worker.person), fit).await.ok();
        let (unit, _) = organisations::logged_in(&backend, &organisations::company()).await;
        let returnees = unit.get(&format!("/v1/organisations/{organisation}/returnees")).await.ok();
        assert_eq!(returnees["items"][0]["checked_in"], true, "{returnees}");
        assert!(!returnees.to_string().contains(GRANDMOTHER.number));

        // The reason for it is gone: the gate knows at once.
        let district = backend.staff_again(&district).await;
        district.delete(&listed).await.ok();
        let gone = device.verify(json!([{"code": token, "document_last4": "002X", "temperature": 36.4}])).await.ok();
        assert_ne!(gone["people"][0]["decision"], "pass", "{gone}");
    }

    async fn hubeis_workers_return_in_a_coach_until_one_turns_yellow(stack: Stack) {
        let backend = Backend::start_with(stack, |config| config.policy.province = "42".into()).await;
        let Coach { unit, organisation, zhang, workers } = coach(&backend).await;

        // The employer's county, the workers themselves, their own county, and the province.
        rig::certified(&backend, &unit, organisation, &workers).await;
        for worker in &workers {
            let permit = backend.as_citizen(&worker.session).get("/v1/me/work-permit").await.ok();
            assert_eq!(permit["standing"], "valid", "{permit}");
        }

        // A chartered coach from the workers' county to the employer's: everybody agrees, everybody is green.
        let (pass, token) = rig::chartered(&backend, &unit, organisation, &zhang, &workers).await;
        let device = watching(&backend, rig::SECTION).await;
        let mut shown = vec![json!({"code": token, "temperature": 36.6})];
        for worker in &workers {
            shown.push(json!({"code": code_of(&backend, &worker.session).await, "temperature": 36.6}));
        }
        let plate = Some(rig::COACH_PLATE);
        let leaving = device.verify_vehicle(plate, json!(shown)).await.ok();
        assert_eq!(said(&leaving), ("pass", "vehicle_pass"), "{leaving}");

        // On the way one is found to have met somebody who is infected.
        backend.wait(TimeDelta::minutes(10));
        rig::contact(&backend, workers[1].identity).await;
        look_after(&backend).await;
        let further = watching(&backend, rig::SECTION).await;
        let scan = json!([{"code": token, "temperature": 36.6}]);
        let stopped = further.verify_vehicle(plate, scan).await.ok();
        assert_eq!(stopped["decision"], "stop", "{stopped}");
        assert_eq!(said(&stopped["vehicle"]), ("stop", "pass_not_good"));
        let standing = unit.get(&pass).await.ok();
        assert_eq!(standing["standing"], "suspended");
        assert!(!standing.to_string().contains("yellow"), "who it is, and why, is not the applicant's to know");
        let worker = backend.as_citizen(&workers[1].session);
        assert_eq!(worker.get("/v1/me/work-permit").await.ok()["standing"], "suspended");
        let told = backend.as_citizen(&zhang).get("/v1/me/notifications").await.ok();
        assert!(told.to_string().contains("pass_standing"), "{told}");
    }
}
