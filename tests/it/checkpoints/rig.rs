//! People at gates.

use integration_tests::{Backend, backend::Session, gates::Stands};
use serde_json::{Value, json};

/// The code that the owner of `session` shows now.
pub(crate) async fn code_of(backend: &Backend, session: &Session) -> String {
    let path = format!("/v1/people/{}/health-code", session.person);
    let shown = backend.as_citizen(session).get(&path).await.ok();
    shown["token"].as_str().expect("a code").to_owned()
}

/// Decision and reason of all of them together.
pub(super) fn said(view: &Value) -> (&str, &str) {
    let text = |key: &str| view[key].as_str().expect("a text");
    (text("decision"), text("reason"))
}

/// Leave a row in every table of gates.
pub(crate) async fn live_through(backend: &Backend, session: &Session) {
    let post = backend.checkpoint().await;
    let device = backend.device(Stands::On(post)).await;
    let code = code_of(backend, session).await;
    device
        .verify(json!([{"code": code, "temperature": 36.5}]))
        .await
        .ok();
}
