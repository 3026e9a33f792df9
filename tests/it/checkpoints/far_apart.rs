//! Whoever shows a code at two gates that nobody can be at so soon is looked at again (live relay).

use chrono::TimeDelta;
use entity::{
    control_action, gate_record,
    values::{GateMark, Role, VenueCategory},
    visit,
};
use integration_tests::{
    Backend, Stack,
    backend::{Session, ZHANG},
    gates::{GateDevice, Stands},
    on_both_stacks,
    redis::PrivateRedis,
};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::rig::{code_of, said};

/// In Shanghai, so many degrees to the east and to the north.
const SHANGHAI: (f64, f64) = (121.4737, 31.2304);

/// Twelve kilometres from there.
const PUDONG: (f64, f64) = (121.5997, 31.2304);

/// In Suzhou: 85 kilometres from Shanghai.
const SUZHOU: (f64, f64) = (120.5853, 31.2989);

async fn at(backend: &Backend, (longitude, latitude): (f64, f64)) -> GateDevice {
    let post = backend.checkpoint_at(longitude, latitude).await;
    backend.device(Stands::On(post)).await
}

/// What `device` says of a fresh code.
async fn shows(backend: &Backend, session: &Session, device: &GateDevice) -> Value {
    let code = code_of(backend, session).await;
    device
        .verify(json!([{"code": code, "temperature": 36.5}]))
        .await
        .ok()
}

