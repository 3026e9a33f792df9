//! Each change is on record, in the transaction that made it, without personal data.

use api::{
    credentials,
    platform::Clock,
    regions::{self, AccessPlan, Opening, YearDays},
};
use chrono::{NaiveDate, TimeDelta};
use entity::{
    audit_entry,
    values::{Division, PersonId},
};
use integration_tests::{
    backend::{Backend, GRANDMOTHER, Session, ZHANG, declaration},
    on_both_stacks,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

const PHONE: &str = "13800138000";

/// What is on record of `person`, oldest first.
async fn record_of(backend: &Backend, person: &str) -> Vec<audit_entry::Model> {
    let person = PersonId(person.parse().unwrap());
    audit_entry::Entity::find()
        .filter(audit_entry::Column::SubjectId.eq(person.0))
        .order_by_asc(audit_entry::Column::At)
        .order_by_asc(audit_entry::Column::Id)
        .all(&backend.deps.db)
        .await
        .unwrap()
}

async fn events_of(backend: &Backend, person: &str) -> Vec<String> {
    let mut events: Vec<_> = record_of(backend, person)
        .await
        .into_iter()
        .map(|entry| entry.event)
        .collect();
    events.sort_unstable();
    events
}

/// What a code changed from and to, oldest first.
async fn colours_of(backend: &Backend, person: &str) -> Vec<(String, String)> {
    let entries = record_of(backend, person).await.into_iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    entries
        .filter(|entry| entry.event == "colour_changed")
        .map(|entry| (text(&entry.detail["from"]), text(&entry.detail["to"])))
        .collect()
}

fn chain(colours: &[&str]) -> Vec<(String, String)> {
    let steps = colours.windows(2);
    steps
        .map(|step| (step[0].to_owned(), step[1].to_owned()))
        .collect()
}

/// `events`, sorted, after what a log-in of somebody new leaves.
fn after_logging_in(events: &[&str]) -> Vec<String> {
    let first = [
        "consent_given",
        "consent_given",
        "person_created",
        "phone_proved",
        "session_began",
    ];
    let mut all: Vec<String> = first
        .iter()
        .chain(events)
        .map(|&event| event.to_owned())
        .collect();
    all.sort_unstable();
    all
}

async fn check_in(backend: &Backend, session: &Session, temperature: f64) {
    let path = format!("/v1/people/{}/check-ins", session.person);
    let report = json!({"temperature": temperature, "symptoms": []});
    backend.as_citizen(session).post(&path, report).await.ok();
}

on_both_stacks! {
    async fn each_change_is_on_record_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.log_in(PHONE).await;
        let mut expected = Vec::new();
        assert_eq!(events_of(&backend, &zhang.person).await, after_logging_in(&expected));

        let identity = json!({"name": ZHANG.name, "document_kind": "resident_card", "document_number": ZHANG.number});
        backend.as_citizen(&zhang).put("/v1/me/identity", identity).await.ok();
        expected.push("identity_verified");
        assert_eq!(events_of(&backend, &zhang.person).await, after_logging_in(&expected));

        let path = format!("/v1/people/{}/declarations", zhang.person);
        let page = backend.as_citizen(&zhang);
        page.post_keyed(&path, "k1", declaration()).await.ok();
        page.post_keyed(&path, "k1", declaration()).await.ok();
        expected.push("declared");
        assert_eq!(events_of(&backend, &zhang.person).await, after_logging_in(&expected), "a repetition is no change");

        backend.compare().await;
        expected.push("colour_changed");
        assert_eq!(events_of(&backend, &zhang.person).await, after_logging_in(&expected));

        backend.wait(TimeDelta::seconds(1));
        check_in(&backend, &zhang, 38.0).await;
        check_in(&backend, &zhang, 36.0).await;
        backend.compare().await;
        backend.compare().await;
        expected.extend(["checked_in", "hold_opened", "colour_changed"]);
        assert_eq!(events_of(&backend, &zhang.person).await, after_logging_in(&expected));

        backend.as_citizen(&zhang).delete("/v1/sessions/current").await.ok();
        expected.push("session_ended");
        assert_eq!(events_of(&backend, &zhang.person).await, after_logging_in(&expected));
    }

    async fn what_is_refused_leaves_no_trace(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        let path = format!("/v1/people/{}/declarations", zhang.person);
        let page = backend.as_citizen(&zhang);
        page.post_keyed(&path, "k1", declaration()).await.ok();
        let before = record_of(&backend, &zhang.person).await;

        let mut other = declaration();
        other["address"] = json!("人民大道 2 号");
        page.post_keyed(&path, "k1", other).await.problem(422);
        let mut unconfirmed = declaration();
        unconfirmed["confirmed_true"] = json!(false);
        page.post(&path, unconfirmed).await.problem(422);
        assert_eq!(record_of(&backend, &zhang.person).await, before);
    }

    async fn a_change_whose_entry_cannot_be_written_is_not_made(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        let db = &backend.deps.db;
        db.execute_unprepared("ALTER TABLE audit_entry RENAME TO elsewhere").await.unwrap();
        let path = format!("/v1/people/{}/declarations", zhang.person);
        let page = backend.as_citizen(&zhang);
        page.post_keyed(&path, "k1", declaration()).await.problem(500);
        assert_eq!(page.get(&path).await.ok()["items"], json!([]));

        db.execute_unprepared("ALTER TABLE elsewhere RENAME TO audit_entry").await.unwrap();
        let made = page.post_keyed(&path, "k1", declaration()).await;
        assert_eq!(made.status, 201, "the key was not used up");
        assert!(!made.headers.contains_key("idempotent-replayed"));
    }

    async fn each_change_of_colour_begins_where_the_last_one_ended(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.log_in(PHONE).await;
        let path = format!("/v1/people/{}/declarations", zhang.person);
        backend.as_citizen(&zhang).post(&path, declaration()).await.ok();
        backend.compare().await;
        assert_eq!(colours_of(&backend, &zhang.person).await, chain(&["grey"]), "not verified yet");

        backend.wait(TimeDelta::seconds(61));
        let zhang = backend.verified(PHONE, ZHANG).await;
        backend.compare().await;
        assert_eq!(colours_of(&backend, &zhang.person).await, chain(&["grey", "green"]));

        backend.wait(TimeDelta::seconds(1));
        check_in(&backend, &zhang, 37.3).await;
        backend.compare().await;
        backend.wait(TimeDelta::days(1));
        backend.sweep().await;
        let zhang = backend.log_in(PHONE).await;
        check_in(&backend, &zhang, 36.5).await;
        backend.compare().await;
        let healed = ["grey", "green", "yellow", "green"];
        assert_eq!(colours_of(&backend, &zhang.person).await, chain(&healed));

        backend.wait(TimeDelta::days(14));
        backend.sweep().await;
        let stale = [&healed[..], &["yellow"]].concat();
        assert_eq!(colours_of(&backend, &zhang.person).await, chain(&stale), "gone stale");

        backend.wait(TimeDelta::seconds(1));
        let zhang = backend.log_in(PHONE).await;
        check_in(&backend, &zhang, 36.5).await;
        backend.compare().await;
        let again = [&stale[..], &["green"]].concat();
        assert_eq!(colours_of(&backend, &zhang.person).await, chain(&again), "and healed by a check-in");
    }

    async fn no_entry_holds_anything_personal(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        check_in(&backend, &zhang, 38.0).await;
        backend.compare().await;
        let dependant = json!({
            "name": GRANDMOTHER.name, "document_kind": "resident_card",
            "document_number": GRANDMOTHER.number, "relationship": "elder",
        });
        backend.as_citizen(&zhang).post("/v1/dependants", dependant).await.ok();

        let entries = audit_entry::Entity::find().all(&backend.deps.db).await.unwrap();
        assert!(entries.len() > 10);
        for entry in entries {
            let text = entry.detail.to_string();
            for personal in [PHONE, ZHANG.number, GRANDMOTHER.number] {
                assert!(!text.contains(personal), "{}: {text}", entry.event);
            }
            assert!(text.is_ascii(), "neither names nor addresses: {}: {text}", entry.event);
            assert!(!text.contains("temperature"), "{}: {text}", entry.event);
        }
    }

    async fn what_an_operator_decides_for_everybody_is_on_record(stack: Stack) {
        let backend = Backend::start(stack).await;
        let deps = &backend.deps;
        let opening = Opening {
            division: Division::try_from("310101".to_owned()).unwrap(),
            opens_at: backend.clock.now() + TimeDelta::days(1),
            closes_at: None,
            plan: AccessPlan::default(),
        };
        regions::decide(deps, &opening).await.unwrap();
        let days = YearDays {
            year: 2027,
            source: "7".into(),
            holidays: (1..=7).map(|day| NaiveDate::from_ymd_opt(2027, 1, day).unwrap()).collect(),
            working_weekends: [].into(),
        };
        regions::save_year(deps, &days).await.unwrap();
        credentials::replace_code_key(deps).await.unwrap();
        for (event, key, value) in [
            ("region_decided", "division", json!("310101")),
            ("calendar_saved", "year", json!(2027)),
            ("key_replaced", "kid", Value::Null),
        ] {
            let of = audit_entry::Column::Event.eq(event);
            let entries = audit_entry::Entity::find().filter(of).all(&deps.db).await.unwrap();
            let [entry] = entries.as_slice() else { panic!("{event}: {entries:?}") };
            assert_eq!(entry.actor_kind, "operator", "{event}");
            assert!(entry.detail[key] == value || (value.is_null() && entry.detail[key].is_string()), "{event}");
        }
    }
}
