//! Who was at a venue is released by two organisations, by time, to be seen by whom it concerns.

use api::{
    contact_tracing::TellReleased,
    jobs::Sweep,
    visits::{self, Arrival, Visitor},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    audit_entry, health_fact, staff_account, tracing_release,
    values::{Assurance, Colour, PersonId, Role, VenueCategory, VisitWay},
};
use integration_tests::{
    Backend, StaffMember,
    backend::{GRANDMOTHER, Session, ZHANG},
    on_both_stacks,
    venues::Venue,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
};
use serde_json::{Value, json};

use crate::facts::OUYANG;

const TRACINGS: &str = "/v1/staff/tracings";

/// Somebody of the health authority of Huangpu, and somebody of its data centre.
pub(crate) async fn two_organisations(backend: &Backend) -> (StaffMember, StaffMember) {
    let asks = backend.staff(Role::Epidemiologist, "310101").await;
    let releases = backend.staff(Role::DataSteward, "310101").await;
    works_for(backend, &releases, "大数据中心").await;
    (asks, releases)
}

async fn works_for(backend: &Backend, staff: &StaffMember, unit: &str) {
    let change = staff_account::ActiveModel {
        id: Set(staff.account),
        unit: Set(unit.to_owned()),
        ..Default::default()
    };
    change.update(&backend.deps.db).await.unwrap();
}

/// Have `session` be seen at `venue` now, by something that is as sure as `assurance`.
pub(crate) async fn comes(
    backend: &Backend,
    session: &Session,
    venue: &Venue,
    assurance: Assurance,
) {
    let deps = &backend.deps;
    let door = api::venues::door(deps, venue.id).await.unwrap().unwrap();
    let arrival = Arrival {
        door,
        visitor: Visitor::Person(PersonId(session.person.parse().unwrap())),
        at: deps.clock.now(),
        colour: Colour::Green,
        assurance,
        way: VisitWay::Scan,
        by: None,
    };
    visits::register(deps, vec![arrival]).await.unwrap();
}

fn about(venue: &Venue, from: DateTime<Utc>, until: DateTime<Utc>) -> Value {
    json!({"venue": venue.id, "from": from, "until": until, "case_number": "HP-2026-0117"})
}

/// Ask, have it released, and say which request that was.
pub(crate) async fn released(
    (asks, releases): &(StaffMember, StaffMember),
    asked: Value,
) -> String {
    let request = asks.post(TRACINGS, asked).await.ok();
    let id = request["id"].as_str().unwrap();
    let decision = format!("{TRACINGS}/{id}/decision");
    let decided = releases.post(&decision, json!({"release": true})).await;
    assert_eq!(decided.ok()["state"], "released");
    id.to_owned()
}

async fn people(asks: &StaffMember, id: &str) -> Vec<Value> {
    let page = asks.get(&format!("{TRACINGS}/{id}/people")).await.ok();
    page["items"].as_array().unwrap().clone()
}

async fn releases_of(backend: &Backend, session: &Session) -> Vec<Value> {
    let path = format!("/v1/people/{}/releases", session.person);
    let seen = backend.as_citizen(session).get(&path).await.ok();
    seen["items"].as_array().unwrap().clone()
}

/// Whether `session` was sent a message that visits of theirs were released.
async fn was_told(backend: &Backend, session: &Session) -> bool {
    let told = backend
        .as_citizen(session)
        .get("/v1/me/notifications")
        .await
        .ok();
    told.to_string().contains("visits_released")
}

/// Leave something of everything that is kept of contact tracing.
pub(crate) async fn live_through(backend: &Backend, session: &Session) {
    let venue = backend.venue(VenueCategory::Shop).await;
    comes(backend, session, &venue, Assurance::Sentinel).await;
    let now = backend.deps.clock.now();
    let both = two_organisations(backend).await;
    released(&both, about(&venue, now - TimeDelta::hours(1), now)).await;
}

