//! Writing visits down, many in one statement.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    values::{Assurance, Colour, VenueId, VisitWay},
    venue_hour, visit,
};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, ExprTrait,
    IntoActiveModel, QueryFilter, QueryOrder, SqlErr, Statement, Value,
    sea_query::{Expr, OnConflict, ValueType},
};
use uuid::Uuid;

use super::super::rules::{self, Coming, beginnings};
use crate::platform::db::inserted;

/// A visit on its way into the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::visits) struct Row {
    pub(in crate::visits) day: NaiveDate,
    pub(in crate::visits) venue: VenueId,
    pub(in crate::visits) subject: Uuid,
    pub(in crate::visits) at: DateTime<Utc>,
    pub(in crate::visits) colour: Colour,
    pub(in crate::visits) assurance: Assurance,
    pub(in crate::visits) way: VisitWay,
    pub(in crate::visits) noted_by: Option<Uuid>,
}

impl Row {
    /// The same visit, noted again as `again`: the stronger of the two vouches for it.
    fn vouched_by(&mut self, again: &Self) {
        if again.assurance > self.assurance {
            self.assurance = again.assurance;
            self.way = again.way;
            self.noted_by = again.noted_by;
        }
    }
}

impl Coming for Row {
    type Who = (VenueId, Uuid);

    fn who(&self) -> (VenueId, Uuid) {
        (self.venue, self.subject)
    }

    fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

/// What becomes of a visit that somebody else writes down at the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rival {
    /// All of the statement fails: that costs nobody anything who has none.
    Fails,
    /// Theirs is the one that counts.
    Yields,
}

/// Write `rows` down, which are all of `day`, with what the hours count. Returns of each since when the
/// visitor is there: an earlier time than the row's if they had come within `window` already. Of such a
/// row no visit is written; but what vouches more for the one on record vouches for it from now on, and
/// whoever had left before is back.
///
/// On SQLite in a transaction of the caller's. On PostgreSQL it is one statement, for connections that
/// find rows by indexes and are in no transaction; the day must have its table.
pub(in crate::visits) async fn write_day(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    rows: &[Row],
    window: TimeDelta,
) -> Result<Vec<DateTime<Utc>>, DbErr> {
    match write(db, day, rows, window, Rival::Fails).await {
        Err(error) if is_rival(&error) => write(db, day, rows, window, Rival::Yields).await,
        outcome => outcome,
    }
}

fn is_rival(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

async fn write(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    rows: &[Row],
    window: TimeDelta,
    rival: Rival,
) -> Result<Vec<DateTime<Utc>>, DbErr> {
    let (firsts, belongs) = beginnings(rows, window);
    let mut own: Vec<Row> = firsts
        .iter()
        .filter_map(|at| rows.get(*at).copied())
        .collect();
    for (row, first) in rows.iter().zip(&belongs) {
        if let Some(own) = own.get_mut(*first) {
            own.vouched_by(row);
        }
    }
    let since = if db.get_database_backend() == DbBackend::Postgres {
        at_once(db, day, &own, window, rival).await?
    } else {
        one_by_one(db, &own, window).await?
    };
    Ok(rows
        .iter()
        .zip(belongs)
        .map(|(row, first)| since.get(first).copied().unwrap_or(row.at))
        .collect())
}

/// Write `rows` of any days down within a transaction of the caller's. As [`write_day`] otherwise.
pub(in crate::visits) async fn write_in(
    tx: &DatabaseTransaction,
    rows: &[Row],
    window: TimeDelta,
) -> Result<Vec<DateTime<Utc>>, DbErr> {
    let is_postgres = tx.get_database_backend() == DbBackend::Postgres;
    if is_postgres {
        tx.execute_unprepared("SET LOCAL enable_seqscan = off")
            .await?;
    }
    let mut since: Vec<DateTime<Utc>> = rows.iter().map(|row| row.at).collect();
    let days: BTreeSet<NaiveDate> = rows.iter().map(|row| row.day).collect();
    for day in days {
        let (places, own): (Vec<usize>, Vec<Row>) = rows
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, row)| row.day == day)
            .unzip();
        for (place, at) in places
            .into_iter()
            .zip(write(tx, day, &own, window, Rival::Yields).await?)
        {
            if let Some(since) = since.get_mut(place) {
                *since = at;
            }
        }
    }
    if is_postgres {
        tx.execute_unprepared("SET LOCAL enable_seqscan = on")
            .await?;
    }
    Ok(since)
}

async fn at_once(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    rows: &[Row],
    window: TimeDelta,
    rival: Rival,
) -> Result<Vec<DateTime<Utc>>, DbErr> {
    let mut since: Vec<DateTime<Utc>> = rows.iter().map(|row| row.at).collect();
    let first = insert(db, day, rows, window, rival).await?;
    for (at, before) in &first.before {
        if let Some(since) = since.get_mut(*at) {
            *since = *before;
        }
    }
    if first.written + first.before.len() < rows.len() {
        // Others wrote some of them down in between. A second look sees whose is there.
        for (at, before) in insert(db, day, rows, window, rival).await?.before {
            if let Some(since) = since.get_mut(at) {
                *since = before;
            }
        }
    }
    Ok(since)
}

