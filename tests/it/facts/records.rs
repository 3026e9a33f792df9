//! What is recorded, and how it reads at any time.

use api::{
    facts::{self, Finding, NewTest, Recorded, latest_test},
    platform::db::begin_write,
};
use chrono::TimeDelta;
use entity::values::{FactKind, Role, TestResult};
use integration_tests::{Backend, backend::ZHANG, on_both_stacks};
use serde_json::{Value, json};

use super::{about, ago, dossier, epidemiologist, living_in, marked, on_record};

const PHONE: &str = "13800138000";

/// A report on Zhang's sample, taken and reported so many hours ago.
fn report(backend: &Backend, tube: &str, hours: (i64, i64), result: &str) -> Value {
    let (sampled, reported) = hours;
    let test = json!({
        "lab": "huangpu-cdc",
        "tube": tube,
        "tube_size": 1,
        "sampled_at": ago(backend, sampled),
        "reported_at": ago(backend, reported),
        "result": result,
    });
    about(ZHANG, test)
}

on_both_stacks! {
    async fn a_report_is_known_at_once_and_has_the_person_looked_at(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = living_in(&backend, PHONE, ZHANG, "310101").await;
        let staff = epidemiologist(&backend, "310100").await;
        assert_eq!(marked(&backend).await, 0);

        let told = staff.post("/v1/staff/tests", report(&backend, "T1", (8, 2), "negative")).await;
        assert_eq!(told.status, 201);
        let told = told.ok();
        assert_eq!((&told["person"], &told["sample"]), (&json!(zhang.person), &json!("huangpu-cdc/T1")));
        assert_eq!(marked(&backend).await, 1);

        let known = dossier(&backend, &zhang, None).await;
        let [test] = &known.tests[..] else { panic!("{known:?}") };
        assert_eq!(test.evidence, "test/huangpu-cdc/T1");
        assert_eq!((test.sampled_at, test.reported_at), (ago(&backend, 8), ago(&backend, 2)));
        assert_eq!((test.result, test.single, &*test.source), (TestResult::Negative, true, "staff"));
        assert_eq!(test.recorded_at, ago(&backend, 0));
        assert_eq!(
            on_record(&backend, "test_recorded").await,
            [("staff".to_owned(), json!({"sample": "huangpu-cdc/T1", "source": "staff"}))],
        );
    }

    async fn the_same_brought_twice_changes_nothing_and_what_contradicts_it_is_refused(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = living_in(&backend, PHONE, ZHANG, "310101").await;
        let staff = epidemiologist(&backend, "310101").await;
        let test = report(&backend, "T1", (8, 2), "positive");
        let fact = about(ZHANG, json!({
            "kind": "close_contact", "happened_at": ago(&backend, 30), "source_ref": "CC-1",
        }));
        staff.post("/v1/staff/tests", test.clone()).await.ok();
        let first = staff.post("/v1/staff/facts", fact.clone()).await.ok();
        let known = dossier(&backend, &zhang, None).await;
        backend.compare().await;
        backend.wait(TimeDelta::minutes(1));

        let again = staff.post("/v1/staff/tests", test.clone()).await;
        assert_eq!(again.status, 200);
        let again = staff.post("/v1/staff/facts", fact.clone()).await;
        assert_eq!((again.status.as_u16(), again.ok()), (200, first));

        for (field, other) in [("result", json!("negative")), ("tube_size", json!(10)), ("sampled_at", json!(ago(&backend, 9)))] {
            let mut contradiction = test.clone();
            contradiction[field] = other;
            let refused = staff.post("/v1/staff/tests", contradiction).await;
            assert_eq!(refused.problem(409), "fact-contradicts", "{field}");
        }
        for (field, other) in [("kind", json!("companion")), ("happened_at", json!(ago(&backend, 31))), ("ends_at", json!(ago(&backend, 1)))] {
            let mut contradiction = fact.clone();
            contradiction[field] = other;
            let refused = staff.post("/v1/staff/facts", contradiction).await;
            assert_eq!(refused.problem(409), "fact-contradicts", "{field}");
        }
        assert_eq!(dossier(&backend, &zhang, None).await, known);
        assert_eq!(marked(&backend).await, 0);
        assert_eq!(on_record(&backend, "test_recorded").await.len(), 1);
        assert_eq!(on_record(&backend, "fact_recorded").await.len(), 1);
    }

    async fn a_correction_takes_the_place_of_a_report_and_the_past_stays_what_it_was(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = living_in(&backend, PHONE, ZHANG, "310101").await;
        let staff = epidemiologist(&backend, "310101").await;
        let before = ago(&backend, 0);
        backend.wait(TimeDelta::minutes(1));
        staff.post("/v1/staff/tests", report(&backend, "T1", (8, 2), "positive")).await.ok();
        let reported = ago(&backend, 0);
        backend.wait(TimeDelta::minutes(1));
        let mut correction = report(&backend, "T1", (8, 0), "inconclusive");
        correction["sampled_at"] = json!(reported - TimeDelta::hours(8));
        staff.post("/v1/staff/tests", correction).await.ok();

        let shown = async |until| {
            let known = dossier(&backend, &zhang, until).await;
            (known.tests.len(), latest_test(&known).map(|shown| shown.result))
        };
        assert_eq!(shown(None).await, (1, Some(Finding::Inconclusive)));
        assert_eq!(shown(Some(reported)).await, (1, Some(Finding::Positive)));
        assert_eq!(shown(Some(before)).await, (0, None));
    }

    async fn nobody_reports_on_a_sample_that_somebody_else_reported_first(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = living_in(&backend, PHONE, ZHANG, "310101").await;
        let staff = epidemiologist(&backend, "310101").await;
        let from = |source: &str, minutes: i64, result| NewTest {
            person: super::person(&zhang),
            sampled_at: ago(&backend, 8),
            sample: "huangpu-cdc/T1".into(),
            reported_at: ago(&backend, 2) + TimeDelta::minutes(minutes),
            result,
            tube_size: 1,
            source: source.into(),
            recorded_by: None,
        };
        let brought = async |new| {
            let tx = begin_write(&backend.deps.db).await.unwrap();
            let recorded = facts::record_test(&tx, &backend.deps, new).await.unwrap();
            tx.commit().await.unwrap();
            recorded
        };
        let first = brought(from("lab", 0, TestResult::Positive)).await;
        let Recorded::New(first) = first else { panic!("{first:?}") };
        let theirs = brought(from("other-lab", 1, TestResult::Negative)).await;
        assert_eq!(theirs, Recorded::Contradiction(first.clone()));
        let later = report(&backend, "T1", (8, 1), "negative");
        let refused = staff.post("/v1/staff/tests", later).await;
        assert_eq!(refused.problem(409), "fact-contradicts");
        let again = brought(from("other-lab", 0, TestResult::Positive)).await;
        assert_eq!(again, Recorded::Known(first), "it says the same");
        assert_eq!(latest_test(&dossier(&backend, &zhang, None).await).unwrap().result, Finding::Positive);
        let own = brought(from("lab", 3, TestResult::Inconclusive)).await;
        assert!(matches!(own, Recorded::New(_)));
        assert_eq!(latest_test(&dossier(&backend, &zhang, None).await).unwrap().result, Finding::Inconclusive);
    }

    async fn what_was_withdrawn_is_not_brought_again(stack: Stack) {
        let backend = Backend::start(stack).await;
        living_in(&backend, PHONE, ZHANG, "310101").await;
        let staff = epidemiologist(&backend, "310101").await;
        let fact = about(ZHANG, json!({
            "kind": "close_contact", "happened_at": ago(&backend, 30), "source_ref": "CC-1",
        }));
        let known = staff.post("/v1/staff/facts", fact.clone()).await.ok();
        let path = format!("/v1/staff/facts/{}/withdrawal", known["id"].as_str().unwrap());
        staff.post(&path, json!({"reason": "not_true"})).await.ok();
        let again = staff.post("/v1/staff/facts", fact).await;
        assert_eq!(again.problem(409), "fact-withdrawn");
    }

    async fn whoever_reads_a_fact_is_on_record(stack: Stack) {
        let backend = Backend::start(stack).await;
        living_in(&backend, PHONE, ZHANG, "310101").await;
        let staff = epidemiologist(&backend, "310101").await;
        let fact = json!({"kind": "close_contact", "happened_at": ago(&backend, 30)});
        let fact = staff.post("/v1/staff/facts", about(ZHANG, fact)).await.ok();
        assert_eq!(on_record(&backend, "fact_read").await, []);
        let path = format!("/v1/staff/facts/{}", fact["id"].as_str().unwrap());
        staff.get(&path).await.ok();
        let told = on_record(&backend, "fact_read").await;
        assert_eq!(told, [("staff".to_owned(), json!({"fact": fact["id"]}))]);
        let stranger = epidemiologist(&backend, "310104").await;
        stranger.get(&path).await.problem(404);
        assert_eq!(on_record(&backend, "fact_read").await.len(), 1);
    }

    async fn what_changes_a_colour_asks_for_a_fresh_proof(stack: Stack) {
        let backend = Backend::start(stack).await;
        living_in(&backend, PHONE, ZHANG, "310101").await;
        let staff = epidemiologist(&backend, "310101").await;
        let fact = about(ZHANG, json!({"kind": "close_contact", "happened_at": ago(&backend, 30)}));
        let known = staff.post("/v1/staff/facts", fact.clone()).await.ok();
        let path = format!("/v1/staff/facts/{}", known["id"].as_str().unwrap());
        let stale = backend.staff_without_step_up(Role::Epidemiologist, "310101").await;
        for (path, body) in [
            ("/v1/staff/facts", fact),
            ("/v1/staff/tests", report(&backend, "T1", (8, 2), "negative")),
            (&*format!("{path}/withdrawal"), json!({"reason": "not_true"})),
        ] {
            assert_eq!(stale.post(path, body).await.problem(403), "step-up-needed", "{path}");
        }
        stale.get(&path).await.ok();
    }

    async fn those_who_share_a_positive_tube_wait_for_a_single_re_test(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = living_in(&backend, PHONE, ZHANG, "310101").await;
        let staff = epidemiologist(&backend, "310101").await;
        let mut mixed = report(&backend, "MIX", (20, 6), "positive");
        mixed["tube_size"] = json!(10);
        staff.post("/v1/staff/tests", mixed).await.ok();
        let shown = async || latest_test(&dossier(&backend, &zhang, None).await).map(|shown| shown.result);
        assert_eq!(shown().await, Some(Finding::Pending));
        // Reported later, but taken before.
        staff.post("/v1/staff/tests", report(&backend, "OLD", (30, 1), "negative")).await.ok();
        assert_eq!(shown().await, Some(Finding::Pending));
        staff.post("/v1/staff/tests", report(&backend, "ONE", (2, 1), "negative")).await.ok();
        assert_eq!(shown().await, Some(Finding::Negative));
    }

    async fn a_fact_is_withdrawn_once_stays_on_record_and_did_what_it_did_until_then(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = living_in(&backend, PHONE, ZHANG, "310101").await;
        let staff = epidemiologist(&backend, "310101").await;
        let before = ago(&backend, 0);
        backend.wait(TimeDelta::minutes(1));
        let fact = about(ZHANG, json!({
            "kind": "isolation_started", "happened_at": ago(&backend, 5),
            "ends_at": ago(&backend, -24 * 14), "detail": {"place": "central"},
        }));
        let fact = staff.post("/v1/staff/facts", fact).await.ok();
        let path = format!("/v1/staff/facts/{}", fact["id"].as_str().unwrap());
        assert_eq!(fact["detail"], json!({"place": "central"}));
        assert_eq!(fact["withdrawal"], Value::Null);
        backend.compare().await;
        backend.wait(TimeDelta::hours(1));
        let meanwhile = ago(&backend, 0);
        backend.wait(TimeDelta::minutes(1));

        let staff = backend.staff_again(&staff).await;
        let why = json!({"reason": "wrong_person", "note": "同名者 张小明"});
        let withdrawn = staff.post(&format!("{path}/withdrawal"), why.clone()).await;
        assert_eq!(withdrawn.status, 201);
        let withdrawn = withdrawn.ok();
        assert_eq!(withdrawn["withdrawal"]["reason"], "wrong_person");
        assert_eq!(withdrawn["withdrawal"]["by"], format!("staff/{}", staff.account));
        assert_eq!(staff.get(&path).await.ok(), withdrawn);
        assert_eq!(withdrawn["withdrawal"]["note"], "同名者 张小明");
        assert_eq!(marked(&backend).await, 1);
        let again = staff.post(&format!("{path}/withdrawal"), why).await;
        assert_eq!(again.problem(409), "fact-withdrawn");

        let standing = async |until| {
            let known = dossier(&backend, &zhang, until).await;
            known.facts.iter().map(|fact| (fact.kind, fact.withdrawn_at)).collect::<Vec<_>>()
        };
        let kind = FactKind::IsolationStarted;
        assert_eq!(standing(None).await, [(kind, Some(ago(&backend, 0)))]);
        assert_eq!(standing(Some(meanwhile)).await, [(kind, None)]);
        assert_eq!(standing(Some(before)).await, []);
        let told = on_record(&backend, "fact_withdrawn").await;
        assert_eq!(told, [("staff".to_owned(), json!({"fact": fact["id"], "reason": "wrong_person"}))]);
    }

    async fn what_cannot_be_true_is_refused_by_name_and_leaves_no_trace(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = living_in(&backend, PHONE, ZHANG, "310101").await;
        let staff = epidemiologist(&backend, "310101").await;
        let good = report(&backend, "T1", (8, 2), "negative");
        for (field, wrong, code) in [
            ("sampled_at", json!(ago(&backend, -1)), "in_future"),
            ("sampled_at", json!(ago(&backend, 24 * 60 + 1)), "too_long_ago"),
            ("sampled_at", json!("-262143-01-01T00:00:00Z"), "too_long_ago"),
            ("reported_at", json!(ago(&backend, 9)), "before_sampled_at"),
            ("reported_at", json!("+262142-01-01T00:00:00Z"), "in_future"),
            ("tube_size", json!(3), "tube_size"),
            ("lab", json!("a b"), "form"),
            ("tube", json!("=1+1"), "form"),
            ("lab", json!("黄浦疾控"), "form"),
            ("tube", json!("Ü1"), "form"),
            ("tube", json!("T\u{0}1"), "null_character"),
            ("document_number", json!("310101199003070010"), "check_character"),
        ] {
            let mut test = good.clone();
            test[field] = wrong;
            let refused = staff.post("/v1/staff/tests", test).await;
            refused.problem(422);
            assert_eq!(refused.faults(), [(field.to_owned(), code.to_owned())]);
        }
        let good = about(ZHANG, json!({"kind": "arrival", "happened_at": ago(&backend, 1), "detail": {"from": "abroad"}}));
        for (field, wrong, code) in [
            ("happened_at", json!(ago(&backend, -1)), "in_future"),
            ("happened_at", json!(ago(&backend, 24 * 367)), "too_long_ago"),
            ("ends_at", json!(ago(&backend, 0)), "no_end"),
            ("source_ref", json!("a/b"), "form"),
            ("detail", json!({"from": "abroad", "place": "home"}), "detail"),
            ("detail", json!({}), "detail"),
        ] {
            let mut fact = good.clone();
            fact[field] = wrong;
            let refused = staff.post("/v1/staff/facts", fact).await;
            refused.problem(422);
            assert_eq!(refused.faults(), [(field.to_owned(), code.to_owned())]);
        }
        assert_eq!(marked(&backend).await, 0);
        let known = dossier(&backend, &zhang, None).await;
        assert_eq!((known.tests, known.facts), (Vec::new(), Vec::new()));
    }

    async fn each_kind_of_fact_can_be_recorded(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = living_in(&backend, PHONE, ZHANG, "310101").await;
        let staff = epidemiologist(&backend, "310000").await;
        let kinds = [
            ("close_contact", json!({})),
            ("secondary_contact", json!({})),
            ("companion", json!({})),
            ("suspected_case", json!({})),
            ("suspicion_excluded", json!({})),
            ("confirmed_case", json!({"asymptomatic": true})),
            ("recovered", json!({})),
            ("arrival", json!({"from": "domestic", "division": "420106"})),
            ("isolation_started", json!({"place": "home"})),
            ("isolation_ended", json!({})),
        ];
        for (at, (kind, detail)) in kinds.iter().enumerate() {
            let hours = 100 - i64::try_from(at).unwrap();
            let fact = json!({"kind": kind, "happened_at": ago(&backend, hours), "detail": detail});
            let told = staff.post("/v1/staff/facts", about(ZHANG, fact)).await.ok();
            assert_eq!((&told["kind"], &told["detail"]), (&json!(kind), detail));
            assert_eq!(told["origin"], "310000");
        }
        // Nobody turns a code by hand: what another region wants shown is signed by its source.
        let push = json!({"kind": "push", "happened_at": ago(&backend, 1),
            "detail": {"colour": "red", "reason": "HN-7"}});
        let refused = staff.post("/v1/staff/facts", about(ZHANG, push)).await;
        assert_eq!(refused.problem(403), "fact-push-by-hand");
        assert_eq!(refused.faults()[0].0, "kind");
        let known = dossier(&backend, &zhang, None).await.facts;
        let told: Vec<_> = known.iter().map(|fact| (json!(fact.kind), fact.detail.clone())).collect();
        assert_eq!(told, kinds.map(|(kind, detail)| (json!(kind), detail)));
    }

    async fn nobody_alone_speaks_against_more_than_fifty_people_a_day(stack: Stack) {
        let backend = Backend::start(stack).await;
        living_in(&backend, PHONE, ZHANG, "310101").await;
        let staff = epidemiologist(&backend, "310000").await;
        let against = |hours| {
            let fact = json!({"kind": "close_contact", "happened_at": ago(&backend, hours), "detail": {}});
            about(ZHANG, fact)
        };
        let first = "00000000-0000-4000-8000-000000000001";
        staff.post_keyed("/v1/staff/facts", first, against(1)).await.ok();
        for hours in 2..=50 {
            staff.post("/v1/staff/facts", against(hours)).await.ok();
        }
        let refused = staff.post("/v1/staff/facts", against(51)).await;
        assert_eq!(refused.problem(429), "facts-too-many-by-hand");
        // What was answered is answered the same: nothing is entered again.
        let again = staff.post_keyed("/v1/staff/facts", first, against(1)).await;
        assert_eq!(again.status, 201, "{:?}", again.json());
        // What speaks for somebody is never held up, and neither is somebody else.
        let excluded = json!({"kind": "suspicion_excluded", "happened_at": ago(&backend, 1), "detail": {}});
        staff.post("/v1/staff/facts", about(ZHANG, excluded)).await.ok();
        let another = epidemiologist(&backend, "310000").await;
        another.post("/v1/staff/facts", against(51)).await.ok();
    }
}
