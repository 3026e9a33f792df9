//! The service as a page calls it: for the demo and its data.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value without that key gives null"
)]

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::platform::{Entropy, OsEntropy};

/// Tries until the comparison must have run, and the pause between two.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(50);

/// A page's way of calling the service.
pub(super) struct Page {
    http: Client,
    base: String,
    bearer: Option<String>,
}

impl Page {
    pub(super) fn of(base_url: &str) -> anyhow::Result<Self> {
        let http = Client::builder()
            .timeout(Duration::from_secs(10))
            .no_proxy()
            .build()?;
        Ok(Self {
            http,
            base: base_url.to_owned(),
            bearer: None,
        })
    }

    /// Go on with the session in a log-in's answer.
    pub(super) fn log_in(&mut self, session: &Value) -> anyhow::Result<()> {
        self.log_in_as(text(session, "/access_token")?);
        Ok(())
    }

    /// Go on with `token`.
    pub(super) fn log_in_as(&mut self, token: String) {
        self.bearer = Some(token);
    }

    /// The documents to accept, in their versions.
    pub(super) async fn accepted(&self) -> anyhow::Result<Value> {
        let terms = self.get("/v1/terms").await?;
        Ok(json!({
            "terms": text(&terms, "/terms/version")?,
            "privacy": text(&terms, "/privacy/version")?,
        }))
    }

    fn request(&self, method: &Method, path: &str) -> RequestBuilder {
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.base))
            .header("accept-language", "en");
        if *method == Method::POST {
            request = request.header("idempotency-key", OsEntropy.id().to_string());
        }
        if let Some(bearer) = &self.bearer {
            request = request.bearer_auth(bearer);
        }
        request
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Response> {
        let mut request = self.request(&method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Ok(request.send().await?)
    }

    pub(super) async fn status(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<StatusCode> {
        Ok(self.send(method, path, body).await?.status())
    }

    pub(super) async fn answer(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Value> {
        let response = self.send(method.clone(), path, body).await?;
        let status = response.status();
        let body = response.bytes().await?;
        if !status.is_success() {
            bail!(
                "{method} {path}: {status}: {}",
                String::from_utf8_lossy(&body)
            );
        }
        if body.is_empty() {
            Ok(Value::Null)
        } else {
            Ok(serde_json::from_slice(&body)?)
        }
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.answer(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.answer(Method::POST, path, Some(body)).await
    }

    /// Send a file of `content_type`, as it is.
    pub(super) async fn upload(&self, content_type: &str, file: Vec<u8>) -> anyhow::Result<Value> {
        let request = self.request(&Method::POST, "/v1/uploads");
        let request = request.header("content-type", content_type).body(file);
        let answer = request.send().await?.error_for_status()?;
        Ok(serde_json::from_slice(&answer.bytes().await?)?)
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.answer(Method::PUT, path, Some(body)).await
    }

    pub(super) async fn bytes(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let response = self
            .send(Method::GET, path, None)
            .await?
            .error_for_status()?;
        Ok(response.bytes().await?.to_vec())
    }

    pub(super) async fn declare(&self, person: &str, temperature: f64) -> anyhow::Result<Value> {
        self.post(
            &format!("/v1/people/{person}/declarations"),
            declaration(temperature),
        )
        .await
    }

    pub(super) async fn verify(&self, token: &str) -> anyhow::Result<Value> {
        self.post("/v1/codes/verify", json!({"token": token})).await
    }

    /// Ask for the code until it shows `colour`.
    pub(super) async fn until_colour(&self, person: &str, colour: &str) -> anyhow::Result<Value> {
        let look = async || {
            let shown = self
                .get(&format!("/v1/people/{person}/health-code"))
                .await?;
            Ok((shown["colour"] == colour).then_some(shown))
        };
        let shown = until(look).await?;
        shown.with_context(|| format!("the code did not turn {colour}"))
    }
}

/// Look until something is there. `None` if it does not come.
pub(super) async fn until<T>(
    look: impl AsyncFn() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<Option<T>> {
    for _ in 0..TRIES {
        if let Some(found) = look().await? {
            return Ok(Some(found));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(None)
}

fn declaration(temperature: f64) -> Value {
    json!({
        "division": "310101",
        "address": "人民大道 1 号",
        "health": {"temperature": temperature, "symptoms": []},
        "residence": [],
        "contact": {"with_case": false, "with_risk_area": false},
        "confirmed_true": true,
    })
}

/// The text at `pointer` (RFC 6901).
pub(super) fn text(body: &Value, pointer: &str) -> anyhow::Result<String> {
    let found = body.pointer(pointer).and_then(Value::as_str);
    found
        .map(ToOwned::to_owned)
        .with_context(|| format!("{pointer} is missing"))
}