/// What one statement did.
struct Inserted {
    written: usize,
    /// Of rows that were not written: which, and when the visitor had come.
    before: Vec<(usize, DateTime<Utc>)>,
}

async fn insert(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    rows: &[Row],
    window: TimeDelta,
    rival: Rival,
) -> Result<Inserted, DbErr> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        statement(day, rows, window, rival),
        [
            array(rows, |row| row.venue.0),
            array(rows, |row| row.subject),
            array(rows, |row| rules::slot(row.at, window)),
            array(rows, |row| row.at),
            array(rows, |row| row.assurance.to_value()),
            array(rows, |row| row.way.to_value()),
            array(rows, |row| row.colour.to_value()),
            array(rows, |row| row.noted_by.unwrap_or_default()),
            day.into(),
        ],
    );
    let mut outcome = Inserted {
        written: 0,
        before: Vec::new(),
    };
    for row in db.query_all_raw(statement).await? {
        let number: i64 = row.try_get_by_index(0)?;
        match row.try_get_by_index(1)? {
            Some(before) => {
                let place = usize::try_from(number).unwrap_or_default();
                outcome.before.push((place.saturating_sub(1), before));
            }
            None => outcome.written = usize::try_from(number).unwrap_or_default(),
        }
    }
    Ok(outcome)
}

/// The whole of it: who is there already, what is better known of them now, the others' rows, and what is
/// to be counted of them. Visits are changed in one order everywhere, so that of two who change the same
/// ones one waits for the other.
///
/// An hour of a venue is a row that all who come there share: to count each commit's visits in it at once
/// would rewrite as many rows as there are visits. So what is to be counted is set down in a row of its
/// own for the whole commit, and [`super::count`] counts those of many commits in one go.
///
/// It names the table of the day, so that neither planning nor locking is about any other; around
/// midnight visitors may be there since yesterday. Standing visits are compared by `>=` and `<=`, for which
/// there is but one plan: to look their keys up. To `=` there are others, which read the whole day.
fn statement(day: NaiveDate, rows: &[Row], window: TimeDelta, rival: Rival) -> String {
    let table = format!("visit_{}", day.format("%Y%m%d"));
    let near_midnight = |row: &Row| rules::is_near_midnight(row.at, window);
    let (asked, days) = if rows.iter().any(near_midnight) {
        ("visit", "BETWEEN $9::date - 1 AND $9::date + 1")
    } else {
        (table.as_str(), "= $9::date")
    };
    let seconds = window.num_seconds();
    let conflict = match rival {
        Rival::Fails => "",
        Rival::Yields => "ON CONFLICT DO NOTHING",
    };
    format!(
        "WITH arriving AS (
            SELECT a.*, v.at AS before, v.day AS began, v.slot AS standing,
                v.assurance < a.assurance OR v.left_at < a.at AS tells
            FROM unnest($1::uuid[], $2::uuid[], $3::int4[], $4::timestamptz[], $5::int2[],
                    $6::int2[], $7::text[], $8::uuid[])
                WITH ORDINALITY
                AS a(venue_id, subject, slot, at, assurance, way, colour, noted_by, n)
            LEFT JOIN LATERAL (
                SELECT v.at, v.day, v.slot, v.assurance, v.left_at FROM {asked} v
                WHERE v.day {days} AND v.venue_id = a.venue_id AND v.subject = a.subject
                    AND v.slot BETWEEN a.slot - 1 AND a.slot + 1
                    AND v.at > a.at - interval '{seconds} s'
                    AND v.at < a.at + interval '{seconds} s'
                ORDER BY v.at DESC LIMIT 1) v ON true
        ), written AS (
            INSERT INTO {table}
                (at, day, slot, venue_id, subject, assurance, way, colour, noted_by)
            SELECT at, $9::date, slot, venue_id, subject, assurance, way, colour,
                NULLIF(noted_by, '00000000-0000-0000-0000-000000000000')
            FROM arriving WHERE before IS NULL
            {conflict}
            RETURNING venue_id, at, colour
        ), counted AS (
            INSERT INTO visit_uncounted (id, day, hour, colour, venues)
            SELECT gen_random_uuid(), $9::date,
                extract(hour FROM at AT TIME ZONE interval '8 hours')::int2 AS hour, colour,
                string_agg(uuid_send(venue_id), ''::bytea)
            FROM written GROUP BY hour, colour
        ), again AS (
            UPDATE {asked} v SET
                assurance = greatest(v.assurance, a.assurance),
                way = CASE WHEN a.assurance > v.assurance THEN a.way ELSE v.way END,
                noted_by = CASE WHEN a.assurance > v.assurance
                    THEN NULLIF(a.noted_by, '00000000-0000-0000-0000-000000000000')
                    ELSE v.noted_by END,
                left_at = CASE WHEN v.left_at < a.at THEN NULL ELSE v.left_at END
            FROM (
                SELECT DISTINCT ON (venue_id, subject, before) * FROM arriving WHERE tells
                ORDER BY venue_id, subject, before, assurance DESC, at DESC
            ) a
            WHERE (v.day, v.venue_id, v.subject, v.slot)
                    >= (a.began, a.venue_id, a.subject, a.standing)
                AND (v.day, v.venue_id, v.subject, v.slot)
                    <= (a.began, a.venue_id, a.subject, a.standing)
        )
        SELECT count(*), NULL::timestamptz FROM written
        UNION ALL SELECT n, before FROM arriving WHERE before IS NOT NULL"
    )
}

