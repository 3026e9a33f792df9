//! A colour explains itself, to its owner alone, and proves what it said.

mod history;
mod receipts;

use chrono::{Days, NaiveDate, TimeDelta};
use entity::values::TestResult;
use integration_tests::{
    backend::{Backend, GRANDMOTHER, Session, ZHANG, declaration},
    on_both_stacks,
};
use serde_json::{Value, json};

use crate::corrections::{contact, tested};

const PHONE: &str = "13800138000";

fn path(session: &Session, what: &str) -> String {
    format!("/v1/people/{}/health-code/{what}", session.person)
}

async fn reasons_of(backend: &Backend, session: &Session) -> Value {
    backend
        .as_citizen(session)
        .get(&path(session, "reasons"))
        .await
        .ok()
}

/// Zhang, who declared to have arrived from Wuhan today, the second of March.
async fn arrived(backend: &Backend) -> Session {
    let zhang = backend.verified(PHONE, ZHANG).await;
    let mut report = declaration();
    report["residence"] = json!([
        {"place": {"division": "420106"}, "from": "2026-02-16", "until": "2026-03-02"},
    ]);
    let declare = format!("/v1/people/{}/declarations", zhang.person);
    backend.as_citizen(&zhang).post(&declare, report).await.ok();
    backend.compare().await;
    zhang
}

