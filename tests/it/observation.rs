//! Fourteen days after arriving from outside the province, and then green without asking; and eight
//! weeks of everything that can happen meanwhile.

mod walk;

use chrono::{Days, NaiveDate, TimeDelta};
use integration_tests::{
    backend::{Backend, Session, ZHANG, declaration},
    on_both_stacks,
};
use serde_json::{Value, json};

const PHONE: &str = "13800138000";

/// Arrived today, the second of March.
fn arrived() -> Value {
    let mut report = declaration();
    report["residence"] = json!([
        {"place": {"division": "420106"}, "from": "2026-02-16", "until": "2026-03-02"},
    ]);
    report
}

async fn declare(backend: &Backend, zhang: &Session, report: Value) {
    let path = format!("/v1/people/{}/declarations", zhang.person);
    backend.as_citizen(zhang).post(&path, report).await.ok();
    backend.compare().await;
    backend.wait(TimeDelta::seconds(3));
}

async fn code_of(backend: &Backend, zhang: &Session) -> Value {
    let path = format!("/v1/people/{}/health-code", zhang.person);
    backend.as_citizen(zhang).get(&path).await.ok()
}

async fn check_in(backend: &Backend, zhang: &Session) {
    let path = format!("/v1/people/{}/check-ins", zhang.person);
    let well = json!({"temperature": 36.5, "symptoms": []});
    backend.as_citizen(zhang).post(&path, well).await.ok();
}

/// Noon in Shanghai, `days` after the second of March, with the sweeps run.
async fn noon_of(backend: &Backend, days: u64) {
    let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() + Days::new(days);
    backend.wait_until(&format!("{day}T12:00:00+08:00"));
    backend.sweep().await;
}

on_both_stacks! {
    async fn fourteen_days_of_check_ins_after_an_arrival_turn_green_by_themselves(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        declare(&backend, &zhang, arrived()).await;
        let code = code_of(&backend, &zhang).await;
        assert_eq!(code["colour"], "yellow");
        assert_eq!(code["reasons"][0]["code"], "Y04");
        assert_eq!(code["reasons"][0]["until"], "2026-03-15T16:00:00Z");

        for day in 1..14 {
            noon_of(&backend, day).await;
            let zhang = backend.log_in(PHONE).await;
            check_in(&backend, &zhang).await;
            backend.compare().await;
            assert_eq!(code_of(&backend, &zhang).await["colour"], "yellow", "day {day}");
        }
        backend.wait_until("2026-03-15T23:59:59.999+08:00");
        backend.sweep().await;
        let zhang = backend.log_in(PHONE).await;
        assert_eq!(code_of(&backend, &zhang).await["colour"], "yellow", "to the last moment");

        backend.wait(TimeDelta::milliseconds(1));
        assert_eq!(backend.sweep().await, 1);
        let code = code_of(&backend, &zhang).await;
        assert_eq!((&code["colour"], &code["reasons"]), (&json!("green"), &json!([])));
    }

    async fn a_day_without_a_check_in_is_made_up_for_at_the_end(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        declare(&backend, &zhang, arrived()).await;
        for day in (1..14).filter(|day| *day != 5) {
            noon_of(&backend, day).await;
            check_in(&backend, &backend.log_in(PHONE).await).await;
            backend.compare().await;
        }
        noon_of(&backend, 14).await;
        let zhang = backend.log_in(PHONE).await;
        assert_eq!(code_of(&backend, &zhang).await["colour"], "yellow", "thirteen days of reports");

        check_in(&backend, &zhang).await;
        backend.compare().await;
        assert_eq!(code_of(&backend, &zhang).await["colour"], "green");
    }

    async fn declaring_again_hides_no_yellow(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        declare(&backend, &zhang, arrived()).await;

        let path = format!("/v1/people/{}/declarations", zhang.person);
        backend.as_citizen(&zhang).post(&path, declaration()).await.ok();
        backend.wait(TimeDelta::seconds(3));
        assert_eq!(code_of(&backend, &zhang).await["colour"], "yellow", "before the comparison");
        backend.compare().await;
        let code = code_of(&backend, &zhang).await;
        assert_eq!(code["colour"], "yellow", "after it");
        assert_eq!(code["reasons"][0]["code"], "Y04");
    }

    async fn an_arrival_long_enough_ago_is_not_observed(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        let mut report = declaration();
        report["residence"] = json!([
            {"place": {"division": "420106"}, "from": "2026-02-01", "until": "2026-02-16"},
        ]);
        declare(&backend, &zhang, report).await;
        assert_eq!(code_of(&backend, &zhang).await["colour"], "green");
    }
}
