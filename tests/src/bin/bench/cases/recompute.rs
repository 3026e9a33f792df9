//! `recompute`: finding and marking the few of a million people whom time alone concerns, beside one
//! sequential scan of all. What an assessment of one of them takes is said besides.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use api::{
    health_code::{MarkDue, assess_due},
    jobs::Sweep,
};
use sea_orm::ConnectionTrait;

use super::everybody::{self, ROUNDS};
use crate::{report, rounds, stage::Stage};

/// Those whose time has come: two in ten thousand.
const DUE: u32 = 200;

/// The greatest part of the scan's time.
const TARGET: f64 = 0.25;

/// Scan and recompute in turn.
pub(crate) async fn run(stage: &Stage) -> Result<()> {
    everybody::settle(stage).await?;
    everybody::alone(stage).await?;
    let deps = stage.deps().await?;
    let (mut ratios, mut found, mut assessed) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        make_due(stage).await?;
        let floor = everybody::scan(stage).await?;

        let started = Instant::now();
        while MarkDue::run(&deps).await? > 0 {}
        let took = started.elapsed();
        let marks = everybody::count(stage, MARKED_AND_DUE).await?;
        ensure!(marks == i64::from(DUE), "{marks} people were marked");
        let all = everybody::count(stage, "SELECT count(*) FROM recheck_mark").await?;
        ensure!(
            all == i64::from(DUE),
            "{all} people were marked, some for nothing"
        );

        let started = Instant::now();
        let mut looked = 0;
        while looked < u64::from(DUE) {
            looked += assess_due(&deps).await?;
        }
        if round > 0 {
            ratios.push(took.as_secs_f64() / floor.as_secs_f64());
            found.push(took);
            assessed.push(started.elapsed() / DUE);
        }
    }
    let took = median(&found);
    println!(
        "  {DUE} of {} people found and marked in {took:.2?}; each assessed in {:.2?}",
        everybody::PEOPLE,
        median(&assessed)
    );
    let ratio = rounds::median(ratios);
    let each = took.as_secs_f64() * 1e6 / f64::from(DUE);
    report::end("recompute", ratio, each, TARGET, ratio <= TARGET);
    Ok(())
}

/// People who are marked and whose time has come.
const MARKED_AND_DUE: &str = "SELECT count(*) FROM recheck_mark JOIN assessment USING (person_id)
    WHERE next_change_at <= now()";

/// Have the time of [`DUE`] of those come who can be assessed.
async fn make_due(stage: &Stage) -> Result<()> {
    let people = stage.people.all.iter().take(usize::try_from(DUE)?);
    let ids: Vec<String> = people.map(|person| format!("'{}'", person.id)).collect();
    let ids = ids.join(",");
    for statement in [
        "DELETE FROM recheck_mark".to_owned(),
        format!(
            "UPDATE assessment SET next_change_at = now() - interval '1 second'
             WHERE person_id IN ({ids})"
        ),
        "VACUUM ANALYZE assessment, recheck_mark".to_owned(),
    ] {
        stage.db.execute_unprepared(&statement).await?;
    }
    Ok(())
}

fn median(times: &[Duration]) -> Duration {
    let seconds = times.iter().map(Duration::as_secs_f64).collect();
    Duration::from_secs_f64(rounds::median(seconds))
}
