//! The request log: what was asked and how it ended, never with what secrets.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::call::{Call, Endpoint};
use crate::clock::beijing_text;

const KEPT: usize = 2_000;

/// One call that a platform received.
///
/// Parameters are listed by name alone; neither values nor bodies are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestRecord {
    /// When, in Unix milliseconds of the mock's clock.
    pub at_ms: i64,
    /// Which endpoint.
    pub endpoint: Endpoint,
    /// The HTTP method.
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// The names of the query parameters.
    pub parameters: Vec<String>,
    /// The content type of the request.
    pub content_type: Option<String>,
    /// The HTTP status, 0 if the connection was broken instead.
    pub status: u16,
    /// The platform's result code, such as `40029`, `isv.code-invalid` or `OK`.
    pub code: String,
    /// How long the reply took to make, in milliseconds of the machine's time, with what a fault
    /// holds it back for.
    pub ms: u64,
}

impl RequestRecord {
    pub(crate) fn new(at_ms: i64, call: &Call, outcome: (u16, String), took: Duration) -> Self {
        Self {
            at_ms,
            endpoint: call.endpoint(),
            method: call.method.to_string(),
            path: call.path.clone(),
            parameters: call.query.iter().map(|(name, _)| name.clone()).collect(),
            content_type: call.header("content-type").map(str::to_owned),
            status: outcome.0,
            code: outcome.1,
            ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// One line: when (in Shanghai), method, path, endpoint, status, code, milliseconds.
impl fmt::Display for RequestRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            method,
            path,
            status,
            code,
            ms,
            ..
        } = self;
        let (at, endpoint) = (beijing_text(self.at_ms), self.endpoint.name());
        write!(
            f,
            "{at} {method:<4} {path:<36} {endpoint:<24} {status:>3} {code} {ms}ms"
        )
    }
}

/// The most recent calls, oldest first.
#[derive(Default)]
pub(crate) struct RequestLog {
    records: VecDeque<RequestRecord>,
}

impl RequestLog {
    pub(crate) fn add(&mut self, record: RequestRecord) {
        if self.records.len() == KEPT {
            self.records.pop_front();
        }
        self.records.push_back(record);
    }

    pub(crate) fn all(&self) -> Vec<RequestRecord> {
        self.records.iter().cloned().collect()
    }
}
