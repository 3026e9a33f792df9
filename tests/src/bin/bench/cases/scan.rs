//! `scan`: people come to venues, each on record before they are told so.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use integration_tests::venues::COUNTED;
use sea_orm::ConnectionTrait;

use crate::{
    report::{self, By, Comparison},
    rounds,
    scans::{self, CONNECTIONS, Coming, PEOPLE},
    stage::{Memory, Stage},
};

/// How long pgbench is let to insert, three times.
const PGBENCH_SECONDS: &str = "3";

/// Service, the same without waiting for the disk, the same handler without an insert, and SeaORM in turn;
/// then pgbench by itself.
pub(crate) async fn run(stage: &Stage) -> Result<()> {
    let places = scans::settle(stage).await?;
    let service = stage.service(Memory::Usual).await?;
    set_everybody(stage, "synchronous_commit = off").await?;
    let loose = stage.restarted_service(Memory::Usual).await?;
    // The connections of that one are open by now: others are made as before.
    let floor = stage.floor_with(&places).await?;
    stage.share(&service).await?;
    scans::clear(stage).await?;

    let people = stage
        .people
        .bearers(&stage.db, &stage.vault, 0..PEOPLE, 0)
        .await?;
    let others = floor.tokens(u32::try_from(PEOPLE)?)?;
    let coming = Coming::to(&places);
    warm(stage, &loose, &coming, &people).await?;
    reset_everybody(stage).await?;
    let warmed = on_record(stage).await?;

    let mut contenders = [
        service.contender(
            "scan",
            || coming.turn("/v1/visits", &people),
            scans::are_new,
        ),
        floor.scan(|| coming.turn("/scan", &others)),
        floor.scan_orm(|| coming.turn("/scan-orm", &others)),
        loose.contender(
            "scan, not durable",
            || coming.turn("/v1/visits", &people),
            scans::are_new,
        ),
    ];
    let records = rounds::run(stage.meter, &mut contenders).await?;
    report::explain(&records);
    let [scan, without, orm, hasty] = records.as_slice() else {
        return Ok(());
    };
    let rows = on_record(stage).await? - warmed;
    let acks = i64::try_from(scan.answered + orm.answered + hasty.answered)?;
    ensure!(
        rows == acks,
        "{acks} were told that they are on record, and {rows} are"
    );
    let counted = scans::number(stage, COUNTED).await?;
    let scanned = warmed + i64::try_from(scan.answered + hasty.answered)?;
    ensure!(
        counted == scanned,
        "{scanned} came, and {counted} were counted"
    );

    let single = pgbench(stage).await?;
    println!(
        "  {rows} on record for as many answers; 99 in 100 waited {:.1} ms at the most; pgbench inserts {single:.0} a second",
        scan.p99()
    );
    report::conclude(
        "scan",
        &[
            Comparison::new(scan, without, By::Rate, 0.45),
            Comparison::new(scan, without, By::Cpu, 0.42),
            Comparison::found("pgbench", By::Rate, scan.rate() / single, 3.5, scan.cpu()),
            Comparison::new(scan, orm, By::Rate, 10.0),
            Comparison::new(scan, hasty, By::Rate, 0.75),
        ],
    );
    Ok(())
}

/// Have `service` open its connections.
async fn warm(
    stage: &Stage,
    service: &crate::stage::Service,
    coming: &Coming<'_>,
    people: &[String],
) -> Result<()> {
    let mut contender = service.contender(
        "warm-up",
        || coming.turn("/v1/visits", people),
        scans::are_new,
    );
    rounds::turn(
        stage.meter,
        &mut contender,
        std::time::Duration::from_millis(500),
    )
    .await?;
    Ok(())
}

async fn on_record(stage: &Stage) -> Result<i64> {
    scans::number(stage, "SELECT count(*) FROM visit").await
}

/// Have every connection that is made from here on begin with `setting`.
async fn set_everybody(stage: &Stage, setting: &str) -> Result<()> {
    let set = format!(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET {setting}', current_database()); END $$"
    );
    stage.db.execute_unprepared(&set).await?;
    Ok(())
}

async fn reset_everybody(stage: &Stage) -> Result<()> {
    let reset =
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET ALL', current_database()); END $$";
    stage.db.execute_unprepared(reset).await?;
    Ok(())
}

/// Prepared single inserts of as many clients into a table of the same form: the best of three, a second.
async fn pgbench(stage: &Stage) -> Result<f64> {
    const INSERT: &str = "INSERT INTO single VALUES (now(), NULL, current_date, 1, \
        gen_random_uuid(), gen_random_uuid(), 1, 1, 'green', NULL);\n";
    let table = "CREATE TABLE IF NOT EXISTS single (LIKE visit INCLUDING ALL)";
    stage.db.execute_unprepared(table).await?;
    let script = stage.world.path("single.sql");
    std::fs::write(&script, INSERT)?;
    let program = stage.world.program("pgbench");
    let mut best = 0.0_f64;
    for _ in 0..3 {
        let (program, script) = (program.clone(), script.clone());
        let url = stage.world.postgres_url.clone();
        let rate = tokio::task::spawn_blocking(move || insert(&program, &script, &url)).await??;
        best = best.max(rate);
    }
    stage.db.execute_unprepared("DROP TABLE single").await?;
    Ok(best)
}

fn insert(program: &Path, script: &Path, url: &str) -> Result<f64> {
    let clients = CONNECTIONS.to_string();
    let done = Command::new(program)
        .args(["--no-vacuum", "--protocol", "prepared", "--jobs", "2"])
        .args(["--client", &clients, "--time", PGBENCH_SECONDS])
        .arg("--file")
        .arg(script)
        .arg(url)
        .output()
        .context("pgbench is missing: install the PostgreSQL server, package `postgresql`")?;
    let said = String::from_utf8_lossy(&done.stdout);
    let complained = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "pgbench failed: {complained}");
    let rate = said.lines().find_map(|line| {
        let rest = line.strip_prefix("tps = ")?;
        rest.split(' ').next()?.parse().ok()
    });
    rate.context("pgbench tells no rate")
}
