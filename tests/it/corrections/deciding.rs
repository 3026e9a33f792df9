//! Reviewers: what they see, and what they may decide.

use chrono::TimeDelta;
use entity::{
    health_fact,
    values::{FactId, Role, TestResult},
};
use futures_util::future::join_all;
use integration_tests::{
    backend::{Backend, Session, ZHANG},
    call::Caller,
    on_both_stacks,
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};

use super::{PHONE, WORDS, contact, file, recorded, tested, zhang_in_contact};

const CASES: &str = "/v1/staff/corrections";

fn case(id: &str) -> String {
    format!("{CASES}/{id}")
}

fn decision(id: &str) -> String {
    format!("{CASES}/{id}/decision")
}

fn upheld() -> Value {
    json!({"decision": "upheld", "text": "已核实，样本登记有误"})
}

fn refused(reason: &str) -> Value {
    json!({"decision": "refused", "refusal": reason, "text": "已复核，记录无误"})
}

async fn waiting(staff: &Caller) -> Vec<String> {
    let listed = staff.get(CASES).await.ok();
    let items = listed["items"].as_array().unwrap().iter();
    items
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn seen_by(backend: &Backend, session: &Session, id: &str) -> Value {
    let one = format!("/v1/corrections/{id}");
    backend.as_citizen(session).get(&one).await.ok()
}

on_both_stacks! {
    async fn a_reviewer_of_the_region_sees_what_waits_and_reading_it_is_on_record(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, record) = zhang_in_contact(&backend).await;
        let id = file(&backend, &zhang, &record).await;
        let wu = backend.staff(Role::Reviewer, "310100").await;

        let listed = wu.get(CASES).await.ok();
        let item = &listed["items"][0];
        assert_eq!((&item["id"], &item["record"]), (&json!(id), &json!(record)));
        assert_eq!(item["division"], "310101");
        assert!(item.get("text").is_none(), "lists show nobody's words");

        assert_eq!(recorded(&backend, &zhang, "correction_read").await.len(), 0);
        let read = wu.get(&case(&id)).await.ok();
        assert_eq!(read["correction"]["text"], WORDS);
        assert_eq!(read["masked_name"], "张*明");
        assert_eq!(read["found"]["kind"], "close_contact");
        assert_eq!(read["found"]["source"], "cdc");
        let entries = recorded(&backend, &zhang, "correction_read").await;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].actor_kind, "staff");
        assert_eq!(entries[0].actor_id, Some(wu.account.0));
        assert_eq!(entries[0].detail["purpose"], "decide_correction");
    }

    async fn another_regions_correction_is_answered_like_a_missing_one(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, record) = zhang_in_contact(&backend).await;
        let id = file(&backend, &zhang, &record).await;
        let nothing = "0195a1b2-0000-4000-8000-00000000000a";
        for elsewhere in ["310104", "320100"] {
            let staff = backend.staff(Role::Reviewer, elsewhere).await;
            assert_eq!(waiting(&staff).await, Vec::<String>::new());
            let (foreign, missing) = (staff.get(&case(&id)).await, staff.get(&case(nothing)).await);
            assert_eq!(foreign.problem(404), missing.problem(404));
            let decided = staff.post(&decision(&id), upheld()).await;
            let missing = staff.post(&decision(nothing), upheld()).await;
            assert_eq!(decided.problem(404), missing.problem(404));
        }
        assert_eq!(seen_by(&backend, &zhang, &id).await["state"], "open");
    }

    async fn upheld_a_fact_is_withdrawn_and_the_person_told(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, record) = zhang_in_contact(&backend).await;
        let id = file(&backend, &zhang, &record).await;
        let wu = backend.staff(Role::Reviewer, "310101").await;
        let decided = wu.post(&decision(&id), upheld()).await.ok();
        assert_eq!(decided["state"], "upheld");
        assert_eq!(waiting(&wu).await, Vec::<String>::new());

        let seen = seen_by(&backend, &zhang, &id).await;
        assert_eq!(seen["answer"], "已核实，样本登记有误");
        assert_eq!(seen["refusal"], Value::Null);
        assert_eq!(seen["decided_at"], "2026-03-02T04:00:00Z");
        assert_eq!(wu.get(&case(&id)).await.ok()["found"], Value::Null, "it was taken back");

        let told = backend.as_citizen(&zhang).get("/v1/me/notifications").await.ok();
        let told = told["items"].as_array().unwrap().iter();
        let told: Vec<_> = told.filter(|item| item["kind"] == "review_decided").collect();
        let [told] = told.as_slice() else { panic!("{told:?}") };
        let reference = seen["reference"].as_str().unwrap();
        assert!(told.to_string().contains(reference), "{told}");
        assert_eq!(recorded(&backend, &zhang, "correction_decided").await.len(), 1);
        assert_eq!(recorded(&backend, &zhang, "fact_withdrawn").await.len(), 1);

        let again = backend.as_citizen(&zhang)
            .post("/v1/corrections", super::about(&zhang, &record)).await;
        assert_eq!(again.problem(422), "invalid-request");
    }

    async fn upheld_a_test_is_taken_back_by_an_inconclusive_report(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        tested(&backend, &zhang, "T-7", TestResult::Positive).await;
        let id = file(&backend, &zhang, "test/lab-1/T-7").await;
        let wu = backend.staff(Role::Reviewer, "310101").await;
        assert_eq!(wu.get(&case(&id)).await.ok()["found"]["result"], "positive");
        wu.post(&decision(&id), upheld()).await.ok();

        let known = api::facts::dossier(&backend.deps.db, super::person(&zhang), None).await.unwrap();
        let [test] = known.tests.as_slice() else { panic!("{known:?}") };
        assert_eq!((test.result, test.single), (TestResult::Inconclusive, true));
        assert_eq!(test.evidence, "test/lab-1/T-7");
    }

    async fn refused_the_record_stands_and_the_person_learns_why(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, record) = zhang_in_contact(&backend).await;
        let id = file(&backend, &zhang, &record).await;
        let wu = backend.staff(Role::Reviewer, "310101").await;
        wu.post(&decision(&id), refused("record_is_right")).await.ok();
        let seen = seen_by(&backend, &zhang, &id).await;
        assert_eq!(seen["state"], "refused");
        assert_eq!(seen["refusal"], "record_is_right");
        assert_eq!(seen["answer"], "已复核，记录无误");
        assert_eq!(wu.get(&case(&id)).await.ok()["found"]["kind"], "close_contact");
        file(&backend, &zhang, &record).await;
    }

    async fn nobody_decides_on_what_they_recorded_themselves(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, record) = zhang_in_contact(&backend).await;
        let id = file(&backend, &zhang, &record).await;
        let wu = backend.staff(Role::Reviewer, "310101").await;
        let recorded_by = health_fact::ActiveModel {
            id: Set(FactId(record.strip_prefix("fact/").unwrap().parse().unwrap())),
            recorded_by: Set(Some(wu.account)),
            ..Default::default()
        };
        health_fact::Entity::update(recorded_by).exec(&backend.deps.db).await.unwrap();
        for request in [upheld(), refused("record_is_right")] {
            let answer = wu.post(&decision(&id), request).await;
            assert_eq!(answer.problem(403), "another-reviewer-needed");
        }
        assert_eq!(seen_by(&backend, &zhang, &id).await["state"], "open");
        let other = backend.staff(Role::Reviewer, "310101").await;
        other.post(&decision(&id), upheld()).await.ok();
    }

    async fn a_page_that_begins_in_an_absurd_year_is_refused(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let wu = backend.staff(Role::Reviewer, "310101").await;
        for at in ["-8000000000000000000", "8000000000000000000"] {
            let after = format!("after={at}_0195a1b2-0000-4000-8000-00000000000a");
            let own = format!("/v1/corrections?person={}&{after}", zhang.person);
            let answer = page.get(&own).await;
            assert_eq!(answer.problem(422), "invalid-request");
            assert_eq!(answer.faults(), [("after".to_owned(), "cursor".to_owned())]);
            let answer = wu.get(&format!("{CASES}?{after}")).await;
            assert_eq!(answer.problem(422), "invalid-request");
        }
    }

    async fn only_the_origin_takes_a_record_back(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let record = contact(&backend, &zhang, "420000").await;
        let id = file(&backend, &zhang, &record).await;
        let here = backend.staff(Role::Reviewer, "310101").await;
        for request in [upheld(), refused("record_is_right"), refused("other")] {
            let answer = here.post(&decision(&id), request).await;
            assert_eq!(answer.problem(403), "origin-decides");
            assert_eq!(answer.faults(), [("origin".to_owned(), "420000".to_owned())]);
        }
        let below = backend.staff(Role::Reviewer, "420106").await;
        assert_eq!(waiting(&below).await, Vec::<String>::new());

        let origin = backend.staff(Role::Reviewer, "420000").await;
        assert_eq!(waiting(&origin).await, std::slice::from_ref(&id));
        origin.post(&decision(&id), upheld()).await.ok();
        assert_eq!(seen_by(&backend, &zhang, &id).await["state"], "upheld");

        let record = contact(&backend, &zhang, "420000").await;
        let id = file(&backend, &zhang, &record).await;
        here.post(&decision(&id), refused("origin_decides")).await.ok();
        assert_eq!(seen_by(&backend, &zhang, &id).await["refusal"], "origin_decides");
    }

    async fn of_many_decisions_at_once_one_counts(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, record) = zhang_in_contact(&backend).await;
        let id = file(&backend, &zhang, &record).await;
        let wu = backend.staff(Role::Reviewer, "310101").await;
        let path = decision(&id);
        let at_once = (0..6).map(|turn| {
            let request = if turn % 2 == 0 { upheld() } else { refused("not_shown") };
            wu.post(&path, request)
        });
        let answers = join_all(at_once).await;
        let done = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done, 1);
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.problem(409), "correction-decided");
        }
        assert_eq!(recorded(&backend, &zhang, "correction_decided").await.len(), 1);
    }

    async fn deciding_again_with_the_same_key_repeats_the_answer(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, record) = zhang_in_contact(&backend).await;
        let id = file(&backend, &zhang, &record).await;
        let wu = backend.staff(Role::Reviewer, "310101").await;
        let first = wu.post_keyed(&decision(&id), "k", upheld()).await;
        let again = wu.post_keyed(&decision(&id), "k", upheld()).await;
        assert_eq!(again.headers["idempotent-replayed"], "true");
        assert_eq!(first.ok(), again.ok());
    }

    async fn a_record_that_is_gone_cannot_be_taken_back_again(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        tested(&backend, &zhang, "T-7", TestResult::Positive).await;
        let id = file(&backend, &zhang, "test/lab-1/T-7").await;
        backend.wait(TimeDelta::hours(1));
        let mut test = super::report(&backend, &zhang, "T-7", TestResult::Inconclusive);
        test.sampled_at -= TimeDelta::hours(1);
        super::record(&backend, test).await;
        let wu = backend.staff(Role::Reviewer, "310101").await;
        assert_eq!(wu.post(&decision(&id), upheld()).await.problem(409), "record-gone");
        wu.post(&decision(&id), refused("without_effect")).await.ok();
    }

    async fn a_refusal_needs_its_reason_and_only_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, record) = zhang_in_contact(&backend).await;
        let id = file(&backend, &zhang, &record).await;
        let wu = backend.staff(Role::Reviewer, "310101").await;
        for request in [
            json!({"decision": "refused", "text": "x"}),
            json!({"decision": "upheld", "refusal": "other", "text": "x"}),
            json!({"decision": "upheld"}),
            json!({"decision": "upheld", "text": ""}),
        ] {
            let answer = wu.post(&decision(&id), request).await;
            assert_eq!(answer.problem(422), "invalid-request");
        }
        assert_eq!(seen_by(&backend, &zhang, &id).await["state"], "open");
    }
}
