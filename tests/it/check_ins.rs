//! One check-in for each person and local day, and what it does to the colour.

use chrono::TimeDelta;
use futures_util::future::join_all;
use integration_tests::{
    backend::{Backend, Session, ZHANG},
    on_both_stacks,
};
use serde_json::{Value, json};

const PHONE: &str = "13800138000";

fn check_ins_of(zhang: &Session) -> String {
    format!("/v1/people/{}/check-ins", zhang.person)
}

fn well() -> Value {
    json!({"temperature": 36.5, "symptoms": []})
}

async fn code_of(backend: &Backend, zhang: &Session) -> Value {
    let path = format!("/v1/people/{}/health-code", zhang.person);
    backend.as_citizen(zhang).get(&path).await.ok()
}

on_both_stacks! {
    async fn a_day_ends_at_midnight_in_shanghai(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.wait_until("2026-03-02T23:59:59.999+08:00");
        let zhang = backend.verified(PHONE, ZHANG).await;
        let (page, path) = (backend.as_citizen(&zhang), check_ins_of(&zhang));

        let late = page.post(&path, well()).await;
        assert_eq!(late.status, 201);
        assert_eq!(late.json()["day"], "2026-03-02");
        assert_eq!(page.post(&path, well()).await.status, 200);

        backend.wait(TimeDelta::milliseconds(1));
        let early = page.post(&path, well()).await;
        assert_eq!(early.status, 201);
        assert_eq!(early.json()["day"], "2026-03-03");

        let days = page.get(&path).await.ok();
        let days: Vec<_> = days["items"].as_array().unwrap().iter().map(|one| &one["day"]).collect();
        assert_eq!(days, ["2026-03-03", "2026-03-02"]);
    }

    async fn thirty_two_at_once_make_one_check_in(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        let (page, path) = (backend.as_citizen(&zhang), check_ins_of(&zhang));

        let answers = join_all((0..32).map(|_| page.post(&path, well()))).await;

        for answer in &answers {
            assert_eq!(answer.ok(), answers[0].ok());
        }
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(made, 1);
        assert_eq!(page.get(&path).await.ok()["items"].as_array().unwrap().len(), 1);
    }

    async fn the_first_report_of_a_day_stands(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        let (page, path) = (backend.as_citizen(&zhang), check_ins_of(&zhang));

        let first = page.post(&path, json!({"temperature": 36.4, "symptoms": ["cough"]})).await;
        assert_eq!(first.status, 201);
        let second = page.post(&path, well()).await;
        assert_eq!(second.status, 200);
        assert_eq!(second.json(), first.json());
    }

    async fn fever_shows_yellow_with_what_to_do_until_a_day_without(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        backend.wait(TimeDelta::seconds(3));

        let fever = json!({"temperature": 37.3, "symptoms": []});
        backend.as_citizen(&zhang).post(&check_ins_of(&zhang), fever).await.ok();
        backend.compare().await;

        let code = code_of(&backend, &zhang).await;
        assert_eq!((&code["colour"], &code["colour_text"]), (&json!("yellow"), &json!("Yellow")));
        let reason = &code["reasons"][0];
        assert_eq!(reason["code"], "Y01");
        assert_eq!(reason["rule"], "self-report.unwell");
        assert_eq!(reason["rule_version"], "1.0.0");
        assert_eq!(reason["source_region"], "310000");
        assert!(reason["text"].as_str().unwrap().starts_with("Fever"));
        assert!(reason["advice"].as_str().unwrap().contains("12320"));

        let path = format!("/v1/people/{}/health-code", zhang.person);
        let chinese = backend.as_citizen(&zhang).in_language("zh-CN").get(&path).await;
        assert_eq!(chinese.headers["content-language"], "zh-CN");
        let chinese = chinese.ok();
        assert_eq!(chinese["colour_text"], "黄码");
        assert!(chinese["reasons"][0]["text"].as_str().unwrap().contains("发热"));
        assert!(chinese["reasons"][0]["advice"].as_str().unwrap().contains("12320"));

        backend.wait(TimeDelta::days(1));
        backend.sweep().await;
        let zhang = backend.log_in(PHONE).await;
        assert_eq!(code_of(&backend, &zhang).await["colour"], "yellow", "another day heals nothing");
        backend.as_citizen(&zhang).post(&check_ins_of(&zhang), well()).await.ok();
        backend.compare().await;
        let code = code_of(&backend, &zhang).await;
        assert_eq!((&code["colour"], &code["reasons"]), (&json!("green"), &json!([])));
    }

    async fn a_tenth_of_a_degree_below_the_fever_line_stays_green(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        backend.wait(TimeDelta::seconds(3));
        let warm = json!({"temperature": 37.2, "symptoms": []});
        backend.as_citizen(&zhang).post(&check_ins_of(&zhang), warm).await.ok();
        backend.compare().await;
        assert_eq!(code_of(&backend, &zhang).await["colour"], "green");
    }

    async fn a_code_goes_yellow_at_the_midnight_that_ends_its_fourteenth_day(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.green(PHONE, ZHANG).await;
        // Declared on 2 March, which counts: good through the fifteenth.
        backend.wait_until("2026-03-15T23:58:00+08:00");
        api::credentials::rotate(&backend.deps).await.unwrap();
        let zhang = backend.log_in(PHONE).await;

        backend.wait_until("2026-03-15T23:59:59.999+08:00");
        let before = code_of(&backend, &zhang).await;
        assert_eq!(before["colour"], "green");
        assert_eq!(before["changes_at"], "2026-03-15T16:00:00Z");

        backend.wait(TimeDelta::milliseconds(1));
        let after = code_of(&backend, &zhang).await;
        assert_eq!(after["colour"], "yellow", "no sweep ran");
        assert_eq!(after["reasons"][0]["code"], "Y06");
        assert_ne!(after["token"], before["token"]);
        let asked = json!({"token": before["token"]});
        let verdict = backend.anyone().post("/v1/codes/verify", asked).await.ok();
        assert_eq!((&verdict["verdict"], &verdict["colour"]), (&json!("valid"), &json!("yellow")));

        backend.sweep().await;
        assert_eq!(code_of(&backend, &zhang).await["colour"], "yellow");
        backend.as_citizen(&zhang).post(&check_ins_of(&zhang), well()).await.ok();
        backend.compare().await;
        assert_eq!(code_of(&backend, &zhang).await["colour"], "green");
    }
}
