//! What is old is found by an index, however much is young.

use api::{
    declarations::{old_check_ins, old_declarations},
    facts::{old_facts, old_reports},
    health_code::old_holds,
    overrides::old_requests,
    pass_cards::{self, old_applications},
    platform::{
        Clock,
        clock::local_date,
        db::{DatabaseSettings, connect},
    },
    review::old_cases,
    work_permits::old_workers,
};
use integration_tests::{Backend, on_both_stacks};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryTrait, Select, Statement,
};

/// Rows of a page.
const MOST: u64 = 100;

/// How the database goes about `query`.
async fn plan<E: EntityTrait>(db: &DatabaseConnection, query: &Select<E>) -> String {
    let backend = db.get_database_backend();
    let (explain, column) = match backend {
        DbBackend::Postgres => ("EXPLAIN (COSTS OFF)", "QUERY PLAN"),
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

/// That `query` goes along `index`, and reads no table from its beginning to its end.
async fn goes_along<E: EntityTrait>(db: &DatabaseConnection, query: &Select<E>, index: &str) {
    let plan = plan(db, query).await;
    assert!(plan.contains(index), "{index}:\n{plan}");
    for wasteful in ["Seq Scan", "SCAN ", "TEMP B-TREE"] {
        assert!(!plan.contains(wasteful), "{wasteful}:\n{plan}");
    }
}

on_both_stacks! {
    async fn each_sweep_finds_what_is_old_by_an_index(stack: Stack) {
        let backend = Backend::start(stack).await;
        // Tables are all but empty: what a full one would be read by is asked for.
        let db = connect(&DatabaseSettings {
            by_index: true,
            ..DatabaseSettings::new(backend.database.url())
        })
        .await
        .unwrap();
        let now = backend.clock.now();
        goes_along(&db, &old_declarations(now, None, MOST), "idx_declaration_declared_at_id").await;
        goes_along(&db, &old_check_ins(local_date(now), None, MOST), "idx_check_in_day_person_id").await;
        goes_along(&db, &old_reports(now, None, MOST), "idx_test_result_sampled_at_person_id").await;
        goes_along(&db, &old_facts(now, None, MOST), "idx_health_fact_happened_at_id").await;
        goes_along(&db, &old_holds(now, None, MOST), "idx_hold_released_at_id").await;
        goes_along(&db, &old_cases(now, MOST), "idx_review_case_closed_at_id").await;
        goes_along(&db, &old_requests(now, MOST), "idx_override_request_requested_at_id").await;
        goes_along(&db, &old_workers(now, MOST), "idx_work_permit_filed_at_id").await;
        let before = pass_cards::Limits { passes: now, marks: now };
        goes_along(&db, &old_applications(before, MOST), "idx_pass_application_closed_at_id").await;
    }
}
