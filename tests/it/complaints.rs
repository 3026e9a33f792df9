//! Whoever was put off complains to the level above, and somebody else answers.

pub(crate) mod rig;

use api::{
    jobs::Sweep,
    review::{self, By},
};
use chrono::TimeDelta;
use entity::{
    complaint, review_case,
    values::{CaseAction, CaseSubject, ComplaintId, Role},
};
use integration_tests::{
    backend::{Backend, GRANDMOTHER, Session, ZHANG},
    on_both_stacks,
    staff::Held,
};
use reqwest::Method;
use rig::{COUNTY, about, act, answered, case_of, complain, open_case, started};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::corrections::recorded;

const PHONE: &str = "13800138000";

/// What Zhang writes.
const WORDS: &str = "社区工作人员多次让我改天再来";

fn path(session: &Session) -> String {
    format!("/v1/people/{}/complaints", session.person)
}

async fn zhang_at_the_community(backend: &Backend) -> (Session, review_case::Model) {
    let zhang = backend.verified(PHONE, ZHANG).await;
    let case = open_case(backend, &zhang, COUNTY).await;
    (zhang, case)
}

async fn one(backend: &Backend, session: &Session, id: &Value) -> Value {
    let one = format!("{}/{}", path(session), id.as_str().unwrap());
    backend.as_citizen(session).get(&one).await.ok()
}

