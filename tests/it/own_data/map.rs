//! Everybody may read what is kept, and the map says neither more nor less than there is.

use std::collections::BTreeSet;

use api::own_data::map;
use integration_tests::{Backend, Stack, on_both_stacks};
use serde_json::Value;

use crate::schema::columns;

on_both_stacks! {
    async fn every_table_is_on_the_map_and_every_entry_is_a_table(stack: Stack) {
        let backend = Backend::start(stack).await;
        let there: BTreeSet<String> = columns(&backend.deps.db)
            .await
            .into_iter()
            .map(|(table, ..)| table)
            .collect();
        let mapped: BTreeSet<String> = map::entries().map(|entry| entry.table.to_owned()).collect();
        assert_eq!(mapped, there, "on the map, and in the database");

        let copied: BTreeSet<&str> = map::entries()
            .filter(|entry| entry.is_copied())
            .map(|entry| entry.table)
            .collect();
        let by_holdings: Vec<&str> = backend
            .deps
            .holdings
            .iter()
            .flat_map(|holding| holding.tables().iter().copied())
            .collect();
        let once: BTreeSet<&str> = by_holdings.iter().copied().collect();
        assert_eq!(once.len(), by_holdings.len(), "each by one feature");
        assert_eq!(once, copied, "by features, and as the map says");
    }
}

#[tokio::test]
async fn anybody_may_read_what_is_kept_for_what_and_for_how_long() {
    let backend = Backend::start(Stack::Embedded).await;
    let reply = backend.anyone().get("/v1/data-map").await;
    assert_eq!(reply.headers["cache-control"], "public, max-age=300");
    let map = reply.ok();
    let tables = map["tables"].as_array().unwrap();
    assert_eq!(tables.len(), map::entries().count());
    let of = |table: &str| -> &Value {
        let found = tables.iter().find(|entry| entry["table"] == table);
        found.unwrap()
    };
    let visits = of("visit");
    assert_eq!(visits["about_people"], true);
    assert_eq!(visits["basis"], "public_health_emergency");
    assert!(visits["kept"]["en"].as_str().unwrap().contains("21 days"));
    assert!(visits["purpose"]["zh"].as_str().unwrap().contains("到访"));
    assert_eq!(visits["copied"], true);
    assert!(visits["stays"]["en"].is_string());
    let keys = of("signing_key");
    assert_eq!(
        (&keys["about_people"], &keys["basis"]),
        (&Value::Bool(false), &Value::Null)
    );
    assert!(of("audit_entry")["not_copied"]["zh"].is_string());
}
