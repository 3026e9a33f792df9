//! Before a rule comes into force, everybody can see what it would do.

use api::{
    facts::{self, NewFact, NewTest},
    health_code::{TryProposed, WatchRules, dry_run},
    jobs::Sweep,
    platform::db::begin_write,
    policy::{self, Band, Prediction, Rule, RuleDocument, TurnRules, Version},
};
use chrono::TimeDelta;
use entity::values::{Division, FactKind, PersonId, Role, TestResult};
use integration_tests::{
    Backend, Stack,
    backend::{GRANDMOTHER, Session, ZHANG},
    on_both_stacks,
};
use serde_json::{Value, json};

const ZHANGS_PHONE: &str = "13800138000";
const GRANDMOTHERS_PHONE: &str = "13900139000";

/// The local day of the newest record, so many days on.
fn record_day_and(days: u32) -> Value {
    json!({"plusTime": [{"var": "person.record_day"}, days, "day"]})
}

fn shows(id: &str, version: &str, affected: &Value, when: &Value) -> Value {
    json!({
        "id": id,
        "version": version,
        "about": "person",
        "affected": affected,
        "when": when,
        "effect": {"show": {"reason": "Y06"}},
        "text": {"zh": "太久没有打卡", "en": "No report of your health for too long"},
        "advice": {"zh": "请现在健康打卡", "en": "Report your health: the code follows at once"},
        "contact": {"zh": "社区居委会", "en": "The residents' committee where you live"},
    })
}

/// A version of the rule in force, which gives people fourteen days.
fn stale_after(days: u32) -> Value {
    let when = json!({"not-before": [{"var": "now"}, record_day_and(days)]});
    shows(
        "record.stale",
        "2.0.0",
        &json!(["person.record_day"]),
        &when,
    )
}

/// The same, said in a way that no database is asked: by counting.
fn stale_after_by_counting(days: u32) -> Value {
    let late = json!({"not-before": [{"var": "now"}, record_day_and(days)]});
    let counted = json!({"reduce": [
        {"var": "person.report_days"}, {"+": [{"var": "accumulator"}, 1]}, 0,
    ]});
    let when = json!({"and": [late, {">=": [counted, 0]}]});
    let affected = json!(["person.record_day", "person.report_days"]);
    shows("record.stale", "2.0.0", &affected, &when)
}

/// Nobody was tested within so many hours.
fn untested_for(hours: u32) -> Value {
    let when = json!({"or": [
        {"!": [{"var": "person.last_negative_at"}]},
        {"not-before": [
            {"var": "now"},
            {"plusTime": [{"var": "person.last_negative_at"}, hours, "hour"]},
        ]},
    ]});
    shows(
        "test.demanded",
        "1.0.0",
        &json!(["person.last_negative_at"]),
        &when,
    )
}

fn rule(document: &Value) -> Rule {
    let document: RuleDocument = serde_json::from_value(document.clone()).unwrap();
    let province = Division::try_from("310000".to_owned()).unwrap();
    Rule::read(&document, &province).unwrap()
}

/// What `document` would do: from what, to what, how many.
async fn predicted(backend: &Backend, document: &Value) -> Vec<Value> {
    let found = dry_run(&backend.deps, rule(document)).await.unwrap();
    let shifts = found.shifts.iter();
    shifts
        .map(|shift| serde_json::to_value(shift).unwrap())
        .collect()
}

fn shift(from: &str, to: &str, people: u32) -> Value {
    json!({"division": "310101", "from": from, "to": to, "people": people})
}

async fn colour_of(backend: &Backend, session: &Session) -> Value {
    let path = format!("/v1/people/{}/health-code", session.person);
    backend.as_citizen(session).get(&path).await.ok()["colour"].clone()
}

async fn check_in(backend: &Backend, phone: &str) -> Session {
    let session = backend.log_in(phone).await;
    let path = format!("/v1/people/{}/check-ins", session.person);
    let well = json!({"temperature": 36.5, "symptoms": []});
    backend.as_citizen(&session).post(&path, well).await.ok();
    backend.compare().await;
    session
}

/// Zhang and the grandmother, both green; Zhang checked in today, she declared eight days ago.
async fn eight_days_later(stack: Stack) -> (Backend, Session) {
    let backend = Backend::start(stack).await;
    backend.green(ZHANGS_PHONE, ZHANG).await;
    backend.green(GRANDMOTHERS_PHONE, GRANDMOTHER).await;
    backend.wait(TimeDelta::days(8));
    backend.sweep().await;
    let zhang = check_in(&backend, ZHANGS_PHONE).await;
    (backend, zhang)
}

