//! People get a copy of everything that is kept about them, and may leave; and everybody may read what is kept.

mod leaving;
mod map;
mod measures;

use std::collections::BTreeSet;

use api::own_data::rules::{COPIES_A_DAY, FRESH};
use chrono::TimeDelta;
use entity::person;
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, Identity, Session, ZHANG, declaration},
    call::Reply,
    on_both_stacks,
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::{corrections::recorded, schema::live_through_everything};

const PHONE: &str = "13800138000";

/// Somebody whose name is nobody else's.
const OUYANG: Identity = Identity {
    name: "欧阳青衫",
    number: "310104197608237715",
};

/// The address that everybody declares.
const ADDRESS: &str = "人民大道 1 号";

/// The tables of which the person may have nothing who lived through everything: who asked for a venue and whom a
/// unit invited was somebody else, who stood behind a certificate is not always known, and nobody was told yet that
/// they were named.
const OF_OTHERS: [&str; 4] = [
    "organisation_agent",
    "organisation_session",
    "tracing_release",
    "venue",
];

/// A new log-in of `phone`, after whoever used it last: codes are not sent twice in a minute.
async fn anew(backend: &Backend, phone: &str) -> Session {
    backend.wait(TimeDelta::minutes(2));
    backend.log_in(phone).await
}

/// Ask for a copy of what is kept about `person`.
async fn copy_of(backend: &Backend, session: &Session, person: &str) -> Reply {
    let path = format!("/v1/people/{person}/data");
    backend.as_citizen(session).get(&path).await
}

/// The rows of `table` in `copy`.
fn rows_of<'a>(copy: &'a Value, table: &str) -> &'a Vec<Value> {
    let sections = copy["sections"].as_array().unwrap();
    let section = sections.iter().find(|section| section["table"] == table);
    let section = section.unwrap_or_else(|| panic!("no section of {table}"));
    assert_eq!(section["truncated"], false, "{table}");
    section["rows"].as_array().unwrap()
}

/// A dependant of `session`'s: the grandmother.
async fn with_grandmother(backend: &Backend, session: &Session) -> String {
    let grandmother = json!({
        "name": GRANDMOTHER.name,
        "document_kind": "resident_card",
        "document_number": GRANDMOTHER.number,
        "relationship": "elder",
    });
    let page = backend.as_citizen(session);
    let added = page.post("/v1/dependants", grandmother).await.ok();
    added["person_id"].as_str().unwrap().to_owned()
}

on_both_stacks! {
    async fn a_copy_has_everything_that_is_kept_about_somebody_and_nothing_about_anybody_else(stack: Stack) {
        let backend = Backend::start(stack).await;
        live_through_everything(&backend, PHONE, OUYANG).await;
        let ouyang = anew(&backend, PHONE).await;
        let reply = copy_of(&backend, &ouyang, &ouyang.person).await;
        assert_eq!(reply.headers["cache-control"], "no-store");
        let copy = reply.ok();
        assert_eq!(copy["person"], ouyang.person.as_str());

        let tables = backend.deps.holdings.iter().flat_map(api::holdings::Holding::tables);
        let empty: Vec<_> = tables
            .filter(|table| rows_of(&copy, table).is_empty() && !OF_OTHERS.contains(table))
            .collect();
        assert!(empty.is_empty(), "{empty:?}");
        let identity = &rows_of(&copy, "person")[0];
        assert_eq!(identity["phone"], PHONE);
        assert_eq!((&identity["name"], &identity["document_number"]), (&json!(OUYANG.name), &json!(OUYANG.number)));
        let addresses = rows_of(&copy, "declaration").iter().map(|row| &row["content"]["address"]);
        assert!(addresses.eq(rows_of(&copy, "declaration").iter().map(|_| ADDRESS)));
        assert_eq!(rows_of(&copy, "correction")[0]["content"]["text"], crate::corrections::WORDS);
        let devices: Vec<&Value> = rows_of(&copy, "session").iter().map(|row| &row["device"]).collect();
        assert!(devices.iter().any(|device| **device == crate::schema::DEVICE), "{devices:?}");
        let not_copied = copy["not_copied"].as_array().unwrap();
        assert!(not_copied.iter().any(|remark| remark["table"] == "audit_entry"));

        let text = copy.to_string();
        let everybody = person::Entity::find().all(&backend.deps.db).await.unwrap();
        let circle: BTreeSet<String> = rows_of(&copy, "guardianship")
            .iter()
            .map(|row| row["dependant_id"].as_str().unwrap().to_owned())
            .chain([ouyang.person.clone()])
            .collect();
        assert_eq!(circle.len(), 2, "oneself and a grandmother");
        let others: Vec<String> = everybody
            .iter()
            .map(|person| person.id.to_string())
            .filter(|id| !circle.contains(id) && text.contains(id.as_str()))
            .collect();
        assert_eq!(others, Vec::<String>::new());
        for foreign in [GRANDMOTHER.name, GRANDMOTHER.number] {
            assert!(!text.contains(foreign), "{foreign}");
        }
        assert_eq!(recorded(&backend, &ouyang, "own_data_copied").await.len(), 1);
    }

    async fn whoever_acts_for_somebody_gets_their_copy_and_nobody_else_does(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        let grandmother = with_grandmother(&backend, &zhang).await;
        let declared = format!("/v1/people/{grandmother}/declarations");
        backend.as_citizen(&zhang).post(&declared, declaration()).await.ok();
        let copy = copy_of(&backend, &zhang, &grandmother).await.ok();
        assert_eq!(rows_of(&copy, "person")[0]["name"], GRANDMOTHER.name);
        assert_eq!(rows_of(&copy, "declaration")[0]["content"]["address"], ADDRESS);
        for foreign in [ZHANG.name, ZHANG.number, PHONE] {
            assert!(!copy.to_string().contains(foreign), "{foreign}");
        }
        let stranger = backend.log_in("13900139000").await;
        assert_eq!(copy_of(&backend, &stranger, &grandmother).await.problem(404), "not-found");
    }

    async fn a_copy_takes_a_log_in_of_a_moment_ago_and_is_made_ten_times_a_day(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.log_in(PHONE).await;
        backend.wait(FRESH);
        copy_of(&backend, &zhang, &zhang.person).await.ok();
        backend.wait(TimeDelta::seconds(1));
        let refused = copy_of(&backend, &zhang, &zhang.person).await;
        assert_eq!(refused.problem(403), "fresh-login-required");
        // New tokens of the same log-in prove nothing new.
        let renewed = json!({"refresh_token": zhang.refresh});
        let renewed = Session::of(&backend.anyone().post("/v1/login/refresh", renewed).await.ok());
        let refused = copy_of(&backend, &renewed, &zhang.person).await;
        assert_eq!(refused.problem(403), "fresh-login-required");

        let zhang = anew(&backend, PHONE).await;
        for _ in 1..COPIES_A_DAY {
            copy_of(&backend, &zhang, &zhang.person).await.ok();
        }
        let refused = copy_of(&backend, &zhang, &zhang.person).await;
        assert_eq!(refused.problem(429), "too-many-copies");
        assert!(refused.headers.contains_key("retry-after"));
    }
}
