//! The city's data centre: batches of workers come in, answers go out when it is done with them, and not
//! always as one would like.

use actix_web::http::Method;
use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::{Call, Reply, Trouble};
use crate::outgoing::{Answered, Outgoing};
use crate::state::{Inner, World, lock};

const JSON: &str = "application/json";

/// Workers of one batch, at the most.
const LARGEST: usize = 500;

/// The header of its calls: `t=<Unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`.
const SIGNATURE: &str = "data-centre-signature";

/// How the data centre goes about its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fault of its own, and any may come together"
)]
pub struct DataCentreManner {
    /// Milliseconds after which it answers.
    pub after_ms: i64,
    /// It answers for every second worker first, and for the others after the same time again.
    pub in_parts: bool,
    /// It calls twice with each answer.
    pub twice: bool,
    /// It loses what comes in: it neither calls nor knows of a batch later.
    pub loses: bool,
    /// It never calls; whoever asks is told.
    pub silent: bool,
    /// It answers for a batch that nobody sent, too.
    pub strays: bool,
}

impl Default for DataCentreManner {
    fn default() -> Self {
        Self {
            after_ms: 3_000,
            in_parts: false,
            twice: false,
            loses: false,
            silent: false,
            strays: false,
        }
    }
}

/// What the data centre holds.
#[derive(Default)]
pub(crate) struct DataCentre {
    manner: DataCentreManner,
    call_back_to: Option<String>,
    doubted: Vec<String>,
    unknown: Vec<String>,
    batches: Vec<Batch>,
}

struct Batch {
    sent: Sent,
    came_at: i64,
    /// How many times it called.
    calls: u32,
}

#[derive(Deserialize)]
struct Sent {
    batch: String,
    callback: String,
    workers: Vec<Worker>,
}

#[derive(Deserialize)]
struct Worker {
    reference: String,
    document_number: String,
}

impl DataCentre {
    /// What it has found out about `batch` by `now`.
    fn found(&self, batch: &Batch, now: i64) -> Vec<Value> {
        let passed = now - batch.came_at;
        let done = |place: usize| {
            let waits = if self.manner.in_parts && place % 2 == 1 {
                2
            } else {
                1
            };
            passed >= self.manner.after_ms * waits
        };
        let workers = batch.sent.workers.iter().enumerate();
        workers
            .filter(|(place, _)| done(*place))
            .map(|(_, worker)| json!({"reference": worker.reference, "result": self.verdict(worker)}))
            .collect()
    }

    fn verdict(&self, worker: &Worker) -> &'static str {
        if self.doubted.contains(&worker.document_number) {
            "mismatch"
        } else if self.unknown.contains(&worker.document_number) {
            "unknown"
        } else {
            "authenticated"
        }
    }

    /// How many calls are due for `batch` by `now`.
    fn due(&self, batch: &Batch, now: i64) -> u32 {
        let passed = now - batch.came_at;
        let parts = if self.manner.in_parts { 2 } else { 1 };
        let after = self.manner.after_ms.max(1);
        let parts_due = u32::try_from((passed / after).clamp(0, parts)).unwrap_or(0);
        let parts_due = if self.manner.after_ms == 0 {
            1
        } else {
            parts_due
        };
        parts_due * if self.manner.twice { 2 } else { 1 }
    }
}

/// `POST /data-centre/v1/batches`, or `GET /data-centre/v1/batches/{batch}`.
pub(crate) fn answer(world: &Inner, call: &Call) -> Reply {
    let key = call
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    if key != Some(world.config.data_centre_key.as_str()) {
        return failure(401, "unauthorized");
    }
    if call.method == Method::POST {
        take_in(world, call)
    } else {
        tell(world, call)
    }
}

fn take_in(world: &Inner, call: &Call) -> Reply {
    let Ok(sent) = serde_json::from_slice::<Sent>(&call.body) else {
        return failure(400, "malformed_request");
    };
    if sent.workers.len() > LARGEST {
        return failure(413, "too_many_workers");
    }
    let came_at = world.clock.now_ms();
    let mut centre = lock(&world.data_centre);
    let accepted = sent.workers.len();
    let known = centre.batches.iter().any(|b| b.sent.batch == sent.batch);
    if !known && !centre.manner.loses {
        centre.batches.push(Batch {
            sent,
            came_at,
            calls: 0,
        });
    }
    Reply::new(JSON, json!({"accepted": accepted}).to_string(), "accepted").with_status(202)
}

