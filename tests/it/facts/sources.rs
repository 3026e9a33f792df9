//! Who may bring facts.

use api::facts::{self, Brings};
use base64::{Engine, prelude::BASE64_STANDARD};
use entity::values::Role;
use integration_tests::{Backend, Stack, on_both_stacks};
use serde_json::{Value, json};

use super::on_record;

const SOURCES: &str = "/v1/staff/fact-sources";

fn cdc() -> Value {
    json!({
        "id": "huangpu-cdc",
        "name": "黄浦区疾病预防控制中心",
        "division": "310101",
        "kinds": ["nucleic_acid_test", "close_contact"],
        "public_key": BASE64_STANDARD.encode([7; 32]),
    })
}

on_both_stacks! {
    async fn a_source_brings_what_it_may_until_it_is_revoked(stack: Stack) {
        let backend = Backend::start(stack).await;
        let steward = backend.staff(Role::DataSteward, "310000").await;
        let told = steward.post(SOURCES, cdc()).await;
        assert_eq!(told.status, 201);
        assert_eq!(told.ok()["public_key"], cdc()["public_key"]);
        let source = async || facts::source(&backend.deps.db, "huangpu-cdc").await.unwrap().unwrap();
        // Nobody alone lets a key speak for a laboratory.
        assert!(!source().await.may_bring(Brings::NucleicAcidTest));
        let approval = format!("{SOURCES}/huangpu-cdc/approval");
        assert_eq!(steward.post(&approval, json!({})).await.problem(403), "fact-source-own");
        assert!(!source().await.may_bring(Brings::NucleicAcidTest));
        let another = backend.staff(Role::DataSteward, "310000").await;
        let approved = another.post(&approval, json!({})).await.ok();
        assert_eq!(approved["approved_at"], json!(backend.deps.clock.now()));
        assert_eq!(another.post(&approval, json!({})).await.ok(), approved, "nothing more to approve");
        assert_eq!(on_record(&backend, "fact_source_approved").await.len(), 1);
        let known = source().await;
        assert_eq!((known.division.code(), known.public_key), ("310101", Some([7; 32])));
        assert!(known.may_bring(Brings::NucleicAcidTest));
        assert!(!known.may_bring(Brings::Push));

        let path = format!("{SOURCES}/huangpu-cdc/revocation");
        let revoked = steward.post(&path, json!({})).await.ok();
        assert_eq!(revoked["revoked_at"], json!(backend.deps.clock.now()));
        assert!(!source().await.may_bring(Brings::NucleicAcidTest));
        assert_eq!(steward.post(&path, json!({})).await.ok(), revoked, "nothing more to revoke");
        assert_eq!(another.post(&approval, json!({})).await.problem(409), "fact-source-revoked");
        // A name is given once, so that what it brought stays its own.
        assert_eq!(steward.post(SOURCES, cdc()).await.problem(409), "fact-source-exists");
        assert_eq!(on_record(&backend, "fact_source_registered").await.len(), 1);
        assert_eq!(on_record(&backend, "fact_source_revoked").await.len(), 1);
    }

    async fn another_regions_source_answers_as_a_missing_one(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.staff(Role::DataSteward, "310101").await.post(SOURCES, cdc()).await.ok();
        let stranger = backend.staff(Role::DataSteward, "310104").await;
        for id in ["huangpu-cdc", "nobody"] {
            let refused = stranger.post(&format!("{SOURCES}/{id}/revocation"), json!({})).await;
            assert_eq!(refused.problem(404), "not-found", "{id}");
        }
        let mut theirs = cdc();
        theirs["id"] = json!("cdc-2");
        assert_eq!(stranger.post(SOURCES, theirs).await.problem(404), "not-found");
    }

    async fn what_is_no_source_is_refused(stack: Stack) {
        let backend = Backend::start(stack).await;
        let steward = backend.staff(Role::DataSteward, "310000").await;
        for (field, wrong) in [
            ("id", json!("staff")),
            ("id", json!("CDC")),
            ("id", json!("1cdc")),
            ("division", json!("319999")),
            ("kinds", json!([])),
            ("kinds", json!(["colour"])),
            ("public_key", json!("AAAA")),
            ("public_key", json!(BASE64_STANDARD.encode([7; 33]))),
        ] {
            let mut source = cdc();
            source[field] = wrong.clone();
            steward.post(SOURCES, source).await.problem(422);
        }
        assert_eq!(on_record(&backend, "fact_source_registered").await, []);
    }
}

#[tokio::test]
async fn what_reaches_many_people_asks_for_a_fresh_proof() {
    let backend = Backend::start(Stack::Embedded).await;
    let steward = backend
        .staff_without_step_up(Role::DataSteward, "310000")
        .await;
    assert!(steward.post(SOURCES, cdc()).await.status.is_client_error());
    let staff = backend
        .staff_without_step_up(Role::Epidemiologist, "310000")
        .await;
    let at = backend.deps.clock.now();
    let area = json!({"division": "310101", "level": "high", "starts_at": at});
    let refused = staff.post("/v1/staff/risk-areas", area).await;
    assert!(refused.status.is_client_error());
    assert_eq!(on_record(&backend, "risk_area_recorded").await, []);
}
