//! What the data centre answers: late, twice, in parts, never, or about what nobody asked.

use chrono::TimeDelta;
use entity::values::Role;
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG},
    on_both_stacks,
};
use miniapp_mock::{DataCentreManner, Endpoint, Fault};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::rig::{
    self, COMMUNITY, DISTRICT, approve, close_batch, decide, enterprise, form, hers, only_row,
    send, stage, sweep, text, worker,
};
use integration_tests::call::Reply;

const CALLBACK: &str = "/v1/platforms/data-centre/answers";

fn manner() -> DataCentreManner {
    DataCentreManner {
        after_ms: 60_000,
        ..DataCentreManner::default()
    }
}

async fn call(backend: &Backend, body: &Value) -> Reply {
    let body = body.to_string();
    let signature = backend.mock.data_centre_signature(&body);
    signed(backend, &body, &signature).await
}

async fn signed(backend: &Backend, body: &str, signature: &str) -> Reply {
    let request = backend
        .anyone()
        .request(Method::POST, CALLBACK)
        .header("content-type", "application/json")
        .header("data-centre-signature", signature)
        .body(body.to_owned());
    Reply::to(request).await
}

async fn batch_of(backend: &Backend, batch: &Value) -> Value {
    let city = backend.staff(Role::Reviewer, "310000").await;
    city.get(&format!("/v1/staff/work-batches/{}", text(&batch["id"])))
        .await
        .ok()
}