on_both_stacks! {
    async fn a_reason_says_what_was_found_where_until_when_and_what_is_missing(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = arrived(&backend).await;
        let told = reasons_of(&backend, &zhang).await;
        assert_eq!((&told["colour"], &told["colour_text"]), (&json!("yellow"), &json!("Yellow")));
        assert_eq!(told["decided_at"], "2026-03-02T04:00:00Z");
        let [reason] = told["reasons"].as_array().unwrap().as_slice() else { panic!("{told}") };
        for (field, value) in [
            ("code", json!("Y04")),
            ("colour", json!("yellow")),
            ("rule", json!("arrival.observation")),
            ("rule_version", json!("1.0.0")),
            ("source_region", json!({"division": "310000", "name": "上海市"})),
            ("since", json!("2026-03-02T04:00:00Z")),
            ("until", json!("2026-03-15T16:00:00Z")),
            ("text", json!("Arrived from outside the province: observed for 14 days")),
            ("advice", json!("Report your health every day; after 14 days the code turns green by itself")),
            ("contact", json!("The residents' committee where you live, or call 12345")),
        ] {
            assert_eq!(reason[field], value, "{field}");
        }
        let fact = &reason["facts"][0];
        assert_eq!((&fact["kind"], &fact["at"]), (&json!("arrival"), &json!("2026-03-01T16:00:00Z")));
        assert!(fact["record"].as_str().unwrap().starts_with("declaration/"));
        let condition = &reason["conditions"][0];
        assert_eq!(condition["text"], "14 daily reports since your arrival, one for each day");
        assert_eq!(condition["met"], false);
        assert_eq!(condition["progress"], json!({"done": 1, "needed": 14}));
        assert_eq!(condition["earliest_at"], "2026-03-14T16:00:00Z");

        let chinese = backend.as_citizen(&zhang).in_language("zh");
        let told = chinese.get(&path(&zhang, "reasons")).await.ok();
        assert_eq!(told["reasons"][0]["text"], "省外抵达，健康观察 14 天");
        assert_eq!(told["reasons"][0]["conditions"][0]["text"], "抵达后共 14 天每日健康打卡");
    }

    async fn what_is_missing_counts_down_day_by_day(stack: Stack) {
        let backend = Backend::start(stack).await;
        arrived(&backend).await;
        let first = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        for day in 1..14 {
            let today = first + Days::new(day);
            backend.wait_until(&format!("{today}T12:00:00+08:00"));
            backend.sweep().await;
            let zhang = backend.log_in(PHONE).await;
            let check_in = format!("/v1/people/{}/check-ins", zhang.person);
            let well = json!({"temperature": 36.5, "symptoms": []});
            backend.as_citizen(&zhang).post(&check_in, well).await.ok();
            backend.compare().await;
            let told = reasons_of(&backend, &zhang).await;
            let condition = &told["reasons"][0]["conditions"][0];
            assert_eq!(condition["progress"]["done"], day + 1, "{condition}");
            assert_eq!(condition["met"], day == 13);
        }
    }

    async fn green_names_no_reason_and_all_that_was_considered(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        tested(&backend, &zhang, "T-7", TestResult::Negative).await;
        backend.compare().await;
        let told = reasons_of(&backend, &zhang).await;
        assert_eq!((&told["colour"], &told["reasons"]), (&json!("green"), &json!([])));
        let considered = told["considered"].as_array().unwrap();
        let kinds: Vec<_> = considered.iter().map(|fact| fact["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["declaration", "nucleic_acid_test"], "the last first");
        let test = &considered[1];
        assert_eq!(test["record"], "test/lab-1/T-7");
        assert_eq!(test["result"], "negative");
        assert_eq!(test["at"], "2026-03-02T03:00:00Z");
        assert_eq!(test["recorded_at"], "2026-03-02T04:00:00Z");
        assert_eq!(test["source_region"]["division"], "310000");
        let rules = told["policy"]["rules"].as_array().unwrap();
        assert!(rules.contains(&json!("arrival.observation@1.0.0")));
        assert!(!told["policy"]["version"].as_str().unwrap().is_empty());
    }

    async fn whose_data_it_is_and_whom_to_call_are_named(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.open_region_with("310101", "2026-03-01T00:00:00+08:00", "021-12345678").await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let record = contact(&backend, &zhang, "420106").await;
        backend.compare().await;
        let told = reasons_of(&backend, &zhang).await;
        assert_eq!(told["colour"], "red");
        let reason = &told["reasons"][0];
        assert_eq!(reason["code"], "R03");
        let wuchang = json!({"division": "420106", "name": "湖北省武汉市武昌区"});
        assert_eq!(reason["source_region"], wuchang);
        assert_eq!(reason["facts"][0]["record"], record);
        assert_eq!(reason["facts"][0]["kind"], "close_contact");
        assert_eq!(reason["facts"][0]["source_region"], wuchang);
        assert_eq!(told["region"], json!({
            "division": "310101", "name": "上海市黄浦区", "contact": "021-12345678",
        }));
    }

    async fn before_anything_is_known_the_reason_says_what_to_do(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.log_in(PHONE).await;
        let told = reasons_of(&backend, &zhang).await;
        assert_eq!(told["colour"], "grey");
        assert_eq!(told["reasons"][0]["code"], "G00");
        assert!(told["reasons"][0]["advice"].as_str().unwrap().starts_with("Verify your identity"));
        assert_eq!(told["region"], Value::Null);
        assert_eq!(told["considered"], json!([]));
    }

    async fn nobody_elses_explanation_is_to_be_had(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let stranger = backend.as_citizen(&backend.log_in("13900139000").await);
        let nobody = Session {
            person: "0195a1b2-0000-4000-8000-00000000000a".into(),
            ..zhang.clone()
        };
        for what in ["reasons", "receipt", "history"] {
            let foreign = stranger.get(&path(&zhang, what)).await;
            let missing = stranger.get(&path(&nobody, what)).await;
            assert_eq!(foreign.problem(404), missing.problem(404), "{what}");
            backend.anyone().get(&path(&zhang, what)).await.problem(401);
        }
    }

    async fn who_acts_for_somebody_is_told_as_well(stack: Stack) {
        let backend = Backend::start(stack).await;
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
            ..zhang
        };
        backend.become_green(&grandmother).await;
        backend.wait(TimeDelta::seconds(3));
        assert_eq!(reasons_of(&backend, &grandmother).await["colour"], "green");
        for what in ["receipt", "history"] {
            page.get(&path(&grandmother, what)).await.ok();
        }
    }
}
