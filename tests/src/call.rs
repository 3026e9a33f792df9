//! Calling a backend as a page does.

use api::platform::{Entropy, OsEntropy};
use reqwest::{Client, Method, StatusCode, header::HeaderMap};
use serde_json::Value;

/// A client of one instance, with or without a session.
#[derive(Debug, Clone)]
pub struct Caller {
    http: Client,
    base_url: String,
    bearer: Option<String>,
    language: &'static str,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Caller {
    /// A client without a session.
    #[must_use]
    pub fn new(base_url: String) -> Self {
        api::clients::install_tls();
        let http = Client::builder().no_proxy().build().expect("a client");
        Self {
            http,
            base_url,
            bearer: None,
            language: "en",
        }
    }

    /// The same with an access token.
    #[must_use]
    pub fn with_bearer(&self, token: &str) -> Self {
        Self {
            bearer: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The same in another language.
    #[must_use]
    pub fn in_language(&self, language: &'static str) -> Self {
        Self {
            language,
            ..self.clone()
        }
    }

    /// Where the instance is.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// A request as this client sends it, to change before it is sent.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self
            .http
            .request(method, self.url(path))
            .header("accept-language", self.language);
        if let Some(bearer) = &self.bearer {
            request = request.bearer_auth(bearer);
        }
        request
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Reply {
        Reply::to(self.request(Method::GET, path)).await
    }

    /// POST, with an idempotency key of its own.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.post_keyed(path, &OsEntropy.id().to_string(), body)
            .await
    }

    /// POST with the idempotency key `key`.
    pub async fn post_keyed(&self, path: &str, key: &str, body: Value) -> Reply {
        let request = self
            .request(Method::POST, path)
            .header("idempotency-key", key)
            .json(&body);
        Reply::to(request).await
    }

    /// PUT.
    pub async fn put(&self, path: &str, body: Value) -> Reply {
        Reply::to(self.request(Method::PUT, path).json(&body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Reply {
        Reply::to(self.request(Method::DELETE, path)).await
    }
}

impl Reply {
    /// Send `request`.
    pub async fn to(request: reqwest::RequestBuilder) -> Self {
        Self::of(request.send().await.expect("an answer")).await
    }

    /// Read `response`.
    pub async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.expect("a whole answer").to_vec();
        Self {
            status,
            headers,
            body,
        }
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("not JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The body of a success, as JSON.
    #[expect(
        clippy::must_use_candidate,
        reason = "often the success is all that matters"
    )]
    pub fn ok(&self) -> Value {
        assert!(
            self.status.is_success(),
            "{}: {}",
            self.status,
            String::from_utf8_lossy(&self.body)
        );
        if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// The last part of a problem's type; the answer must be a problem of `status`.
    #[expect(
        clippy::must_use_candidate,
        reason = "often the status is all that matters"
    )]
    pub fn problem(&self, status: u16) -> String {
        let body = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status.as_u16(), status, "{body}");
        let media_type = self
            .headers
            .get("content-type")
            .and_then(|v| v.to_str().ok());
        assert_eq!(media_type, Some("application/problem+json"), "{body}");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        let kind = problem["type"].as_str().expect("a type");
        kind.strip_prefix("urn:tongxing:problem:")
            .expect("one of ours")
            .to_owned()
    }

    /// The fields at fault with their codes: `("phone", "not_a_mainland_mobile")`.
    #[must_use]
    pub fn faults(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = self.json()["errors"].clone();
        errors
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| (text(&error["field"]), text(&error["code"])))
            .collect()
    }
}
