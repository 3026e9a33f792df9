//! What operators' machines ask.

use chrono::TimeDelta;
use integration_tests::{backend::Backend, on_both_stacks};

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
}
