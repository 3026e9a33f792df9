//! No one turns a code by hand alone: a request, two approvals, a reason and an end (S24, H11).

mod guards;

use api::{jobs::Sweep, overrides::LetLapse};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    audit_entry, health_fact, staff_account,
    values::{FactKind, Role, StaffId, TestResult},
};
use integration_tests::{
    Backend, StaffMember,
    backend::{GRANDMOTHER, Session, ZHANG},
    on_both_stacks,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde_json::{Value, json};

use crate::corrections::{WORDS, contact, tested};

const OVERRIDES: &str = "/v1/staff/overrides";
const PHONE: &str = "13800138000";

/// Somebody who asks in Huangpu, a reviewer of the same unit, and one of another.
struct Office {
    asks: StaffMember,
    colleague: StaffMember,
    other: StaffMember,
}

async fn office(backend: &Backend) -> Office {
    let asks = backend.staff(Role::Epidemiologist, "310101").await;
    let colleague = backend.staff(Role::Reviewer, "310101").await;
    let other = backend.staff(Role::Reviewer, "310100").await;
    works_for(backend, other.account, "市卫生健康委员会").await;
    Office {
        asks,
        colleague,
        other,
    }
}

async fn works_for(backend: &Backend, account: StaffId, unit: &str) {
    let change = staff_account::ActiveModel {
        id: Set(account),
        unit: Set(unit.to_owned()),
        ..Default::default()
    };
    change.update(&backend.deps.db).await.unwrap();
}

fn now(backend: &Backend) -> DateTime<Utc> {
    backend.deps.clock.now()
}

fn row(session: &Session, evidence: &str) -> Value {
    json!({"person": session.person, "evidence": evidence})
}

/// That `people` be red for six hours.
fn red(backend: &Backend, people: &[Value]) -> Value {
    json!({
        "effect": "red", "ground": "result_doubted", "words": WORDS,
        "until": now(backend) + TimeDelta::hours(6), "people": people,
    })
}

/// That the cause `cause` of `person` end.
fn release(cause: &str, person: &Value) -> Value {
    json!({
        "effect": "release", "cause": cause, "ground": "infection_excluded", "words": WORDS,
        "people": [person],
    })
}

/// Zhang, who is green and whose last sample said nothing either way.
async fn zhang_in_doubt(backend: &Backend) -> (Session, String) {
    let zhang = backend.green(PHONE, ZHANG).await;
    tested(backend, &zhang, "T1", TestResult::Inconclusive).await;
    backend.compare().await;
    (zhang, "test/lab-1/T1".to_owned())
}

/// Ask for `what`. The request's path.
async fn asked(asks: &StaffMember, what: Value) -> String {
    let request = asks.post(OVERRIDES, what).await.ok();
    assert_eq!(request["state"], "waiting");
    format!("{OVERRIDES}/{}", request["id"].as_str().unwrap())
}

/// Approve the request at `path`. How it stands then.
async fn approved(by: &StaffMember, path: &str) -> Value {
    by.post(&format!("{path}/approvals"), json!({})).await.ok()["state"].clone()
}

/// Why `by` may not approve the request at `path`.
async fn not_approved(by: &StaffMember, path: &str, status: u16) -> String {
    by.post(&format!("{path}/approvals"), json!({}))
        .await
        .problem(status)
}

/// What `phone` shows, with the reasons.
async fn reasons(backend: &Backend, session: &Session) -> Value {
    let path = format!("/v1/people/{}/health-code/reasons", session.person);
    backend.as_citizen(session).get(&path).await.ok()
}

async fn colour(backend: &Backend, session: &Session) -> Value {
    backend.sweep().await;
    reasons(backend, session).await["colour"].clone()
}

/// What the log says that begins with `override`, in order: by whom, and what.
async fn on_record(backend: &Backend) -> Vec<(String, String)> {
    let entries = audit_entry::Entity::find()
        .filter(audit_entry::Column::Event.starts_with("override"))
        .order_by_asc(audit_entry::Column::At)
        .all(&backend.deps.db)
        .await
        .unwrap();
    let told = entries.into_iter();
    told.map(|entry| (entry.actor_kind, entry.event)).collect()
}

/// The facts that followed of requests.
async fn decisions(backend: &Backend) -> Vec<health_fact::Model> {
    health_fact::Entity::find()
        .filter(health_fact::Column::Kind.eq(FactKind::Override))
        .all(&backend.deps.db)
        .await
        .unwrap()
}

/// Somebody of Huangpu who is red because three people say so.
pub(crate) async fn turned_red(backend: &Backend) {
    let (zhang, evidence) = zhang_in_doubt(backend).await;
    let office = office(backend).await;
    let path = asked(&office.asks, red(backend, &[row(&zhang, &evidence)])).await;
    approved(&office.colleague, &path).await;
    approved(&office.other, &path).await;
    assert_eq!(colour(backend, &zhang).await, "red");
}

/// Leave something of everything that is kept of requests.
pub(crate) async fn live_through(backend: &Backend, session: &Session) {
    let office = office(backend).await;
    tested(backend, session, "OV-1", TestResult::Inconclusive).await;
    let what = red(backend, &[row(session, "test/lab-1/OV-1")]);
    let path = asked(&office.asks, what).await;
    approved(&office.colleague, &path).await;
}

on_both_stacks! {
    async fn a_colour_gets_worse_by_three_people_says_why_and_ends_by_itself(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, evidence) = zhang_in_doubt(&backend).await;
        let office = office(&backend).await;
        let until = now(&backend) + TimeDelta::hours(6);
        let path = asked(&office.asks, red(&backend, &[row(&zhang, &evidence)])).await;
        backend.wait(TimeDelta::seconds(1));
        assert_eq!(colour(&backend, &zhang).await, "green", "asked for");
        assert_eq!(approved(&office.colleague, &path).await, "waiting");
        backend.wait(TimeDelta::seconds(1));
        assert_eq!(colour(&backend, &zhang).await, "green", "approved once");
        assert_eq!(approved(&office.other, &path).await, "applied");
        assert_eq!(colour(&backend, &zhang).await, "red");

        let told = reasons(&backend, &zhang).await;
        let [reason] = told["reasons"].as_array().unwrap().as_slice() else { panic!("{told}") };
        assert_eq!((&reason["code"], &reason["rule"]), (&json!("R09"), &json!("override.red")));
        assert_eq!(reason["source_region"]["division"], "310101");
        let ends: DateTime<Utc> = reason["until"].as_str().unwrap().parse().unwrap();
        assert_eq!(ends, until);
        assert!(reason["advice"].as_str().unwrap().contains("appeal"), "{reason}");
        let fact = &reason["facts"][0];
        assert_eq!((&fact["kind"], &fact["ground"]), (
            &json!("override"),
            &json!("A test result is doubted and is being checked"),
        ));
        assert!(!told.to_string().contains("王建国"), "nobody is named");
        let inbox = backend.as_citizen(&zhang).get("/v1/me/notifications").await.ok();
        assert!(inbox.to_string().contains("code_changed"), "{inbox}");
        let receipt = format!("/v1/people/{}/health-code/receipt", zhang.person);
        backend.as_citizen(&zhang).get(&receipt).await.ok();

        let logged = on_record(&backend).await;
        let staff = |event: &str| ("staff".to_owned(), event.to_owned());
        assert_eq!(logged[..2], [staff("override_requested"), staff("override_approved")]);
        let mut last = logged[2..].to_vec();
        last.sort();
        assert_eq!(last, [staff("override_applied"), staff("override_approved")]);

        backend.wait(TimeDelta::hours(6) - TimeDelta::seconds(3));
        let zhang = backend.log_in(PHONE).await;
        assert_eq!(colour(&backend, &zhang).await, "red", "to the end");
        backend.wait(TimeDelta::seconds(2));
        assert_eq!(colour(&backend, &zhang).await, "green", "by itself");
        let history = format!("/v1/people/{}/health-code/history", zhang.person);
        backend.as_citizen(&zhang).get(&history).await.ok();
    }

    async fn a_cause_ends_before_its_time_and_one_person_does_not_bring_it_back(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        contact(&backend, &zhang, "310101").await;
        tested(&backend, &zhang, "T1", TestResult::Negative).await;
        assert_eq!(colour(&backend, &zhang).await, "red");
        backend.wait(TimeDelta::seconds(1));
        let office = office(&backend).await;
        let negative = || row(&zhang, "test/lab-1/T1");
        let refused = office.asks.post(OVERRIDES, release("R01", &negative())).await;
        assert_eq!(refused.problem(422), "invalid-request");
        assert_eq!(refused.faults(), [("people[0].person".to_owned(), "nothing_to_release".to_owned())]);

        for (cause, left) in [("R03", "yellow"), ("Y05", "green")] {
            let path = asked(&office.asks, release(cause, &negative())).await;
            assert_eq!(approved(&office.other, &path).await, "waiting");
            assert_eq!(approved(&office.colleague, &path).await, "applied");
            assert_eq!(colour(&backend, &zhang).await, left);
            backend.wait(TimeDelta::seconds(1));
            let why = json!({"reason": "not_true", "words": WORDS});
            let refused = office.asks.post(&format!("{path}/withdrawal"), why).await;
            assert_eq!(refused.problem(409), "override-release-stands");
        }
        for fact in decisions(&backend).await {
            let path = format!("/v1/staff/facts/{}/withdrawal", fact.id);
            let refused = office.asks.post(&path, json!({"reason": "not_true"})).await;
            assert_eq!(refused.problem(409), "override-release-stands");
        }
        backend.wait(TimeDelta::minutes(1));
        assert_eq!(colour(&backend, &zhang).await, "green", "and stays so");
    }

    async fn one_person_lifts_a_worse_colour(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, evidence) = zhang_in_doubt(&backend).await;
        let office = office(&backend).await;
        let path = asked(&office.asks, red(&backend, &[row(&zhang, &evidence)])).await;
        approved(&office.colleague, &path).await;
        approved(&office.other, &path).await;
        assert_eq!(colour(&backend, &zhang).await, "red");
        backend.wait(TimeDelta::seconds(1));
        let why = json!({"reason": "excluded", "words": WORDS});
        let withdrawal = format!("{path}/withdrawal");
        assert_eq!(office.colleague.post(&withdrawal, why.clone()).await.ok()["state"], "withdrawn");
        assert_eq!(colour(&backend, &zhang).await, "green");
        assert_eq!(office.other.post(&withdrawal, why).await.problem(409), "override-closed");
        assert!(on_record(&backend).await.contains(&("staff".into(), "override_withdrawn".into())));
        let seen = office.other.get(&path).await.ok();
        assert_eq!((&seen["words"], &seen["closing_words"]), (&json!(WORDS), &json!(WORDS)));
    }

    async fn whoever_had_a_hand_in_it_does_not_decide_whether_it_was_right(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, evidence) = zhang_in_doubt(&backend).await;
        let office = office(&backend).await;
        let path = asked(&office.asks, red(&backend, &[row(&zhang, &evidence)])).await;
        approved(&office.colleague, &path).await;
        approved(&office.other, &path).await;
        let fact = decisions(&backend).await.remove(0);
        let id = crate::corrections::file(&backend, &zhang, &format!("fact/{}", fact.id.0)).await;
        let decision = format!("/v1/staff/corrections/{id}/decision");
        let upheld = json!({"decision": "upheld", "text": WORDS});
        for approver in [&office.colleague, &office.other] {
            let answer = approver.post(&decision, upheld.clone()).await;
            assert_eq!(answer.problem(403), "another-reviewer-needed");
        }
        let third = backend.staff(Role::Reviewer, "310101").await;
        third.post(&decision, upheld).await.ok();
    }

    async fn what_is_not_approved_within_a_day_ends_undone(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, evidence) = zhang_in_doubt(&backend).await;
        let office = office(&backend).await;
        let mut what = red(&backend, &[row(&zhang, &evidence)]);
        what["until"] = json!(now(&backend) + TimeDelta::days(7));
        let path = asked(&office.asks, what).await;
        approved(&office.colleague, &path).await;
        backend.wait(TimeDelta::hours(24) - TimeDelta::seconds(1));
        assert_eq!(LetLapse::run(&backend.deps).await.unwrap(), 0, "not yet");
        backend.wait(TimeDelta::seconds(1));
        let other = backend.staff_again(&office.other).await;
        assert_eq!(not_approved(&other, &path, 409).await, "override-closed");
        assert_eq!(LetLapse::run(&backend.deps).await.unwrap(), 1);
        assert_eq!(LetLapse::run(&backend.deps).await.unwrap(), 0, "once");
        assert_eq!(other.get(&path).await.ok()["request"]["state"], "lapsed");
        assert_eq!(decisions(&backend).await, []);
        assert!(on_record(&backend).await.contains(&("system".into(), "override_lapsed".into())));
    }

    async fn of_two_second_approvals_at_once_one_gives_the_request_its_effect(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, evidence) = zhang_in_doubt(&backend).await;
        let office = office(&backend).await;
        let third = backend.staff(Role::Reviewer, "310000").await;
        works_for(&backend, third.account, "省疾病预防控制局").await;
        let path = asked(&office.asks, red(&backend, &[row(&zhang, &evidence)])).await;
        approved(&office.colleague, &path).await;
        let approvals = format!("{path}/approvals");
        let (one, two) = tokio::join!(
            office.other.post(&approvals, json!({})),
            third.post(&approvals, json!({})),
        );
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        assert_eq!(decisions(&backend).await.len(), 1);
    }

    async fn two_first_approvals_at_once_are_two(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, evidence) = zhang_in_doubt(&backend).await;
        let office = office(&backend).await;
        let path = asked(&office.asks, red(&backend, &[row(&zhang, &evidence)])).await;
        let (one, two) = tokio::join!(approved(&office.other, &path), approved(&office.colleague, &path));
        let mut states = [one.as_str().unwrap().to_owned(), two.as_str().unwrap().to_owned()];
        states.sort();
        assert_eq!(states, ["applied", "waiting"]);
        assert_eq!(decisions(&backend).await.len(), 1);
    }

    async fn all_of_a_request_has_its_effect_or_nothing(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, evidence) = zhang_in_doubt(&backend).await;
        let grandmother = backend.green("13900139000", GRANDMOTHER).await;
        tested(&backend, &grandmother, "T2", TestResult::Inconclusive).await;
        let office = office(&backend).await;
        let people = [row(&zhang, &evidence), row(&grandmother, "test/lab-1/T2")];
        let path = asked(&office.asks, red(&backend, &people)).await;
        approved(&office.colleague, &path).await;
        // The laboratory reports again.
        backend.wait(TimeDelta::minutes(2));
        tested(&backend, &grandmother, "T2", TestResult::Negative).await;
        let refused = office.other.post(&format!("{path}/approvals"), json!({})).await;
        assert_eq!(refused.problem(409), "override-evidence-gone");
        assert_eq!(refused.faults(), [("people[1].evidence".to_owned(), "gone".to_owned())]);
        assert_eq!(decisions(&backend).await, []);
        let seen = office.other.get(&path).await.ok();
        assert_eq!((&seen["request"]["state"], &seen["request"]["approvals"]), (&json!("waiting"), &json!(1)));
        assert_eq!(
            [&seen["people"][0]["stands"], &seen["people"][1]["stands"]],
            [&json!(true), &json!(false)]
        );
    }
}
