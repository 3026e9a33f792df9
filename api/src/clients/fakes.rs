//! What the tests of the clients stand on: a clock, a store, and a platform that does as it is told.

use std::{
    collections::HashMap,
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};

use super::Limits;
use crate::platform::{
    Clock, Entropy, Ephemeral,
    ephemeral::{Admission, Answer, Quota, Unavailable},
};

/// Patient, so that a busy machine fails no test; the rest as in production.
pub(super) const PATIENT: Limits = Limits {
    connect_ms: 30_000,
    total_ms: 60_000,
    reply_bytes: 64 * 1024,
    in_flight: 64,
    failures: 5,
    rest_ms: 5_000,
};

/// A clock that moves when told.
#[derive(Debug)]
pub(super) struct StillClock(Mutex<DateTime<Utc>>);

impl StillClock {
    pub(super) fn at(text: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(text.parse().unwrap())))
    }

    pub(super) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for StillClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// Bytes that never repeat and that a test can foretell.
#[derive(Debug, Default)]
pub(super) struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, into: &mut [u8]) {
        for chunk in into.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&next[8 - chunk.len()..]);
        }
    }
}

/// A store without expiry; `dead` refuses everything.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    pub(super) entries: Mutex<HashMap<String, Bytes>>,
    pub(super) dead: bool,
}

impl Shelf {
    fn answer<'a, T: Send + 'a>(
        &self,
        act: impl FnOnce(&mut HashMap<String, Bytes>) -> T,
    ) -> Answer<'a, T> {
        let outcome = if self.dead {
            Err(Unavailable(anyhow::anyhow!("dead")))
        } else {
            Ok(act(&mut self.entries.lock().unwrap()))
        };
        Box::pin(async move {
            rt::task::yield_now().await;
            outcome
        })
    }
}

impl Ephemeral for Shelf {
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> Answer<'a, Vec<Option<Bytes>>> {
        self.answer(|held| keys.iter().map(|key| held.get(*key).cloned()).collect())
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], _: Duration) -> Answer<'a, ()> {
        self.answer(|held| {
            held.insert(key.into(), Bytes::copy_from_slice(value));
        })
    }

    fn put_new<'a>(&'a self, key: &'a str, value: &'a [u8], _: Duration) -> Answer<'a, bool> {
        self.answer(|held| {
            let free = !held.contains_key(key);
            if free {
                held.insert(key.into(), Bytes::copy_from_slice(value));
            }
            free
        })
    }

    fn put_newer<'a>(&'a self, _: &'a str, _: u64, _: &'a [u8], _: Duration) -> Answer<'a, bool> {
        panic!("no client versions what it stores")
    }

    fn take<'a>(&'a self, key: &'a str) -> Answer<'a, Option<Bytes>> {
        self.answer(|held| held.remove(key))
    }

    fn outdate<'a>(&'a self, _: &'a [&'a str], _: u64, _: Duration) -> Answer<'a, ()> {
        panic!("no client outdates")
    }

    fn hit<'a>(&'a self, _: &'a [Quota]) -> Answer<'a, Admission> {
        panic!("no client counts")
    }

    fn hit_and_put<'a>(
        &'a self,
        _: &'a [Quota],
        _: &'a str,
        _: &'a [u8],
        _: Duration,
    ) -> Answer<'a, Admission> {
        panic!("no client counts")
    }

    fn ping(&self) -> Answer<'_, ()> {
        self.answer(|_| ())
    }
}

/// What a platform was asked.
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) query: HashMap<String, String>,
    pub(super) headers: HashMap<String, String>,
    pub(super) body: Bytes,
}

impl Asked {
    fn of(request: &HttpRequest, body: Bytes) -> Self {
        Self {
            path: request.path().into(),
            query: pairs(request.query_string().as_bytes()),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()))
                .collect(),
            body,
        }
    }

    pub(super) fn form(&self) -> HashMap<String, String> {
        pairs(&self.body)
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

fn pairs(text: &[u8]) -> HashMap<String, String> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

/// Start a platform on a free port that answers with `answer`; `None` leaves the caller hanging.
/// Returns its address, without a slash at the end.
pub(super) fn platform(
    answer: impl Fn(Asked) -> Option<HttpResponse> + Send + Sync + 'static,
) -> String {
    let answer: web::Data<dyn Fn(Asked) -> Option<HttpResponse> + Send + Sync> =
        web::Data::from(Arc::new(answer) as Arc<_>);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(answer.clone())
            .default_service(web::to(respond))
    })
    .workers(1)
    .disable_signals()
    .shutdown_timeout(0)
    .bind(("127.0.0.1", 0))
    .unwrap();
    let address = server.addrs()[0];
    rt::spawn(server.run());
    format!("http://{address}")
}

async fn respond(
    request: HttpRequest,
    body: Bytes,
    answer: web::Data<dyn Fn(Asked) -> Option<HttpResponse> + Send + Sync>,
) -> HttpResponse {
    match answer(Asked::of(&request, body)) {
        Some(response) => response,
        None => pending().await,
    }
}

/// A JSON answer with status 200.
#[expect(clippy::unnecessary_wraps, reason = "what a platform may answer")]
pub(super) fn json(body: &serde_json::Value) -> Option<HttpResponse> {
    Some(HttpResponse::Ok().json(body))
}