fn array<T: Into<Value> + ValueType>(rows: &[Row], of: impl Fn(&Row) -> T) -> Value {
    let values = rows.iter().map(|row| of(row).into()).collect();
    Value::Array(<T as ValueType>::array_type(), Some(Box::new(values)))
}

async fn one_by_one(
    db: &impl ConnectionTrait,
    rows: &[Row],
    window: TimeDelta,
) -> Result<Vec<DateTime<Utc>>, DbErr> {
    let mut since = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(standing) = standing(db, row, window).await? {
            since.push(standing.at);
            go_on(db, standing, row).await?;
        } else {
            since.push(row.at);
            keep(db, row, window).await?;
        }
    }
    Ok(since)
}

/// The visit that `row` goes on with.
async fn standing(
    db: &impl ConnectionTrait,
    row: &Row,
    window: TimeDelta,
) -> Result<Option<visit::Model>, DbErr> {
    let slot = rules::slot(row.at, window);
    visit::Entity::find()
        .filter(visit::Column::Day.between(row.day.pred_opt(), row.day.succ_opt()))
        .filter(visit::Column::VenueId.eq(row.venue))
        .filter(visit::Column::Subject.eq(row.subject))
        .filter(visit::Column::Slot.between(slot - 1, slot + 1))
        .filter(visit::Column::At.gt(row.at - window))
        .filter(visit::Column::At.lt(row.at + window))
        .order_by_desc(visit::Column::At)
        .one(db)
        .await
}

/// What `row` says of the visit `standing` that was not known.
async fn go_on(db: &impl ConnectionTrait, standing: visit::Model, row: &Row) -> Result<(), DbErr> {
    let vouches_more = row.assurance > standing.assurance;
    let is_back = standing.left_at.is_some_and(|left| left < row.at);
    if !vouches_more && !is_back {
        return Ok(());
    }
    let mut visit = standing.into_active_model();
    if vouches_more {
        visit.assurance = Set(row.assurance);
        visit.way = Set(row.way);
        visit.noted_by = Set(row.noted_by);
    }
    if is_back {
        visit.left_at = Set(None);
    }
    visit::Entity::update(visit).exec(db).await.map(drop)
}

async fn keep(db: &impl ConnectionTrait, row: &Row, window: TimeDelta) -> Result<(), DbErr> {
    let visit = visit::Model {
        day: row.day,
        venue_id: row.venue,
        subject: row.subject,
        slot: rules::slot(row.at, window),
        at: row.at,
        left_at: None,
        assurance: row.assurance,
        way: row.way,
        colour: row.colour,
        noted_by: row.noted_by,
    };
    let written = visit::Entity::insert(visit.into_active_model())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(db)
        .await;
    if inserted(written)? {
        count(db, row).await?;
    }
    Ok(())
}

async fn count(db: &impl ConnectionTrait, row: &Row) -> Result<(), DbErr> {
    use venue_hour::Column;
    let one = |colour| i32::from(row.colour == colour);
    let hour = venue_hour::ActiveModel {
        day: Set(row.day),
        venue_id: Set(row.venue),
        hour: Set(rules::hour(row.at)),
        green: Set(one(Colour::Green)),
        grey: Set(one(Colour::Grey)),
        yellow: Set(one(Colour::Yellow)),
        red: Set(one(Colour::Red)),
    };
    let column = match row.colour {
        Colour::Green => Column::Green,
        Colour::Grey => Column::Grey,
        Colour::Yellow => Column::Yellow,
        Colour::Red => Column::Red,
    };
    let more = OnConflict::columns([Column::Day, Column::VenueId, Column::Hour])
        .value(column, Expr::col((venue_hour::Entity, column)).add(1))
        .to_owned();
    venue_hour::Entity::insert(hour)
        .on_conflict(more)
        .exec_without_returning(db)
        .await
        .map(drop)
}
