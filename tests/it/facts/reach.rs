//! Nobody reaches beyond their region, and only the origin takes a fact back.

use api::facts::{self, NewFact, Recorded};
use entity::{
    health_fact,
    values::{Division, FactKind, Role},
};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, Session, ZHANG},
    on_both_stacks,
};
use serde_json::{Value, json};

use super::{OUYANG, about, ago, dossier, epidemiologist, living_in, marked, person};

/// Have Henan push red for the owner of `session`, as a file of it does.
async fn pushed(backend: &Backend, session: &Session) -> health_fact::Model {
    let deps = &backend.deps;
    let tx = api::platform::db::begin_write(&deps.db).await.unwrap();
    let new = NewFact {
        person: person(session),
        kind: FactKind::Push,
        happened_at: ago(backend, 1),
        ends_at: None,
        origin: Division::try_from("410000".to_owned()).unwrap(),
        source: "henan".into(),
        source_ref: Some("HN/7".into()),
        detail: json!({"colour": "red", "reason": "7"}),
        recorded_by: None,
    };
    let recorded = facts::record_fact(&tx, deps, new).await.unwrap();
    tx.commit().await.unwrap();
    let Recorded::New(fact) = recorded else {
        panic!("{recorded:?}");
    };
    fact
}

fn contact(backend: &Backend) -> Value {
    json!({"kind": "close_contact", "happened_at": ago(backend, 1)})
}

on_both_stacks! {
    async fn whoever_lives_elsewhere_is_as_unknown_as_nobody(stack: Stack) {
        let backend = Backend::start(stack).await;
        living_in(&backend, "13800138000", ZHANG, "310101").await;
        // Verified, but never said where.
        backend.verified("13800138001", OUYANG).await;
        backend.compare().await;
        let test = json!({
            "lab": "cdc", "tube": "1", "tube_size": 1, "result": "negative",
            "sampled_at": ago(&backend, 2), "reported_at": ago(&backend, 1),
        });
        for region in ["310104", "320000"] {
            let staff = epidemiologist(&backend, region).await;
            for somebody in [ZHANG, OUYANG, GRANDMOTHER] {
                for (path, what) in [("/v1/staff/facts", contact(&backend)), ("/v1/staff/tests", test.clone())] {
                    let refused = staff.post(path, about(somebody, what)).await;
                    assert_eq!(refused.problem(422), "person-unknown", "{region}");
                    assert_eq!(refused.faults(), []);
                }
            }
        }
        assert_eq!(marked(&backend).await, 0);
    }

    async fn a_fact_is_of_the_narrowest_region_that_let_it_be_recorded(stack: Stack) {
        let backend = Backend::start(stack).await;
        living_in(&backend, "13800138000", ZHANG, "310101").await;
        let held = ["310000", "310100", "310104"].map(|region| backend.held(Role::Epidemiologist, region));
        let staff = backend.staff_with("310000", &held).await;
        let fact = staff.post("/v1/staff/facts", about(ZHANG, contact(&backend))).await.ok();
        assert_eq!(fact["origin"], "310100");
    }

    async fn another_regions_fact_answers_as_a_missing_one(stack: Stack) {
        let backend = Backend::start(stack).await;
        living_in(&backend, "13800138000", ZHANG, "310101").await;
        let owner = epidemiologist(&backend, "310101").await;
        let fact = owner.post("/v1/staff/facts", about(ZHANG, contact(&backend))).await.ok();
        let path = format!("/v1/staff/facts/{}", fact["id"].as_str().unwrap());
        let missing = "/v1/staff/facts/00000000-0000-4000-8000-000000000000";

        let stranger = epidemiologist(&backend, "310104").await;
        for path in [&path, missing] {
            assert_eq!(stranger.get(path).await.problem(404), "not-found");
            let refused = stranger.post(&format!("{path}/withdrawal"), json!({"reason": "not_true"})).await;
            assert_eq!(refused.problem(404), "not-found");
        }
        let auditor = backend.staff(Role::Auditor, "310000").await;
        assert!(auditor.get(&path).await.status.is_client_error());
        assert_eq!(owner.get(&path).await.ok(), fact);
    }

    async fn what_another_region_pushed_is_seen_at_home_and_released_by_its_origin_alone(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = living_in(&backend, "13800138000", ZHANG, "310101").await;
        let fact = pushed(&backend, &zhang).await;
        assert_eq!(marked(&backend).await, 1);
        let path = format!("/v1/staff/facts/{}", fact.id);
        let why = json!({"reason": "released"});

        let home = epidemiologist(&backend, "310000").await;
        let seen = home.get(&path).await.ok();
        assert_eq!((&seen["origin"], &seen["source"]), (&json!("410000"), &json!("henan")));
        let refused = home.post(&format!("{path}/withdrawal"), why.clone()).await;
        assert_eq!(refused.problem(403), "not-the-origin");
        // Part of the origin is not the origin.
        let county = epidemiologist(&backend, "410102").await;
        county.post(&format!("{path}/withdrawal"), why.clone()).await.problem(404);
        assert_eq!(dossier(&backend, &zhang, None).await.facts[0].withdrawn_at, None);

        let origin = epidemiologist(&backend, "410000").await;
        let released = origin.post(&format!("{path}/withdrawal"), why).await.ok();
        assert_eq!(released["withdrawal"]["reason"], "released");
        assert!(dossier(&backend, &zhang, None).await.facts[0].withdrawn_at.is_some());
    }
}
