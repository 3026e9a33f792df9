//! An inbox is read from an index, however many cases there are.

use api::review::inbox;
use entity::values::{Area, CaseId, Role};
use integration_tests::{Backend, Stack, on_both_stacks};
use sea_orm::{
    ConnectionTrait, DbBackend, QueryResult, Statement,
    sea_query::{PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder},
};

use super::rig::{HERE, applied, row, start};

/// A hundred thousand cases: of a province with a hundred districts and ten thousand communities, nine of
/// ten at their community and the others at the district.
async fn a_hundred_thousand(backend: &Backend, like: CaseId) {
    let like = row(backend, like).await;
    let columns =
        "subject, person_id, division, workflow, workflow_version, opened_at, turn, stay, state,
        stage, stage_since, provisional";
    let db = &backend.deps.db;
    let (numbers, id, digits, minutes) = match db.get_database_backend() {
        DbBackend::Postgres => (
            "SELECT n FROM generate_series(1, 100000) AS n",
            "gen_random_uuid()",
            "lpad((n % 10000)::text, 4, '0')",
            "opened_at + (n % 997) * interval '1 minute'",
        ),
        _ => (
            "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 100000) SELECT n FROM s",
            "randomblob(16)",
            "printf('%04d', n % 10000)",
            "strftime('%Y-%m-%d %H:%M:%f+00:00', opened_at, (n % 997) || ' minutes')",
        ),
    };
    let code = format!("'37' || {digits}");
    let quoted = format!("'{}'", like.stage);
    db.execute_unprepared(&format!(
        "INSERT INTO review_case (id, subject_id, decider, area, due_at, {columns})
         SELECT {id}, {id},
             CASE WHEN n % 10 = 0 THEN 'reviewer' ELSE 'community_issuer' END,
             CASE WHEN n % 10 = 0 THEN {code} ELSE {code} || '001001' END,
             {minutes}, {columns}
         FROM review_case, ({numbers}) AS numbers WHERE stage = {quoted}"
    ))
    .await
    .unwrap();
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared("ANALYZE review_case").await.unwrap();
    }
}

async fn plan(backend: &Backend, role: Role, codes: &[&str]) -> String {
    let statement = inbox::statement(role, &areas(codes), backend.deps.clock.now());
    explained(backend, statement).await
}

fn areas(codes: &[&str]) -> Vec<Area> {
    let area = |code: &&str| Area::try_from((*code).to_owned()).unwrap();
    codes.iter().map(area).collect()
}

async fn explained(backend: &Backend, statement: SelectStatement) -> String {
    let db = &backend.deps.db;
    // As it is asked: with its parameters.
    let (explain, (asked, values), column) = match db.get_database_backend() {
        DbBackend::Postgres => ("EXPLAIN", statement.build(PostgresQueryBuilder), 0),
        _ => ("EXPLAIN QUERY PLAN", statement.build(SqliteQueryBuilder), 3),
    };
    let rows: Vec<QueryResult> = db
        .query_all_raw(Statement::from_sql_and_values(
            db.get_database_backend(),
            format!("{explain} {asked}"),
            values,
        ))
        .await
        .unwrap();
    let line = |row: &QueryResult| row.try_get_by_index::<String>(column).unwrap();
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A hundred thousand broken promises, one of each case.
async fn all_of_them_broken(backend: &Backend) {
    let db = &backend.deps.db;
    db.execute_unprepared(
        "INSERT INTO review_breach (case_id, turn, stage, area, decider, due_at, booked_at)
         SELECT id, 1, stage, area, decider, due_at, due_at FROM review_case WHERE due_at IS NOT NULL",
    )
    .await
    .unwrap();
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared("ANALYZE review_breach")
            .await
            .unwrap();
    }
}

on_both_stacks! {
    async fn a_page_of_broken_promises_reads_an_index_at_a_hundred_thousand_of_them(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        a_hundred_thousand(&backend, case).await;
        all_of_them_broken(&backend).await;
        for codes in [vec!["370110"], vec!["370102001001", "370103001001"], vec!["370100"], vec!["370000"]] {
            let statement = inbox::broken_statement(&areas(&codes), backend.deps.clock.now());
            let plan = explained(&backend, statement).await;
            let whole = match stack {
                Stack::Embedded => ["SCAN review_breach\n", "SCAN review_case"],
                Stack::Production => ["Seq Scan on review_breach", "Seq Scan on review_case"],
            };
            let plan = format!("{plan}\n");
            assert!(plan.to_lowercase().contains("index"), "{codes:?}\n{plan}");
            assert!(whole.iter().all(|whole| !plan.contains(whole)), "{codes:?}\n{plan}");
        }
    }

    async fn a_page_of_an_inbox_reads_an_index_at_a_hundred_thousand_cases(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        a_hundred_thousand(&backend, case).await;
        for (role, codes) in [
            (Role::CommunityIssuer, vec!["370102001001"]),
            (Role::CommunityIssuer, vec!["370102001001", "370103001001"]),
            (Role::CommunityIssuer, vec!["370102"]),
            (Role::Reviewer, vec!["370110"]),
            (Role::Reviewer, vec!["370100"]),
            (Role::Reviewer, vec!["370000"]),
        ] {
            let plan = plan(&backend, role, &codes).await;
            let whole = match stack {
                Stack::Embedded => "SCAN review_case",
                Stack::Production => "Seq Scan",
            };
            assert!(plan.to_lowercase().contains("index"), "{role:?} {codes:?}\n{plan}");
            assert!(!plan.contains(whole), "{role:?} {codes:?}\n{plan}");
            let by_area = match stack {
                Stack::Embedded => plan.contains("area=?") || plan.contains("area>?"),
                Stack::Production => plan.lines().any(|line| line.contains("Index Cond") && line.contains("area")),
            };
            assert!(by_area, "{role:?} {codes:?}\n{plan}");
        }
    }
}
