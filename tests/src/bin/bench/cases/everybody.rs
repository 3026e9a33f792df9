//! A million people who were assessed, and how long the database takes to look at each of them once.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::stage::Stage;

/// How many there are.
pub(super) const PEOPLE: u32 = 1_000_000;

/// Turns of each side.
pub(super) const ROUNDS: usize = 7;

/// Days since their last record go from none to so many, one after the other.
pub(super) const DAYS: u32 = 10;

/// Fill the database up to [`PEOPLE`], of whom nobody is due. Those of the stage are among them.
pub(super) async fn settle(stage: &Stage) -> Result<()> {
    let there = u32::try_from(count(stage, "SELECT count(*) FROM assessment").await?)?;
    let known = u32::try_from(count(stage, "SELECT count(*) FROM person").await?)?;
    let more = PEOPLE.saturating_sub(known);
    let unassessed = PEOPLE.saturating_sub(there);
    let settled = [
        format!(
            "INSERT INTO person (id, number, data_key, created_at)
             SELECT gen_random_uuid(), (random() * 9e18)::bigint, '\\x00', now()
             FROM generate_series(1, {more})"
        ),
        format!(
            "INSERT INTO assessment
                 (person_id, version, assessed_at, next_change_at, shown, division, compared_at)
             SELECT id, 1, now(), now() + interval '7 days', 'green', '310101', now()
             FROM person WHERE id NOT IN (SELECT person_id FROM assessment) LIMIT {unassessed}"
        ),
        format!(
            "UPDATE assessment SET shown = 'green', division = '310101',
                 next_change_at = now() + interval '7 days',
                 record_at = now() - interval '1 day' * (('x' || right(person_id::text, 6))::bit(24)::int % {DAYS})"
        ),
        "DELETE FROM recheck_mark".to_owned(),
        "VACUUM FULL ANALYZE assessment".to_owned(),
        "VACUUM ANALYZE person, recheck_mark".to_owned(),
    ];
    for statement in settled {
        stage.db.execute_unprepared(&statement).await?;
    }
    let there = count(stage, "SELECT count(*) FROM assessment").await?;
    ensure!(there == i64::from(PEOPLE), "{there} people are settled");
    Ok(())
}

/// How long one sequential scan takes that looks at everybody, on one processor.
pub(super) async fn scan(stage: &Stage) -> Result<Duration> {
    let started = Instant::now();
    let seen = count(
        stage,
        "SELECT count(*) FROM assessment WHERE assessed_at <= now() AND shown = 'green'",
    )
    .await?;
    let took = started.elapsed();
    ensure!(seen == i64::from(PEOPLE), "the scan saw {seen} people");
    Ok(took)
}

/// Have PostgreSQL use one processor for a query, as the use cases beside it do.
pub(super) async fn alone(stage: &Stage) -> Result<()> {
    stage
        .db
        .execute_unprepared("ALTER SYSTEM SET max_parallel_workers_per_gather = 0")
        .await?;
    stage
        .db
        .execute_unprepared("SELECT pg_reload_conf()")
        .await?;
    // Connections hear of it with their next statement.
    Ok(())
}

/// What `sql` counts.
pub(super) async fn count(stage: &Stage, sql: &str) -> Result<i64> {
    let asked = Statement::from_string(DbBackend::Postgres, sql);
    let row = stage.db.query_one_raw(asked).await?.context("no count")?;
    Ok(row.try_get_by_index(0)?)
}
