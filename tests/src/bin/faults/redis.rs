//! `redis`: the short-lived store is killed, hangs, and comes back empty, in the middle of load.
//!
//! Visits and codes go on, nobody waits longer than two seconds, and no short message is sent that
//! nobody counted.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use integration_tests::load;
use serde_json::json;

use crate::{field::Field, scanning::Scanning};

/// How long each state lasts.
const TURN: Duration = Duration::from_secs(6);

/// The longest that anybody may wait.
const BOUND: Duration = Duration::from_secs(2);

/// Visits that there are to make, with room.
const VISITS: usize = 1_000_000;

/// How soon after Redis is back short messages must be sent again.
const RECOVERY: Duration = Duration::from_secs(30);

/// Kill, hang and empty it.
pub(crate) async fn run() -> Result<()> {
    let mut field = Field::new().await?;
    let scanning = Scanning::of(&field, VISITS)?;
    let people = scanning.begin();
    let mut asked = Asked::default();
    asked.sends(&field, "as usual").await?;

    field.world.kill_redis()?;
    asked.goes_on(&field, &scanning, "killed").await?;
    field.world.restart_redis().await?;
    asked.sends(&field, "back, and empty").await?;

    field.world.hang_redis()?;
    asked.goes_on(&field, &scanning, "hanging").await?;
    field.world.wake_redis()?;
    asked.sends(&field, "awake").await?;

    scanning.end(people).await?;
    let slowest = asked.slowest.max(scanning.slowest());
    println!("  the longest wait for anything: {slowest:.2?}");
    let db = field.world.database().await?;
    scanning.audit(&db).await?.conclude()?;
    ensure!(slowest <= BOUND, "somebody waited longer than {BOUND:?}");
    Ok(())
}

/// What was asked besides visits.
#[derive(Debug, Default)]
struct Asked {
    count: usize,
    slowest: Duration,
}

impl Asked {
    /// For a while: codes are shown, visits acknowledged, and short messages refused.
    async fn goes_on(&mut self, field: &Field, scanning: &Scanning, state: &str) -> Result<()> {
        let began = Instant::now();
        let (mut codes, visits) = (0, scanning.acknowledged());
        while began.elapsed() < TURN {
            let status = self.code(field).await?;
            ensure!(
                status == 200,
                "Redis {state}: a code was answered with {status}"
            );
            codes += 1;
            let status = self.message(field).await?;
            ensure!(
                status == 503,
                "Redis {state}: a short message was answered with {status}"
            );
        }
        let visits = scanning.acknowledged() - visits;
        ensure!(visits > 0, "Redis {state}: no visit is acknowledged");
        println!(
            "  Redis {state}: {codes} codes shown, {visits} visits acknowledged, no message sent"
        );
        Ok(())
    }

    /// Short messages are sent again before long.
    async fn sends(&mut self, field: &Field, state: &str) -> Result<()> {
        let began = Instant::now();
        loop {
            let status = self.message(field).await?;
            if status == 202 || status == 200 {
                println!(
                    "  Redis {state}: messages are sent {:.2?} later",
                    began.elapsed()
                );
                return Ok(());
            }
            ensure!(
                began.elapsed() < RECOVERY,
                "Redis {state}: a short message is still answered with {status}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Show somebody's code. Everybody has their turn.
    async fn code(&mut self, field: &Field) -> Result<u16> {
        let at = self.count % field.people.len();
        let person = field.people.get(at).context("nobody")?;
        let bearer = field.bearers.get(at).map(String::as_str);
        let path = format!("/v1/people/{person}/health-code");
        self.ask(field, &load::get(&path, bearer)).await
    }

    /// Ask for a code by short message to a number that nobody asked for before.
    async fn message(&mut self, field: &Field) -> Result<u16> {
        let phone = format!("139{:08}", self.count);
        let body = json!({"phone": phone}).to_string();
        self.ask(field, &load::post("/v1/login/sms-codes", &body))
            .await
    }

    async fn ask(&mut self, field: &Field, request: &[u8]) -> Result<u16> {
        self.count += 1;
        let began = Instant::now();
        let answer = load::ask(field.service.address, request).await?;
        self.slowest = self.slowest.max(began.elapsed());
        Ok(answer.status)
    }
}
