//! What was recorded stays as it was recorded.

use api::platform::{Entropy, OsEntropy};
use integration_tests::{Backend, Database, Stack, backend::ZHANG, on_both_stacks};
use migration::{InvalidRole, grant_to_service};
use reqwest::Url;
use sea_orm::{ConnectionTrait, DatabaseConnection};

use super::{ask, live_through_everything};

on_both_stacks! {
    async fn nobody_changes_or_removes_an_entry(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.log_in("13800138000").await;
        let db = &backend.deps.db;
        for change in ["UPDATE audit_entry SET event = 'nothing'", "DELETE FROM audit_entry"] {
            let refused = db.execute_unprepared(change).await.unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{change}: {refused}");
        }
        assert!(!ask(db, "SELECT event FROM audit_entry").await.is_empty());
    }
}

#[tokio::test]
async fn not_even_the_owner_of_the_table_empties_it() {
    let database = Database::fresh(Stack::Production).await;
    let db = database.connect().await;
    let refused = db.execute_unprepared("TRUNCATE audit_entry").await;
    assert!(refused.unwrap_err().to_string().contains("append-only"));
}

#[tokio::test]
async fn the_service_does_all_its_work_as_a_role_that_may_only_append() {
    let database = Database::fresh(Stack::Production).await;
    let owner = database.connect().await;
    let role = format!("service_{}", OsEntropy.id().simple());
    owner
        .execute_unprepared(&format!("CREATE ROLE {role} LOGIN PASSWORD 'on-loopback'"))
        .await
        .unwrap();
    grant_to_service(&owner, &role).await.unwrap().unwrap();
    grant_to_service(&owner, &role).await.unwrap().unwrap();

    let mut url = Url::parse(database.url()).unwrap();
    url.set_username(&role).unwrap();
    url.set_password(Some("on-loopback")).unwrap();
    let backend = Backend::start_with(Stack::Production, |config| {
        config.database.url = url.as_str().into();
    })
    .await;
    live_through_everything(&backend, "13800138000", ZHANG).await;
    assert!(
        !ask(&owner, "SELECT event FROM audit_entry")
            .await
            .is_empty()
    );

    let service = &backend.deps.db;
    for statement in [
        "SELECT event FROM audit_entry",
        "UPDATE audit_entry SET event = 'nothing'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE log_entry SET position = 1",
        "DELETE FROM log_entry",
        "UPDATE log_tile SET level = 1",
        "DELETE FROM log_tile",
        "TRUNCATE person",
        "DELETE FROM seaql_migrations",
        "DROP TABLE audit_entry",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "CREATE TABLE leftover (id int)",
    ] {
        let refused = service
            .execute_unprepared(statement)
            .await
            .unwrap_err()
            .to_string();
        let by_right = refused.contains("permission denied") || refused.contains("must be owner");
        assert!(by_right, "{statement}: {refused}");
    }
    forget(&owner, &role).await;
}

#[tokio::test]
async fn only_a_plain_name_is_granted_anything() {
    let database = Database::fresh(Stack::Embedded).await;
    let db = database.connect().await;
    for role in [
        "",
        "Service",
        "a\"; DROP TABLE person; --",
        "a b",
        &"a".repeat(64),
    ] {
        assert_eq!(
            grant_to_service(&db, role).await.unwrap(),
            Err(InvalidRole),
            "{role}"
        );
    }
}

/// Roles belong to the server, which other tests use too.
async fn forget(owner: &DatabaseConnection, role: &str) {
    owner
        .execute_unprepared(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await
        .unwrap();
}