on_both_stacks! {
    async fn whose_stay_overlaps_is_released_and_whoever_had_left_is_not(stack: Stack) {
        let backend = Backend::start(stack).await;
        let early = backend.green("13800138000", ZHANG).await;
        let late = backend.green("13900139000", GRANDMOTHER).await;
        let shop = backend.venue(VenueCategory::Shop).await;
        comes(&backend, &early, &shop, Assurance::Sentinel).await;
        backend.wait(TimeDelta::hours(5));
        let from = backend.deps.clock.now();
        comes(&backend, &late, &shop, Assurance::Staff).await;
        backend.wait(TimeDelta::minutes(30));

        let both = two_organisations(&backend).await;
        let id = released(&both, about(&shop, from, from + TimeDelta::minutes(10))).await;
        let there = people(&both.0, &id).await;
        let [person] = there.as_slice() else { panic!("{there:?}") };
        assert_eq!(person["person"], late.person);
        assert_eq!((&person["name"], &person["phone"]), (&json!(GRANDMOTHER.name), &json!("13900139000")));

        assert_eq!(TellReleased::run(&backend.deps).await.unwrap(), 1);
        assert_eq!(TellReleased::run(&backend.deps).await.unwrap(), 0, "once");
        let early = backend.log_in("13800138000").await;
        assert_eq!(releases_of(&backend, &early).await, Vec::<Value>::new());
        assert!(!was_told(&backend, &early).await);
        let late = backend.log_in("13900139000").await;
        assert!(was_told(&backend, &late).await);
        let seen = releases_of(&backend, &late).await;
        let [release] = seen.as_slice() else { panic!("{seen:?}") };
        assert_eq!(
            (&release["venue"], &release["unit"], &release["named"]),
            (&json!("人民广场书店"), &json!("疾控中心"), &json!(true))
        );
        let read = audit_entry::Entity::find()
            .filter(audit_entry::Column::Event.eq("tracing_read"))
            .filter(audit_entry::Column::SubjectId.eq(PersonId(late.person.parse().unwrap())))
            .count(&backend.deps.db);
        assert_eq!(read.await.unwrap(), 1, "that it was read is on record");
    }

    async fn one_organisation_alone_releases_nothing(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let shop = backend.venue(VenueCategory::Shop).await;
        comes(&backend, &zhang, &shop, Assurance::Sentinel).await;
        let now = backend.deps.clock.now();
        let asks = backend.staff(Role::Epidemiologist, "310101").await;
        let same_unit = backend.staff(Role::DataSteward, "310101").await;
        let request = asks.post(TRACINGS, about(&shop, now - TimeDelta::hours(1), now)).await.ok();
        let id = request["id"].as_str().unwrap();
        let decision = format!("{TRACINGS}/{id}/decision");
        let yes = json!({"release": true});
        let refused = same_unit.post(&decision, yes.clone()).await;
        assert_eq!(refused.problem(403), "second-organisation-needed");
        assert_eq!(asks.post(&decision, yes.clone()).await.status, 403, "their role does not decide");
        let unread = asks.get(&format!("{TRACINGS}/{id}/people")).await;
        assert_eq!(unread.problem(409), "tracing-not-released");

        let elsewhere = backend.staff(Role::DataSteward, "310115").await;
        works_for(&backend, &elsewhere, "大数据中心").await;
        elsewhere.post(&decision, yes.clone()).await.problem(404);

        works_for(&backend, &same_unit, "大数据中心").await;
        backend.wait(TimeDelta::hours(24));
        let again = backend.staff_again(&same_unit).await;
        let late = again.post(&decision, yes).await;
        assert_eq!(late.problem(409), "tracing-decided");
        let kept = tracing_release::Entity::find().count(&backend.deps.db);
        assert_eq!(kept.await.unwrap(), 0, "nobody is on any list");
    }

    async fn whoever_only_scanned_a_printed_code_is_told_and_neither_named_nor_made_a_contact(stack: Stack) {
        let backend = Backend::start(stack).await;
        let there = backend.green("13800138000", ZHANG).await;
        let far_away = backend.green("13900139000", GRANDMOTHER).await;
        let beside = backend.green("13700137000", OUYANG).await;
        let later = backend.log_in("13600136000").await;
        let shop = backend.venue(VenueCategory::Shop).await;
        comes(&backend, &there, &shop, Assurance::Rotating).await;
        comes(&backend, &beside, &shop, Assurance::Sentinel).await;
        comes(&backend, &far_away, &shop, Assurance::StaticOnly).await;
        let now = backend.deps.clock.now();
        let both = two_organisations(&backend).await;
        let id = released(&both, about(&shop, now - TimeDelta::hours(1), now)).await;
        let named: Vec<Value> = people(&both.0, &id).await;
        let named: Vec<&Value> = named.iter().map(|one| &one["person"]).collect();
        assert_eq!(named.len(), 2);
        assert!(named.contains(&&json!(there.person)) && named.contains(&&json!(beside.person)));
        assert_eq!(releases_of(&backend, &far_away).await[0]["named"], false);

        let contacts = format!("{TRACINGS}/{id}/contacts");
        let all = json!({"people": [there.person, far_away.person], "kind": "close_contact"});
        let refused = both.0.post(&contacts, all).await;
        assert_eq!(refused.problem(409), "presence-not-vouched-for");
        assert_eq!(health_fact::Entity::find().count(&backend.deps.db).await.unwrap(), 0);

        comes(&backend, &later, &shop, Assurance::Staff).await;
        let late = json!({"people": [later.person], "kind": "close_contact"});
        let refused = both.0.post(&contacts, late).await;
        assert_eq!(refused.problem(409), "presence-not-vouched-for", "nobody released it");

        let two = json!({"people": [there.person, beside.person], "kind": "close_contact"});
        assert_eq!(both.0.post(&contacts, two.clone()).await.ok()["entered"], 2);
        assert_eq!(both.0.post(&contacts, two).await.ok()["entered"], 0, "once is enough");
        backend.compare().await;
        backend.wait(TimeDelta::seconds(3));
        let colour = async |session: &Session| {
            let path = format!("/v1/people/{}/health-code", session.person);
            backend.as_citizen(session).get(&path).await.ok()["colour"].clone()
        };
        assert_ne!(colour(&there).await, "green");
        assert_ne!(colour(&beside).await, "green");
        assert_eq!(colour(&far_away).await, "green");
    }

    async fn only_a_day_that_passed_and_is_kept_may_be_asked_about(stack: Stack) {
        let backend = Backend::start(stack).await;
        let shop = backend.venue(VenueCategory::Shop).await;
        let asks = backend.staff(Role::Epidemiologist, "310101").await;
        let now = backend.deps.clock.now();
        let hours = TimeDelta::hours;
        for (field, from, until) in [
            ("until", now - hours(1), now - hours(2)),
            ("until", now - hours(25), now),
            ("until", now - hours(1), now + hours(1)),
            ("from", now - hours(24 * 40), now - hours(24 * 40 - 1)),
        ] {
            let refused = asks.post(TRACINGS, about(&shop, from, until)).await;
            assert_eq!(refused.problem(422), "invalid-request");
            assert_eq!(refused.json()["errors"][0]["field"], field);
        }
        let elsewhere = backend.staff(Role::Epidemiologist, "310115").await;
        let asked = about(&shop, now - hours(1), now);
        elsewhere.post(TRACINGS, asked.clone()).await.problem(404);
        asks.post(TRACINGS, asked).await.ok();
        let page = asks.get(TRACINGS).await.ok();
        assert_eq!(page["items"].as_array().unwrap().len(), 1);
        assert_eq!(elsewhere.get(TRACINGS).await.ok()["items"], json!([]));
    }

    async fn what_was_released_is_read_for_three_days(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let shop = backend.venue(VenueCategory::Shop).await;
        comes(&backend, &zhang, &shop, Assurance::Sentinel).await;
        let now = backend.deps.clock.now();
        let both = two_organisations(&backend).await;
        let id = released(&both, about(&shop, now - TimeDelta::hours(1), now)).await;
        let path = format!("{TRACINGS}/{id}/people");
        both.0.get(&path).await.ok();
        backend.wait(TimeDelta::hours(72));
        let later = backend.staff_again(&both.0).await;
        assert_eq!(later.get(&path).await.problem(409), "tracing-not-released");
        // It stays on the page of whoever it concerns.
        assert_eq!(releases_of(&backend, &backend.log_in("13800138000").await).await.len(), 1);
    }
}
