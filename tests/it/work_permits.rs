//! The return to work: from the white list to the permit, by two workflows.

mod answers;
mod forms;
mod hubei;
pub(crate) mod rig;
mod standing;

use api::credentials::Status;
use chrono::TimeDelta;
use entity::{
    values::{ObjectionReason, PermitKind, PersonId, Role, WorkObjectionId, WorkPermitId},
    work_permit,
};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG},
    on_both_stacks,
    organisations::COMPANY,
};
use rig::{
    ANOTHER, COMMUNITY, DISTRICT, approve, at_the_neighbourhood, close_batch, decide, enterprise,
    form, hers, of_unit, only_row, permitted, send, stage, sweep, text, worker, worker_again,
    zhang_again,
};
use serde_json::{Value, json};

on_both_stacks! {
    async fn shanghais_way_leads_from_the_form_to_a_permit_on_the_phone(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let taken = send(&page, unit, form(&[hers()])).await;
        assert_eq!(taken.status, 201);
        let taken = taken.ok();
        assert_eq!((&taken["workflow"], &taken["workers"]), (&json!("work_shanghai"), &json!(1)));
        sweep(&backend).await;
        let workers = of_unit(unit, &format!("work-forms/{}/workers", text(&taken["id"])));
        let listed = page.get(&workers).await.ok();
        assert_eq!((&listed["items"][0]["known"], &listed["items"][0]["masked_name"]), (&json!(false), &json!("李*英")));

        // Nobody decides before the worker is somebody.
        let session = backend.green("13900139000", GRANDMOTHER).await;
        backend.wait(TimeDelta::minutes(5));
        sweep(&backend).await;
        let row = only_row(&backend).await;
        assert_eq!(stage(&backend, &row).await, "district");
        let wrong = decide(&backend, &row, Role::Reviewer, ANOTHER, json!({"action": "approve"})).await;
        wrong.problem(404);
        let case = rig::case_of(&backend, &row).await;
        let staff = backend.staff(Role::Reviewer, DISTRICT).await;
        let seen = staff.get(&format!("/v1/staff/review/cases/{case}")).await.ok();
        assert_eq!(seen["about"]["colour"], "green", "{seen}");
        approve(&backend, &row, Role::Reviewer, DISTRICT).await;

        // The city sends workers on in batches, and not one by one.
        let alone = decide(&backend, &row, Role::Reviewer, "310000", json!({"action": "approve"})).await;
        assert_eq!(alone.problem(409), "work-batch-needed");
        let batch = close_batch(&backend).await;
        assert_eq!(stage(&backend, &row).await, "data_centre");
        backend.wait(TimeDelta::seconds(3));
        let answers = backend.mock.flush_data_centre().await;
        assert_eq!(answers[0].status, 200, "{}", answers[0].body);
        assert_eq!(stage(&backend, &row).await, "neighbourhood");
        let city = backend.staff(Role::Reviewer, "310000").await;
        let read = city.get(&format!("/v1/staff/work-batches/{}", text(&batch["id"]))).await.ok();
        assert_eq!((&read["state"], &read["answers"][0]["authentication"]), (&json!("answered"), &json!("authenticated")));

        // The committee makes it public, and nobody objects.
        approve(&backend, &row, Role::CommunityIssuer, COMMUNITY).await;
        let neighbour = backend.as_citizen(&session);
        let public = neighbour.get(&format!("/v1/returns?area={COMMUNITY}")).await.ok();
        assert_eq!(public["items"][0]["masked_name"], "李*英");
        assert!(!public.to_string().contains(GRANDMOTHER.name));
        let province = neighbour.get("/v1/returns?area=310000").await;
        assert_eq!(province.faults(), [("area".to_owned(), "too_wide".to_owned())]);
        neighbour.get("/v1/me/work-permit").await.problem(404);
        backend.wait(TimeDelta::hours(24));
        sweep(&backend).await;

        let neighbour = worker_again(&backend).await;
        let permit = neighbour.get("/v1/me/work-permit").await.ok();
        assert_eq!((&permit["standing"], &permit["employer"]), (&json!("valid"), &json!("浦江商贸")));
        assert_eq!(permit["number"], "310101000001");
        let token = text(&permit["token"]);
        let now = backend.deps.clock.now();
        let verified = backend.deps.keyring.read_permit(token, now).unwrap().permit;
        assert_eq!(verified.kind, PermitKind::Work);
        assert_eq!((verified.face.mark.as_str(), verified.face.site.as_str()), ("002X", "浦江商贸"));
        assert_eq!(verified.expires_at - verified.not_before, TimeDelta::days(30));
        let pdf = neighbour.get("/v1/me/work-permit/document").await;
        assert!(pdf.body.starts_with(b"%PDF"));
        let png = neighbour.get("/v1/me/work-permit.png").await;
        assert!(png.body.starts_with(b"\x89PNG"));
        let told = neighbour.get("/v1/me/notifications").await.ok();
        assert!(told.to_string().contains("review_decided"), "{told}");
    }

    async fn a_permit_stands_while_its_worker_is_green_and_its_enterprise_listed(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let (session, row) = permitted(&backend, &page, unit).await;
        let page = zhang_again(&backend).await;
        let neighbour = backend.as_citizen(&session);
        let standing = async || neighbour.get("/v1/me/work-permit").await.ok()["standing"].clone();
        let status = async || {
            let records = backend.deps.permits.of(PermitKind::Work).unwrap();
            let now = backend.deps.clock.now();
            let one = records.standing(&backend.deps, row.id.0, now).await.unwrap().unwrap().status;
            let listed = records.not_valid(&backend.deps.db, &backend.deps, now).await.unwrap();
            let listed = listed.first().map_or(Status::Valid, |(_, status)| *status);
            assert_eq!(one, listed, "the list says what the record does");
            one
        };
        assert_eq!((standing().await, status().await), (json!("valid"), Status::Valid));

        let check_in = format!("/v1/people/{}/check-ins", session.person);
        neighbour.post(&check_in, json!({"temperature": 38.5, "symptoms": ["cough"]})).await.ok();
        backend.compare().await;
        assert_eq!((standing().await, status().await), (json!("suspended"), Status::Suspended));
        neighbour.get("/v1/me/work-permit/document").await.problem(409);

        let staff = backend.staff(Role::Reviewer, DISTRICT).await;
        staff.delete(&format!("/v1/staff/work-enterprises/{COMPANY}")).await.ok();
        assert_eq!(standing().await, "enterprise_off");
        assert_eq!(status().await, Status::Suspended);
        page.get(&of_unit(unit, "work-enterprise")).await.problem(403);

        let path = format!("/v1/staff/work-permits/{}/revocation", row.id);
        backend.staff(Role::Reviewer, ANOTHER).await.post(&path, Value::Null).await.problem(404);
        staff.post(&path, Value::Null).await.ok();
        assert_eq!((standing().await, status().await), (json!("ended"), Status::Invalid));
        assert_eq!(staff.post(&path, Value::Null).await.problem(409), "work-permit-over");
        let told = neighbour.get("/v1/me/notifications").await.ok();
        assert!(told.to_string().contains("pass_standing"), "{told}");
    }

    async fn nobody_objects_more_than_five_times_a_day(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let (_, row) = at_the_neighbourhood(&backend, &page, unit).await;
        approve(&backend, &row, Role::CommunityIssuer, COMMUNITY).await;
        backend.wait(TimeDelta::minutes(2));
        let zhang = backend.log_in("13800138000").await;
        backend.become_green(&zhang).await;
        for _ in 0..5 {
            let id = WorkPermitId(backend.deps.entropy.id());
            let another = work_permit::Model { id, held_by_worker: None, ..row.clone() };
            rig::insert(&backend, another).await;
            let one = entity::work_objection::Model {
                id: WorkObjectionId(backend.deps.entropy.id()),
                permit_id: id,
                person_id: PersonId(zhang.person.parse().unwrap()),
                made_at: backend.deps.clock.now(),
                reason: ObjectionReason::Unwell,
                text: None,
            };
            rig::insert(&backend, one).await;
        }
        let path = format!("/v1/returns/{}/objections", row.id);
        let objection = json!({"reason": "not_resident"});
        assert_eq!(page.post(&path, objection.clone()).await.problem(429), "too-many-objections");
        backend.wait_until("2026-03-03T00:00:00+08:00");
        let page = zhang_again(&backend).await;
        page.post(&path, objection).await.ok();
    }

    async fn after_thirty_days_there_is_a_new_application(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        permitted(&backend, &page, unit).await;
        let page = zhang_again(&backend).await;
        let early = send(&page, unit, form(&[hers().replace("2026-03-09", "2026-03-20")])).await;
        assert_eq!(early.faults(), [("C2".to_owned(), "worker_asked_for".to_owned())]);
        backend.wait(TimeDelta::days(27));
        sweep(&backend).await;
        let told = worker_again(&backend).await.get("/v1/me/notifications").await.ok();
        assert!(told.to_string().contains("pass_expiring"), "{told}");
        // Another enterprise has to wait until it ends, and this one need not.
        backend.wait(TimeDelta::days(3));
        sweep(&backend).await;
        let worker = worker_again(&backend).await;
        let permit = worker.get("/v1/me/work-permit").await.ok();
        assert_eq!((&permit["standing"], &permit["token"]), (&json!("expired"), &Value::Null));
        let later = form(&[hers().replace("2026-03-09", "2026-04-09")]);
        send(&zhang_again(&backend).await, unit, later).await.ok();
        sweep(&backend).await;
        let returns = worker.get("/v1/me/returns").await.ok();
        assert_eq!((&returns[0]["stage"], &returns[1]["outcome"]), (&json!("district"), &json!("by_clock")));
    }

    async fn an_objection_leaves_the_decision_to_the_committee(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let (_, row) = at_the_neighbourhood(&backend, &page, unit).await;
        let objections = format!("/v1/returns/{}/objections", row.id);
        let objection = json!({"reason": "not_resident", "text": "没有见过"});
        page.post(&objections, objection.clone()).await.problem(404);
        approve(&backend, &row, Role::CommunityIssuer, COMMUNITY).await;
        let stranger = backend.log_in("13700137000").await;
        let unknown = backend.as_citizen(&stranger).post(&objections, objection.clone()).await;
        assert_eq!(unknown.problem(409), "identity-required");
        // Nor does anybody who lives elsewhere.
        assert_eq!(page.post(&objections, objection.clone()).await.problem(403), "not-a-neighbour");
        backend.wait(TimeDelta::minutes(2));
        let zhang = backend.log_in("13800138000").await;
        backend.become_green(&zhang).await;
        page.post(&objections, objection.clone()).await.ok();
        assert_eq!(page.post(&objections, objection).await.problem(409), "objected-before");
        assert_eq!(stage(&backend, &row).await, "objections");
        backend.wait(TimeDelta::hours(24));
        sweep(&backend).await;
        assert_eq!(stage(&backend, &row).await, "objections", "no clock lets anybody pass");
        let case = rig::case_of(&backend, &row).await;
        let issuer = backend.staff_of_community(Role::CommunityIssuer, COMMUNITY).await;
        let seen = issuer.get(&format!("/v1/staff/review/cases/{case}")).await.ok();
        assert_eq!(seen["about"]["objections"][0]["text"], "没有见过");
        assert!(!seen.to_string().contains(ZHANG.name), "who objects stays unsaid");
        let refusal = json!({"action": "refuse", "reason": "objection_holds"});
        decide(&backend, &row, Role::CommunityIssuer, COMMUNITY, refusal).await.ok();
        let page = zhang_again(&backend).await;
        let form = rig::only_row(&backend).await.form_id;
        let workers = page.get(&of_unit(unit, &format!("work-forms/{form}/workers"))).await.ok();
        let worker = &workers["items"][0];
        assert_eq!((&worker["outcome"], &worker["reason"]), (&json!("refused"), &json!("objection_holds")));
    }

    async fn many_are_decided_on_at_once_but_for_some(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        backend.green("13900139000", GRANDMOTHER).await;
        let zhang = rig::line(ZHANG, "13800138000", DISTRICT, "");
        let taken = send(&page, unit, form(&[hers(), zhang])).await.ok();
        sweep(&backend).await;
        let path = format!("/v1/staff/work-forms/{}/decisions", text(&taken["id"]));
        let staff = backend.staff(Role::Reviewer, DISTRICT).await;
        let ask = json!({"stage": "district", "action": "ask"});
        assert_eq!(staff.post(&path, ask).await.faults(), [("action".to_owned(), "value".to_owned())]);
        let ruling = json!({"stage": "district", "action": "approve", "except": [3]});
        let elsewhere = backend.staff(Role::Reviewer, ANOTHER).await;
        elsewhere.post(&path, ruling.clone()).await.problem(404);
        let asked = staff.post(&path, ruling.clone()).await.ok();
        assert_eq!(staff.post(&path, ruling).await.problem(409), "form-decision-under-way");
        sweep(&backend).await;
        let made = staff.get(&format!("{path}/{}", text(&asked["id"]))).await.ok();
        assert_eq!((&made["decided"], &made["failed"]), (&json!(1), &json!(0)));
        let workers = format!("/v1/staff/work-forms/{}/workers", text(&taken["id"]));
        let listed = staff.get(&workers).await.ok();
        assert_eq!((&listed["items"][0]["stage"], &listed["items"][1]["stage"]), (&json!("city"), &json!("district")));
        let refusal = json!({"stage": "district", "action": "refuse", "reason": "no_test"});
        staff.post(&path, refusal).await.ok();
        sweep(&backend).await;
        let counted = staff.get("/v1/staff/work-statistics").await.ok();
        assert_eq!(counted["stages"], json!([{"workflow": "work_shanghai", "stage": "city", "workers": 1, "late": 0}]));
        assert_eq!(counted["outcomes"], json!([{"outcome": "refused", "workers": 1}]));
        let nothing = backend.staff(Role::Reviewer, ANOTHER).await.get("/v1/staff/work-statistics").await.ok();
        assert_eq!(nothing["stages"], json!([]));
    }

    async fn who_returned_is_seen_to_check_in_and_no_more(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let (session, _) = permitted(&backend, &page, unit).await;
        let page = zhang_again(&backend).await;
        let path = of_unit(unit, "returnees");
        let seen = page.get(&path).await.ok();
        assert_eq!((&seen["items"][0]["checked_in"], &seen["items"][0]["fit"]), (&json!(false), &Value::Null));
        let check_in = format!("/v1/people/{}/check-ins", session.person);
        backend.as_citizen(&session).post(&check_in, json!({"temperature": 38.5, "symptoms": []})).await.ok();
        let seen = page.get(&path).await.ok();
        assert_eq!((&seen["items"][0]["checked_in"], &seen["items"][0]["fit"]), (&json!(true), &json!(false)));
        let yesterday = page.get(&of_unit(unit, "returnees?day=2026-03-02")).await.ok();
        assert_eq!(yesterday["items"][0]["checked_in"], false);
        assert!(!seen.to_string().contains("colour"));
        let community = backend.staff_of_community(Role::CommunityIssuer, COMMUNITY).await;
        let theirs = community.get(&format!("/v1/staff/returnees?area={COMMUNITY}")).await.ok();
        assert_eq!(theirs["items"][0]["fit"], false);
        community.get("/v1/staff/returnees?area=310101").await.problem(404);
        let other = backend.staff_of_community(Role::CommunityIssuer, "310101002002").await;
        other.get(&format!("/v1/staff/returnees?area={COMMUNITY}")).await.problem(404);
    }

    async fn a_worker_or_the_enterprise_withdraws_and_another_may_ask(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let (session, row) = worker(&backend, &page, unit).await;
        let grandmother = backend.as_citizen(&session);
        let own = format!("/v1/me/returns/{}/withdrawal", row.id);
        page.post(&own, Value::Null).await.problem(404);
        grandmother.post(&own, Value::Null).await.ok();
        assert_eq!(stage(&backend, &row).await, "withdrawn");
        assert_eq!(grandmother.post(&own, Value::Null).await.problem(409), "work-permit-over");
        backend.wait(TimeDelta::seconds(1));
        send(&page, unit, form(&[hers().replace("2026-03-09", "2026-3-19")])).await.ok();
        sweep(&backend).await;
        let returns = grandmother.get("/v1/me/returns").await.ok();
        let withdrawal = of_unit(unit, &format!("workers/{}/withdrawal", text(&returns[0]["id"])));
        page.post(&withdrawal, Value::Null).await.ok();
        let returns = grandmother.get("/v1/me/returns").await.ok();
        assert_eq!((&returns[0]["outcome"], &returns[0]["ending"]), (&json!("withdrawn"), &json!("withdrawn")));
    }
}
