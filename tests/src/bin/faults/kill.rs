//! `kill`: the service and PostgreSQL are killed in the middle of load, again and again (R1, R6).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use api::platform::{Entropy, OsEntropy};

use crate::{field::Field, posts::Posts, scanning::Scanning};

/// Visits that a round can acknowledge, with room.
const VISITS: usize = 20_000;

/// Most visits there are to make.
const MOST: usize = 3_000_000;

/// What a round acknowledges at the least: a round without load proves nothing.
const FEWEST: usize = 200;

/// The longest that the load goes on before something is killed, in milliseconds.
const LATEST: u32 = 1_000;

/// How long after a kill the load may take to get going again.
const RECOVERY: Duration = Duration::from_secs(30);

/// Kill and restart for `rounds`, in turn the service, PostgreSQL, and both.
pub(crate) async fn run(rounds: u32) -> Result<()> {
    let mut field = Field::new().await?;
    let most = VISITS.saturating_mul(usize::try_from(rounds)?).min(MOST);
    let scanning = Scanning::of(&field, most)?;
    let people = scanning.begin();
    let posts = Posts::open(&field).await?;
    let devices = posts.begin();
    for round in 0..rounds {
        wait_for(&scanning, scanning.acknowledged() + FEWEST).await?;
        let pause = OsEntropy.below(LATEST);
        tokio::time::sleep(Duration::from_millis(pause.into())).await;
        let before = scanning.acknowledged();
        strike(&mut field, round).await?;
        scanning.go_to(field.service.address);
        posts.go_to(field.service.address);
        if (round + 1).is_multiple_of(10) {
            println!("  killed {} times, {before} visits acknowledged", round + 1);
        }
    }
    wait_for(&scanning, scanning.acknowledged() + FEWEST).await?;
    scanning.end(people).await?;
    posts.end(devices).await?;
    let db = field.world.database().await?;
    let visits = scanning.audit(&db).await?;
    visits.and(posts.audit(&db).await?).conclude()
}

/// Kill one or both, and start again what was killed.
async fn strike(field: &mut Field, round: u32) -> Result<()> {
    match round % 3 {
        0 => {
            field.service.kill()?;
            field.restart_service().await
        }
        1 => {
            field.world.kill_postgres()?;
            field.world.restart_postgres().await?;
            ensure!(
                field.service.is_ready().await,
                "the service does not recover"
            );
            Ok(())
        }
        _ => {
            field.world.kill_postgres()?;
            field.service.kill()?;
            field.world.restart_postgres().await?;
            field.restart_service().await
        }
    }
}

async fn wait_for(scanning: &Arc<Scanning>, visits: usize) -> Result<()> {
    let began = Instant::now();
    while scanning.acknowledged() < visits {
        ensure!(
            began.elapsed() < RECOVERY,
            "nothing is acknowledged any more"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
