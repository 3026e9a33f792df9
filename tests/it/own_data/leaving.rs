//! Whoever leaves is an id that leads to nobody.

use std::{collections::BTreeSet, fmt::Write as _};

use api::{
    jobs::Sweep,
    own_data::{map, rules::FRESH},
    platform::vault::Column,
    uploads::DeleteUnheld,
};
use chrono::TimeDelta;
use entity::{
    audit_entry, consent, person, session, upload,
    values::{PersonId, TestResult, UploadId, VenueCategory},
    visit,
};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, Session, ZHANG, declaration},
    on_both_stacks,
};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::{ADDRESS, PHONE, measures::leave, with_grandmother};
use crate::{
    corrections::{self, recorded},
    pass_cards,
    schema::{DEVICE, ask, columns},
};

/// Zhang, who did much of what somebody can do whom nothing holds back, and what they sent.
async fn zhang_who_did_much(backend: &Backend) -> (Session, String, UploadId) {
    backend.community(pass_cards::rig::COMMUNITY).await;
    let zhang = backend.green(PHONE, ZHANG).await;
    let page = backend.as_citizen(&zhang);
    let grandmother = with_grandmother(backend, &zhang).await;
    let theirs = format!("/v1/people/{grandmother}/declarations");
    page.post(&theirs, declaration()).await.ok();
    let well = json!({"temperature": 36.5, "symptoms": []});
    let of = |what: &str| format!("/v1/people/{}/{what}", zhang.person);
    page.post(&of("check-ins"), well).await.ok();
    let wishes = json!({"channels": ["wechat"], "sms": true, "language": "en"});
    page.put("/v1/me/notification-preferences", wishes)
        .await
        .ok();
    corrections::tested(backend, &zhang, "1", TestResult::Negative).await;
    corrections::file(backend, &zhang, "test/lab-1/1").await;
    let venue = backend.venue(VenueCategory::Shop).await;
    let scan = json!({"code": venue.code_text});
    page.post("/v1/visits", scan).await.ok();
    let filed = pass_cards::rig::ask(backend, &zhang, pass_cards::rig::application()).await;
    assert_eq!(filed.status, 201);
    pass_cards::rig::settle(backend).await;
    let on_phone = backend.mock.phone_of("owner");
    on_phone.set_number(PHONE).unwrap();
    let wechat = json!({
        "app_id": miniapp_mock::dev::WECHAT_APP_ID,
        "login_code": on_phone.wechat_login_code(),
        "phone_code": on_phone.wechat_phone_code(),
        "accepted": backend.accepted().await,
        "device": DEVICE,
    });
    let wechat = backend.anyone().post("/v1/login/wechat", wechat).await.ok();
    let zhang = Session::of(&wechat);
    let file = backend.upload(&backend.as_citizen(&zhang)).await;
    (zhang, grandmother, file)
}

fn id_of(person: &str) -> PersonId {
    PersonId(person.parse().unwrap())
}

async fn row_of(backend: &Backend, person: &str) -> person::Model {
    let found = person::Entity::find_by_id(id_of(person)).one(&backend.deps.db);
    found.await.unwrap().unwrap()
}

/// Every column of every row, as text; bytes in hexadecimal.
async fn dumped(backend: &Backend) -> String {
    let db = &backend.deps.db;
    let in_text = |column: &str| match db.get_database_backend() {
        DbBackend::Postgres => format!("\"{column}\"::text"),
        _ => format!(
            "CASE typeof(\"{column}\") WHEN 'blob' THEN lower(hex(\"{column}\")) ELSE CAST(\"{column}\" AS TEXT) END"
        ),
    };
    let mut dump = String::new();
    for (table, column, _) in columns(db).await {
        let column = in_text(&column);
        let rows = ask(
            db,
            &format!("SELECT COALESCE({column}, '') FROM \"{table}\""),
        )
        .await;
        for row in rows {
            let _ = writeln!(dump, "{}", row.try_get_by_index::<String>(0).unwrap());
        }
    }
    dump
}

