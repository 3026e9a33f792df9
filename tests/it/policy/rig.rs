//! The province's office for its policy.

use api::{
    jobs::Sweep,
    platform::db::begin_write,
    policy::{self, Prediction, Shift, TurnRules, Version},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::values::{Colour, Division, Role};
use integration_tests::{Backend, Stack, StaffMember};
use serde_json::{Value, json};

/// One who writes and two who approve.
pub(super) struct Office {
    pub(super) backend: Backend,
    pub(super) author: StaffMember,
    pub(super) first: StaffMember,
    pub(super) second: StaffMember,
}

/// A rule that nobody wants: who arrives is yellow for two days.
pub(super) fn curfew(version: &str) -> Value {
    json!({
        "id": "arrival.curfew",
        "version": version,
        "scope": ["310101"],
        "about": "arrival",
        "affected": ["fact.abroad", "fact.arrived_at"],
        "when": {"!": [{"var": "fact.abroad"}]},
        "effect": {"hold": {
            "reason": "Y04",
            "until": {"plusTime": [{"var": "fact.arrived_at"}, 2, "day"]},
        }},
        "text": {"zh": "刚刚抵达本区", "en": "Arrived in the district a moment ago"},
        "advice": {"zh": "请在家休息两天", "en": "Please stay at home for two days"},
        "contact": {"zh": "社区居委会", "en": "The residents' committee where you live"},
    })
}

pub(super) fn version(text: &str) -> Version {
    Version::try_from(text.to_owned()).expect("a version")
}

/// A dry run of now that found that so many of so many people turn yellow.
fn found(backend: &Backend, people: u64, turn: u64) -> Prediction {
    let shift = Shift {
        division: Division::try_from("310101".to_owned()).expect("a code"),
        from: Colour::Green,
        to: Colour::Yellow,
        people: turn,
    };
    Prediction::of(backend.deps.clock.now(), people, vec![shift])
}

async fn keep(backend: &Backend, named: &str, found: &Prediction) -> Result<(), policy::Error> {
    let deps = &backend.deps;
    let tx = begin_write(&deps.db).await.expect("a transaction");
    policy::simulated(&tx, deps, ("arrival.curfew", version(named)), found).await?;
    tx.commit().await.expect("it commits");
    Ok(())
}

async fn simulate(backend: &Backend, named: &str, people: u64, turn: u64) {
    keep(backend, named, &found(backend, people, turn))
        .await
        .expect("the dry run is kept");
}

/// Leave a row in every table of the policy.
pub(crate) async fn live_through(backend: &Backend) {
    let author = backend.staff(Role::PolicyAuthor, "310000").await;
    let approver = backend.staff(Role::PolicyApprover, "310000").await;
    author
        .post("/v1/staff/policy/drafts", curfew("1.0.0"))
        .await
        .ok();
    let path = |what| format!("/v1/staff/policy/rules/arrival.curfew/1.0.0/{what}");
    author.post(&path("proposal"), json!({})).await.ok();
    simulate(backend, "1.0.0", 1_000, 3).await;
    approver.post(&path("approvals"), json!({})).await.ok();
}

/// Where a version of the rule is dealt with.
pub(super) fn path_of(version: &str, what: &str) -> String {
    format!("/v1/staff/policy/rules/arrival.curfew/{version}/{what}")
}

impl Office {
    pub(super) async fn open(stack: Stack) -> Self {
        let backend = Backend::start(stack).await;
        Self {
            author: backend.staff(Role::PolicyAuthor, "310000").await,
            first: backend.staff(Role::PolicyApprover, "310000").await,
            second: backend.staff(Role::PolicyApprover, "310000").await,
            backend,
        }
    }

    /// Everybody logs in again, and the sweep has run.
    pub(super) async fn wait(&mut self, time: TimeDelta) {
        self.backend.wait(time);
        for staff in [&mut self.author, &mut self.first, &mut self.second] {
            *staff = self.backend.staff_again(staff).await;
        }
        while TurnRules::run(&self.backend.deps)
            .await
            .expect("rules turn")
            > 0
        {}
    }

    pub(super) async fn state(&self, version: &str) -> String {
        let path = format!("/v1/staff/policy/rules/arrival.curfew/{version}");
        let rule = self.author.get(&path).await.ok();
        rule["state"].as_str().expect("a state").to_owned()
    }

    pub(super) async fn proposed(&self, version: &str) {
        self.author
            .post("/v1/staff/policy/drafts", curfew(version))
            .await
            .ok();
        self.author
            .post(&path_of(version, "proposal"), json!({}))
            .await
            .ok();
    }

    /// What the dry run found: so many of so many people turn yellow.
    pub(super) async fn simulate(&self, version: &str, people: u64, turn: u64) {
        simulate(&self.backend, version, people, turn).await;
    }

    /// A dry run of now, not kept.
    pub(super) fn found(&self, people: u64, turn: u64) -> Prediction {
        found(&self.backend, people, turn)
    }

    /// Keep what a dry run found.
    pub(super) async fn keep(
        &self,
        version: &str,
        found: &Prediction,
    ) -> Result<(), policy::Error> {
        keep(&self.backend, version, found).await
    }

    pub(super) async fn approved(&self, version: &str) {
        self.proposed(version).await;
        self.simulate(version, 1_000, 3).await;
        for approver in [&self.first, &self.second] {
            approver
                .post(&path_of(version, "approvals"), json!({}))
                .await
                .ok();
        }
    }

    /// Set the date, two days from now. Returns it.
    pub(super) async fn scheduled(&self, version: &str) -> DateTime<Utc> {
        let starts_at = self.backend.deps.clock.now() + TimeDelta::hours(48);
        let path = path_of(version, "schedule");
        self.first
            .post(&path, json!({"starts_at": starts_at}))
            .await
            .ok();
        starts_at
    }

    /// The version of the rule that is in force at `at`.
    pub(super) async fn in_force(&self, at: DateTime<Utc>) -> Option<String> {
        let policy = policy::in_force(&self.backend.deps, at)
            .await
            .expect("a policy");
        let rule = policy.rules.iter().find(|rule| rule.id == "arrival.curfew");
        rule.map(|rule| rule.version.to_string())
    }
}
