//! Cases reach who decides them, and nobody else.

mod claims;
mod deciding;
mod delegations;
mod plans;
mod progress;
pub(crate) mod rig;

use api::{
    jobs::Sweep,
    platform::{Entropy, OsEntropy},
    review::RunClocks,
};
use chrono::TimeDelta;
use entity::{
    audit_entry, review_case, review_contact,
    values::{CaseId, ContactId, ContactMeans, ContactResult, Role},
};
use integration_tests::{Backend, on_both_stacks};
use reqwest::Method;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde_json::{Value, json};

use rig::{
    DISTRICT, ELSEWHERE, HERE, NEXT_DOOR, applied, approve, at, complained, ids, inbox, issuer,
    reviewer, start, texts,
};

/// When time counts again.
const AFTER_LUNCH: &str = "2026-03-02T13:00:00+08:00";

on_both_stacks! {
    async fn an_inbox_has_the_cases_of_ones_areas_and_role_and_what_runs_out_first_first(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        backend.wait_until(AFTER_LUNCH);
        let first = applied(&backend, &zhang, HERE).await;
        backend.wait(TimeDelta::minutes(1));
        let foreign = applied(&backend, &zhang, NEXT_DOOR).await;
        backend.wait(TimeDelta::minutes(1));
        let second = applied(&backend, &zhang, HERE).await;
        let complaint = complained(&backend, &zhang, HERE).await;

        let here = issuer(&backend, HERE).await;
        assert_eq!(inbox(&here, "").await, texts(&[first, second]));
        let next_door = issuer(&backend, NEXT_DOOR).await;
        assert_eq!(inbox(&next_door, "").await, texts(&[foreign]));
        let whole = backend.staff(Role::CommunityIssuer, DISTRICT).await;
        assert_eq!(inbox(&whole, "").await, texts(&[first, foreign, second]));
        for code in [DISTRICT, "370100", "370000"] {
            let above = reviewer(&backend, code).await;
            assert_eq!(inbox(&above, "").await, texts(&[complaint]), "{code}");
        }
        for code in ["370103", "310000"] {
            assert_eq!(inbox(&reviewer(&backend, code).await, "").await, texts(&[]), "{code}");
        }
        let elsewhere = issuer(&backend, ELSEWHERE).await;
        assert_eq!(inbox(&elsewhere, "").await, texts(&[]));

        let entry = here.get("/v1/staff/review/cases").await.ok()["items"][0].clone();
        for (field, value) in [
            ("subject", json!("pass_card")),
            ("community", json!(HERE)),
            ("state", json!("authority")),
            ("decider", json!("community_issuer")),
            ("stage", json!({"key": "community", "title": "Review by the community"})),
            ("area", json!({"code": HERE, "division_name": "山东省济南市历下区"})),
            // One o'clock of a Monday: four hours of the afternoon, and two of the next morning.
            ("due_at", json!("2026-03-03T03:00:00Z")),
            ("provisional", json!(false)),
            ("lateness", json!("in_time")),
            ("assignee", Value::Null),
            ("in_place_of", Value::Null),
            ("outcome", Value::Null),
        ] {
            assert_eq!(entry[field], value, "{field}");
        }
        assert!(entry["reference"].as_str().unwrap().starts_with("TX-"));
    }

    async fn an_inbox_is_filtered_by_subject_whose_it_is_and_lateness(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let late = applied(&backend, &zhang, HERE).await;
        backend.wait_until("2026-03-03T10:30:00+08:00");
        run_clocks(&backend).await;
        let nearing = applied(&backend, &zhang, HERE).await;
        backend.wait_until("2026-03-03T15:30:00+08:00");
        run_clocks(&backend).await;
        let in_time = applied(&backend, &zhang, HERE).await;
        let complaint = complained(&backend, &zhang, HERE).await;
        backend.wait_until("2026-03-03T16:45:00+08:00");

        // Both roles, in one person.
        let held = [
            backend.held(Role::CommunityIssuer, DISTRICT),
            backend.held(Role::Reviewer, DISTRICT),
        ];
        let staff = backend.staff_with(DISTRICT, &held).await;
        staff.put(&format!("{}/claim", at(nearing)), Value::Null).await.ok();
        for (query, expected) in [
            ("", vec![late, nearing, in_time, complaint]),
            ("subject=pass_card", vec![late, nearing, in_time]),
            ("subject=complaint", vec![complaint]),
            ("lateness=late", vec![late]),
            ("lateness=nearing", vec![nearing]),
            ("lateness=in_time", vec![in_time, complaint]),
            ("assignment=mine", vec![nearing]),
            ("assignment=unassigned", vec![late, in_time, complaint]),
            ("assignment=mine&lateness=late", vec![]),
        ] {
            assert_eq!(inbox(&staff, query).await, texts(&expected), "{query}");
        }
        let counts = staff.get("/v1/staff/review/counts").await.ok();
        let expected = json!({
            "due": 4, "nearing": 1, "late": 1, "unassigned": 3, "mine": 1, "breaches": 1,
        });
        assert_eq!(counts, expected);
        let elsewhere = issuer(&backend, ELSEWHERE).await;
        let counts = elsewhere.get("/v1/staff/review/counts").await.ok();
        assert!(counts.as_object().unwrap().values().all(|count| count == 0), "{counts}");
        let answer = staff.get("/v1/staff/review/cases?assignment=his").await;
        assert_eq!(answer.problem(422), "invalid-request");
    }

    async fn pages_neither_skip_nor_repeat_and_what_has_no_limit_comes_last(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        backend.wait_until(AFTER_LUNCH);
        let mut opened = Vec::new();
        for number in 0..7 {
            // Three at one instant.
            if number > 2 {
                backend.wait(TimeDelta::minutes(1));
            }
            opened.push(applied(&backend, &zhang, HERE).await);
        }
        let unlimited = &opened[5..];
        for case in unlimited {
            let row = review_case::ActiveModel { id: Set(*case), due_at: Set(None), ..Default::default() };
            row.update(&backend.deps.db).await.unwrap();
        }
        let staff = issuer(&backend, HERE).await;
        let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
        loop {
            let page = staff.get(&format!("/v1/staff/review/cases?{query}")).await.ok();
            seen.extend(ids(&page));
            let Some(next) = page["next"].as_str() else { break };
            query = format!("limit=2&after={next}");
        }
        let all = texts(&opened);
        assert_eq!(seen.len(), 7);
        assert_eq!(sorted(&seen[..3]), sorted(&all[..3]));
        assert_eq!(seen[3..5], all[3..5]);
        assert_eq!(sorted(&seen[5..]), sorted(&all[5..]));
        let answer = staff.get("/v1/staff/review/cases?after=x").await;
        assert_eq!(answer.faults(), [("after".to_owned(), "cursor".to_owned())]);
    }

    async fn whoever_a_case_is_not_for_finds_nothing_on_any_route(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        let id = case.to_string();
        let strangers = [
            issuer(&backend, NEXT_DOOR).await,
            issuer(&backend, ELSEWHERE).await,
            reviewer(&backend, "370103").await,
            reviewer(&backend, "310000").await,
        ];
        let contact = json!({"means": "telephone", "result": "reached"});
        for stranger in strangers {
            for (method, path, body) in [
                (Method::GET, at(case), Value::Null),
                (Method::POST, format!("{}/actions", at(case)), approve()),
                (Method::PUT, format!("{}/claim", at(case)), Value::Null),
                (Method::DELETE, format!("{}/claim", at(case)), Value::Null),
                (Method::POST, format!("{}/contacts", at(case)), contact.clone()),
            ] {
                stranger.sees_nothing_at(method, &path, &id, &body).await;
            }
            let several = json!({"decisions": [{"case": case, "decision": approve()}]});
            let answer = stranger.post("/v1/staff/review/decisions", several).await.ok();
            assert_eq!(answer["results"][0]["problem"]["type"], "urn:tongxing:problem:not-found");
        }
        for code in ["370103", "310000"] {
            let stranger = reviewer(&backend, code).await;
            let body = json!({"account_id": stranger.account});
            let path = format!("{}/assignee", at(case));
            stranger.sees_nothing_at(Method::PUT, &path, &id, &body).await;
        }
        assert_eq!(rig::row(&backend, case).await.turn, 2);
    }

    async fn reading_shows_all_that_was_done_and_is_on_record(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        let staff = issuer(&backend, HERE).await;
        let called = json!({"means": "telephone", "result": "not_reached", "note": "无人接听"});
        let contact = staff.post(&format!("{}/contacts", at(case)), called).await;
        assert_eq!(contact.status, 201);

        let seen = staff.get(&at(case)).await.ok();
        assert_eq!(seen["case"]["id"], case.to_string());
        assert_eq!(seen["about"]["about"], rig::row(&backend, case).await.subject_id.to_string());
        assert_eq!(seen["contacts"], json!([contact.ok()]));
        assert_eq!(seen["contacts"][0]["note"], "无人接听");
        assert_eq!(seen["contacts"][0]["account_id"], staff.account.to_string());
        assert_eq!(seen["breaches"], json!([]));
        let steps = seen["steps"].as_array().unwrap();
        let told: Vec<_> = steps.iter().map(|step| (step["action"].clone(), step["by"].clone())).collect();
        assert_eq!(told, [(json!("open"), json!("applicant")), (json!("answer"), json!("system"))]);
        let actions: Vec<_> = seen["actions"].as_array().unwrap().iter()
            .map(|action| action["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["approve", "refuse", "ask", "escalate"]);
        let refusal = &seen["actions"][1];
        assert_eq!(refusal["evidence"], json!(["reason", "text", "contact"]));
        assert_eq!(refusal["reasons"][0], json!({"code": "false_declaration", "text": "What was declared is not true"}));

        let entries = audit_entry::Entity::find()
            .filter(audit_entry::Column::Event.eq("case_read"))
            .all(&backend.deps.db).await.unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].actor_id, Some(staff.account.0));
        assert_eq!(entries[0].subject_id, Some(rig::person(&zhang).0));
        assert_eq!(entries[0].detail["case"], case.to_string());
    }

    async fn reviewers_of_the_areas_around_read_and_do_not_decide(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        for code in [DISTRICT, "370100", "370000"] {
            let above = reviewer(&backend, code).await;
            assert_eq!(above.get(&at(case)).await.ok()["actions"], json!([]));
            let answer = above.post(&rig::actions(case), approve()).await;
            assert_eq!(answer.problem(403), "case-not-yours", "{code}");
            let claim = above.put(&format!("{}/claim", at(case)), Value::Null).await;
            assert_eq!(claim.problem(403), "case-not-yours");
            let contact = json!({"means": "visit", "result": "reached"});
            let contact = above.post(&format!("{}/contacts", at(case)), contact).await;
            assert_eq!(contact.problem(403), "case-not-yours");
        }
        assert_eq!(rig::row(&backend, case).await.turn, 2);
    }

    async fn what_reviewers_let_pass_is_not_for_issuers_to_see(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        complained(&backend, &zhang, HERE).await;
        backend.wait_until("2026-03-06T09:00:00+08:00");
        run_clocks(&backend).await;
        for (staff, expected) in [
            (reviewer(&backend, DISTRICT).await, 1),
            (backend.staff(Role::CommunityIssuer, DISTRICT).await, 0),
        ] {
            let page = staff.get("/v1/staff/review/breaches").await.ok();
            assert_eq!(page["items"].as_array().unwrap().len(), expected);
            let counts = staff.get("/v1/staff/review/counts").await.ok();
            assert_eq!(counts["breaches"], expected);
        }
    }

    async fn a_limit_reached_without_an_opinion_shows_where_it_is_booked_and_above(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let mut cases = Vec::new();
        for _ in 0..3 {
            cases.push(applied(&backend, &zhang, HERE).await);
        }
        backend.wait_until("2026-03-03T11:00:00+08:00");
        run_clocks(&backend).await;
        let path = "/v1/staff/review/breaches";
        for (staff, expected) in [
            (issuer(&backend, HERE).await, 3),
            (reviewer(&backend, DISTRICT).await, 3),
            (reviewer(&backend, "370000").await, 3),
            (issuer(&backend, NEXT_DOOR).await, 0),
            (reviewer(&backend, "370103").await, 0),
        ] {
            let page = staff.get(path).await.ok();
            assert_eq!(page["items"].as_array().unwrap().len(), expected);
            let counts = staff.get("/v1/staff/review/counts").await.ok();
            assert_eq!(counts["breaches"], expected);
        }
        let staff = reviewer(&backend, "370100").await;
        let (mut seen, mut query) = (Vec::new(), "limit=1".to_owned());
        loop {
            let page = staff.get(&format!("{path}?{query}")).await.ok();
            let breach = &page["items"][0];
            seen.push(breach["case"].as_str().unwrap().to_owned());
            assert_eq!(breach["area"]["code"], HERE);
            assert_eq!(breach["decider"], "community_issuer");
            assert_eq!(breach["stage"]["key"], "community");
            assert_eq!(breach["due_at"], "2026-03-03T03:00:00Z");
            let Some(next) = page["next"].as_str() else { break };
            query = format!("limit=1&after={next}");
        }
        assert_eq!(sorted(&seen), sorted(&texts(&cases)));
    }
}

/// Have clocks do all that they are due to do: remind first, and run out then.
pub(crate) async fn run_clocks(backend: &Backend) {
    while RunClocks::run(&backend.deps).await.unwrap() > 0 {}
}

fn sorted(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids
}

/// Leave a row in every table that inboxes alone write.
pub(crate) async fn live_through(backend: &Backend) {
    let (away, there) = (
        issuer(backend, HERE).await,
        issuer(backend, NEXT_DOOR).await,
    );
    delegations::made(&away, &there, TimeDelta::days(1)).await;
    let contact = review_contact::Model {
        id: ContactId(OsEntropy.id()),
        case_id: CaseId(OsEntropy.id()),
        stay: 1,
        account_id: away.account,
        at: backend.deps.clock.now(),
        means: ContactMeans::Telephone,
        result: ContactResult::Reached,
        note: None,
    };
    review_contact::Entity::insert(contact.into_active_model())
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
}