on_both_stacks! {
    async fn an_answer_that_comes_twice_counts_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let (_, row) = worker(&backend, &page, unit).await;
        approve(&backend, &row, Role::Reviewer, DISTRICT).await;
        backend.mock.set_data_centre(DataCentreManner { twice: true, ..manner() });
        close_batch(&backend).await;
        assert_eq!(backend.mock.flush_data_centre().await, [], "it is not done yet");
        backend.wait(TimeDelta::minutes(1));
        let answers = backend.mock.flush_data_centre().await;
        assert_eq!(answers.iter().map(|it| it.status).collect::<Vec<_>>(), [200, 200]);
        assert_eq!(stage(&backend, &row).await, "neighbourhood");
    }

    async fn what_comes_in_parts_is_taken_in_part_by_part(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        backend.green("13900139000", GRANDMOTHER).await;
        let zhang = rig::line(ZHANG, "13800138000", DISTRICT, COMMUNITY);
        let taken = send(&page, unit, form(&[hers(), zhang])).await.ok();
        sweep(&backend).await;
        let staff = backend.staff(Role::Reviewer, DISTRICT).await;
        let path = format!("/v1/staff/work-forms/{}/decisions", text(&taken["id"]));
        staff.post(&path, json!({"stage": "district", "action": "approve"})).await.ok();
        sweep(&backend).await;
        backend.mock.set_data_centre(DataCentreManner { in_parts: true, ..manner() });
        let batch = close_batch(&backend).await;
        let stages = async || {
            let workers = format!("/v1/staff/work-forms/{}/workers", text(&taken["id"]));
            let listed = staff.get(&workers).await.ok();
            let mut stages = [0, 1].map(|at| text(&listed["items"][at]["stage"]).to_owned());
            stages.sort();
            stages
        };
        backend.wait(TimeDelta::minutes(1));
        backend.mock.flush_data_centre().await;
        assert_eq!(stages().await, ["data_centre", "neighbourhood"]);
        assert_eq!(batch_of(&backend, &batch).await["state"], "waiting");
        backend.wait(TimeDelta::minutes(1));
        backend.mock.flush_data_centre().await;
        assert_eq!(stages().await, ["neighbourhood", "neighbourhood"]);
        assert_eq!(batch_of(&backend, &batch).await["state"], "answered");
    }

    async fn whoever_never_calls_is_asked(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let (_, row) = worker(&backend, &page, unit).await;
        approve(&backend, &row, Role::Reviewer, DISTRICT).await;
        backend.mock.set_data_centre(DataCentreManner { silent: true, ..manner() });
        close_batch(&backend).await;
        backend.wait(TimeDelta::minutes(30));
        assert_eq!(backend.mock.flush_data_centre().await, []);
        sweep(&backend).await;
        assert_eq!(stage(&backend, &row).await, "neighbourhood");
    }

    async fn what_is_lost_is_sent_again_and_in_the_end_left_to_people(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let (_, row) = worker(&backend, &page, unit).await;
        approve(&backend, &row, Role::Reviewer, DISTRICT).await;
        backend.mock.set_data_centre(DataCentreManner { loses: true, ..manner() });
        let batch = close_batch(&backend).await;
        for tries in 1..=4 {
            assert_eq!(batch_of(&backend, &batch).await["tries"], tries);
            assert_eq!(stage(&backend, &row).await, "data_centre");
            backend.wait(TimeDelta::minutes(30));
            sweep(&backend).await;
        }
        assert_eq!(batch_of(&backend, &batch).await["state"], "given_up");
        assert_eq!(stage(&backend, &row).await, "city_check");
        // An answer that comes late is kept for whoever decides, and moves nothing.
        let late = json!({"batch": batch["id"], "results": [{"reference": row.id, "result": "mismatch"}]});
        assert_eq!(call(&backend, &late).await.status, StatusCode::OK);
        assert_eq!(stage(&backend, &row).await, "city_check");
        assert_eq!(batch_of(&backend, &batch).await["answers"][0]["authentication"], "mismatch");
        approve(&backend, &row, Role::Reviewer, "310000").await;
        assert_eq!(stage(&backend, &row).await, "neighbourhood");
    }

    async fn people_decide_when_the_data_centre_stays_away(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let (_, row) = worker(&backend, &page, unit).await;
        approve(&backend, &row, Role::Reviewer, DISTRICT).await;
        backend.mock.order_fault(Endpoint::DataCentreBatches, Fault::Busy, 100_000);
        let batch = close_batch(&backend).await;
        for _ in 0..11 {
            backend.wait(TimeDelta::minutes(10));
            sweep(&backend).await;
            assert_eq!(stage(&backend, &row).await, "data_centre");
        }
        backend.wait(TimeDelta::minutes(10));
        sweep(&backend).await;
        assert_eq!(batch_of(&backend, &batch).await["state"], "given_up");
        assert_eq!(stage(&backend, &row).await, "city_check");
    }

    async fn whom_it_does_not_authenticate_the_city_looks_at(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let (_, row) = worker(&backend, &page, unit).await;
        approve(&backend, &row, Role::Reviewer, DISTRICT).await;
        backend.mock.doubt_worker(GRANDMOTHER.number);
        backend.mock.set_data_centre(manner());
        close_batch(&backend).await;
        backend.wait(TimeDelta::minutes(1));
        backend.mock.flush_data_centre().await;
        assert_eq!(stage(&backend, &row).await, "city_check");
        let refusal = json!({"action": "refuse", "reason": "not_authenticated"});
        decide(&backend, &row, Role::Reviewer, "310000", refusal).await.ok();
        assert_eq!(stage(&backend, &row).await, "refused");
        assert_eq!(only_row(&backend).await.held_by_worker, None, "somebody may ask again");
    }

    async fn an_answer_for_an_unknown_batch_or_by_somebody_else_changes_nothing(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let (_, row) = worker(&backend, &page, unit).await;
        approve(&backend, &row, Role::Reviewer, DISTRICT).await;
        backend.mock.set_data_centre(DataCentreManner { strays: true, ..manner() });
        let batch = close_batch(&backend).await;
        let results = json!([{"reference": row.id, "result": "authenticated"}]);
        let unknown = json!({"batch": "00000000-0000-4000-8000-000000000000", "results": results});
        assert_eq!(call(&backend, &unknown).await.problem(404), "unknown-batch");
        let good = json!({"batch": batch["id"], "results": results}).to_string();
        let signature = backend.mock.data_centre_signature("{}");
        for forged in ["", "t=1,v1=00", &signature] {
            let answer = signed(&backend, &good, forged).await;
            assert_eq!(answer.problem(401), "answer-not-verified");
        }
        let old = backend.mock.data_centre_signature(&good);
        backend.wait(TimeDelta::minutes(6));
        signed(&backend, &good, &old).await.problem(401);
        assert_eq!(stage(&backend, &row).await, "data_centre");
        let stranger = json!({"batch": batch["id"], "results": [{"reference": batch["id"], "result": "unknown"}]});
        assert_eq!(call(&backend, &stranger).await.status, StatusCode::OK);
        assert_eq!(stage(&backend, &row).await, "data_centre");
        let answers = backend.mock.flush_data_centre().await;
        assert_eq!(answers.iter().map(|it| it.status).collect::<Vec<_>>(), [200, 404]);
        assert_eq!(stage(&backend, &row).await, "neighbourhood");
    }
}
