//! Calls that a platform makes of its own accord, to addresses it was given.

use std::time::Duration;

use reqwest::{Client, Method, Response, header::CONTENT_TYPE, redirect};
use serde::Serialize;

/// How long the other side may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// A call to be made.
pub(crate) struct Outgoing {
    method: Method,
    url: String,
    content_type: &'static str,
    header: Option<(&'static str, String)>,
    body: Vec<u8>,
}

/// How the other side answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The HTTP status; 0 if there was no answer, or one that is too long.
    pub status: u16,
    /// The body, or why there is none.
    pub body: String,
}

impl Outgoing {
    pub(crate) fn get(url: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            url: url.into(),
            content_type: "text/plain",
            header: None,
            body: Vec::new(),
        }
    }

    pub(crate) fn post(
        url: impl Into<String>,
        content_type: &'static str,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        Self {
            method: Method::POST,
            url: url.into(),
            content_type,
            header: None,
            body: body.into(),
        }
    }

    /// The same call with a header.
    pub(crate) fn with_header(self, name: &'static str, value: String) -> Self {
        Self {
            header: Some((name, value)),
            ..self
        }
    }

    /// Make the call. No redirect is followed, and no connection is kept: the next call may be made
    /// on another runtime.
    pub(crate) async fn send(self) -> Answered {
        self.exchange().await.unwrap_or_else(|failure| Answered {
            status: 0,
            body: failure.without_url().to_string(),
        })
    }

    async fn exchange(self) -> reqwest::Result<Answered> {
        // An error says that whoever runs the mock has chosen a provider already.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = Client::builder()
            .timeout(PATIENCE)
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .no_proxy()
            .build()?;
        let mut request = client
            .request(self.method, self.url)
            .header(CONTENT_TYPE, self.content_type);
        if let Some((name, value)) = self.header {
            request = request.header(name, value);
        }
        read(request.body(self.body).send().await?).await
    }
}

async fn read(mut response: Response) -> reqwest::Result<Answered> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            return Ok(Answered {
                status: 0,
                body: "the answer is too long".to_owned(),
            });
        }
    }
    Ok(Answered {
        status: response.status().as_u16(),
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
