//! What must hold before a figure counts.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use entity::values::Colour;

use crate::{
    cases::path,
    codes::Shown,
    load,
    people::Person,
    stage::{Service, Stage},
};

/// How soon everybody must know that a session ended or a colour changed.
const BOUND: Duration = Duration::from_secs(5);

/// How often to look.
const LOOK: Duration = Duration::from_millis(50);

/// People apart from those whom the cases ask about.
const ASIDE: usize = 50_000;

/// A check-in that makes a code yellow.
const UNWELL: &str = r#"{"temperature":38.5,"symptoms":["fever"]}"#;

/// A changed colour is shown, and an ended session refused, within their bound.
pub(crate) async fn check(stage: &Stage, service: &Service) -> Result<()> {
    let bearers = stage
        .people
        .bearers(&stage.db, &stage.vault, ASIDE..ASIDE + 1, 0)
        .await?;
    let somebody = stage.people.all.get(ASIDE).context("nobody")?;
    let bearer = bearers.first().context("no token")?;
    let changed = changed_colour(service, *somebody, bearer).await?;
    let ended = ended_session(service, *somebody, bearer).await?;
    println!(
        "  a changed colour showed after {changed:.1?}, an ended session was refused after {ended:.1?}"
    );
    Ok(())
}

async fn changed_colour(service: &Service, somebody: Person, bearer: &str) -> Result<Duration> {
    ensure!(
        colour(service, somebody, bearer).await? == Colour::Green,
        "a healthy person is not green"
    );
    let check_in = load::request(
        "POST",
        &format!("/v1/people/{}/check-ins", somebody.id),
        Some(bearer),
        "idempotency-key: bench\r\n",
        Some(UNWELL),
    );
    let answer = load::ask(service.address, &check_in).await?;
    ensure!(
        answer.status == 201,
        "a check-in is refused: {}",
        answer.status
    );
    let started = Instant::now();
    while colour(service, somebody, bearer).await? != Colour::Yellow {
        ensure!(
            started.elapsed() < BOUND,
            "the colour did not change in {BOUND:?}"
        );
        tokio::time::sleep(LOOK).await;
    }
    Ok(started.elapsed())
}

async fn colour(service: &Service, somebody: Person, bearer: &str) -> Result<Colour> {
    let answer = show(service, somebody, bearer).await?;
    ensure!(answer.status == 200, "a code is refused: {}", answer.status);
    let shown: Shown = serde_json::from_slice(&answer.body)?;
    Ok(shown.colour)
}

async fn ended_session(service: &Service, somebody: Person, bearer: &str) -> Result<Duration> {
    let log_out = load::request("DELETE", "/v1/sessions/current", Some(bearer), "", None);
    let answer = load::ask(service.address, &log_out).await?;
    ensure!(
        answer.status == 204,
        "logging out is refused: {}",
        answer.status
    );
    let started = Instant::now();
    loop {
        match show(service, somebody, bearer).await?.status {
            401 => return Ok(started.elapsed()),
            200 if started.elapsed() < BOUND => tokio::time::sleep(LOOK).await,
            status => bail!("a session that ended is answered with {status}"),
        }
    }
}

async fn show(service: &Service, somebody: Person, bearer: &str) -> Result<load::Answer> {
    load::ask(
        service.address,
        &load::get(&path(somebody.id), Some(bearer)),
    )
    .await
}
