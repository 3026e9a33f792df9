//! Hubei's way: the same program with another workflow.

use chrono::TimeDelta;
use entity::values::Role;
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG, declaration},
    on_both_stacks,
    organisations::COMPANY,
};
use serde_json::{Value, json};

use super::rig::{approve, decide, form, line, only_row, send, stage, sweep, text, worker_again};

const EMPLOYER: &str = "420106";
const HOME: &str = "421002";

on_both_stacks! {
    async fn hubeis_way_leads_through_the_county_where_the_worker_lives(stack: Stack) {
        let backend = Backend::start_with(stack, |config| config.policy.province = "42".into()).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let unit = backend.organisation(COMPANY).await;
        backend.on_the_white_list(COMPANY, EMPLOYER).await;
        let worker = backend.verified("13900139000", GRANDMOTHER).await;
        let sent = send(&page, unit, form(&[line(GRANDMOTHER, "13900139000", HOME, "")])).await.ok();
        assert_eq!(sent["workflow"], "work_hubei");
        sweep(&backend).await;
        let row = only_row(&backend).await;
        assert_eq!(stage(&backend, &row).await, "county");
        approve(&backend, &row, Role::Reviewer, EMPLOYER).await;

        // The worker is told to apply for a code, and the case waits until they did.
        sweep(&backend).await;
        assert_eq!(stage(&backend, &row).await, "declaration");
        let told = backend.as_citizen(&worker).get("/v1/me/notifications").await.ok();
        assert!(told.to_string().contains("review_due"), "{told}");
        let mut declared = declaration();
        declared["division"] = json!(HOME);
        let path = format!("/v1/people/{}/declarations", worker.person);
        backend.as_citizen(&worker).post(&path, declared).await.ok();
        backend.compare().await;
        backend.wait(TimeDelta::minutes(1));
        sweep(&backend).await;
        assert_eq!(stage(&backend, &row).await, "certificate");

        // The county where the worker lives certifies, in words; the employer's does not see to it.
        let approval = json!({"action": "approve", "text": "已满 14 天"});
        decide(&backend, &row, Role::Reviewer, EMPLOYER, approval.clone()).await.problem(404);
        let silent = decide(&backend, &row, Role::Reviewer, HOME, json!({"action": "approve"})).await;
        silent.problem(422);
        decide(&backend, &row, Role::Reviewer, HOME, approval).await.ok();
        assert_eq!(stage(&backend, &row).await, "province");
        approve(&backend, &row, Role::Reviewer, "420000").await;
        let permit = backend.as_citizen(&worker).get("/v1/me/work-permit").await.ok();
        assert_eq!((&permit["standing"], &permit["number"]), (&json!("valid"), &json!("420106000001")));
    }

    async fn for_whom_lives_outside_the_employers_county_records_the_certificate(stack: Stack) {
        let backend = Backend::start_with(stack, |config| config.policy.province = "42".into()).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let unit = backend.organisation(COMPANY).await;
        backend.on_the_white_list(COMPANY, EMPLOYER).await;
        let worker = backend.verified("13900139000", GRANDMOTHER).await;
        backend.become_green(&worker).await;
        let outside = line(GRANDMOTHER, "13900139000", "310101", "");
        send(&backend.as_citizen(&zhang), unit, form(&[outside])).await.ok();
        sweep(&backend).await;
        let row = only_row(&backend).await;
        approve(&backend, &row, Role::Reviewer, EMPLOYER).await;
        sweep(&backend).await;
        assert_eq!(stage(&backend, &row).await, "certificate");
        approve(&backend, &row, Role::Reviewer, EMPLOYER).await;
        assert_eq!(stage(&backend, &row).await, "province");
    }

    async fn who_never_declares_does_not_return(stack: Stack) {
        let backend = Backend::start_with(stack, |config| config.policy.province = "42".into()).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let unit = backend.organisation(COMPANY).await;
        backend.on_the_white_list(COMPANY, EMPLOYER).await;
        backend.verified("13900139000", GRANDMOTHER).await;
        send(&backend.as_citizen(&zhang), unit, form(&[line(GRANDMOTHER, "13900139000", HOME, "")])).await.ok();
        sweep(&backend).await;
        let row = only_row(&backend).await;
        approve(&backend, &row, Role::Reviewer, EMPLOYER).await;
        // Whoever proved their name was compared, and has said nothing yet.
        backend.compare().await;
        backend.wait(TimeDelta::minutes(1));
        sweep(&backend).await;
        assert_eq!(stage(&backend, &row).await, "declaration");
        backend.wait(TimeDelta::days(14));
        sweep(&backend).await;
        assert_eq!(stage(&backend, &row).await, "lapsed");
        let returns = worker_again(&backend).await.get("/v1/me/returns").await.ok();
        assert_eq!((text(&returns[0]["outcome"]), &returns[0]["stage"]), ("lapsed", &Value::Null));
    }
}
