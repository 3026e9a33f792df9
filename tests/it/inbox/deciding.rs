//! Decisions, one and several.

use chrono::TimeDelta;
use futures_util::future::join_all;
use integration_tests::on_both_stacks;
use serde_json::{Value, json};

use super::{
    rig::{
        self, DISTRICT, HERE, NEXT_DOOR, actions, applied, approve, at, inbox, issuer, reviewer,
        start, steps,
    },
    run_clocks,
};

const SEVERAL: &str = "/v1/staff/review/decisions";

on_both_stacks! {
    async fn a_decision_is_made_once_and_on_record_with_who_made_it(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        let staff = issuer(&backend, HERE).await;
        let first = staff.post_keyed(&actions(case), "k", approve()).await;
        assert_eq!(first.ok()["outcome"], "approved");
        let again = staff.post_keyed(&actions(case), "k", approve()).await;
        assert_eq!(again.headers["idempotent-replayed"], "true");
        assert_eq!(again.body, first.body);
        let last = steps(&backend, case).await.pop().unwrap();
        assert_eq!((last.turn, last.account_id, last.for_account_id), (3, Some(staff.account), None));
        assert_eq!(inbox(&staff, "").await, Vec::<String>::new());
        assert_eq!(staff.get(&at(case)).await.ok()["case"]["state"], "closed");
    }

    async fn of_many_who_decide_at_once_one_does(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        let mut staff = Vec::new();
        for _ in 0..6 {
            staff.push(issuer(&backend, HERE).await);
        }
        let path = actions(case);
        let answers = join_all(staff.iter().map(|one| one.post(&path, approve()))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.problem(409), "case-decided");
        }
        assert_eq!(steps(&backend, case).await.len(), 3);
    }

    async fn each_thing_that_is_wrong_is_a_problem_of_its_own_and_changes_nothing(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        let staff = issuer(&backend, HERE).await;
        let post = async |body: Value| staff.post(&actions(case), body).await;
        let refuse = |reason: Value, text: Value| json!({"action": "refuse", "reason": reason, "text": text});
        let words = json!("情况不符");
        for (body, status, problem) in [
            (refuse(json!("symptoms"), Value::Null), 422, "text-missing"),
            (refuse(json!("symptoms"), words.clone()), 409, "contact-missing"),
            (json!({"action": "ask"}), 422, "text-missing"),
            (json!({"action": "resubmit"}), 422, "invalid-request"),
            (json!({"action": "approve", "colour": "green"}), 422, "invalid-request"),
            (json!({"action": "ask", "text": "字".repeat(2001)}), 422, "invalid-request"),
        ] {
            assert_eq!(post(body.clone()).await.problem(status), problem, "{body}");
        }
        let called = json!({"means": "telephone", "result": "reached"});
        staff.post(&format!("{}/contacts", at(case)), called).await.ok();
        for (reason, problem) in [
            (Value::Null, "reason-missing"),
            (json!("unknown_to_me"), "reason-not-listed"),
        ] {
            assert_eq!(post(refuse(reason, words.clone())).await.problem(422), problem);
        }
        assert_eq!(steps(&backend, case).await.len(), 2);
        post(json!({"action": "ask", "text": "请补充住址"})).await.ok();
        assert_eq!(post(approve()).await.problem(409), "action-not-at-this-stage");
        let claim = staff.put(&format!("{}/claim", at(case)), Value::Null).await;
        assert_eq!(claim.problem(409), "case-not-waiting");
        let fresh = backend.staff_without_step_up(entity::values::Role::CommunityIssuer, DISTRICT).await;
        assert_eq!(fresh.post(&actions(case), approve()).await.problem(403), "step-up-needed");
    }

    async fn a_refusal_with_its_evidence_is_told_in_its_words(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        let staff = issuer(&backend, HERE).await;
        let called = json!({"means": "telephone", "result": "not_reached"});
        let refuse = json!({"action": "refuse", "reason": "not_reachable", "text": "多次拨打无人接听"});
        let contacts = format!("{}/contacts", at(case));
        staff.post(&contacts, called.clone()).await.ok();
        staff.post(&actions(case), refuse.clone()).await.problem(409);
        backend.wait(TimeDelta::hours(1));
        let staff = backend.staff_again(&staff).await;
        staff.post(&contacts, called.clone()).await.ok();
        assert_eq!(staff.post(&actions(case), refuse).await.ok()["outcome"], "refused");
        let seen = staff.get(&at(case)).await.ok();
        let last = seen["steps"].as_array().unwrap().last().unwrap();
        assert_eq!(last["reason"], json!({"code": "not_reachable", "text": "Could not be reached"}));
        assert_eq!(last["text"], "多次拨打无人接听");
        assert_eq!(staff.post(&contacts, called).await.problem(409), "case-decided");
        let sealed = steps(&backend, case).await.pop().unwrap().text.unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("多次"));
    }

    async fn nobody_decides_after_the_clock_did(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        // Out of time on Tuesday at eleven; the system decides on Wednesday at six.
        backend.wait_until("2026-03-03T12:00:00+08:00");
        run_clocks(&backend).await;
        let staff = issuer(&backend, HERE).await;
        let entry = staff.get(&at(case)).await.ok()["case"].clone();
        assert_eq!(entry["lateness"], "late");
        assert_eq!(entry["decides_at"], "2026-03-04T10:00:00Z");
        backend.wait_until("2026-03-04T18:00:00+08:00");
        let staff = backend.staff_again(&staff).await;
        assert_eq!(staff.post(&actions(case), approve()).await.problem(409), "case-decided-by-clock");
        run_clocks(&backend).await;
        assert_eq!(staff.post(&actions(case), approve()).await.problem(409), "case-decided-by-clock");
        assert_eq!(staff.get(&at(case)).await.ok()["case"]["outcome"], "by_clock");
    }

    async fn several_decisions_are_each_their_own(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let fine = applied(&backend, &zhang, HERE).await;
        let decided = applied(&backend, &zhang, HERE).await;
        let foreign = applied(&backend, &zhang, NEXT_DOOR).await;
        let bare = applied(&backend, &zhang, HERE).await;
        let asked = applied(&backend, &zhang, HERE).await;
        let staff = issuer(&backend, HERE).await;
        staff.post(&actions(decided), approve()).await.ok();
        let entry = |case, decision: Value| json!({"case": case, "decision": decision});
        let body = json!({"decisions": [
            entry(fine, approve()),
            entry(decided, approve()),
            entry(foreign, approve()),
            entry(bare, json!({"action": "refuse"})),
            entry(asked, json!({"action": "ask", "text": "请补充住址"})),
        ]});
        let told = |answer: &Value| -> Vec<(bool, String)> {
            let results = answer["results"].as_array().unwrap();
            results.iter().map(|result| {
                let problem = result["problem"]["type"].as_str().unwrap_or_default();
                let problem = problem.trim_start_matches("urn:tongxing:problem:");
                (result["decided"].as_bool().unwrap(), problem.to_owned())
            }).collect()
        };
        let first = staff.post_keyed(SEVERAL, "k", body.clone()).await.ok();
        let expected = [(true, ""), (false, "case-decided"), (false, "not-found"), (false, "text-missing"), (true, "")];
        let expected: Vec<_> = expected.map(|(made, problem)| (made, problem.to_owned())).into();
        assert_eq!(told(&first), expected);
        assert_eq!(first["results"][0]["result"]["outcome"], "approved");
        assert_eq!(first["results"][4]["result"]["state"], "applicant");

        let again = staff.post_keyed(SEVERAL, "k", body.clone()).await.ok();
        assert_eq!(told(&again), expected, "each gets the answer that it got");
        assert_eq!(steps(&backend, fine).await.len(), 3);
        let mut other = body.clone();
        other["decisions"].as_array_mut().unwrap().pop();
        let reused = staff.post_keyed(SEVERAL, "k", other).await;
        assert_eq!(reused.problem(422), "idempotency-key-reused");
        assert_eq!(rig::row(&backend, foreign).await.turn, 2);
    }

    async fn several_are_a_hundred_different_cases_at_the_most(stack: Stack) {
        let backend = start(stack).await;
        let staff = reviewer(&backend, DISTRICT).await;
        let case = entity::values::CaseId(uuid::Uuid::nil());
        let twice = json!({"case": case, "decision": approve()});
        for (decisions, code) in [
            (json!([]), "length"),
            (json!([twice, twice]), "duplicate"),
        ] {
            let answer = staff.post(SEVERAL, json!({"decisions": decisions})).await;
            assert_eq!(answer.problem(422), "invalid-request");
            assert_eq!(answer.faults(), [("decisions".to_owned(), code.to_owned())]);
        }
        let many: Vec<_> = (0..101_u128)
            .map(|id| json!({"case": uuid::Uuid::from_u128(id), "decision": approve()}))
            .collect();
        let answer = staff.post(SEVERAL, json!({"decisions": many})).await;
        assert_eq!(answer.faults(), [("decisions".to_owned(), "length".to_owned())]);
    }

    async fn an_answer_to_what_was_asked_goes_back_with_the_time_that_was_left(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        backend.wait_until("2026-03-02T14:00:00+08:00");
        let staff = issuer(&backend, HERE).await;
        staff.post(&actions(case), json!({"action": "ask", "text": "请补充住址"})).await.ok();
        assert_eq!(inbox(&staff, "").await, Vec::<String>::new());
        backend.wait(TimeDelta::hours(1));
        let page = backend.as_citizen(&backend.log_in("13800138000").await);
        page.post(&format!("/v1/cases/{case}/resubmission"), json!({"text": "经十路 1 号"})).await.ok();
        let staff = backend.staff_again(&staff).await;
        let entry = staff.get("/v1/staff/review/cases").await.ok()["items"][0].clone();
        // One hour of six was spent: two more today, three tomorrow morning.
        assert_eq!(entry["due_at"], "2026-03-03T04:00:00Z");
        let seen = staff.get(&at(case)).await.ok();
        assert_eq!(seen["steps"].as_array().unwrap().last().unwrap()["text"], "经十路 1 号");
    }
}
