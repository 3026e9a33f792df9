//! On PostgreSQL: rows go through binary `COPY`, straight into the table.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::values::{PersonId, TestResult};
use sea_orm::{
    ActiveEnum, DatabaseConnection, DbErr, RuntimeErr,
    sqlx::{self, PgConnection},
};
use uuid::Uuid;

use super::{
    judging::{Key, Sample, Says},
    rows::{TestRow, Tests},
    steps::{Concerned, Kept, Step},
};
use crate::{
    platform::db::{begin_bulk, begin_probing},
    recheck,
};

/// Keys that one statement looks for.
const ASKED_AT_ONCE: usize = 262_144;

/// Bytes that are sent at a time.
const SENT_AT_ONCE: usize = 256 * 1024;

const COPY: &str = "COPY test_result (person_id, sampled_at, sample, reported_at, result, tube_size, \
                    source, recorded_at) FROM STDIN (FORMAT binary)";

/// PostgreSQL counts from 2000-01-01.
const EPOCH: i64 = 946_684_800_000_000;

/// What the table says under `keys`.
pub(super) async fn stored<'k>(
    db: &DatabaseConnection,
    keys: &[Key<'k>],
) -> Result<HashMap<Key<'k>, Says>, DbErr> {
    let mut stored = HashMap::new();
    for asked in keys.chunks(ASKED_AT_ONCE) {
        let found = look_up(db, asked).await;
        for (at, result, tube_size, sampled_at) in found.map_err(failed)? {
            let result = TestResult::try_from_value(&result)?;
            let at = usize::try_from(at).ok();
            let key = at.and_then(|at| asked.get(at.checked_sub(1)?));
            if let Some(key) = key {
                stored.insert(*key, (result, tube_size, sampled_at));
            }
        }
    }
    Ok(stored)
}

/// A place among the keys that were asked for, counted from 1, and what the table says under it.
type Found = (i64, String, i16, DateTime<Utc>);

/// Those of `keys` that are in the table.
async fn look_up(db: &DatabaseConnection, keys: &[Key<'_>]) -> sqlx::Result<Vec<Found>> {
    const QUERY: &str = "SELECT k.place, t.result, t.tube_size, t.sampled_at
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[])
            WITH ORDINALITY AS k(person_id, sample, reported_at, place)
        JOIN test_result t ON t.person_id = k.person_id AND t.sample = k.sample
            AND t.reported_at = k.reported_at";
    let people: Vec<Uuid> = keys.iter().map(|key| key.0.0).collect();
    let tubes: Vec<&str> = keys.iter().map(|key| key.1).collect();
    let reported: Vec<DateTime<Utc>> = keys.iter().map(|key| key.2).collect();
    let mut tx = begin_bulk(db).await?;
    let found = sqlx::query_as(QUERY)
        .bind(people)
        .bind(tubes)
        .bind(reported)
        .fetch_all(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(found)
}

/// The samples among those of `keys` whose first report another brought than `source`.
pub(super) async fn others<'k>(
    db: &DatabaseConnection,
    source: &str,
    keys: &[Key<'k>],
) -> Result<HashSet<Sample<'k>>, DbErr> {
    let mut others = HashSet::new();
    for asked in keys.chunks(ASKED_AT_ONCE) {
        let places = brought_by_others(db, source, asked).await.map_err(failed)?;
        let found = places.into_iter().filter_map(|place| {
            let at = usize::try_from(place).ok()?.checked_sub(1)?;
            asked.get(at).map(|key| (key.0, key.1))
        });
        others.extend(found);
    }
    Ok(others)
}

