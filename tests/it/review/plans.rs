//! Sweeps read what is due and nothing else, however many cases are open.

use api::{platform::Clock, review};
use chrono::TimeDelta;
use entity::review_case::{self, Column};
use integration_tests::on_both_stacks;
use sea_orm::{
    ConnectionTrait, DbBackend, EntityTrait, Iden, Iterable, PaginatorTrait, QueryTrait, Select,
    Statement,
};

use super::rig::Office;

/// Open cases.
const CASES: u64 = 100_000;

/// As many cases as [`CASES`], of one person; one ends each second from now on.
async fn fill(office: &Office) {
    let case = office.compared("pass_card_online").await;
    let db = &office.deps().db;
    let backend = db.get_database_backend();
    let columns: Vec<String> = Column::iter().map(|column| column.to_string()).collect();
    let value = |column: &String| match (column.as_str(), backend) {
        ("id" | "subject_id", DbBackend::Postgres) => "gen_random_uuid()".to_owned(),
        ("id" | "subject_id", _) => "randomblob(16)".to_owned(),
        ("timer_at", DbBackend::Postgres) => "timer_at + n * interval '1 second'".to_owned(),
        ("timer_at", _) => "strftime('%Y-%m-%dT%H:%M:%S+00:00', \
                            substr(timer_at, 1, 19), '+' || n || ' seconds')"
            .to_owned(),
        (other, _) => other.to_owned(),
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    let (columns, values) = (columns.join(", "), values.join(", "));
    let last = CASES - 1;
    let numbers = match backend {
        DbBackend::Postgres => format!("generate_series(1, {last}) AS numbers(n)"),
        _ => format!(
            "(WITH RECURSIVE numbers(n) AS \
             (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {last}) SELECT n FROM numbers)"
        ),
    };
    let insert = format!(
        "INSERT INTO review_case ({columns}) SELECT {values} FROM {numbers}, \
         (SELECT * FROM review_case) AS one"
    );
    db.execute_unprepared(&insert).await.unwrap();
    db.execute_unprepared("ANALYZE").await.unwrap();
    assert_eq!(case.turn, 2);
    let open = review_case::Entity::find().count(db).await.unwrap();
    assert_eq!(open, CASES);
}

/// How the database goes about `query`.
async fn plan(office: &Office, query: &Select<review_case::Entity>) -> String {
    let db = &office.deps().db;
    let backend = db.get_database_backend();
    let (explain, column) = match backend {
        DbBackend::Postgres => (
            "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)",
            "QUERY PLAN",
        ),
        _ => ("EXPLAIN QUERY PLAN", "detail"),
    };
    let asked = format!("{explain} {}", query.build(backend));
    let rows = db
        .query_all_raw(Statement::from_string(backend, asked))
        .await
        .unwrap();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| row.try_get("", column).unwrap())
        .collect();
    lines.join("\n")
}

/// That `query` reads the index on `column` and nothing that it does not answer with.
async fn reads_only_what_it_finds(
    office: &Office,
    query: &Select<review_case::Entity>,
    column: &str,
) {
    let plan = plan(office, query).await;
    let index = format!("idx_review_case_{column}_id");
    assert!(plan.contains(&index), "{plan}");
    for wasteful in ["Seq Scan", "SCAN", "Sort", "TEMP B-TREE", "Rows Removed"] {
        assert!(!plan.contains(wasteful), "{wasteful}:\n{plan}");
    }
}

on_both_stacks! {
    async fn of_a_hundred_thousand_cases_the_sweep_touches_those_that_are_due(stack: Stack) {
        let office = Office::open(stack).await;
        fill(&office).await;
        let now = office.backend.clock.now();
        // Now none, later some, then all: the way to them is the same.
        for hours in [0, 24, 48] {
            let query = review::due_cases(now + TimeDelta::hours(hours), 100);
            reads_only_what_it_finds(&office, &query, "timer_at").await;
            let found = query.all(&office.deps().db).await.unwrap();
            let by_time = found.is_sorted_by_key(|case| case.timer_at);
            assert!(by_time && found.is_empty() == (hours == 0), "{hours}: {}", found.len());
        }
        assert_eq!(office.run_clocks().await, 0);
    }

    async fn limits_that_are_out_of_date_are_found_without_the_others(stack: Stack) {
        let office = Office::open(stack).await;
        fill(&office).await;
        let version = api::regions::calendar_version(&office.deps().db).await.unwrap();
        let query = review::older_cases(version, 100);
        reads_only_what_it_finds(&office, &query, "calendar_version").await;
        assert!(query.all(&office.deps().db).await.unwrap().is_empty());
    }
}
