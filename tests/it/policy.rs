//! The policy is data: written, tried, approved, published, in force, and gone.

mod life;
pub(crate) mod rig;
mod time;

use entity::values::Role;
use integration_tests::{Backend, on_both_stacks};
use reqwest::StatusCode;
use serde_json::{Value, json};

use self::rig::{Office, curfew, path_of};

/// What a draft is refused for: the field and the code.
async fn flaw(office: &Office, document: Value) -> (String, String) {
    let refused = office
        .author
        .post("/v1/staff/policy/drafts", document)
        .await;
    assert_eq!(refused.problem(422), "rule-flawed");
    refused.faults().remove(0)
}

on_both_stacks! {
    async fn everybody_reads_the_law_as_it_is_and_as_it_will_be(stack: Stack) {
        let backend = Backend::start(stack).await;
        let reply = backend.anyone().get("/v1/policy").await;
        let policy = reply.ok();
        assert_eq!(policy["version"], "1");
        assert_eq!(policy["coming"], json!([]));
        let rules = policy["rules"].as_array().unwrap();
        let ids: Vec<&str> = rules.iter().map(|rule| rule["rule"]["id"].as_str().unwrap()).collect();
        assert!(ids.contains(&"arrival.observation") && ids.contains(&"record.stale"));
        assert!(!ids.contains(&"test.overdue"), "ordered nowhere");
        for rule in rules {
            assert!(rule["rule"]["text"]["zh"].is_string() && rule["rule"]["text"]["en"].is_string());
            assert_eq!(rule["valid_until"], Value::Null);
        }

        let tag = reply.headers["etag"].to_str().unwrap();
        let again = backend.anyone().request(reqwest::Method::GET, "/v1/policy");
        let again = again.header("if-none-match", tag).send().await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }

    async fn what_means_nothing_is_never_saved(stack: Stack) {
        let office = Office::open(stack).await;
        let mut unknown = curfew("1.0.0");
        unknown["when"] = json!({"===": [{"var": "person.bank_balance"}, "low"]});
        assert_eq!(flaw(&office, unknown).await, ("when.===[0].var".into(), "unknown_name".into()));

        let mut deep = curfew("1.0.0");
        deep["when"] = (0..13).fold(json!({"var": "fact.abroad"}), |inner, _| json!({"!": [inner]}));
        assert_eq!(flaw(&office, deep).await.1, "too_deep");

        let mut unlisted = curfew("1.0.0");
        unlisted["affected"] = json!([]);
        assert_eq!(flaw(&office, unlisted).await, ("affected".into(), "affected".into()));

        let mut elsewhere = curfew("1.0.0");
        elsewhere["scope"] = json!(["310101", "320100"]);
        assert_eq!(flaw(&office, elsewhere).await, ("scope[1]".into(), "outside_province".into()));

        let mut grey = curfew("1.0.0");
        grey["effect"]["hold"]["reason"] = json!("G00");
        assert_eq!(flaw(&office, grey).await, ("effect.hold.reason".into(), "reason".into()));

        let mut held = curfew("1.0.0");
        held["about"] = json!("person");
        held["when"] = json!({"var": "person.verified"});
        held["affected"] = json!(["person.verified"]);
        held["effect"] = json!({"hold": {"reason": "Y01"}});
        assert_eq!(flaw(&office, held).await, ("about".into(), "needs_fact".into()));

        let mut misspelt = curfew("1.0.0");
        misspelt["priority"] = json!(1);
        let refused = office.author.post("/v1/staff/policy/drafts", misspelt).await;
        assert_eq!(refused.problem(422), "invalid-request");
        let kept = office.author.get("/v1/staff/policy/rules?limit=1").await.ok();
        assert_ne!(kept["items"][0]["rule"]["id"], "arrival.curfew");
    }

    async fn a_locality_adds_no_condition(stack: Stack) {
        let office = Office::open(stack).await;
        let local = office.backend.staff(Role::PolicyAuthor, "310101").await;
        let foreign = office.backend.staff(Role::PolicyAuthor, "320000").await;
        for author in [local, foreign] {
            let refused = author.post("/v1/staff/policy/drafts", curfew("1.0.0")).await;
            assert_eq!(refused.problem(403), "policy-belongs-to-the-province");
            let refused = author.get("/v1/staff/policy/rules").await;
            assert_eq!(refused.problem(403), "policy-belongs-to-the-province");
        }
        office.proposed("1.0.0").await;
        office.simulate("1.0.0", 1_000, 3).await;
        let approver = office.backend.staff(Role::PolicyApprover, "310100").await;
        let refused = approver.post(&path_of("1.0.0", "approvals"), json!({})).await;
        assert_eq!(refused.problem(403), "policy-belongs-to-the-province");
    }

    async fn versions_are_listed_page_by_page(stack: Stack) {
        let office = Office::open(stack).await;
        let mut seen = Vec::new();
        let mut next = String::new();
        loop {
            let page = office.author.get(&format!("/v1/staff/policy/rules?limit=7{next}")).await.ok();
            for item in page["items"].as_array().unwrap() {
                seen.push(item["rule"]["id"].as_str().unwrap().to_owned());
            }
            let Some(after) = page["next"].as_str() else { break };
            next = format!("&after={after}");
        }
        let mut distinct = seen.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!((seen.len(), distinct.len()), (21, 21));
        let refused = office.author.get("/v1/staff/policy/rules?after=nowhere").await;
        assert_eq!(refused.problem(422), "invalid-request");
    }
}
