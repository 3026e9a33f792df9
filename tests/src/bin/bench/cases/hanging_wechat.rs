//! `hanging-wechat`: codes are shown as fast while WeChat hangs and people keep trying to log in by it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use miniapp_mock::{Fault, Platform, dev};
use serde::Deserialize;
use serde_json::json;

use super::display;
use crate::{
    codes::Inspector,
    load::{self, Requests},
    paced::{self, Arrivals, Waits},
    report, rounds,
    stage::{Memory, Service, Stage},
};

/// Pairs of turns: one with WeChat well, one with WeChat hanging.
const ROUNDS: u32 = 5;

/// How long a turn is, unless the run is to last so many minutes.
const TURN: Duration = Duration::from_secs(6);

/// How long codes are shown before they are inspected: they live for a minute.
const SLICE: Duration = Duration::from_secs(30);

/// Codes shown in a second: well below what the service can do, so that waits are not those of a queue.
const SHOWN: u32 = 1_000;

/// Log-ins through WeChat in a second.
const LOG_INS: u32 = 50;

/// The least part of its speed that display keeps while WeChat hangs.
const TARGET: f64 = 0.80;

/// How long the slowest hundredth of those whose code is shown may wait.
const BOUND: Duration = Duration::from_millis(100);

/// How long somebody may wait to be told that WeChat does not answer.
const REFUSAL: Duration = Duration::from_millis(3_500);

/// How long WeChat holds each call back: longer than anybody waits.
const HANG: Fault = Fault::Hang { ms: 600_000 };

/// How soon after WeChat is well again people must get in.
const RECOVERY: Duration = Duration::from_secs(30);

/// What one turn showed.
#[derive(Debug)]
struct Turn {
    shown: Waits,
    log_ins: Waits,
    /// Processor time per code shown, in microseconds.
    cpu: f64,
    /// Calls that reached WeChat.
    asked: usize,
}

#[derive(Debug, Deserialize)]
struct Terms {
    terms: Document,
    privacy: Document,
}

#[derive(Debug, Deserialize)]
struct Document {
    version: String,
}

/// WeChat well and WeChat hanging, in turn.
pub(crate) async fn run(stage: &Stage, minutes: Option<u32>) -> Result<()> {
    let turn = minutes.map_or(TURN, |minutes| {
        Duration::from_mins(minutes.into()) / (2 * ROUNDS)
    });
    let service = stage.service(Memory::Usual).await?;
    let inspector = Inspector::new(stage.key_list(&service).await?, &stage.people);
    let doors = Doors::of(stage, &service).await?;
    doors.wait_until_open().await?;

    let (mut well, mut hanging) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        for hangs in [round % 2 == 1, round % 2 == 0] {
            if hangs {
                stage.wechat.order_fault(Platform::Wechat, HANG, None);
            }
            let measured = doors.turn(&inspector, turn, hangs).await;
            if hangs {
                stage.wechat.clear_faults();
                hanging.push(measured.context("while WeChat hangs")?);
                doors.wait_until_open().await?;
            } else {
                well.push(measured.context("while WeChat is well")?);
            }
        }
    }
    conclude(&well, &hanging);
    Ok(())
}

/// Those who come to the service.
struct Doors<'a> {
    stage: &'a Stage,
    service: &'a Service,
    terms: Terms,
    people: std::cell::Cell<u64>,
}

impl<'a> Doors<'a> {
    async fn of(stage: &'a Stage, service: &'a Service) -> Result<Self> {
        let answer = load::ask(service.address, &load::get("/v1/terms", None)).await?;
        Ok(Self {
            stage,
            service,
            terms: serde_json::from_slice(&answer.body)?,
            people: std::cell::Cell::default(),
        })
    }

    /// A log-in of somebody who was never seen.
    fn log_in(&self) -> Vec<u8> {
        let number = self.people.get();
        self.people.set(number + 1);
        let phone = self.stage.wechat.phone_of(&format!("bench {number}"));
        let body = json!({
            "app_id": dev::WECHAT_APP_ID,
            "login_code": phone.wechat_login_code(),
            "phone_code": phone.wechat_phone_code(),
            "accepted": {
                "terms": self.terms.terms.version,
                "privacy": self.terms.privacy.version,
            },
        });
        load::post("/v1/login/wechat", &body.to_string())
    }

