//! `slow-platform`: WeChat takes calls and does not answer (R7).
//!
//! Whoever logs in through it is told so in time, and nobody else notices.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use integration_tests::{
    load::{self, Requests},
    paced::{self, Arrivals},
};
use miniapp_mock::{Fault, Platform, dev};
use serde_json::{Value, json};

use crate::{field::Field, scanning::Scanning};

/// How long WeChat hangs.
const TURN: Duration = Duration::from_secs(15);

/// How long it holds each call back: longer than anybody waits.
const HANG: Fault = Fault::Hang { ms: 600_000 };

/// Log-ins through it in a second.
const LOG_INS: u32 = 50;

/// Codes shown in a second: far below what the service can do, so that waits are not those of a queue.
const SHOWN: u32 = 500;

/// How long somebody may wait to be told that WeChat does not answer.
const REFUSAL: Duration = Duration::from_millis(3_500);

/// How long the slowest hundredth of everybody else may wait.
const BOUND: Duration = Duration::from_millis(100);

/// How soon after it is well again people must get in.
const RECOVERY: Duration = Duration::from_secs(30);

/// Visits in the meantime.
const VISITS: usize = 2_000;

/// Let it hang, and recover.
pub(crate) async fn run() -> Result<()> {
    let field = Field::new().await?;
    let terms = load::ask(field.service.address, &load::get("/v1/terms", None)).await?;
    let terms: Value = serde_json::from_slice(&terms.body)?;
    gets_in(&field, &terms).await?;

    // A few visits, so that there is something to lose.
    let scanning = Scanning::of(&field, VISITS)?;
    let people = scanning.begin();
    let codes = codes(&field)?;
    // Whoever is seen for the first time waits for more than WeChat.
    for request in &codes {
        load::ask(field.service.address, request).await?;
    }
    field.mock.order_fault(Platform::Wechat, HANG, None);
    let codes = Requests::cycle(codes);
    let most = u64::from(LOG_INS) * TURN.as_secs().saturating_add(1);
    let log_ins = (0..most).map(|at| log_in(&field, &terms, &format!("hangs {at}")));
    let log_ins = Requests::once(log_ins.collect());
    let (shown, refused) = tokio::try_join!(
        paced::run(field.service.address, arrivals(codes, SHOWN, 32, 200), TURN),
        paced::run(
            field.service.address,
            arrivals(log_ins, LOG_INS, LOG_INS * 4, 503),
            TURN
        ),
    )?;
    field.mock.clear_faults();
    gets_in(&field, &terms).await?;
    scanning.end(people).await?;

    let (told, others) = (refused.longest(), shown.per_mille(990));
    println!(
        "  {} log-ins refused, the slowest after {told:.2?}; {} codes shown meanwhile, p99 {others:.2?}",
        refused.count(),
        shown.count(),
    );
    let db = field.world.database().await?;
    scanning.audit(&db).await?.conclude()?;
    ensure!(
        told <= REFUSAL,
        "somebody waited longer than {REFUSAL:?} to be refused"
    );
    ensure!(others <= BOUND, "others waited longer than {BOUND:?}");
    Ok(())
}

fn arrivals(requests: Arc<Requests>, per_second: u32, connections: u32, status: u16) -> Arrivals {
    Arrivals {
        requests,
        per_second,
        connections,
        status,
    }
}

fn codes(field: &Field) -> Result<Vec<Vec<u8>>> {
    field
        .people
        .iter()
        .enumerate()
        .map(|(at, person)| {
            let bearer = field.bearers.get(at).context("no token")?;
            let path = format!("/v1/people/{person}/health-code");
            Ok(load::get(&path, Some(bearer)))
        })
        .collect()
}

/// A log-in of somebody who was never seen.
fn log_in(field: &Field, terms: &Value, name: &str) -> Vec<u8> {
    let phone = field.mock.phone_of(name);
    let body = json!({
        "app_id": dev::WECHAT_APP_ID,
        "login_code": phone.wechat_login_code(),
        "phone_code": phone.wechat_phone_code(),
        "accepted": {
            "terms": terms.pointer("/terms/version"),
            "privacy": terms.pointer("/privacy/version"),
        },
    });
    load::post("/v1/login/wechat", &body.to_string())
}

/// WeChat is left alone for a while after it failed.
async fn gets_in(field: &Field, terms: &Value) -> Result<()> {
    let began = Instant::now();
    for attempt in 0_u32.. {
        let name = format!("well {attempt} {:?}", began.elapsed());
        let answer = load::ask(field.service.address, &log_in(field, terms, &name)).await?;
        if answer.status == 200 {
            return Ok(());
        }
        ensure!(
            began.elapsed() < RECOVERY,
            "nobody gets in though WeChat answers: {}",
            String::from_utf8_lossy(&answer.body)
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}