/// A negative sample was taken from `person` some time ago.
async fn was_tested(backend: &Backend, person: &Session, ago: TimeDelta) {
    let now = backend.deps.clock.now();
    let tx = begin_write(&backend.deps.db).await.unwrap();
    let test = NewTest {
        person: PersonId(person.person.parse().unwrap()),
        sampled_at: now - ago,
        sample: "lab/1".into(),
        reported_at: now - TimeDelta::hours(1),
        result: TestResult::Negative,
        tube_size: 1,
        source: "lab".into(),
        recorded_by: None,
    };
    facts::record_test(&tx, &backend.deps, test).await.unwrap();
    tx.commit().await.unwrap();
    backend.compare().await;
}

async fn was_in_company_of_a_case(backend: &Backend, person: &Session) {
    let tx = begin_write(&backend.deps.db).await.unwrap();
    let fact = NewFact {
        person: PersonId(person.person.parse().unwrap()),
        kind: FactKind::Companion,
        happened_at: backend.deps.clock.now() - TimeDelta::hours(1),
        ends_at: None,
        origin: Division::try_from("310000".to_owned()).unwrap(),
        source: "cdc".into(),
        source_ref: Some("1".into()),
        detail: json!({}),
        recorded_by: None,
    };
    facts::record_fact(&tx, &backend.deps, fact).await.unwrap();
    tx.commit().await.unwrap();
    backend.compare().await;
}

const STALE: &str = "/v1/staff/policy/rules/record.stale/2.0.0";

/// Have `document` come into force two days from now, after a dry run that found what `found` says, or
/// what is true. Everybody who has to agree does.
async fn comes_into_force(backend: &Backend, document: Value, found: Option<Prediction>) {
    let author = backend.staff(Role::PolicyAuthor, "310000").await;
    let path = |what| format!("{STALE}/{what}");
    author.post("/v1/staff/policy/drafts", document).await.ok();
    author.post(&path("proposal"), json!({})).await.ok();
    match found {
        None => assert_eq!(TryProposed::run(&backend.deps).await.unwrap(), 1),
        Some(found) => {
            let tx = begin_write(&backend.deps.db).await.unwrap();
            let version = Version::try_from("2.0.0".to_owned()).unwrap();
            let which = ("record.stale", version);
            policy::simulated(&tx, &backend.deps, which, &found)
                .await
                .unwrap();
            tx.commit().await.unwrap();
        }
    }
    for _ in 0..3 {
        let approver = backend.staff(Role::PolicyApprover, "310000").await;
        approver.post(&path("approvals"), json!({})).await.ok();
    }
    let approver = backend.staff(Role::PolicyApprover, "310000").await;
    let starts_at = backend.deps.clock.now() + TimeDelta::hours(48);
    let schedule = json!({"starts_at": starts_at});
    approver.post(&path("schedule"), schedule).await.ok();
    backend.wait(TimeDelta::hours(48));
    turn(backend).await;
}

/// Rules come and go, and people are looked at.
async fn turn(backend: &Backend) {
    while TurnRules::run(&backend.deps).await.unwrap() > 0 {}
    backend.sweep().await;
}

/// Where the new version of the rule stands, and the colour that the grandmother shows.
async fn outcome(backend: &Backend) -> (Value, Value) {
    let author = backend.staff(Role::PolicyAuthor, "310000").await;
    let state = author.get(STALE).await.ok()["state"].clone();
    let grandmother = backend.log_in(GRANDMOTHERS_PHONE).await;
    (state, colour_of(backend, &grandmother).await)
}

/// A dry run by which at least `low` and at most `high` people change.
fn between(backend: &Backend, low: u64, high: u64) -> Prediction {
    Prediction {
        band: Band { low, high },
        ..Prediction::of(backend.deps.clock.now(), 2, Vec::new())
    }
}

async fn has_fever(backend: &Backend, phone: &str) {
    let session = backend.log_in(phone).await;
    let path = format!("/v1/people/{}/check-ins", session.person);
    let fever = json!({"temperature": 38.5, "symptoms": []});
    backend.as_citizen(&session).post(&path, fever).await.ok();
    backend.compare().await;
    assert_eq!(colour_of(backend, &session).await, "yellow");
}

/// One person turns yellow, which is fewer than `low` or more than `high`.
async fn rolls_itself_back(stack: Stack, low: u64, high: u64) {
    let (backend, _) = eight_days_later(stack).await;
    let found = between(&backend, low, high);
    comes_into_force(&backend, stale_after(7), Some(found)).await;
    assert_eq!(outcome(&backend).await, (json!("active"), json!("yellow")));

    assert_eq!(WatchRules::run(&backend.deps).await.unwrap(), 1);
    backend.wait(TimeDelta::minutes(1));
    turn(&backend).await;
    backend.wait(TimeDelta::minutes(1));
    assert_eq!(
        outcome(&backend).await,
        (json!("rolled_back"), json!("green"))
    );
    assert_eq!(WatchRules::run(&backend.deps).await.unwrap(), 0);
}

