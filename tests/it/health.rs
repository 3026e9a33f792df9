//! What operators' machines ask.

use std::net::TcpListener;

use api::{platform::lifecycle, server};
use chrono::TimeDelta;
use integration_tests::{backend::Backend, call::Caller, on_both_stacks};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::json;

on_both_stacks! {
    async fn an_instance_that_can_serve_is_ready(stack: Stack) {
        let backend = Backend::start(stack).await;
        for path in ["/healthz", "/readyz"] {
            assert_eq!(backend.anyone().get(path).await.ok()["status"], "ok", "{path}");
        }
    }

    async fn an_instance_that_cannot_serve_names_what_is_missing_and_lives(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.wait(TimeDelta::days(30));
        backend.deps.db.clone().close().await.unwrap();

        let answer = backend.anyone().get("/readyz").await;
        assert_eq!(answer.problem(503), "not-ready");
        let named: Vec<_> = answer.faults().into_iter().map(|(what, _)| what).collect();
        assert_eq!(named, ["database", "keys"]);
        backend.anyone().get("/healthz").await.ok();
    }

    async fn an_instance_that_was_told_to_stop_says_so_while_it_still_serves(stack: Stack) {
        let mut backend = Backend::start_with(stack, |config| {
            config.server.leave_seconds = 600;
        })
        .await;
        backend.stop_softly();
        assert_eq!(backend.anyone().get("/readyz").await.problem(503), "stopping");
        backend.anyone().get("/healthz").await.ok();
        backend.anyone().get("/v1/terms").await.ok();
        backend.stop_hard();
        backend.stopped().await;
    }

    async fn what_was_counted_is_told_at_an_address_of_its_own_alone_where_it_has_one(stack: Stack) {
        let backend = Backend::start_with(stack, |config| {
            config.server.metrics_listen = Some(([127, 0, 0, 1], 0).into());
        })
        .await;
        assert_eq!(backend.anyone().get("/metrics").await.problem(404), "no-such-route");

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let operators = Caller::new(format!("http://{}", listener.local_addr().unwrap()));
        let meters = PrometheusBuilder::new().build_recorder().handle();
        let (stopper, stop) = lifecycle::pair();
        let server = server::operate(backend.deps.clone(), meters, listener, &stop).unwrap();
        let serving = tokio::spawn(server);
        for path in ["/metrics", "/healthz", "/readyz"] {
            assert_eq!(operators.get(path).await.status, 200, "{path}");
        }
        assert_eq!(operators.get("/v1/terms").await.status, 404, "and nothing else");
        stopper.soft();
        assert_eq!(operators.get("/readyz").await.status, 503);
        serving.abort();
    }

    async fn one_machine_has_so_much_verified_and_no_more_for_a_while(stack: Stack) {
        let backend = Backend::start_with(stack, |config| {
            config.server.verifications_per_address.count = 3;
            config.server.trusted_proxy_hops = 1;
        })
        .await;
        let verify = async |path: &str, from: &str| {
            let request = backend.anyone().request(reqwest::Method::POST, path);
            let request = request.header("x-forwarded-for", from).json(&json!({"token": "JK1:X"}));
            integration_tests::call::Reply::to(request).await
        };
        for path in ["/v1/codes/verify", "/v1/passes/verify", "/v1/receipts/verify"] {
            assert_ne!(verify(path, "203.0.113.7").await.status, 429, "{path}");
        }
        let refused = verify("/v1/codes/verify", "203.0.113.7").await;
        assert_eq!(refused.problem(429), "too-many-verifications");
        assert!(refused.headers.contains_key("retry-after"));
        assert_ne!(verify("/v1/codes/verify", "203.0.113.8").await.status, 429, "another machine");
        backend.wait(TimeDelta::seconds(60));
        assert_ne!(verify("/v1/codes/verify", "203.0.113.7").await.status, 429, "a while later");
    }
}