async fn brought_by_others(
    db: &DatabaseConnection,
    source: &str,
    keys: &[Key<'_>],
) -> sqlx::Result<Vec<i64>> {
    // Of each sample by itself: all that others ever brought would be read otherwise.
    const QUERY: &str = "SELECT array_agg(k.place)
        FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS k(person_id, sample, place)
        CROSS JOIN LATERAL (SELECT source FROM test_result t
            WHERE t.person_id = k.person_id AND t.sample = k.sample
            ORDER BY recorded_at, reported_at LIMIT 1) AS first
        WHERE first.source <> $3";
    let people: Vec<Uuid> = keys.iter().map(|key| key.0.0).collect();
    let samples: Vec<&str> = keys.iter().map(|key| key.1).collect();
    let mut tx = begin_probing(db).await?;
    let (places,): (Option<Vec<i64>>,) = sqlx::query_as(QUERY)
        .bind(people)
        .bind(samples)
        .bind(source)
        .fetch_one(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(places.unwrap_or_default())
}

/// Apply `step`.
pub(super) async fn keep(db: &DatabaseConnection, step: &Step<'_>) -> Result<Kept, DbErr> {
    match try_to_keep(db, step).await {
        Ok(kept) => Ok(kept),
        Err(sqlx::Error::Database(refusal)) if refusal.is_unique_violation() => Ok(Kept::Collided),
        Err(error) => Err(failed(error)),
    }
}

/// Whatever goes wrong, the transaction goes with it.
async fn try_to_keep(db: &DatabaseConnection, step: &Step<'_>) -> sqlx::Result<Kept> {
    let mut tx = begin_bulk(db).await?;
    if !advance(&mut tx, step).await? {
        return Ok(Kept::Overtaken);
    }
    copy(&mut tx, step).await?;
    let marked = step.affected();
    if !marked.is_empty() {
        recheck::mark_all_in(&mut tx, &marked, step.now).await?;
    }
    note(&mut tx, step).await?;
    tx.commit().await?;
    Ok(Kept::Whole)
}

/// Say how far the import got, unless another process claimed it since.
async fn advance(tx: &mut PgConnection, step: &Step<'_>) -> sqlx::Result<bool> {
    const ADVANCE: &str = "UPDATE import_batch SET due_at = $4, next_row = $5, next_byte = $6,
            told_row = $7, told_byte = $8, applied = $9, repeated = $10, refused = $11,
            positives = $12
        WHERE id = $1 AND claim = $2 AND next_row = $3 AND state = 'waiting'";
    let (before, after) = (step.before, step.after);
    let done = sqlx::query(ADVANCE)
        .bind(before.id.0)
        .bind(before.claim)
        .bind(before.next_row)
        .bind(after.due_at)
        .bind(after.next_row)
        .bind(after.next_byte)
        .bind(after.told_row)
        .bind(after.told_byte)
        .bind(after.applied)
        .bind(after.repeated)
        .bind(after.refused)
        .bind(after.positives)
        .execute(tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

async fn copy(tx: &mut PgConnection, step: &Step<'_>) -> sqlx::Result<()> {
    if step.new.is_empty() {
        return Ok(());
    }
    let mut to = tx.copy_in_raw(COPY).await?;
    let mut bytes = Vec::with_capacity(SENT_AT_ONCE + 1024);
    bytes.extend(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
    let last = [step.before.source.as_bytes(), &micros(step.now)];
    for row in step.rows() {
        encode(&mut bytes, row, step.tests, last);
        if bytes.len() >= SENT_AT_ONCE {
            to.send(bytes.as_slice()).await?;
            bytes.clear();
        }
    }
    bytes.extend((-1_i16).to_be_bytes());
    to.send(bytes.as_slice()).await?;
    to.finish().await.map(drop)
}

/// One tuple of the binary format, in the order of the columns of [`COPY`].
fn encode(into: &mut Vec<u8>, row: &TestRow, tests: &Tests, last: [&[u8]; 2]) {
    let result: &[u8] = match row.result {
        TestResult::Negative => b"negative",
        TestResult::Positive => b"positive",
        TestResult::Inconclusive => b"inconclusive",
    };
    let [source, recorded_at] = last;
    let fields: [&[u8]; 8] = [
        row.person.0.as_bytes(),
        &micros(row.sampled_at),
        tests.sample(row).as_bytes(),
        &micros(row.reported_at),
        result,
        &row.tube_size.to_be_bytes(),
        source,
        recorded_at,
    ];
    into.extend(8_i16.to_be_bytes());
    for field in fields {
        // No field is longer than a line.
        let length = i32::try_from(field.len()).unwrap_or_default();
        into.extend(length.to_be_bytes());
        into.extend(field);
    }
}

fn micros(at: DateTime<Utc>) -> [u8; 8] {
    (at.timestamp_micros() - EPOCH).to_be_bytes()
}

/// Those of `people` whose colour any result may change, or `all` of them.
pub(super) async fn concerned(
    db: &DatabaseConnection,
    people: &[PersonId],
    all: bool,
) -> Result<Vec<Concerned>, DbErr> {
    const QUERY: &str = "WITH tested AS MATERIALIZED
            (SELECT person_id FROM unnest($1::uuid[]) AS tested(person_id)),
        concerned AS (
            SELECT person_id FROM tested JOIN assessment USING (person_id) WHERE shown <> 'green'
            UNION SELECT person_id FROM tested JOIN hold USING (person_id)
                WHERE released_at IS NULL
            UNION SELECT person_id FROM tested JOIN recheck_mark USING (person_id)
            UNION SELECT person_id FROM tested WHERE $2
        )
        SELECT array_agg(person_id), array_agg(coalesce(version, 0))
        FROM concerned LEFT JOIN assessment USING (person_id)";
    let ids: Vec<Uuid> = people.iter().map(|person| person.0).collect();
    let asking = async {
        let mut tx = begin_bulk(db).await?;
        let found: (Option<Vec<Uuid>>, Option<Vec<i64>>) = sqlx::query_as(QUERY)
            .bind(ids)
            .bind(all)
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(found)
    };
    let (ids, versions) = asking.await.map_err(failed)?;
    let ids = ids.unwrap_or_default().into_iter().map(PersonId);
    Ok(ids.zip(versions.unwrap_or_default()).collect())
}

async fn note(tx: &mut PgConnection, step: &Step<'_>) -> sqlx::Result<()> {
    const NOTE: &str = "INSERT INTO import_finding (import_id, line, field, code)
        SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[])";
    if step.findings.is_empty() {
        return Ok(());
    }
    let lines: Vec<i64> = step.findings.iter().map(|found| found.line).collect();
    let fields: Vec<&str> = step.findings.iter().map(|found| found.field).collect();
    let codes: Vec<&str> = step
        .findings
        .iter()
        .map(|found| found.flaw.code())
        .collect();
    sqlx::query(NOTE)
        .bind(step.before.id.0)
        .bind(lines)
        .bind(fields)
        .bind(codes)
        .execute(tx)
        .await
        .map(drop)
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}
