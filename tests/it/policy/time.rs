//! Which rules decide, at any time.

use api::{
    jobs::Sweep,
    policy::{self, TurnRules, install_shipped},
};
use chrono::{DateTime, TimeDelta, Utc};
use integration_tests::{Backend, Database, Stack, on_both_stacks};

use super::rig::Office;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

on_both_stacks! {
    async fn a_version_takes_the_place_of_the_one_before_at_its_date(stack: Stack) {
        let mut office = Office::open(stack).await;
        office.approved("1.0.0").await;
        let first = office.scheduled("1.0.0").await;
        office.wait(TimeDelta::hours(60)).await;
        office.approved("1.1.0").await;
        let second = office.scheduled("1.1.0").await;
        let tick = TimeDelta::milliseconds(1);
        for (at, version) in [
            (first - tick, None),
            (first, Some("1.0.0")),
            (second - tick, Some("1.0.0")),
            (second, Some("1.1.0")),
        ] {
            assert_eq!(office.in_force(at).await.as_deref(), version, "{at}");
        }
        office.wait(TimeDelta::hours(48)).await;
        let policy = policy::in_force(&office.backend.deps, second).await.unwrap();
        let key = ("arrival.curfew".to_owned(), "1.0.0".to_owned());
        let superseded = policy.before.get(&key).unwrap().as_ref().expect("it says how its holds end");
        assert_eq!(superseded.valid_until, Some(second));
        assert_eq!((policy.version.as_str(), policy.since, policy.changes_at), ("3", Some(second), None));
        assert_eq!(office.in_force(first).await.as_deref(), Some("1.0.0"), "then as it was then");
    }

    async fn rules_decide_on_time_whether_the_sweep_runs_or_not(stack: Stack) {
        let office = Office::open(stack).await;
        office.approved("1.0.0").await;
        let starts_at = office.scheduled("1.0.0").await;
        office.backend.wait(TimeDelta::hours(48));
        assert_eq!(office.in_force(starts_at).await.as_deref(), Some("1.0.0"));
        assert_eq!(TurnRules::run(&office.backend.deps).await.unwrap(), 1);
        assert_eq!(TurnRules::run(&office.backend.deps).await.unwrap(), 0, "once is enough");
    }

    async fn every_instance_knows_in_time(stack: Stack) {
        let office = Office::open(stack).await;
        let other = office.backend.another_instance().await;
        let now = office.backend.deps.clock.now();
        policy::in_force(&other.deps, now).await.unwrap();
        office.approved("1.0.0").await;
        let starts_at = office.scheduled("1.0.0").await;
        office.backend.wait(TimeDelta::hours(48));
        let policy = policy::in_force(&other.deps, starts_at).await.unwrap();
        assert!(policy.rules.iter().any(|rule| rule.id == "arrival.curfew"));
    }

    async fn a_fresh_deployment_has_the_shipped_policy_and_keeps_its_own(stack: Stack) {
        let office = Office::open(stack).await;
        let deps = &office.backend.deps;
        let long_ago = policy::in_force(deps, instant("2020-01-01T00:00:00+08:00")).await.unwrap();
        assert_eq!((long_ago.version.as_str(), long_ago.rules.len()), ("1", 20));
        let before = policy::in_force(deps, instant("2019-12-31T23:59:59+08:00")).await.unwrap();
        assert_eq!((before.version.as_str(), before.rules.len()), ("0", 0));

        office.author.post("/v1/staff/policy/drafts", super::curfew("1.0.0")).await.ok();
        install_shipped(&deps.db, deps.clock.now()).await.unwrap();
        let again = policy::in_force(deps, deps.clock.now() + TimeDelta::days(1)).await.unwrap();
        assert_eq!((again.version.as_str(), again.rules.len()), ("1", 20));
    }

    async fn two_that_install_at_once_install_once(stack: Stack) {
        let database = Database::fresh(stack).await;
        let (one, other) = (database.connect().await, database.connect().await);
        let now = instant("2026-03-02T12:00:00+08:00");
        let (first, second) = tokio::join!(install_shipped(&one, now), install_shipped(&other, now));
        first.unwrap();
        second.unwrap();
    }
}

#[tokio::test]
async fn a_dry_run_puts_a_rule_in_the_place_of_its_version_in_force() {
    let backend = Backend::start(Stack::Embedded).await;
    let now = backend.deps.clock.now();
    let policy = policy::in_force(&backend.deps, now).await.unwrap();
    let mut tried = policy::Rule::clone(&policy.rules[0]);
    tried.version = policy::Version::new(2, 0, 0);
    let id = tried.id.clone();
    let with = policy.with(tried);
    assert_eq!(with.rules.len(), policy.rules.len());
    let versions: Vec<_> = with.rules.iter().filter(|rule| rule.id == id).collect();
    assert_eq!(versions[0].version, policy::Version::new(2, 0, 0));
    assert!(
        with.before[&(id, "1.0.0".to_owned())].is_some(),
        "what it opened ends as it said"
    );
}
