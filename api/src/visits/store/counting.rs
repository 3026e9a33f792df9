//! Counting visits, many commits at a time, and reading what was counted.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use entity::{
    values::VenueId,
    venue_hour::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, QueryFilter,
    QueryOrder, RuntimeErr, Statement, sqlx,
};

use crate::platform::db::begin_bulk;

/// Takes rows of `visit_uncounted`, and counts what they say in the hours of venues. Hours are changed in
/// one order, so that of two who count at once one waits for the other; what somebody has taken nobody
/// else takes.
const COUNT: &str = "
    WITH taken AS (
        DELETE FROM visit_uncounted WHERE id = ANY (ARRAY(
            SELECT id FROM visit_uncounted LIMIT $1 FOR UPDATE SKIP LOCKED))
        RETURNING day, hour, colour, venues
    ), counted AS (
        SELECT day, encode(substr(venues, 16 * n + 1, 16), 'hex')::uuid AS venue_id, hour,
            count(*) FILTER (WHERE colour = 'green') AS green,
            count(*) FILTER (WHERE colour = 'grey') AS grey,
            count(*) FILTER (WHERE colour = 'yellow') AS yellow,
            count(*) FILTER (WHERE colour = 'red') AS red
        FROM taken, generate_series(0, length(venues) / 16 - 1) n
        GROUP BY day, substr(venues, 16 * n + 1, 16), hour
    ), kept AS (
        INSERT INTO venue_hour (day, venue_id, hour, green, grey, yellow, red)
        SELECT * FROM counted ORDER BY day, venue_id, hour
        ON CONFLICT (day, venue_id, hour) DO UPDATE SET
            green = venue_hour.green + excluded.green, grey = venue_hour.grey + excluded.grey,
            yellow = venue_hour.yellow + excluded.yellow, red = venue_hour.red + excluded.red
    )
    SELECT count(*) FROM taken";

/// What the hours of a venue say, and what they do not say yet, as of one moment.
const HOURS: &str = "
    SELECT day, venue_id, hour, sum(green)::int4 AS green, sum(grey)::int4 AS grey,
        sum(yellow)::int4 AS yellow, sum(red)::int4 AS red
    FROM (
        SELECT day, venue_id, hour, green, grey, yellow, red FROM venue_hour
        WHERE day BETWEEN $1 AND $2 AND venue_id = $3
        UNION ALL
        SELECT day, $3, hour, (colour = 'green')::int4, (colour = 'grey')::int4,
            (colour = 'yellow')::int4, (colour = 'red')::int4
        FROM visit_uncounted, generate_series(0, length(venues) / 16 - 1) n
        WHERE day BETWEEN $1 AND $2 AND position(uuid_send($3) IN venues) > 0
            AND substr(venues, 16 * n + 1, 16) = uuid_send($3)
    ) hours
    GROUP BY day, venue_id, hour ORDER BY day, hour";

/// Count the visits of at most `most` commits that are not counted yet. Returns of how many they were.
/// On SQLite they are counted as they are written.
pub(in crate::visits) async fn count(db: &DatabaseConnection, most: u32) -> Result<u64, DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(0);
    }
    let counting = async {
        let mut tx = begin_bulk(db).await?;
        let count = sqlx::query_scalar(COUNT).bind(i64::from(most));
        let counted: i64 = count.fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(counted)
    };
    let counted = counting.await;
    let counted =
        counted.map_err(|error: sqlx::Error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))?;
    Ok(u64::try_from(counted).unwrap_or_default())
}

/// How many came to `venue` on `days`, hour by hour.
pub(in crate::visits) async fn hours(
    db: &impl ConnectionTrait,
    venue: VenueId,
    days: RangeInclusive<NaiveDate>,
) -> Result<Vec<Model>, DbErr> {
    let (first, last) = days.into_inner();
    if db.get_database_backend() == DbBackend::Postgres {
        let values = [first.into(), last.into(), venue.into()];
        let hours = Statement::from_sql_and_values(DbBackend::Postgres, HOURS, values);
        return Entity::find().from_raw_sql(hours).all(db).await;
    }
    Entity::find()
        .filter(Column::Day.between(first, last))
        .filter(Column::VenueId.eq(venue))
        .order_by_asc(Column::Day)
        .order_by_asc(Column::Hour)
        .all(db)
        .await
}
