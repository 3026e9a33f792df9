//! `growth`: scans when there are ten million visits of the last days, beside a hundred thousand.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use api::platform::{Clock, SystemClock, clock::local_date};
use chrono::TimeDelta;
use sea_orm::ConnectionTrait;

use crate::{
    report, rounds,
    scans::{self, Coming, PEOPLE},
    stage::{Memory, Stage},
};

/// Rows of history to begin with.
const FEW: i64 = 100_000;

/// And then, unless it is told.
const MANY: u32 = 10_000_000;

/// Days that they spread over.
const DAYS: i64 = 20;

/// Turns of each.
const TURNS: usize = 5;

/// How long a turn is.
const TURN: Duration = Duration::from_secs(2);

/// So many times the processor time, at the most.
const CPU: f64 = 1.3;

/// So many times the log, at the most.
const LOG: f64 = 1.1;

/// What a scan takes.
struct Cost {
    /// Microseconds of processor time.
    cpu: f64,
    /// Bytes of the log.
    log: f64,
}

/// Scans with little history, and with much.
pub(crate) async fn run(stage: &Stage, rows: Option<u32>) -> Result<()> {
    let places = scans::settle(stage).await?;
    let service = stage.service(Memory::Usual).await?;
    stage.share(&service).await?;
    let people = stage
        .people
        .bearers(&stage.db, &stage.vault, 0..PEOPLE, 0)
        .await?;
    let coming = Coming::to(&places);
    let mut contender = service.contender(
        "growth",
        || coming.turn("/v1/visits", &people),
        scans::are_new,
    );
    let mut costs = Vec::new();
    for history in [FEW, i64::from(rows.unwrap_or(MANY))] {
        fill(stage, history).await?;
        let (mut cpus, mut logs) = (Vec::new(), Vec::new());
        // The first is to warm up.
        for turn in 0..=TURNS {
            scans::clear(stage).await?;
            let before = log(stage).await?;
            let outcome = rounds::turn(stage.meter, &mut contender, TURN).await?;
            let written = log(stage).await? - before;
            let kept = format!("SELECT count(*) FROM {}", scans::today());
            let kept = scans::number(stage, &kept).await?;
            let acks = i64::try_from(outcome.answered)?;
            ensure!(
                kept == acks,
                "{acks} were told that they are on record, and {kept} are"
            );
            if turn > 0 {
                #[expect(clippy::cast_precision_loss, reason = "no log of a turn is that long")]
                logs.push(written as f64 / acks as f64);
                cpus.push(outcome.cpu);
            }
        }
        let cost = Cost {
            cpu: rounds::median(cpus),
            log: rounds::median(logs),
        };
        println!(
            "  after {history} visits a scan takes {:.1} us and {:.0} bytes of the log",
            cost.cpu, cost.log
        );
        costs.push(cost);
    }
    let [few, many] = costs.as_slice() else {
        return Ok(());
    };
    let (cpu, log) = (many.cpu / few.cpu, many.log / few.log);
    println!("  the log grows {log:.2} of {LOG:.2}");
    report::end("growth", cpu, many.cpu, CPU, cpu <= CPU && log <= LOG);
    Ok(())
}

/// Bytes that were ever written to the log.
async fn log(stage: &Stage) -> Result<i64> {
    scans::number(stage, "SELECT (pg_current_wal_lsn() - '0/0')::bigint").await
}

/// Have `rows` visits of the days before today. What was written goes to the disk first, as it has in a
/// service that has run for weeks.
async fn fill(stage: &Stage, rows: i64) -> Result<()> {
    let today = local_date(SystemClock.now());
    for ago in 1..=DAYS {
        let day = today - TimeDelta::days(ago);
        let table = format!("visit_{}", day.format("%Y%m%d"));
        let next = day + TimeDelta::days(1);
        let each = rows / DAYS;
        // Sorting once is quicker than finding the place of each.
        let fill = format!(
            "CREATE TABLE filled (LIKE visit);
             INSERT INTO filled SELECT '{day}'::timestamptz + n * interval '1 ms', NULL, '{day}',
                n, gen_random_uuid(), gen_random_uuid(), 1, 1, 'green', NULL
                FROM generate_series(1, {each}) n;
             DROP TABLE IF EXISTS {table};
             ALTER TABLE filled RENAME TO {table};
             ALTER TABLE {table} ADD PRIMARY KEY (day, venue_id, subject, slot);
             ALTER TABLE visit ATTACH PARTITION {table} FOR VALUES FROM ('{day}') TO ('{next}');"
        );
        stage
            .db
            .execute_unprepared(&fill)
            .await
            .context(table.clone())?;
    }
    stage.db.execute_unprepared("VACUUM ANALYZE visit").await?;
    Ok(())
}