on_both_stacks! {
    async fn nobody_is_in_shanghai_and_in_suzhou_within_a_minute(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let (here, there) = (at(&backend, SHANGHAI).await, at(&backend, SUZHOU).await);
        let view = shows(&backend, &zhang, &here).await;
        assert_eq!((said(&view), &view["people"][0]["mark"]), (("pass", "green"), &Value::Null));
        backend.wait(TimeDelta::minutes(1));
        let relayed = shows(&backend, &zhang, &there).await;
        assert_eq!(said(&relayed), ("look_again", "far_apart"));
        assert_eq!(relayed["people"][0]["mark"], "far_apart");
        assert_eq!(relayed["say"]["zh"], "请由工作人员核对本人与健康码");
        // Whoever really is where they were is not the one who is looked at.
        backend.wait(TimeDelta::minutes(1));
        assert_eq!(said(&shows(&backend, &zhang, &here).await), ("pass", "green"));
        let rows = gate_record::Entity::find().all(&backend.deps.db).await.unwrap();
        let marks: Vec<_> = rows.iter().filter_map(|row| row.mark).collect();
        assert_eq!(marks, [GateMark::FarApart]);
        // A hint: no colour follows from it, and nobody is reported.
        let path = format!("/v1/people/{}/health-code", zhang.person);
        assert_eq!(backend.as_citizen(&zhang).get(&path).await.ok()["colour"], "green");
        assert_eq!(control_action::Entity::find().count(&backend.deps.db).await.unwrap(), 0);
    }

    async fn the_same_code_far_away_is_compared_with_its_holder_and_not_only_refreshed(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let (here, there) = (at(&backend, SHANGHAI).await, at(&backend, SUZHOU).await);
        let near = at(&backend, PUDONG).await;
        let code = code_of(&backend, &zhang).await;
        let shown = json!([{"code": code, "temperature": 36.5}]);
        here.verify(shown.clone()).await.ok();
        assert_eq!(said(&near.verify(shown.clone()).await.ok()), ("look_again", "shown_elsewhere"));
        assert_eq!(said(&there.verify(shown).await.ok()), ("look_again", "far_apart"));
    }

    async fn whoever_had_the_time_and_whoever_is_near_goes_on(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let (here, near) = (at(&backend, SHANGHAI).await, at(&backend, PUDONG).await);
        let there = at(&backend, SUZHOU).await;
        let nowhere = backend.device(Stands::On(backend.checkpoint().await)).await;
        for device in [&here, &near, &nowhere] {
            assert_eq!(said(&shows(&backend, &zhang, device).await), ("pass", "green"));
            backend.wait(TimeDelta::seconds(61));
        }
        // 97 kilometres at 400 an hour are 14.5 minutes.
        backend.wait(TimeDelta::minutes(11));
        let zhang = backend.log_in("13800138000").await;
        assert_eq!(said(&shows(&backend, &zhang, &there).await), ("look_again", "far_apart"));
        backend.wait(TimeDelta::minutes(2));
        assert_eq!(said(&shows(&backend, &zhang, &there).await), ("pass", "green"));
    }

    async fn an_id_card_in_the_hand_says_where_its_holder_is(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let (here, there) = (at(&backend, SHANGHAI).await, at(&backend, SUZHOU).await);
        shows(&backend, &zhang, &here).await;
        backend.wait(TimeDelta::minutes(1));
        assert_eq!(said(&shows(&backend, &zhang, &there).await), ("look_again", "far_apart"));
        let card = json!([{"id_card": {"number": ZHANG.number}, "temperature": 36.5}]);
        assert_eq!(said(&there.verify(card).await.ok()), ("pass", "green"));
        backend.wait(TimeDelta::minutes(1));
        assert_eq!(said(&shows(&backend, &zhang, &there).await), ("pass", "green"));
        assert_eq!(said(&shows(&backend, &zhang, &here).await), ("look_again", "far_apart"));
    }

    async fn staff_say_where_posts_and_devices_are(stack: Stack) {
        let backend = Backend::start(stack).await;
        let admin = backend.staff(Role::RegionAdmin, "310000").await;
        let place = |longitude: f64, latitude: f64| json!({"longitude": longitude, "latitude": latitude});
        let post = |position: Value| json!({
            "name": "花桥道口", "division": "310101", "road_section": "G2 入城", "position": position,
        });
        let made = admin.post("/v1/staff/checkpoints", post(place(121.1084, 31.3052))).await.ok();
        assert_eq!(made["position"], place(121.1084, 31.3052));
        for (position, field) in [
            (place(180.1, 0.0), "position.longitude"),
            (place(0.0, -90.1), "position.latitude"),
        ] {
            let refused = admin.post("/v1/staff/checkpoints", post(position)).await;
            assert_eq!(refused.problem(422), "invalid-request");
            assert_eq!(refused.json()["errors"][0]["field"], field);
        }
        let venue = backend.venue(VenueCategory::Shop).await;
        let device = json!({"name": "北门 1", "venue": venue.id, "position": place(121.4737, 31.2304)});
        let device = admin.post("/v1/staff/devices", device).await.ok();
        assert_eq!(device["device"]["position"], place(121.4737, 31.2304));
    }
}

mod production {
    use api::config::Store;
    use api::platform::Secret;

    use super::*;

    #[tokio::test]
    async fn without_redis_gates_go_on_and_what_was_not_compared_is_marked() {
        let mut redis = PrivateRedis::start().await;
        let url = redis.url();
        let backend = Backend::start_with(Stack::Production, |config| {
            config.ephemeral.kind = Store::Redis;
            config.ephemeral.urls = vec![Secret::new(url)];
        })
        .await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let post = at(&backend, SUZHOU).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let sentinel = backend.device(Stands::At(venue.id)).await;
        redis.kill().await;
        for device in [&post, &sentinel] {
            let view = shows(&backend, &zhang, device).await;
            assert_eq!(said(&view), ("pass", "green"));
            assert_eq!(view["people"][0]["mark"], "not_compared");
        }
        let db = &backend.deps.db;
        let rows = gate_record::Entity::find().all(db).await.unwrap();
        let marks: Vec<_> = rows.iter().map(|row| row.mark).collect();
        assert_eq!(
            marks,
            [Some(GateMark::NotCompared); 2],
            "to be looked at later"
        );
        assert_eq!(
            visit::Entity::find().count(db).await.unwrap(),
            1,
            "and a visit all the same"
        );
    }
}