on_both_stacks! {
    async fn what_was_complained_of_reads_back_and_is_kept_sealed(stack: Stack) {
        let backend = started(stack).await;
        let (zhang, case) = zhang_at_the_community(&backend).await;
        let page = backend.as_citizen(&zhang);
        let filed = page.post(&path(&zhang), about(&case, "prevarication", WORDS)).await;
        assert_eq!(filed.status, 201);
        let filed = filed.ok();
        for (field, value) in [
            ("person", json!(zhang.person)),
            ("filed_by", json!(zhang.person)),
            ("case", json!(case.id)),
            ("kind", json!("prevarication")),
            ("text", json!(WORDS)),
            ("against", json!(rig::community(COUNTY).code())),
            ("handled_by", json!(COUNTY)),
            ("state", json!("authority")),
            // Three working days after a Monday.
            ("due_at", json!("2026-03-05T16:00:00Z")),
            ("provisional", json!(false)),
            ("outcome", Value::Null),
            ("closed_at", Value::Null),
            ("answer", Value::Null),
        ] {
            assert_eq!(filed[field], value, "{field}");
        }
        assert!(filed["reference"].as_str().unwrap().starts_with("TS-"));
        assert_eq!(one(&backend, &zhang, &filed["id"]).await, filed);
        let listed = page.get(&path(&zhang)).await.ok();
        assert_eq!(listed["items"], json!([filed]));

        let row = complaint::Entity::find().one(&backend.deps.db).await.unwrap().unwrap();
        assert!(!String::from_utf8_lossy(&row.content).contains("改天"));
        let entries = recorded(&backend, &zhang, "complaint_filed").await;
        assert_eq!(entries.len(), 1);
        assert!(!entries[0].detail.to_string().contains("改天"));
    }

    async fn a_complaint_goes_above_the_highest_unit_that_handled_the_application(stack: Stack) {
        let backend = started(stack).await;
        let (zhang, mut case) = zhang_at_the_community(&backend).await;
        let staff = backend.staff(Role::Reviewer, "370000").await;
        for (handled_by, against) in [(COUNTY, rig::community(COUNTY).code()), ("370100", COUNTY), ("370000", "370100")] {
            let filed = complain(&backend, &zhang, &case, "delay").await;
            assert_eq!((&filed["handled_by"], &filed["against"]), (&json!(handled_by), &json!(against)));
            assert_eq!(case_of(&backend, &filed).await.area.code(), handled_by);
            answered(&backend, &filed, CaseAction::Approve).await;
            if handled_by != "370000" {
                case = act(&backend, &case, By::Staff { account: staff.account, instead_of: None }, CaseAction::Escalate).await.unwrap();
            }
        }
        // That the applicant has to bring something now does not make it the community's again.
        let case = act(&backend, &case, By::Staff { account: staff.account, instead_of: None }, CaseAction::Ask).await.unwrap();
        assert_eq!(complain(&backend, &zhang, &case, "delay").await["handled_by"], "370000");
    }

    async fn nobody_answers_a_complaint_about_a_province_that_handled_it_itself(stack: Stack) {
        let backend = started(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        let mut case = open_case(&backend, &zhang, "310101").await;
        let staff = backend.staff(Role::Reviewer, "310000").await;
        for _ in 0..2 {
            case = act(&backend, &case, By::Staff { account: staff.account, instead_of: None }, CaseAction::Escalate).await.unwrap();
        }
        assert_eq!(case.area.code(), "310000", "between a district of Shanghai and Shanghai is nobody");
        let refused = backend.as_citizen(&zhang).post(&path(&zhang), about(&case, "delay", WORDS)).await;
        assert_eq!(refused.problem(409), "complaint-nobody-above");
        assert!(complaint::Entity::find().all(&backend.deps.db).await.unwrap().is_empty());
    }

    async fn of_each_kind_one_complaint_about_a_case_waits_at_a_time(stack: Stack) {
        let backend = started(stack).await;
        let (zhang, case) = zhang_at_the_community(&backend).await;
        let page = backend.as_citizen(&zhang);
        let first = complain(&backend, &zhang, &case, "rude").await;
        let again = page.post(&path(&zhang), about(&case, "rude", WORDS)).await;
        assert_eq!(again.problem(409), "complaint-already-open");
        complain(&backend, &zhang, &case, "delay").await;

        answered(&backend, &first, CaseAction::Refuse).await;
        complain(&backend, &zhang, &case, "rude").await;
    }

    async fn complaining_twice_with_one_key_complains_once(stack: Stack) {
        let backend = started(stack).await;
        let (zhang, case) = zhang_at_the_community(&backend).await;
        let page = backend.as_citizen(&zhang);
        let request = about(&case, "rude", WORDS);
        let first = page.post_keyed(&path(&zhang), "k", request.clone()).await;
        let again = page.post_keyed(&path(&zhang), "k", request).await;
        assert_eq!(again.headers["idempotent-replayed"], "true");
        assert_eq!(first.ok(), again.ok());
        assert_eq!(complaint::Entity::find().all(&backend.deps.db).await.unwrap().len(), 1);
    }

    async fn one_complains_about_applications_of_ones_own_and_of_dependants(stack: Stack) {
        let backend = started(stack).await;
        let (zhang, case) = zhang_at_the_community(&backend).await;
        let page = backend.as_citizen(&zhang);
        let stranger = backend.log_in("13900139000").await;
        let unknown = [("case".to_owned(), "unknown_case".to_owned())];

        let theirs = backend.as_citizen(&stranger).post(&path(&stranger), about(&case, "rude", WORDS)).await;
        assert_eq!(theirs.problem(422), "invalid-request");
        assert_eq!(theirs.faults(), unknown);
        backend.as_citizen(&stranger).post(&path(&zhang), about(&case, "rude", WORDS)).await.problem(404);

        let filed = complain(&backend, &zhang, &case, "rude").await;
        let complaint_case = case_of(&backend, &filed).await;
        let twice = page.post(&path(&zhang), about(&complaint_case, "rude", WORDS)).await;
        assert_eq!(twice.faults(), unknown, "a complaint about a complaint");
        for (field, value, code) in [
            ("text", json!(""), "length"),
            ("text", json!("错".repeat(1001)), "length"),
            ("kind", json!("ugly"), "type"),
            ("colour", json!("green"), "unknown_field"),
        ] {
            let mut request = about(&case, "other", WORDS);
            request[field] = value;
            let answer = page.post(&path(&zhang), request).await;
            assert_eq!(answer.faults(), [(field.to_owned(), code.to_owned())]);
        }

        let added = page.post("/v1/dependants", json!({
            "name": GRANDMOTHER.name,
            "document_kind": "resident_card",
            "document_number": GRANDMOTHER.number,
            "relationship": "elder",
        })).await.ok();
        let grandmother = Session { person: added["person_id"].as_str().unwrap().to_owned(), ..zhang.clone() };
        let hers = open_case(&backend, &grandmother, COUNTY).await;
        let filed = complain(&backend, &grandmother, &hers, "refused_to_handle").await;
        assert_eq!(filed["person"], grandmother.person.as_str());
        assert_eq!(filed["filed_by"], zhang.person.as_str());
        let id = filed["id"].as_str().unwrap();
        page.get(&format!("{}/{id}", path(&zhang))).await.problem(404);
        backend.as_citizen(&stranger).get(&format!("{}/{id}", path(&grandmother))).await.problem(404);
    }

    async fn who_did_anything_about_the_application_does_not_answer(stack: Stack) {
        let backend = started(stack).await;
        let (zhang, case) = zhang_at_the_community(&backend).await;
        let [wu, li, zhao] = [
            backend.staff(Role::Reviewer, COUNTY).await.account,
            backend.staff(Role::Reviewer, COUNTY).await.account,
            backend.staff(Role::Reviewer, COUNTY).await.account,
        ];
        // Li decided in Wu's place.
        let by = By::Staff { account: li, instead_of: Some(wu) };
        act(&backend, &case, by, CaseAction::Approve).await.unwrap();
        let filed = complain(&backend, &zhang, &case, "rude").await;
        let complaint = case_of(&backend, &filed).await;
        for by in [
            By::Staff { account: wu, instead_of: None },
            By::Staff { account: li, instead_of: None },
            By::Staff { account: zhao, instead_of: Some(wu) },
        ] {
            for action in [CaseAction::Approve, CaseAction::Refuse] {
                let refused = act(&backend, &complaint, by, action).await.unwrap_err();
                let review::Error::NotPermitted(problem) = refused else {
                    panic!("{refused:?}");
                };
                assert_eq!(problem.kind.slug, "complaint-about-own-work");
            }
        }
        assert_eq!(case_of(&backend, &filed).await.turn, 1, "nothing was changed");
        act(&backend, &complaint, By::Staff { account: zhao, instead_of: None }, CaseAction::Approve).await.unwrap();
    }

    async fn who_has_or_had_a_post_in_the_unit_does_not_answer_for_what_it_left_undone(stack: Stack) {
        let backend = started(stack).await;
        let (zhang, case) = zhang_at_the_community(&backend).await;
        let community = rig::community(COUNTY);
        let above = backend.held(Role::Reviewer, COUNTY);
        let there = Held { community: Some(community), ..backend.held(Role::CommunityIssuer, COUNTY) };
        let both = backend.staff_with(COUNTY, &[above.clone(), there.clone()]).await.account;
        backend.wait(TimeDelta::minutes(1));
        let left = Held { revoked_at: Some(backend.deps.clock.now()), ..there.clone() };
        let was = backend.staff_with(COUNTY, &[above.clone(), left]).await.account;
        let before = Held { revoked_at: Some(case.opened_at - TimeDelta::minutes(1)), ..there };
        let other = backend.staff_with(COUNTY, &[above, before]).await.account;
        let filed = complain(&backend, &zhang, &case, "delay").await;
        let complaint = case_of(&backend, &filed).await;
        let by = |account, instead_of| By::Staff { account, instead_of };
        for by in [by(both, None), by(was, None), by(other, Some(both))] {
            let refused = act(&backend, &complaint, by, CaseAction::Refuse).await.unwrap_err();
            let review::Error::NotPermitted(problem) = refused else { panic!("{refused:?}") };
            assert_eq!(problem.kind.slug, "complaint-about-own-work");
        }
        act(&backend, &complaint, by(other, None), CaseAction::Refuse).await.unwrap();
    }

    async fn the_accused_unit_finds_no_complaint_about_it(stack: Stack) {
        let backend = started(stack).await;
        let (zhang, case) = zhang_at_the_community(&backend).await;
        let above = backend.held(Role::Reviewer, COUNTY);
        let there = Held { community: Some(rig::community(COUNTY)), ..backend.held(Role::CommunityIssuer, COUNTY) };
        backend.wait(TimeDelta::minutes(1));
        let left = Held { revoked_at: Some(backend.deps.clock.now()), ..there.clone() };
        let both = backend.staff_with(COUNTY, &[above.clone(), there]).await;
        let was = backend.staff_with(COUNTY, &[above.clone(), left]).await;
        let other = backend.staff_with(COUNTY, &[above]).await;
        let filed = complain(&backend, &zhang, &case, "delay").await;
        let id = case_of(&backend, &filed).await.id.to_string();
        let one = format!("/v1/staff/review/cases/{id}");
        let inbox = "/v1/staff/review/cases?subject=complaint";
        let refuse = json!({"action": "refuse", "text": "已核实"});
        for accused in [&both, &was] {
            assert_eq!(accused.get(inbox).await.ok()["items"], json!([]));
            assert_eq!(accused.get("/v1/staff/review/counts").await.ok()["unassigned"], json!(i32::from(accused.account == both.account)));
            accused.sees_nothing_at(Method::GET, &one, &id, &Value::Null).await;
            accused.sees_nothing_at(Method::PUT, &format!("{one}/claim"), &id, &Value::Null).await;
            accused.sees_nothing_at(Method::POST, &format!("{one}/actions"), &id, &refuse).await;
            let several = json!({"decisions": [{"case": id, "decision": refuse}]});
            let answer = accused.post("/v1/staff/review/decisions", several).await.ok();
            assert_eq!(answer["results"][0]["problem"]["status"], 404, "{answer}");
            let given = other.put(&format!("{one}/assignee"), json!({"account_id": accused.account})).await;
            assert!(given.status.is_client_error(), "{}", given.status);
        }
        // Nor in anybody's place, nor anybody in theirs.
        let now = backend.deps.clock.now();
        let neighbour = backend.staff(Role::Reviewer, "370103").await;
        for (from, to) in [(&other, &both), (&was, &neighbour)] {
            let leave = json!({"to_account_id": to.account, "role": "reviewer", "starts_at": now, "ends_at": now + TimeDelta::days(1)});
            from.post("/v1/staff/review/delegations", leave).await.ok();
            assert_eq!(to.get(inbox).await.ok()["items"], json!([]));
            to.get(&one).await.problem(404);
        }
        assert_eq!(other.get(inbox).await.ok()["items"][0]["id"], json!(id));
        backend.wait(TimeDelta::days(4));
        while api::review::RunClocks::run(&backend.deps).await.unwrap() > 0 {}
        for (staff, seen) in [(&both, false), (&was, false), (&other, true)] {
            let staff = backend.staff_again(staff).await;
            let broken = staff.get("/v1/staff/review/breaches").await.ok();
            assert_eq!(broken.to_string().contains(&id), seen, "{broken}");
        }
    }

    async fn who_complained_reads_the_answer_and_is_told(stack: Stack) {
        let backend = started(stack).await;
        let (zhang, case) = zhang_at_the_community(&backend).await;
        for (kind, action, outcome) in [
            ("rude", CaseAction::Approve, "approved"),
            ("delay", CaseAction::Refuse, "refused"),
        ] {
            let filed = complain(&backend, &zhang, &case, kind).await;
            backend.wait(TimeDelta::minutes(1));
            answered(&backend, &filed, action).await;
            let seen = one(&backend, &zhang, &filed["id"]).await;
            assert_eq!(seen["outcome"], outcome);
            assert_eq!(seen["answer"], rig::ANSWER);
            assert_eq!(seen["state"], "closed");
            assert_eq!(seen["due_at"], Value::Null);
            assert_eq!(seen["closed_at"], json!(backend.deps.clock.now()));
        }
        let told = backend.as_citizen(&zhang).get("/v1/me/notifications").await.ok();
        let told = told["items"].as_array().unwrap().iter();
        let told = told.filter(|message| message["message"]["kind"] == "review_decided" || message["kind"] == "review_decided");
        assert_eq!(told.count(), 2);
    }

    async fn a_complaint_is_taken_back_until_it_is_answered(stack: Stack) {
        let backend = started(stack).await;
        let (zhang, case) = zhang_at_the_community(&backend).await;
        let page = backend.as_citizen(&zhang);
        let withdrawal = |filed: &Value| format!("{}/{}/withdrawal", path(&zhang), filed["id"].as_str().unwrap());
        let filed = complain(&backend, &zhang, &case, "rude").await;
        let back = page.post(&withdrawal(&filed), Value::Null).await.ok();
        assert_eq!((&back["outcome"], &back["state"]), (&json!("withdrawn"), &json!("closed")));
        assert_eq!(back["answer"], Value::Null);

        let filed = complain(&backend, &zhang, &case, "rude").await;
        answered(&backend, &filed, CaseAction::Approve).await;
        page.post(&withdrawal(&filed), Value::Null).await.problem(409);
        let nothing = ComplaintId(uuid::Uuid::nil());
        page.post(&format!("{}/{nothing}/withdrawal", path(&zhang)), Value::Null).await.problem(404);
    }

    async fn a_complaint_that_nobody_answers_in_time_is_late(stack: Stack) {
        let backend = started(stack).await;
        let (zhang, case) = zhang_at_the_community(&backend).await;
        let filed = complain(&backend, &zhang, &case, "rude").await;
        backend.wait(TimeDelta::days(4));
        answered(&backend, &filed, CaseAction::Approve).await;
        assert!(case_of(&backend, &filed).await.late_since.is_some());
    }

    async fn whoever_decides_sees_the_words_and_what_was_done(stack: Stack) {
        let backend = started(stack).await;
        let (zhang, case) = zhang_at_the_community(&backend).await;
        let staff = backend.staff(Role::Reviewer, "370000").await;
        let by = By::Staff { account: staff.account, instead_of: None };
        act(&backend, &case, by, CaseAction::Escalate).await.unwrap();
        let filed = complain(&backend, &zhang, &case, "rude").await;
        let shown = rig::shown(&backend, &case_of(&backend, &filed).await).await;
        assert_eq!(shown["text"], rig::WORDS);
        assert_eq!(shown["kind"], "rude");
        assert_eq!(shown["about"]["case"], json!(case.id));
        let steps = shown["about"]["steps"].as_array().unwrap();
        let actions: Vec<&Value> = steps.iter().map(|step| &step["action"]).collect();
        assert_eq!(actions, ["open", "answer", "escalate"]);
        assert_eq!(steps[2]["by"], "authority");
        assert!(!shown.to_string().contains(&staff.account.to_string()), "nobody is named");
    }

    async fn pages_of_complaints_neither_skip_nor_repeat(stack: Stack) {
        let backend = started(stack).await;
        let (zhang, case) = zhang_at_the_community(&backend).await;
        let page = backend.as_citizen(&zhang);
        let mut filed = Vec::new();
        for kind in ["rude", "delay", "other", "prevarication", "refused_to_handle"] {
            // Two of them at one instant.
            if filed.len() != 2 {
                backend.wait(TimeDelta::seconds(1));
            }
            filed.push(complain(&backend, &zhang, &case, kind).await["id"].clone());
        }
        let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
        loop {
            let answer = page.get(&format!("{}?{query}", path(&zhang))).await.ok();
            seen.extend(answer["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
            let Some(next) = answer["next"].as_str() else { break };
            query = format!("limit=2&after={next}");
        }
        assert_eq!(seen.first(), filed.last(), "newest first");
        let sorted = |mut ids: Vec<Value>| {
            ids.sort_by_key(ToString::to_string);
            ids
        };
        assert_eq!(sorted(seen), sorted(filed));
        let cases = review_case::Entity::find().all(&backend.deps.db).await.unwrap();
        let complaints = cases.iter().filter(|case| case.subject == CaseSubject::Complaint);
        assert_eq!(complaints.count(), 5);
    }
}
