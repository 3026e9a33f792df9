//! Applicants see how far their case got.

use chrono::TimeDelta;
use integration_tests::{
    backend::{GRANDMOTHER, Session, ZHANG},
    on_both_stacks,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    rig::{HERE, actions, applied, approve, at, complained, ids, issuer, row, start, texts},
    run_clocks,
};

const PHONE: &str = "13800138000";

on_both_stacks! {
    async fn an_applicant_sees_where_a_case_stands_until_when_and_who_is_responsible(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in(PHONE).await;
        let case = applied(&backend, &zhang, HERE).await;
        let page = backend.as_citizen(&zhang);
        let path = format!("/v1/cases/{case}");
        let seen = page.get(&path).await.ok();
        for (field, value) in [
            ("person", json!(zhang.person)),
            ("subject", json!("pass_card")),
            ("title", json!("Health pass card, applied for online")),
            ("state", json!("authority")),
            ("stage", json!({"key": "community", "title": "Review by the community"})),
            ("since", json!("2026-03-02T04:00:00Z")),
            ("until", json!("2026-03-03T03:00:00Z")),
            ("provisional", json!(false)),
            ("late", json!(false)),
            ("decides_at", Value::Null),
            ("outcome", Value::Null),
        ] {
            assert_eq!(seen["case"][field], value, "{field}");
        }
        let responsible = &seen["responsible"];
        assert_eq!(responsible["area"], json!({"code": HERE, "division_name": "山东省济南市历下区"}));
        assert_eq!(responsible["role"], "community_issuer");
        assert_eq!(responsible["role_name"], "Issuer of the community");
        assert_eq!(seen["to_do"], Value::Null);
        assert_eq!(seen["may"], json!(["withdraw"]));
        let chinese = page.in_language("zh-CN").get(&path).await.ok();
        assert_eq!(chinese["case"]["stage"]["title"], "社区（村）审核");
        assert_eq!(chinese["responsible"]["role_name"], "社区（村）办理人员");
    }

    async fn a_limit_in_a_year_that_is_not_known_is_said_to_be_provisional(stack: Stack) {
        let backend = start(stack).await;
        backend.wait_until("2026-12-31T16:00:00+08:00");
        backend.sweep().await;
        let zhang = backend.log_in(PHONE).await;
        let case = applied(&backend, &zhang, HERE).await;
        let seen = backend.as_citizen(&zhang).get(&format!("/v1/cases/{case}")).await.ok();
        assert_eq!(seen["case"]["provisional"], true);
    }

    async fn an_applicant_is_told_what_to_do_and_does_it(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in(PHONE).await;
        let case = applied(&backend, &zhang, HERE).await;
        let staff = issuer(&backend, HERE).await;
        let page = backend.as_citizen(&zhang);
        let bring = format!("/v1/cases/{case}/resubmission");
        let early = page.post(&bring, json!({"text": "经十路 1 号"})).await;
        assert_eq!(early.problem(409), "action-not-at-this-stage");

        staff.post(&actions(case), json!({"action": "ask", "text": "请补充住址"})).await.ok();
        let seen = page.get(&format!("/v1/cases/{case}")).await.ok();
        assert_eq!(seen["case"]["state"], "applicant");
        assert_eq!(seen["to_do"], "请补充住址");
        assert_eq!(seen["may"], json!(["resubmit", "withdraw"]));
        // Fourteen days.
        assert_eq!(seen["case"]["until"], "2026-03-16T04:00:00Z");
        assert_eq!(seen["responsible"]["role"], Value::Null);

        let first = page.post_keyed(&bring, "k", json!({"text": "经十路 1 号"})).await;
        let again = page.post_keyed(&bring, "k", json!({"text": "经十路 1 号"})).await;
        assert_eq!(first.ok(), again.ok());
        assert_eq!(again.headers["idempotent-replayed"], "true");
        assert_eq!(first.ok()["case"]["state"], "authority");
        assert_eq!(first.ok()["to_do"], Value::Null);
        assert_eq!(row(&backend, case).await.turn, 4);
        let empty = page.post(&bring, json!({"text": ""})).await;
        assert_eq!(empty.problem(422), "invalid-request");
    }

    async fn an_applicant_takes_a_case_back_once(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in(PHONE).await;
        let case = applied(&backend, &zhang, HERE).await;
        let page = backend.as_citizen(&zhang);
        let path = format!("/v1/cases/{case}/withdrawal");
        let seen = page.post(&path, json!({})).await.ok();
        assert_eq!(seen["case"]["outcome"], "withdrawn");
        assert_eq!(seen["case"]["until"], Value::Null);
        assert_eq!(seen["responsible"], Value::Null);
        assert_eq!(seen["may"], json!([]));
        assert_eq!(page.post(&path, json!({})).await.problem(409), "case-decided");
        let staff = issuer(&backend, HERE).await;
        assert_eq!(staff.post(&actions(case), approve()).await.problem(409), "case-decided");
    }

    async fn what_was_done_is_told_without_who_of_the_authority_did_it(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in(PHONE).await;
        let case = applied(&backend, &zhang, HERE).await;
        let staff = issuer(&backend, HERE).await;
        let called = json!({"means": "telephone", "result": "contradicted", "note": "与申报不符"});
        staff.post(&format!("{}/contacts", at(case)), called).await.ok();
        let refuse = json!({"action": "refuse", "reason": "false_declaration", "text": "行程与申报不符"});
        staff.post(&actions(case), refuse).await.ok();
        let page = backend.as_citizen(&zhang);
        let answer = page.get(&format!("/v1/cases/{case}")).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!text.contains(&staff.account.to_string()), "{text}");
        let steps = answer.ok()["steps"].clone();
        let by: Vec<_> = steps.as_array().unwrap().iter().map(|step| step["by"].clone()).collect();
        assert_eq!(by, ["applicant", "system", "authority"]);
        assert_eq!(steps[2]["text"], "行程与申报不符");
        assert_eq!(steps[2]["reason"]["code"], "false_declaration");
    }

    async fn a_broken_promise_and_what_follows_are_told(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in(PHONE).await;
        let case = applied(&backend, &zhang, HERE).await;
        backend.wait_until("2026-03-03T11:00:00+08:00");
        run_clocks(&backend).await;
        let zhang = backend.log_in(PHONE).await;
        let page = backend.as_citizen(&zhang);
        let seen = page.get(&format!("/v1/cases/{case}")).await.ok();
        assert_eq!(seen["case"]["late"], true);
        assert_eq!(seen["case"]["decides_at"], "2026-03-04T10:00:00Z");
    }

    async fn only_whom_a_case_concerns_and_who_acts_for_them_see_it(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let added = page.post("/v1/dependants", json!({
            "name": GRANDMOTHER.name,
            "document_kind": "resident_card",
            "document_number": GRANDMOTHER.number,
            "relationship": "elder",
        })).await.ok();
        let grandmother = Session {
            person: added["person_id"].as_str().unwrap().to_owned(),
            ..zhang.clone()
        };
        let hers = applied(&backend, &grandmother, HERE).await;
        assert_eq!(page.get(&format!("/v1/cases/{hers}")).await.ok()["case"]["person"], grandmother.person.as_str());
        let listed = page.get(&format!("/v1/cases?person={}", grandmother.person)).await.ok();
        assert_eq!(ids(&listed), texts(&[hers]));
        assert_eq!(page.get("/v1/cases").await.ok()["items"], json!([]), "of oneself none");

        let stranger = backend.as_citizen(&backend.log_in("13900139000").await);
        let nothing = "0195a1b2-0000-4000-8000-00000000000a";
        for (method, rest, body) in [
            (Method::GET, "", Value::Null),
            (Method::POST, "/withdrawal", json!({})),
            (Method::POST, "/resubmission", json!({"text": "x"})),
        ] {
            let kinds = [hers.to_string(), nothing.to_owned()].map(|id| {
                let request = stranger
                    .request(method.clone(), &format!("/v1/cases/{id}{rest}"))
                    .header("idempotency-key", "k");
                if body.is_null() { request } else { request.json(&body) }
            });
            for request in kinds {
                assert_eq!(integration_tests::call::Reply::to(request).await.problem(404), "not-found");
            }
        }
        stranger.get(&format!("/v1/cases?person={}", grandmother.person)).await.problem(404);
        let taken = page.post(&format!("/v1/cases/{hers}/withdrawal"), json!({})).await.ok();
        assert_eq!(taken["case"]["outcome"], "withdrawn");
    }

    async fn pages_of_ones_cases_neither_skip_nor_repeat(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in(PHONE).await;
        let mut opened = Vec::new();
        for number in 0..5 {
            // Two at one instant.
            if number > 1 {
                backend.wait(TimeDelta::seconds(1));
            }
            opened.push(complained(&backend, &zhang, HERE).await);
        }
        let page = backend.as_citizen(&zhang);
        let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
        loop {
            let answer = page.get(&format!("/v1/cases?{query}")).await.ok();
            seen.extend(ids(&answer));
            let Some(next) = answer["next"].as_str() else { break };
            query = format!("limit=2&after={next}");
        }
        let newest: Vec<_> = texts(&opened).into_iter().rev().collect();
        assert_eq!(seen[..3], newest[..3]);
        let (mut all, mut expected) = (seen, newest);
        all.sort();
        expected.sort();
        assert_eq!(all, expected);
    }
}