/// What features still have of `person`, by table.
async fn left_of(backend: &Backend, person: &str) -> Vec<(&'static str, Vec<Value>)> {
    let mut left = Vec::new();
    for holding in backend.deps.holdings.iter() {
        let sections = holding.copy(&backend.deps, id_of(person)).await.unwrap();
        left.extend(
            sections
                .into_iter()
                .map(|section| (section.table, section.rows)),
        );
    }
    left.retain(|(_, rows)| !rows.is_empty());
    left
}

on_both_stacks! {
    async fn whoever_leaves_leaves_nothing_that_says_who_they_were(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, grandmother, file) = zhang_who_did_much(&backend).await;
        let elsewhere = backend.another_instance().await;
        elsewhere.as_citizen(&zhang).get("/v1/me").await.ok();
        let before = row_of(&backend, &zhang.person).await;
        let page = backend.as_citizen(&zhang);
        let seen = page.get("/v1/me/deletion").await.ok();
        assert_eq!((&seen["possible"], &seen["dependants"]), (&json!(true), &json!([grandmother])), "{seen}");
        let unsure = page.post("/v1/me/deletion", json!({"confirm": false})).await;
        assert_eq!(unsure.problem(422), "invalid-request");
        assert_eq!(row_of(&backend, &zhang.person).await, before, "nothing went");

        let gone = leave(&backend, &zhang).await.ok();
        assert_eq!(gone["people"], json!([grandmother, zhang.person]));
        let erased = |table: &str| {
            let erased = gone["erased"].as_array().unwrap();
            let of = erased.iter().find(|erased| erased["table"] == table);
            of.map_or(0, |of| of["rows"].as_u64().unwrap())
        };
        for table in ["declaration", "check_in", "correction", "pass_application", "consent", "person", "upload"] {
            assert!(erased(table) > 0, "{table}: {gone}");
        }
        let stays: BTreeSet<&str> = map::entries().filter(|entry| entry.stays().is_some()).map(|entry| entry.table).collect();
        let said = gone["stays"].as_array().unwrap().iter().map(|it| it["table"].as_str().unwrap());
        assert_eq!(said.collect::<BTreeSet<_>>(), stays);

        for person in [&zhang.person, &grandmother] {
            for (table, rows) in left_of(&backend, person).await {
                assert!(stays.contains(table) || table == "upload", "{table} still has {rows:?}");
                let text = Value::from(rows).to_string();
                for who in [PHONE, ZHANG.name, ZHANG.number, GRANDMOTHER.name, GRANDMOTHER.number, ADDRESS, DEVICE, corrections::WORDS] {
                    assert!(!text.contains(who), "{who} in {table}");
                }
            }
        }
        let after = row_of(&backend, &zhang.person).await;
        let known = (&after.phone, &after.phone_index, &after.name, &after.document_number, &after.document_index);
        assert_eq!(known, (&None, &None, &None, &None, &None));
        let owner = before.id.0.as_bytes();
        let key = backend.deps.vault.data_key(owner, &after.data_key).unwrap();
        let sealed = before.phone.as_deref().unwrap();
        assert!(key.open(Column("person.phone").owned_by(owner), sealed).is_err(), "the key is another");
        let dump = dumped(&backend).await;
        let traces = [&before.data_key, before.phone_index.as_ref().unwrap(), before.document_index.as_ref().unwrap()];
        for (trace, what) in traces.into_iter().zip(["the key", "the phone's index", "the document's index"]) {
            // What a unit says of its legal person is the unit's.
            let mut of_units = dump.matches(&hex::encode(trace)).count();
            if what == "the document's index" {
                of_units -= 1;
            }
            assert_eq!(of_units, 0, "{what}");
        }
        assert!(dump.contains("account_deleted") && dump.contains(&hex::encode(&after.data_key)), "it was dumped");

        let file = upload::Entity::find_by_id(file).one(&backend.deps.db).await.unwrap().unwrap();
        assert!(file.sealed_key.is_empty() && file.going_at.is_some());
        assert!(DeleteUnheld::run(&backend.deps).await.unwrap() >= 1);
        assert!(upload::Entity::find_by_id(file.id).one(&backend.deps.db).await.unwrap().is_none());
    }

    async fn sessions_end_everywhere_and_the_phone_comes_back_as_somebody_new(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, grandmother, _) = zhang_who_did_much(&backend).await;
        let elsewhere = backend.another_instance().await;
        elsewhere.as_citizen(&zhang).get("/v1/me").await.ok();
        let code = format!("/v1/people/{}/health-code", zhang.person);
        let token = backend.as_citizen(&zhang).get(&code).await.ok()["token"].clone();
        leave(&backend, &zhang).await.ok();

        assert_eq!(backend.as_citizen(&zhang).get("/v1/me").await.problem(401), "unauthenticated");
        // Another process believes what it heard for two seconds.
        backend.wait(TimeDelta::seconds(3));
        assert_eq!(elsewhere.as_citizen(&zhang).get("/v1/me").await.problem(401), "unauthenticated");
        let refresh = json!({"refresh_token": zhang.refresh});
        assert_eq!(backend.anyone().post("/v1/login/refresh", refresh).await.problem(401), "refresh-refused");
        let live = session::Entity::find()
            .filter(session::Column::PersonId.eq(id_of(&zhang.person)))
            .filter(session::Column::EndedAt.is_null());
        assert!(live.all(&backend.deps.db).await.unwrap().is_empty());
        let shown = backend.anyone().post("/v1/codes/verify", json!({"token": token})).await.json().to_string();
        assert!(!shown.contains("green") && !shown.contains('张'), "{shown}");

        backend.wait(TimeDelta::minutes(2));
        let anew = backend.verified(PHONE, ZHANG).await;
        assert_ne!(anew.person, zhang.person);
        let me = backend.as_citizen(&anew).get("/v1/me").await.ok();
        assert_eq!((&me["verified"], &me["person_id"]), (&json!(true), &json!(anew.person)));
        let dependants = backend.as_citizen(&anew).get("/v1/dependants").await.ok();
        assert_eq!(dependants, json!([]));
        assert_ne!(with_grandmother(&backend, &anew).await, grandmother);
        let consents = consent::Entity::find().all(&backend.deps.db).await.unwrap();
        assert!(consents.iter().all(|consent| consent.person_id != id_of(&zhang.person)));

        let visits = visit::Entity::find().all(&backend.deps.db).await.unwrap();
        assert_eq!(visits[0].subject.to_string(), zhang.person, "what stays stays, under the id");
        assert_eq!(recorded(&backend, &zhang, "account_deleted").await.len(), 1);
        let old = audit_entry::Entity::find().filter(audit_entry::Column::SubjectId.eq(id_of(&zhang.person).0));
        assert!(old.all(&backend.deps.db).await.unwrap().len() > 5);
    }

    async fn of_two_deletions_at_once_one_deletes(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let other = backend.another_instance().await;
        let (one, two) = tokio::join!(leave(&backend, &zhang), leave(&other, &zhang));
        let statuses = BTreeSet::from([one.status.as_u16(), two.status.as_u16()]);
        assert_eq!(statuses, BTreeSet::from([200, 401]));
        assert_eq!(recorded(&backend, &zhang, "account_deleted").await.len(), 1);
    }

    async fn a_deletion_repeated_with_its_key_at_once_is_one_and_takes_a_fresh_log_in(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        backend.wait(FRESH + TimeDelta::seconds(1));
        assert_eq!(leave(&backend, &zhang).await.problem(403), "fresh-login-required");

        let zhang = backend.log_in(PHONE).await;
        let other = backend.another_instance().await;
        let confirmed = json!({"confirm": true});
        let (first, second) = (backend.as_citizen(&zhang), other.as_citizen(&zhang));
        let (one, two) = tokio::join!(
            first.post_keyed("/v1/me/deletion", "k", confirmed.clone()),
            second.post_keyed("/v1/me/deletion", "k", confirmed.clone()),
        );
        for reply in [&one, &two] {
            // Whoever comes a moment later has no session any more.
            assert!(matches!(reply.status.as_u16(), 200 | 401), "{}", reply.status);
        }
        assert!(one.status == 200 || two.status == 200);
        if one.status == two.status {
            assert_eq!(one.ok(), two.ok());
        }
        assert_eq!(recorded(&backend, &zhang, "account_deleted").await.len(), 1);
    }
}