fn tell(world: &Inner, call: &Call) -> Reply {
    let id = call.path.rsplit('/').next().unwrap_or_default();
    let now = world.clock.now_ms();
    let centre = lock(&world.data_centre);
    let Some(batch) = centre.batches.iter().find(|batch| batch.sent.batch == id) else {
        return failure(404, "unknown_batch");
    };
    let body = json!({"batch": id, "results": centre.found(batch, now)});
    Reply::new(JSON, body.to_string(), "told")
}

/// Refuse a call without looking at it.
pub(crate) fn refuse(trouble: &Trouble) -> Reply {
    match trouble {
        Trouble::Busy => failure(503, "busy"),
        Trouble::Quota => failure(429, "quota_exceeded"),
        Trouble::Code(code) => failure(400, code),
    }
}

fn failure(status: u16, code: &str) -> Reply {
    Reply::new(JSON, json!({"error": code}).to_string(), code).with_status(status)
}

impl World {
    /// Let the data centre work in `manner` from now on.
    pub fn set_data_centre(&self, manner: DataCentreManner) {
        lock(&self.0.data_centre).manner = manner;
    }

    /// Let the data centre call there, whatever batches say.
    pub fn let_data_centre_call(&self, url: impl Into<String>) {
        lock(&self.0.data_centre).call_back_to = Some(url.into());
    }

    /// Let the data centre find that the document `number` is not who and where the enterprise says.
    pub fn doubt_worker(&self, number: &str) {
        lock(&self.0.data_centre).doubted.push(number.to_owned());
    }

    /// Let the data centre know nobody with the document `number`.
    pub fn forget_worker(&self, number: &str) {
        lock(&self.0.data_centre).unknown.push(number.to_owned());
    }

    /// Make every call of the data centre's that is due, and wait for the answers.
    pub async fn flush_data_centre(&self) -> Vec<Answered> {
        let mut answers = Vec::new();
        for call in self.due_calls() {
            answers.push(call.send().await);
        }
        answers
    }

    /// Sign `body` as the data centre does: the value of its header.
    #[must_use]
    pub fn data_centre_signature(&self, body: &str) -> String {
        let seconds = self.now_ms() / 1_000;
        let key = self.0.config.data_centre_secret.as_bytes();
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let tag = hmac::sign(&key, format!("{seconds}.{body}").as_bytes());
        format!("t={seconds},v1={}", hex::encode(tag.as_ref()))
    }

    fn due_calls(&self) -> Vec<Outgoing> {
        let now = self.now_ms();
        let mut bodies = Vec::new();
        {
            let mut centre = lock(&self.0.data_centre);
            if centre.manner.silent {
                return Vec::new();
            }
            let due: Vec<u32> = centre.batches.iter().map(|b| centre.due(b, now)).collect();
            let strays = centre.manner.strays;
            let to = centre.call_back_to.clone();
            let mut taken = std::mem::take(&mut centre.batches);
            for (batch, due) in taken.iter_mut().zip(due) {
                let url = to.clone().unwrap_or_else(|| batch.sent.callback.clone());
                let body = json!({"batch": batch.sent.batch, "results": centre.found(batch, now)});
                while batch.calls < due {
                    batch.calls += 1;
                    bodies.push((url.clone(), body.to_string()));
                    if strays {
                        let mut stray = body.clone();
                        if let Some(id) = stray.get_mut("batch") {
                            *id = json!("00000000-0000-4000-8000-000000000000");
                        }
                        bodies.push((url.clone(), stray.to_string()));
                    }
                }
            }
            centre.batches = taken;
        }
        bodies
            .into_iter()
            .map(|(url, body)| {
                let signature = self.data_centre_signature(&body);
                Outgoing::post(url, JSON, body).with_header(SIGNATURE, signature)
            })
            .collect()
    }
}
