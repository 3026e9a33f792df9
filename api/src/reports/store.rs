//! What happened to cases and complaints, counted by the database: by county and local day.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};

use super::rules::Period;

/// How often something happened in a county on a day.
#[derive(Debug, FromQueryResult)]
pub(super) struct Counted {
    /// The six digits of the county, or of the office of a prefecture or a province.
    pub(super) county: String,
    /// The local day. None of what is a state at the end.
    pub(super) day: Option<NaiveDate>,
    /// What, more exactly: an outcome, a kind, a subject.
    pub(super) what: Option<String>,
    /// Why.
    pub(super) why: Option<String>,
    /// 1 if a limit was missed before.
    pub(super) late: i64,
    /// How often.
    pub(super) count: i64,
}

/// Something that is counted: the rows, whose county, when, and what tells them apart.
struct Question {
    rows: &'static str,
    county: &'static str,
    /// The time that lies in the period. None: all rows.
    at: Option<&'static str>,
    what: &'static str,
    why: &'static str,
    late: &'static str,
}

const NOTHING: &str = "CAST(NULL AS text)";
const NOT_LATE: &str = "CAST(0 AS bigint)";
const LATE: &str = "CAST(CASE WHEN c.late_since IS NULL THEN 0 ELSE 1 END AS bigint)";
const AGAINST: &str = "substr(p.against, 1, 6)";

/// Applications filed.
pub(super) async fn filed(
    db: &impl ConnectionTrait,
    period: Period,
    provinces: &Provinces,
) -> Result<Vec<Counted>, DbErr> {
    let question = Question {
        rows: "review_case c WHERE c.subject = 'pass_card'",
        county: "c.division",
        at: Some("c.opened_at"),
        what: NOTHING,
        why: NOTHING,
        late: NOT_LATE,
    };
    ask(db, &question, period, provinces).await
}

/// Applications closed: `what` is their outcome, `why` the reason of the step that closed them.
pub(super) async fn closed(
    db: &impl ConnectionTrait,
    period: Period,
    provinces: &Provinces,
) -> Result<Vec<Counted>, DbErr> {
    let question = Question {
        rows: "review_case c
            JOIN review_step s ON s.case_id = c.id AND s.turn = c.turn
            WHERE c.subject = 'pass_card'",
        county: "c.division",
        at: Some("c.closed_at"),
        what: "c.outcome",
        why: "s.reason",
        late: LATE,
    };
    ask(db, &question, period, provinces).await
}

/// Applications that were open at the end.
pub(super) async fn open(
    db: &impl ConnectionTrait,
    period: Period,
    provinces: &Provinces,
) -> Result<Vec<Counted>, DbErr> {
    let question = Question {
        rows: "review_case c WHERE c.subject = 'pass_card'
            AND c.opened_at < $2 AND (c.closed_at IS NULL OR c.closed_at >= $2)",
        county: "c.division",
        at: None,
        what: NOTHING,
        why: NOTHING,
        late: NOT_LATE,
    };
    ask(db, &question, period, provinces).await
}

/// Limits that were missed, on the day on which they ran out and at the county of the unit that was responsible: `what` is the subject of the
/// case.
pub(super) async fn missed(
    db: &impl ConnectionTrait,
    period: Period,
    provinces: &Provinces,
) -> Result<Vec<Counted>, DbErr> {
    let question = Question {
        rows: "review_breach b JOIN review_case c ON c.id = b.case_id WHERE b.corrected_at IS NULL",
        county: "substr(b.area, 1, 6)",
        at: Some("b.due_at"),
        what: "c.subject",
        why: NOTHING,
        late: NOT_LATE,
    };
    ask(db, &question, period, provinces).await
}

/// Complaints filed, at the county of the unit that they are about: `what` is their kind.
pub(super) async fn complaints_filed(
    db: &impl ConnectionTrait,
    period: Period,
    provinces: &Provinces,
) -> Result<Vec<Counted>, DbErr> {
    let question = Question {
        rows: "complaint p WHERE 1 = 1",
        county: AGAINST,
        at: Some("p.filed_at"),
        what: "p.kind",
        why: NOTHING,
        late: NOT_LATE,
    };
    ask(db, &question, period, provinces).await
}

/// Complaints closed: `what` is their outcome.
pub(super) async fn complaints_closed(
    db: &impl ConnectionTrait,
    period: Period,
    provinces: &Provinces,
) -> Result<Vec<Counted>, DbErr> {
    let question = Question {
        rows: "review_case c JOIN complaint p ON p.id = c.subject_id WHERE c.subject = 'complaint'",
        county: AGAINST,
        at: Some("c.closed_at"),
        what: "c.outcome",
        why: NOTHING,
        late: LATE,
    };
    ask(db, &question, period, provinces).await
}

/// Complaints that were open at the end.
pub(super) async fn complaints_open(
    db: &impl ConnectionTrait,
    period: Period,
    provinces: &Provinces,
) -> Result<Vec<Counted>, DbErr> {
    let question = Question {
        rows: "complaint p
            WHERE p.filed_at < $2 AND (p.closed_at IS NULL OR p.closed_at >= $2)",
        county: AGAINST,
        at: None,
        what: NOTHING,
        why: NOTHING,
        late: NOT_LATE,
    };
    ask(db, &question, period, provinces).await
}

/// The provinces that are counted, by their two digits. None: all.
pub(super) type Provinces = Option<BTreeSet<String>>;

async fn ask(
    db: &impl ConnectionTrait,
    question: &Question,
    period: Period,
    provinces: &Provinces,
) -> Result<Vec<Counted>, DbErr> {
    let backend = db.get_database_backend();
    let Question {
        rows,
        county,
        at,
        what,
        why,
        late,
    } = question;
    let day = at.map_or_else(
        || "CAST(NULL AS date)".to_owned(),
        |at| local_day(backend, at),
    );
    let (mut sql, mut values) = (
        format!(
            "SELECT {county} AS county, {day} AS day, {what} AS what, {why} AS why, {late} AS late,
                count(*) AS count
            FROM {rows}"
        ),
        vec![Value::from(period.begins()), Value::from(period.ends())],
    );
    // A bound parameter that is not used is an error on PostgreSQL.
    let period = at.map_or_else(
        || " AND $1 < $2".to_owned(),
        |at| format!(" AND {at} >= $1 AND {at} < $2"),
    );
    sql.push_str(&period);
    if let Some(provinces) = provinces {
        let places = provinces.iter().map(|province| {
            values.push(Value::from(province.clone()));
            format!("${}", values.len())
        });
        let places: Vec<String> = places.collect();
        let listed = if places.is_empty() {
            "NULL".to_owned()
        } else {
            places.join(", ")
        };
        sql = format!("{sql} AND substr({county}, 1, 2) IN ({listed})");
    }
    sql.push_str(" GROUP BY 1, 2, 3, 4, 5");
    let statement = Statement::from_sql_and_values(backend, sql, values);
    Counted::find_by_statement(statement).all(db).await
}

/// The civil date in Asia/Shanghai of a column. There has been no daylight saving since 1991.
fn local_day(backend: DbBackend, column: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("CAST({column} AT TIME ZONE INTERVAL '+08:00' AS date)"),
        _ => format!("date({column}, '+8 hours')"),
    }
}