    /// WeChat is left alone for a while after it failed.
    async fn wait_until_open(&self) -> Result<()> {
        let started = Instant::now();
        loop {
            let answer = load::ask(self.service.address, &self.log_in()).await?;
            if answer.status == 200 {
                return Ok(());
            }
            ensure!(
                started.elapsed() < RECOVERY,
                "nobody gets in though WeChat answers: {}",
                String::from_utf8_lossy(&answer.body)
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn turn(&self, inspector: &Inspector<'_>, time: Duration, hangs: bool) -> Result<Turn> {
        let (stage, service) = (self.stage, self.service);
        let (before, since) = (service.used(stage.meter)?, stage.wechat.now_ms());
        let (mut shown, mut log_ins) = (Vec::new(), Vec::new());
        let mut left = time;
        while !left.is_zero() {
            let slice = left.min(SLICE);
            let (codes, tries) = self.slice(inspector, slice, hangs).await?;
            shown.push(codes);
            log_ins.push(tries);
            left -= slice;
        }
        let used = service.used(stage.meter)?.saturating_sub(before);
        let shown = Waits::together(shown.iter());
        #[expect(
            clippy::cast_precision_loss,
            reason = "a turn shows no quadrillion codes"
        )]
        let cpu = used.as_secs_f64() * 1e6 / shown.count() as f64;
        let wechat = stage.wechat.requests_of(Platform::Wechat);
        let asked = wechat.iter().filter(|call| call.at_ms >= since).count();
        ensure!(asked > 0, "WeChat was never asked");
        Ok(Turn {
            shown,
            log_ins: Waits::together(log_ins.iter()),
            cpu,
            asked,
        })
    }

    /// A part of a turn: how long those waited whose code was shown, and those who tried to log in.
    async fn slice(
        &self,
        inspector: &Inspector<'_>,
        time: Duration,
        hangs: bool,
    ) -> Result<(Waits, Waits)> {
        let codes = self.stage.requests(display::PEOPLE, display::path).await?;
        let most = u64::from(LOG_INS) * time.as_secs().saturating_add(1);
        let log_ins = (0..most).map(|_| self.log_in()).collect();
        let arrivals = |requests: Arc<Requests>, per_second, connections, status| Arrivals {
            requests,
            per_second,
            connections,
            status,
        };
        let refused = if hangs { 503 } else { 200 };
        let shown = arrivals(Requests::cycle(codes), SHOWN, 32, 200);
        // As many connections as log-ins can be waiting at a time.
        let log_ins = arrivals(Requests::once(log_ins), LOG_INS, LOG_INS * 3, refused);
        let (shown, log_ins) = tokio::try_join!(
            paced::run(self.service.address, shown, time),
            paced::run(self.service.address, log_ins, time),
        )?;
        inspector.inspect(&shown.samples)?;
        Ok((shown, log_ins))
    }
}

fn conclude(well: &[Turn], hanging: &[Turn]) {
    explain("WeChat well", well);
    explain("WeChat hanging", hanging);
    let asked: Vec<usize> = hanging.iter().map(|turn| turn.asked).collect();
    println!("  calls that reached the hanging WeChat, turn by turn: {asked:?}");
    let p99 = |turn: &Turn| turn.shown.per_mille(990).as_secs_f64();
    let ratios = well
        .iter()
        .zip(hanging)
        .map(|(well, hanging)| p99(well) / p99(hanging));
    let ratio = rounds::median(ratios.collect());
    let shown = Waits::together(hanging.iter().map(|turn| &turn.shown));
    let refused = Waits::together(hanging.iter().map(|turn| &turn.log_ins));
    let met = ratio >= TARGET && shown.per_mille(990) <= BOUND && refused.longest() <= REFUSAL;
    let cpu = rounds::median(hanging.iter().map(|turn| turn.cpu).collect());
    report::end("hanging-wechat", ratio, cpu, TARGET, met);
}

fn explain(name: &str, turns: &[Turn]) {
    let shown = Waits::together(turns.iter().map(|turn| &turn.shown));
    let log_ins = Waits::together(turns.iter().map(|turn| &turn.log_ins));
    println!(
        "  {name:<16} {} codes: p50 {:.2?} p99 {:.2?} p99.9 {:.2?}; {} log-ins: p50 {:.2?} longest {:.2?}",
        shown.count(),
        shown.per_mille(500),
        shown.per_mille(990),
        shown.per_mille(999),
        log_ins.count(),
        log_ins.per_mille(500),
        log_ins.longest(),
    );
}
