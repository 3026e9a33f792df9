//! Workflows are looked at when they are loaded, and kept as they were.

use api::{
    audit::Actor,
    http::problem::Fault,
    review::{self, Error},
};
use entity::values::CaseAction as Act;
use integration_tests::on_both_stacks;
use serde_json::{Value, json};

use super::rig::{ISSUER, Office, says};

pub(super) async fn save(office: &Office, text: &str) -> Result<bool, Error> {
    review::save_workflow(office.deps(), text, Actor::Operator).await
}

/// One stage that a district decides at.
fn document(key: &str, version: i64) -> Value {
    json!({
        "key": key, "version": version, "subject": "pass_card",
        "title": {"zh": "流程", "en": "A workflow"}, "first": "only",
        "stages": [{
            "key": "only", "title": {"zh": "唯一", "en": "Only"}, "waits_for": "person",
            "decider": {"role": "reviewer", "where": "district"},
            "actions": [{"action": "approve", "to": {"outcome": "approved"}}],
            "clock": {"limit": {"working_minutes": 60}, "when_out": {"remind": 60}},
        }],
    })
}

on_both_stacks! {
    async fn a_running_case_keeps_the_version_that_it_began_with(stack: Stack) {
        let office = Office::open(stack).await;
        assert!(save(&office, &document("mine", 1).to_string()).await.unwrap());
        let old = office.case("mine").await;
        let mut second = document("mine", 2);
        second["stages"][0]["actions"] = json!([{"action": "withdraw", "to": {"outcome": "withdrawn"}}]);
        assert!(save(&office, &second.to_string()).await.unwrap());
        let new = office.case("mine").await;
        assert_eq!((old.workflow_version, new.workflow_version), (1, 2));
        let refused = office.act(&new, ISSUER, says(Act::Approve)).await.unwrap_err();
        assert_eq!(refused.kind().slug, "action-not-at-this-stage");
        office.done(&old, ISSUER, Act::Approve).await;
    }

    async fn a_version_is_kept_once_and_never_says_anything_else(stack: Stack) {
        let office = Office::open(stack).await;
        let text = document("mine", 1).to_string();
        assert!(save(&office, &text).await.unwrap());
        assert!(!save(&office, &text).await.unwrap());
        let mut other = document("mine", 1);
        other["title"]["en"] = json!("Another");
        let refused = save(&office, &other.to_string()).await.unwrap_err();
        assert_eq!(refused.kind().slug, "workflow-version-taken");
    }

    async fn a_workflow_with_a_dead_end_is_refused_and_nothing_is_kept(stack: Stack) {
        let office = Office::open(stack).await;
        let mut document = document("mine", 1);
        document["stages"][0]["actions"] = json!([]);
        let refused = save(&office, &document.to_string()).await.unwrap_err();
        assert_eq!(refused.kind().slug, "workflow-flawed");
        assert!(refused.to_string().contains("only is a dead end"), "{refused}");
        let opening = super::rig::opening(office.person().await, "mine");
        assert!(matches!(office.try_open(opening).await, Err(Error::NoSuchWorkflow(_))));
        let refused = save(&office, "{}").await.unwrap_err();
        assert_eq!(refused.kind().slug, "workflow-flawed");
    }
}