on_both_stacks! {
    async fn a_rule_that_does_what_was_predicted_stays(stack: Stack) {
        let (backend, _) = eight_days_later(stack).await;
        comes_into_force(&backend, stale_after(7), Some(between(&backend, 1, 1))).await;
        assert_eq!(outcome(&backend).await, (json!("active"), json!("yellow")));
        has_fever(&backend, ZHANGS_PHONE).await;
        for _ in 0..2 {
            assert_eq!(WatchRules::run(&backend.deps).await.unwrap(), 0, "a fever is not its doing");
            backend.wait(TimeDelta::minutes(1));
            turn(&backend).await;
        }
        assert_eq!(outcome(&backend).await, (json!("active"), json!("yellow")));
    }

    async fn a_rule_that_changes_fewer_than_predicted_rolls_itself_back(stack: Stack) {
        rolls_itself_back(stack, 2, 40).await;
    }

    async fn a_rule_that_changes_more_than_predicted_rolls_itself_back(stack: Stack) {
        rolls_itself_back(stack, 0, 0).await;
    }

    async fn a_proposed_rule_is_tried_on_everybody_and_changes_nobody(stack: Stack) {
        let (backend, zhang) = eight_days_later(stack).await;
        let author = backend.staff(Role::PolicyAuthor, "310000").await;
        author.post("/v1/staff/policy/drafts", stale_after(7)).await.ok();
        let path = "/v1/staff/policy/rules/record.stale/2.0.0";
        author.post(&format!("{path}/proposal"), json!({})).await.ok();

        assert_eq!(TryProposed::run(&backend.deps).await.unwrap(), 1);
        assert_eq!(TryProposed::run(&backend.deps).await.unwrap(), 0, "once is enough");

        let tried = author.get(path).await.ok();
        assert_eq!(tried["state"], "simulated");
        assert_eq!(tried["simulation"]["people"], 2);
        assert_eq!(tried["simulation"]["would_change"], 1);
        assert_eq!(tried["simulation"]["shifts"], json!([shift("green", "yellow", 1)]));
        assert_eq!(backend.compare().await, 0, "nobody needs another look");
        assert_eq!(colour_of(&backend, &zhang).await, "green");
    }

    async fn counting_and_looking_find_the_same(stack: Stack) {
        let (backend, _) = eight_days_later(stack).await;
        for days in [1, 7, 8, 9, 14, 20] {
            let counted = predicted(&backend, &stale_after(days)).await;
            let looked = predicted(&backend, &stale_after_by_counting(days)).await;
            assert_eq!(counted, looked, "{days} days");
            let expected: &[Value] = if days <= 8 { &[shift("green", "yellow", 1)] } else { &[] };
            assert_eq!(counted, expected, "{days} days");
        }
    }

    async fn whom_a_rule_concerns_no_more_would_recover(stack: Stack) {
        let (backend, _) = eight_days_later(stack).await;
        backend.wait(TimeDelta::days(6));
        backend.sweep().await;
        assert_eq!(predicted(&backend, &stale_after(14)).await, [] as [Value; 0]);
        assert_eq!(predicted(&backend, &stale_after(15)).await, [shift("yellow", "green", 1)]);
        assert_eq!(predicted(&backend, &stale_after_by_counting(15)).await, [shift("yellow", "green", 1)]);
        // Zhang's record is of six days ago.
        assert_eq!(predicted(&backend, &stale_after(6)).await, [shift("green", "yellow", 1)]);
    }

    async fn a_test_that_would_be_overdue_is_counted(stack: Stack) {
        let (backend, zhang) = eight_days_later(stack).await;
        assert_eq!(predicted(&backend, &untested_for(72)).await, [shift("green", "yellow", 2)]);
        was_tested(&backend, &zhang, TimeDelta::hours(10)).await;
        assert_eq!(predicted(&backend, &untested_for(72)).await, [shift("green", "yellow", 1)]);
        assert_eq!(predicted(&backend, &untested_for(10)).await, [shift("green", "yellow", 2)]);
        assert_eq!(predicted(&backend, &untested_for(11)).await, [shift("green", "yellow", 1)]);
    }

    async fn a_rule_about_facts_is_tried_on_those_of_whom_there_are_any(stack: Stack) {
        let (backend, zhang) = eight_days_later(stack).await;
        was_in_company_of_a_case(&backend, &zhang).await;
        assert_eq!(colour_of(&backend, &zhang).await, "yellow");
        let mut stricter = shows("company.of-a-case", "1.0.0", &json!(["fact.exposed_at"]), &json!(
            {"before": [{"var": "now"}, {"plusTime": [{"var": "fact.exposed_at"}, 7, "day"]}]}
        ));
        stricter["about"] = json!("companion");
        stricter["effect"] = json!({"hold": {
            "reason": "R03",
            "until": {"plusTime": [{"var": "fact.exposed_at"}, 7, "day"]},
        }});
        assert_eq!(predicted(&backend, &stricter).await, [shift("yellow", "red", 1)]);
        stricter["scope"] = json!(["310115"]);
        assert_eq!(predicted(&backend, &stricter).await, [] as [Value; 0], "elsewhere");
    }
}
