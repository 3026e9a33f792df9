//! `gate`: a sentinel that is on line, with what it writes down.

use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context, Result, ensure};
use api::{
    checkpoints::DeviceKey,
    credentials::{
        cose::{Algorithm, Kid, Signer},
        handle::DayKey,
        personal_code::Issuer,
    },
    platform::{Clock, OsEntropy, SystemClock, entropy, vault::Column},
};
use aws_lc_rs::signature::Ed25519KeyPair;
use entity::{
    gate_record,
    signing_key::KeyUse,
    values::{Colour, DeviceId},
};
use integration_tests::gates::{self, Stands};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde::Deserialize;
use serde_json::json;

use crate::{
    load::{self, Requests, Sample},
    people::{Person, current_key},
    report::{self, By, Comparison},
    rounds,
    stage::{Memory, Stage},
};

/// Devices at the post.
const DEVICES: usize = 32;

/// Calls that are prepared for a turn, each with a code that was never shown.
const CALLS: usize = 16_000;

const PATH: &str = "/v1/gate/verifications";

/// What a gate is told.
#[derive(Debug, Deserialize)]
struct Told {
    decision: String,
}

/// A device at the post.
struct Lane {
    id: DeviceId,
    key: DeviceKey,
    last: AtomicI64,
}

/// Shows codes of people, as the service would.
struct Showing {
    issuer: Issuer,
    day: DayKey,
    people: Vec<Person>,
}

impl Showing {
    async fn new(stage: &Stage) -> Result<Self> {
        let now = SystemClock.now();
        let private = async |usage, name: &[u8]| {
            let row = current_key(&stage.db, usage, now).await?;
            let place = [name, &row.kid].concat();
            let place = Column("signing_key.private_key").owned_by(&place);
            let key = stage.vault.open(place, &row.private_key)?;
            anyhow::Ok((row.kid, key))
        };
        let (kid, code) = private(KeyUse::Code, b"code:").await?;
        let (_, handle) = private(KeyUse::Handle, b"handle:").await?;
        let pair = Ed25519KeyPair::from_pkcs8(&code).context("a code key")?;
        let kid = Kid::new(&kid).context("a name")?;
        let raw = handle.as_slice().try_into().context("a handle key")?;
        Ok(Self {
            issuer: Issuer::new(Signer::new(kid, Algorithm::EdDsa, pair))?,
            day: DayKey::new(raw)?,
            people: stage.people.all.clone(),
        })
    }

    /// A code of the person at `at` that was never shown.
    fn code(&self, at: usize) -> Result<String> {
        let person = self.people.get(at % self.people.len()).context("nobody")?;
        let random = u64::from_ne_bytes(entropy::bytes(&OsEntropy));
        let handle = self.day.seal(person.id.number().unsigned_abs(), random)?;
        Ok(self
            .issuer
            .issue(handle, Colour::Green, SystemClock.now())?)
    }
}

/// Codes that a sentinel reads, each written down before it is told, beside verifying them alone.
pub(crate) async fn run(stage: &Stage) -> Result<()> {
    let service = stage.service(Memory::Usual).await?;
    stage.share(&service).await?;
    let lanes = lanes(stage).await?;
    let showing = Showing::new(stage).await?;
    let codes = || (0..CALLS).map(|at| showing.code(at));
    let gate = || {
        let calls = codes().enumerate().map(|(at, code)| {
            let lane = lanes.get(at % lanes.len()).context("no lane")?;
            Ok(call(lane, &code?))
        });
        Ok(Requests::once(calls.collect::<Result<_>>()?))
    };
    let verify = || {
        let post =
            |code: String| load::post("/v1/codes/verify", &json!({"token": code}).to_string());
        let posts = codes().map(|code| Ok(post(code?)));
        Ok(Requests::once(posts.collect::<Result<_>>()?))
    };
    let mut contenders = [
        service.contender("gate, with its record", gate, let_through),
        service.contender("verify, without", verify, |_| Ok(())),
    ];
    let records = rounds::run(stage.meter, &mut contenders).await?;
    report::explain(&records);
    if let [gate, verify] = records.as_slice() {
        let kept = gate_record::Entity::find().count(&stage.db).await?;
        ensure!(kept == gate.answered, "{kept} records of {}", gate.answered);
        let rate = Comparison::new(gate, verify, By::Rate, 0.90);
        let cpu = Comparison::new(gate, verify, By::Cpu, 0.80);
        report::conclude("gate", &[rate, cpu]);
    }
    Ok(())
}

/// A call of `lane` that read `code`, signed now.
fn call(lane: &Lane, code: &str) -> Vec<u8> {
    let now = SystemClock.now();
    let seq = lane.last.fetch_add(1, Ordering::Relaxed) + 1;
    let people = json!([{"code": code, "temperature": 36.5}]);
    let body = json!({"seq": seq, "captured_at": now, "people": people}).to_string();
    gates::signed_post(&lane.key, lane.id, PATH, &body, now)
}

fn let_through(samples: &[Sample]) -> Result<()> {
    samples.iter().try_for_each(|sample| {
        let told: Told = serde_json::from_slice(&sample.body)?;
        ensure!(told.decision == "pass", "a green code: {}", told.decision);
        Ok(())
    })
}

/// Devices at one post, enrolled.
async fn lanes(stage: &Stage) -> Result<Vec<Lane>> {
    let now = SystemClock.now();
    let post = gates::post(&stage.db, None, now).await?;
    let mut lanes = Vec::with_capacity(DEVICES);
    for _ in 0..DEVICES {
        let (id, key) = gates::enrol(&stage.db, Stands::On(post), now).await?;
        let last = AtomicI64::new(0);
        lanes.push(Lane { id, key, last });
    }
    Ok(lanes)
}
