//! What is wrong in what is recorded is said, decided in time, and taken back.

mod deciding;

use api::{
    facts::{self, NewFact, NewTest, Recorded},
    platform::{Clock, db::begin_write},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    audit_entry, correction,
    values::{Division, FactKind, PersonId, TestResult},
};
use integration_tests::{
    backend::{Backend, GRANDMOTHER, Session, ZHANG, declaration},
    on_both_stacks,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

const PHONE: &str = "13800138000";

/// What Zhang writes.
pub(crate) const WORDS: &str = "这不是我的样本，当天我在外地";

pub(crate) fn person(session: &Session) -> PersonId {
    PersonId(session.person.parse().unwrap())
}

pub(crate) fn division(code: &str) -> Division {
    Division::try_from(code.to_owned()).unwrap()
}

/// A report on a single sample of `session`'s owner, taken an hour ago.
pub(crate) fn report(
    backend: &Backend,
    session: &Session,
    tube: &str,
    result: TestResult,
) -> NewTest {
    let now = backend.clock.now();
    NewTest {
        person: person(session),
        sampled_at: now - TimeDelta::hours(1),
        sample: format!("lab-1/{tube}"),
        reported_at: now - TimeDelta::minutes(1),
        result,
        tube_size: 1,
        source: "lab-1".into(),
        recorded_by: None,
    }
}

pub(crate) async fn record(backend: &Backend, test: NewTest) {
    let tx = begin_write(&backend.deps.db).await.unwrap();
    let recorded = facts::record_test(&tx, &backend.deps, test).await.unwrap();
    assert!(matches!(recorded, Recorded::New(_)));
    tx.commit().await.unwrap();
}

/// Record a [`report`].
pub(crate) async fn tested(backend: &Backend, session: &Session, tube: &str, result: TestResult) {
    record(backend, report(backend, session, tube, result)).await;
}

/// Record a contact of `session`'s owner with a case yesterday, of the region `origin`. Its name.
pub(crate) async fn contact(backend: &Backend, session: &Session, origin: &str) -> String {
    let fact = NewFact {
        person: person(session),
        kind: FactKind::CloseContact,
        happened_at: backend.clock.now() - TimeDelta::days(1),
        ends_at: None,
        origin: division(origin),
        source: "cdc".into(),
        source_ref: None,
        detail: json!({}),
        recorded_by: None,
    };
    let tx = begin_write(&backend.deps.db).await.unwrap();
    let recorded = facts::record_fact(&tx, &backend.deps, fact).await.unwrap();
    let Recorded::New(row) = recorded else {
        panic!("{recorded:?}");
    };
    tx.commit().await.unwrap();
    format!("fact/{}", row.id)
}

pub(crate) fn about(session: &Session, record: &str) -> Value {
    json!({
        "person": session.person,
        "record": record,
        "mistake": "not_mine",
        "text": WORDS,
    })
}

/// File a correction of `record`. Its id.
pub(crate) async fn file(backend: &Backend, session: &Session, record: &str) -> String {
    let page = backend.as_citizen(session);
    let filed = page
        .post("/v1/corrections", about(session, record))
        .await
        .ok();
    filed["id"].as_str().unwrap().to_owned()
}

/// Zhang, who declared to live in 310101, and a contact that Shanghai recorded.
async fn zhang_in_contact(backend: &Backend) -> (Session, String) {
    let zhang = backend.green(PHONE, ZHANG).await;
    let record = contact(backend, &zhang, "310101").await;
    (zhang, record)
}

async fn due_of(backend: &Backend, session: &Session, record: &str) -> (DateTime<Utc>, bool) {
    let page = backend.as_citizen(session);
    let filed = page
        .post("/v1/corrections", about(session, record))
        .await
        .ok();
    let due: DateTime<Utc> = filed["due_at"].as_str().unwrap().parse().unwrap();
    (due, filed["provisional"].as_bool().unwrap())
}

on_both_stacks! {
    async fn what_was_filed_reads_back_and_is_kept_sealed(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, record) = zhang_in_contact(&backend).await;
        let page = backend.as_citizen(&zhang);
        let mut request = about(&zhang, &record);
        request["evidence"] = json!("火车票 G7001");
        let filed = page.post("/v1/corrections", request).await;
        assert_eq!(filed.status, 201);
        let filed = filed.ok();
        for (field, value) in [
            ("person", json!(zhang.person)),
            ("filed_by", json!(zhang.person)),
            ("record", json!(record)),
            ("mistake", json!("not_mine")),
            ("text", json!(WORDS)),
            ("evidence", json!("火车票 G7001")),
            ("state", json!("open")),
            ("origin", json!({"division": "310101", "name": "上海市黄浦区"})),
            ("decided_at", Value::Null),
            ("refusal", Value::Null),
            ("answer", Value::Null),
        ] {
            assert_eq!(filed[field], value, "{field}");
        }
        assert!(filed["reference"].as_str().unwrap().starts_with("JC-"));

        let one = format!("/v1/corrections/{}", filed["id"].as_str().unwrap());
        assert_eq!(page.get(&one).await.ok(), filed);
        let listed = page.get("/v1/corrections").await.ok();
        assert_eq!(listed["items"], json!([filed]));

        let row = correction::Entity::find().one(&backend.deps.db).await.unwrap().unwrap();
        let kept = String::from_utf8_lossy(&row.content).into_owned();
        assert!(!kept.contains("样本") && !kept.contains("G7001"));
    }

    async fn a_correction_is_due_at_the_end_of_the_second_working_day(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        for (filed_at, due_at) in [
            // A Monday, and a Friday with a weekend behind it.
            ("2026-03-02T12:05:00+08:00", "2026-03-05T00:00:00+08:00"),
            ("2026-03-06T23:59:00+08:00", "2026-03-11T00:00:00+08:00"),
            // The day before Qingming, with three days off behind it.
            ("2026-04-03T09:00:00+08:00", "2026-04-09T00:00:00+08:00"),
        ] {
            backend.wait_until(filed_at);
            backend.sweep().await;
            let zhang = Session { person: zhang.person.clone(), ..backend.log_in(PHONE).await };
            let record = contact(&backend, &zhang, "310101").await;
            let expected: DateTime<Utc> = due_at.parse().unwrap();
            assert_eq!(due_of(&backend, &zhang, &record).await, (expected, false), "{filed_at}");
        }
        backend.wait_until("2026-12-31T12:00:00+08:00");
        backend.sweep().await;
        let wang = backend.log_in("13900139000").await;
        let record = contact(&backend, &wang, "310101").await;
        let (_, provisional) = due_of(&backend, &wang, &record).await;
        assert!(provisional, "nobody announced the holidays of 2027 yet");
    }

    async fn filing_twice_with_one_key_files_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, record) = zhang_in_contact(&backend).await;
        let page = backend.as_citizen(&zhang);
        let request = about(&zhang, &record);
        let first = page.post_keyed("/v1/corrections", "k", request.clone()).await;
        let again = page.post_keyed("/v1/corrections", "k", request).await;
        assert_eq!(again.headers["idempotent-replayed"], "true");
        assert_eq!(first.ok(), again.ok());
        let listed = page.get("/v1/corrections").await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    }

    async fn what_cannot_be_corrected_is_refused_by_its_reason(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, record) = zhang_in_contact(&backend).await;
        let wang = backend.green("13900139000", GRANDMOTHER).await;
        let page = backend.as_citizen(&zhang);
        let file = async |request: Value| page.post("/v1/corrections", request).await;

        let foreign = contact(&backend, &wang, "310101").await;
        for record in ["test/lab-1/T-9", "fact/7", "risk_area/7", &foreign] {
            let answer = file(about(&zhang, record)).await;
            assert_eq!(answer.problem(422), "invalid-request", "{record}");
            assert_eq!(answer.faults(), [("record".to_owned(), "unknown_record".to_owned())]);
        }
        for record in ["declaration/7", "check_in/7"] {
            assert_eq!(file(about(&zhang, record)).await.problem(409), "correction-of-own-report");
        }
        for (field, value, code) in [
            ("text", json!(""), "length"),
            ("text", json!("错".repeat(501)), "length"),
            ("evidence", json!("错".repeat(501)), "length"),
            ("mistake", json!("no_mistake"), "type"),
            ("record", json!("fact/错"), "form"),
            ("colour", json!("green"), "unknown_field"),
        ] {
            let mut request = about(&zhang, &record);
            request[field] = value;
            let answer = file(request).await;
            assert_eq!(answer.problem(422), "invalid-request", "{field}");
            assert_eq!(answer.faults(), [(field.to_owned(), code.to_owned())]);
        }
        file(about(&zhang, &record)).await.ok();
        assert_eq!(file(about(&zhang, &record)).await.problem(409), "correction-already-open");
        file(about(&wang, &foreign)).await.problem(404);
    }

    async fn only_the_person_and_who_acts_for_them_files_and_reads(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        let stranger = backend.log_in("13900139000").await;
        let page = backend.as_citizen(&zhang);
        let added = page.post("/v1/dependants", json!({
            "name": GRANDMOTHER.name,
            "document_kind": "resident_card",
            "document_number": GRANDMOTHER.number,
            "relationship": "elder",
        })).await.ok();
        let grandmother = Session {
            person: added["person_id"].as_str().unwrap().to_owned(),
            ..zhang.clone()
        };
        let of = format!("/v1/people/{}/declarations", grandmother.person);
        page.post(&of, declaration()).await.ok();
        let record = contact(&backend, &grandmother, "310101").await;
        let filed = page.post("/v1/corrections", about(&grandmother, &record)).await.ok();
        assert_eq!(filed["person"], grandmother.person.as_str());
        assert_eq!(filed["filed_by"], zhang.person.as_str());

        let theirs = format!("/v1/corrections?person={}", grandmother.person);
        assert_eq!(page.get(&theirs).await.ok()["items"].as_array().unwrap().len(), 1);
        assert_eq!(page.get("/v1/corrections").await.ok()["items"], json!([]), "of oneself none");

        let prying = backend.as_citizen(&stranger);
        let one = format!("/v1/corrections/{}", filed["id"].as_str().unwrap());
        let nothing = "/v1/corrections/0195a1b2-0000-4000-8000-00000000000a";
        let (foreign, missing) = (prying.get(&one).await, prying.get(nothing).await);
        assert_eq!(foreign.problem(404), missing.problem(404));
        prying.get(&theirs).await.problem(404);
    }

    async fn pages_of_corrections_neither_skip_nor_repeat(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let mut filed = Vec::new();
        for _ in 0..5 {
            let record = contact(&backend, &zhang, "310101").await;
            // Two of them at one instant.
            if filed.len() != 2 {
                backend.wait(TimeDelta::seconds(1));
            }
            filed.push(file(&backend, &zhang, &record).await);
        }
        let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
        loop {
            let answer = page.get(&format!("/v1/corrections?{query}")).await.ok();
            let items = answer["items"].as_array().unwrap();
            seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(next) = answer["next"].as_str() else { break };
            query = format!("limit=2&after={next}");
        }
        assert_eq!(seen.first(), filed.last(), "newest first");
        let (mut all, mut expected) = (seen.clone(), filed);
        all.sort();
        expected.sort();
        assert_eq!(all, expected);
        let answer = page.get("/v1/corrections?after=x").await;
        assert_eq!(answer.problem(422), "invalid-request");
        assert_eq!(answer.faults(), [("after".to_owned(), "cursor".to_owned())]);
    }

    async fn filing_is_on_record_without_anybodys_words(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, record) = zhang_in_contact(&backend).await;
        file(&backend, &zhang, &record).await;
        let entries = recorded(&backend, &zhang, "correction_filed").await;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].detail["record"], record);
        assert!(!entries[0].detail.to_string().contains("样本"));
    }
}

/// What is on record of `session`'s owner under the name `event`.
pub(crate) async fn recorded(
    backend: &Backend,
    session: &Session,
    event: &str,
) -> Vec<audit_entry::Model> {
    audit_entry::Entity::find()
        .filter(audit_entry::Column::SubjectId.eq(person(session).0))
        .filter(audit_entry::Column::Event.eq(event))
        .all(&backend.deps.db)
        .await
        .unwrap()
}
