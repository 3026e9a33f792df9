//! What the service leaves out when there is too much to do, and who decides on that.

mod classes;

use api::{jobs::Sweep, service_level::Watch, visits::CountVisits};
use chrono::TimeDelta;
use entity::{
    audit_entry, service_order,
    values::{PersonId, Role, VenueCategory},
    visit_uncounted,
};
use integration_tests::{
    Backend, Stack,
    backend::{Session, ZHANG, declaration},
    call::{Caller, Reply},
    gates::Stands,
    on_both_stacks,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

const PHONE: &str = "13800138000";
const ORDER: &str = "/v1/staff/service-level";

fn between(at_least: u8, at_most: u8) -> Value {
    json!({"at_least": at_least, "at_most": at_most, "minutes": 60, "reason": "早高峰"})
}

async fn level(caller: &Caller) -> Value {
    caller.get("/v1/service-level").await.ok()
}

/// Whether a request was left out: the refusal says when to come back, and at what level that was.
fn is_shed(reply: &Reply) -> bool {
    if reply.status != 503 {
        return false;
    }
    assert_eq!(reply.json()["type"], "urn:tongxing:problem:shed");
    assert!(reply.headers.contains_key("retry-after"));
    assert!(reply.headers.contains_key("service-level"));
    true
}

/// One request of each class that a citizen, staff or a venue makes, from what can wait to what cannot.
async fn shed_now(backend: &Backend, zhang: &Session, issuer: &Caller) -> [bool; 5] {
    let page = backend.as_citizen(zhang);
    let declarations = format!("/v1/people/{}/declarations", zhang.person);
    let phone = json!({"phone": "13900139000", "code": "000000"});
    [
        is_shed(&issuer.get("/v1/staff/reports/pass-cards").await),
        is_shed(&issuer.get("/v1/staff/review/counts").await),
        is_shed(&page.post(&declarations, declaration()).await),
        is_shed(&backend.anyone().post("/v1/login/sms", phone).await),
        is_shed(&page.post("/v1/visits", json!({})).await),
    ]
}

/// Leave something of everything that is kept of service levels.
pub(crate) async fn live_through(backend: &Backend) {
    let province = backend.staff(Role::RegionAdmin, "310000").await;
    province.put(ORDER, between(0, 5)).await.ok();
    province.delete(ORDER).await;
}

on_both_stacks! {
    async fn each_level_leaves_out_one_thing_more_and_codes_are_shown_at_every_one(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let province = backend.staff(Role::RegionAdmin, "310000").await;
        let issuer = backend.staff(Role::CommunityIssuer, "310101").await;
        let code = format!("/v1/people/{}/health-code", zhang.person);
        for at in 0..=5_u8 {
            let said = province.put(ORDER, between(at, at)).await.ok();
            assert_eq!(said["level"], at);
            assert_eq!(said["sheds"].as_array().unwrap().len(), usize::from(at));
            assert_eq!(said["doors"], if at == 5 { "by_hand" } else { "usual" });

            let shed = shed_now(&backend, &zhang, &issuer).await;
            let expected: [bool; 5] = std::array::from_fn(|class| class < usize::from(at));
            assert_eq!(shed, expected, "at level {at}");

            backend.wait(TimeDelta::seconds(11));
            let shown = backend.as_citizen(&zhang).get(&code).await;
            let verified = backend
                .anyone()
                .post("/v1/codes/verify", json!({"token": shown.ok()["token"]}))
                .await;
            assert_eq!(verified.ok()["colour"], "green", "at level {at}");
            assert_eq!(
                verified.headers.get("service-level").is_some(),
                at > 0,
                "it is announced while it holds"
            );
        }
    }

    async fn at_level_three_scans_are_taken_and_counted_when_there_is_room_again(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let province = backend.staff(Role::RegionAdmin, "310000").await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let unit = backend.as_unit(venue.organisation).await;
        let of = |what: &str| format!("/v1/organisations/{}/venues/{}/records/{what}", venue.organisation, venue.id);
        province.put(ORDER, between(3, 3)).await.ok();
        let scan = json!({"code": venue.code_text});
        backend.as_citizen(&zhang).post("/v1/visits", scan).await.ok();
        for what in [
            "today", "hours?day=2026-03-02", "days?from=2026-03-01&to=2026-03-02",
            "visits?day=2026-03-02", "visits?day=2026-03-02&format=csv",
        ] {
            assert!(is_shed(&unit.get(&of(what)).await), "{what}");
        }
        let uncounted = || visit_uncounted::Entity::find().count(&backend.deps.db);
        CountVisits::run(&backend.deps).await.unwrap();
        // SQLite counts as it writes.
        let waits = u64::from(stack == Stack::Production);
        assert_eq!(uncounted().await.unwrap(), waits, "counting waits");
        province.put(ORDER, between(2, 2)).await.ok();
        CountVisits::run(&backend.deps).await.unwrap();
        assert_eq!(uncounted().await.unwrap(), 0);
        province.put(ORDER, between(0, 0)).await.ok();
        assert_eq!(unit.get(&of("today")).await.ok()["total"], 1, "and nothing is lost");
    }

    async fn at_level_four_what_was_known_is_shown_with_its_time_before_the_database_is_asked(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let province = backend.staff(Role::RegionAdmin, "310000").await;
        let path = format!("/v1/people/{}/health-code", zhang.person);
        let person = PersonId(zhang.person.parse().unwrap());
        // What instances share is gone, and this one is to ask again.
        let forgotten = async || {
            let key = format!("code:{{{:x}}}", person.number());
            backend.deps.ephemeral.take(&key).await.unwrap();
            backend.wait(TimeDelta::seconds(3));
        };
        let shown = async || {
            let view = backend.as_citizen(&zhang).get(&path).await.ok();
            (view["colour"].clone(), view["stale"].clone(), view["as_of"].clone())
        };
        let as_things_are = (json!("green"), json!(false), Value::Null);
        for below in [0, 3] {
            province.put(ORDER, between(below, below)).await.ok();
            forgotten().await;
            assert_eq!(shown().await, as_things_are, "at level {below} the database is asked");
        }
        let known = backend.deps.clock.now();
        province.put(ORDER, between(4, 4)).await.ok();
        forgotten().await;
        let before = (json!("green"), json!(true), json!(known));
        assert_eq!(shown().await, before, "as of when it was known");
        backend.wait(TimeDelta::seconds(590));
        assert_eq!(shown().await, before, "and no younger for being shown");
        backend.wait(TimeDelta::seconds(10));
        assert_eq!(shown().await, as_things_are, "ten minutes are the most");
    }

    async fn at_level_five_doors_read_id_cards_and_write_down_who_comes(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let province = backend.staff(Role::RegionAdmin, "310000").await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let unit = backend.as_unit(venue.organisation).await;
        let sentinel = backend.device(Stands::At(venue.id)).await;
        province.put(ORDER, between(5, 5)).await.ok();
        assert_eq!(level(backend.anyone()).await["doors"], "by_hand");
        let scan = json!({"code": venue.code_text});
        assert!(is_shed(&backend.as_citizen(&zhang).post("/v1/visits", scan).await));
        let door = format!("/v1/organisations/{}/venues/{}/visits", venue.organisation, venue.id);
        let card = json!({"document": {"document_kind": "resident_card", "document_number": ZHANG.number}});
        assert_eq!(unit.post(&door, card).await.ok()["colour"], "green");
        let guest = json!({"guest": {"name": "王大明", "contact": "13700137000"}});
        unit.post(&door, guest).await.ok();
        let read = json!([{"id_card": {"number": ZHANG.number}, "temperature": 36.5}]);
        assert_eq!(sentinel.verify(read).await.ok()["decision"], "pass");
    }

    async fn an_order_reaches_every_instance_and_ends_when_it_said_it_would(stack: Stack) {
        let backend = Backend::start(stack).await;
        let other = backend.another_instance().await;
        let province = backend.staff(Role::RegionAdmin, "310000").await;
        province.put(ORDER, between(2, 5)).await.ok();
        assert_eq!(level(other.anyone()).await["level"], 0);
        Watch::run(&other.deps).await.unwrap();
        let said = level(other.anyone()).await;
        assert_eq!((&said["level"], &said["sheds"]), (&json!(2), &json!(["console", "export"])));
        assert!(said["ordered_until"].is_string());

        backend.wait(TimeDelta::minutes(60));
        Watch::run(&other.deps).await.unwrap();
        let said = level(other.anyone()).await;
        assert_eq!((&said["level"], &said["ordered_until"]), (&json!(0), &Value::Null));
    }

    async fn the_newest_order_counts_and_one_that_is_taken_back_does_not(stack: Stack) {
        let backend = Backend::start(stack).await;
        let province = backend.staff(Role::RegionAdmin, "310000").await;
        province.put(ORDER, between(3, 5)).await.ok();
        province.put(ORDER, between(1, 5)).await.ok();
        Watch::run(&backend.deps).await.unwrap();
        assert_eq!(level(backend.anyone()).await["level"], 1);
        assert_eq!(province.delete(ORDER).await.status, 204);
        Watch::run(&backend.deps).await.unwrap();
        assert_eq!(level(backend.anyone()).await["level"], 0);

        let recorded = |event: &'static str| {
            audit_entry::Entity::find()
                .filter(audit_entry::Column::Event.eq(event))
                .count(&backend.deps.db)
        };
        assert_eq!(recorded("service_level_ordered").await.unwrap(), 2);
        assert_eq!(recorded("service_level_freed").await.unwrap(), 1);
    }

    async fn only_the_whole_province_orders_and_nothing_else_is_kept(stack: Stack) {
        let backend = Backend::start(stack).await;
        let city = backend.staff(Role::RegionAdmin, "310101").await;
        let refused = city.put(ORDER, between(1, 5)).await;
        assert_eq!(refused.problem(403), "province-only");

        let province = backend.staff(Role::RegionAdmin, "310000").await;
        for (field, body) in [
            ("at_most", json!({"at_least": 3, "at_most": 2, "minutes": 60, "reason": "x"})),
            ("at_least", json!({"at_least": 6, "minutes": 60, "reason": "x"})),
            ("minutes", json!({"at_least": 1, "minutes": 1441, "reason": "x"})),
            ("reason", json!({"at_least": 1, "minutes": 60, "reason": ""})),
        ] {
            let refused = province.put(ORDER, body).await;
            assert_eq!(refused.problem(422), "invalid-request");
            assert_eq!(refused.json()["errors"][0]["field"], field);
        }
        assert_eq!(service_order::Entity::find().count(&backend.deps.db).await.unwrap(), 0);
        assert_eq!(level(backend.anyone()).await["level"], 0);
    }

    async fn what_is_too_much_is_refused_at_once_and_codes_last_of_all(stack: Stack) {
        let backend = Backend::start_with(stack, |config| config.service_level.in_flight = 100).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let issuer = backend.staff(Role::CommunityIssuer, "310101").await;
        let admission = &backend.deps.admission;
        let mut inside = Vec::new();
        for (others, shed) in [(24, 0), (25, 1), (50, 2), (65, 3), (80, 4), (90, 5)] {
            while inside.len() < others {
                inside.push(admission.admit(api::http::shedding::Class::Show).unwrap());
            }
            let refused = |reply: &Reply| reply.status == 503;
            let page = backend.as_citizen(&zhang);
            let left_out = [
                refused(&issuer.get("/v1/staff/reports/pass-cards").await),
                refused(&issuer.get("/v1/staff/review/counts").await),
                refused(&page.get("/v1/me").await),
                refused(&backend.anyone().post("/v1/login/sms", json!({})).await),
                refused(&page.post("/v1/visits", json!({})).await),
            ];
            assert_eq!(left_out, std::array::from_fn(|class| class < shed), "with {others} inside");
        }
        let code = format!("/v1/people/{}/health-code", zhang.person);
        backend.as_citizen(&zhang).get(&code).await.ok();
        assert_eq!(admission.in_flight(), inside.len(), "whoever was answered has left");
    }
}

mod production {
    use super::*;

    #[tokio::test]
    async fn without_a_database_the_service_reduces_itself_and_recovers_by_itself() {
        let backend = Backend::start(Stack::Production).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let code = format!("/v1/people/{}/health-code", zhang.person);
        backend.as_citizen(&zhang).get(&code).await.ok();
        let watch = async |seconds: i64| {
            for _ in 0..seconds {
                backend.wait(TimeDelta::seconds(1));
                Watch::run(&backend.deps).await.unwrap();
            }
            level(backend.anyone()).await["level"].clone()
        };
        assert_eq!(watch(2).await, 0);
        backend.database.shut().await;
        assert_eq!(watch(3).await, 0, "a moment is no reason");
        assert_eq!(watch(1).await, 4);
        let shown = backend.as_citizen(&zhang).get(&code).await.ok();
        assert_eq!(shown["colour"], "green");

        backend.database.open().await;
        assert_eq!(watch(28).await, 4, "it waits before it does more again");
        assert_eq!(watch(3).await, 0);
    }
}
