//! A device brings its key, signs what it calls, and is revoked.

use api::{
    checkpoints::DeviceKey,
    platform::{Entropy, OsEntropy},
};
use chrono::TimeDelta;
use entity::values::{DeviceId, Role, VenueCategory, VenueState};
use integration_tests::{
    Backend,
    call::Reply,
    gates::{Stands, status},
    on_both_stacks,
};
use reqwest::Method;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

const HEARTBEAT: &str = "/v1/gate/heartbeats";

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

on_both_stacks! {
    async fn a_device_enrols_once_within_ten_minutes_with_a_key_that_proves_itself(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let admin = backend.staff(Role::RegionAdmin, "310000").await;
        let asked = json!({"name": "北门 1", "venue": venue.id});
        let expected = admin.post("/v1/staff/devices", asked.clone()).await.ok();
        let code = text(&expected["enrolment_code"]);
        let (key, _) = DeviceKey::create(&OsEntropy).unwrap();
        let (other, _) = DeviceKey::create(&OsEntropy).unwrap();
        let enrol = async |key: &DeviceKey, proof: String| {
            let body = json!({"code": code, "public_key": key.public(), "proof": proof});
            backend.anyone().post("/v1/gate/enrolment", body).await
        };
        let unproved = enrol(&key, other.proof(code)).await;
        assert_eq!(unproved.problem(422), "device-key-invalid");
        let enrolled = enrol(&key, key.proof(code)).await.ok();
        assert_eq!(enrolled["id"], expected["device"]["id"]);
        assert_eq!(enrolled["venue"], json!(venue.id));
        assert_eq!(enrol(&key, key.proof(code)).await.ok()["id"], enrolled["id"]);
        let second = enrol(&other, other.proof(code)).await;
        assert_eq!(second.problem(403), "enrolment-code-invalid");

        let late = admin.post("/v1/staff/devices", asked).await.ok();
        backend.wait(TimeDelta::minutes(10));
        let code = text(&late["enrolment_code"]);
        let body = json!({"code": code, "public_key": key.public(), "proof": key.proof(code)});
        let refused = backend.anyone().post("/v1/gate/enrolment", body).await;
        assert_eq!(refused.problem(403), "enrolment-code-invalid");
        let listed = backend.staff_again(&admin).await.get("/v1/staff/devices").await.ok();
        let states: Vec<_> = listed["items"].as_array().unwrap().iter().map(|it| text(&it["state"])).collect();
        assert!(states.contains(&"enrolled") && states.contains(&"expected"), "{states:?}");
    }

    async fn posts_and_devices_belong_to_the_regions_of_whoever_sets_them_up(stack: Stack) {
        let backend = Backend::start(stack).await;
        let admin = backend.staff(Role::RegionAdmin, "310000").await;
        let stranger = backend.staff(Role::RegionAdmin, "370000").await;
        let post = json!({"name": "花桥道口", "division": "310101", "road_section": "G2 入城"});
        let made = admin.post("/v1/staff/checkpoints", post.clone()).await.ok();
        let elsewhere = stranger.post("/v1/staff/checkpoints", post.clone()).await;
        assert_eq!(elsewhere.problem(422), "invalid-request");
        assert_eq!(elsewhere.faults(), [("division".into(), "unknown".into())]);
        let device = json!({"name": "手持 1", "checkpoint": made["id"]});
        let theirs = stranger.post("/v1/staff/devices", device.clone()).await;
        assert_eq!(theirs.faults(), [("checkpoint".into(), "unknown".into())]);
        let both = json!({"name": "x", "checkpoint": made["id"], "venue": made["id"]});
        assert_eq!(admin.post("/v1/staff/devices", both).await.problem(422), "invalid-request");
        let device = admin.post("/v1/staff/devices", device).await.ok();
        let id = text(&device["device"]["id"]).to_owned();
        let path = format!("/v1/staff/devices/{id}/revocation");
        stranger.sees_nothing_at(Method::PUT, &path, &id, &Value::Null).await;
        assert_eq!(stranger.get("/v1/staff/devices").await.ok()["items"], json!([]));
        assert_eq!(admin.get("/v1/staff/checkpoints").await.ok()["items"][0]["id"], made["id"]);
    }

    async fn a_call_is_believed_once_if_its_device_signed_it_just_now(stack: Stack) {
        let backend = Backend::start(stack).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let beat = json!({"waiting": 0});
        let said = device.post(HEARTBEAT, &beat).await.ok();
        assert_eq!(said["now"], json!(backend.deps.clock.now()));

        let now = backend.deps.clock.now().timestamp();
        let body = || beat.to_string().into_bytes();
        let nonce = "0123456789abcdef";
        let send = async |created, nonce| {
            Reply::to(device.signed_with(Method::POST, HEARTBEAT, body(), created, nonce)).await
        };
        send(now - 30, nonce).await.ok();
        assert_eq!(send(now - 30, nonce).await.problem(409), "device-call-replayed");
        assert_eq!(send(now, nonce).await.problem(409), "device-call-replayed");
        assert_eq!(send(now - 31, "another-nonce-00").await.problem(401), "device-signature-stale");
        assert_eq!(send(now + 31, "another-nonce-01").await.problem(401), "device-signature-stale");

        // What was signed is what is called.
        let changed = device.signed(Method::POST, HEARTBEAT, body()).body(r#"{"waiting":1}"#);
        assert_eq!(Reply::to(changed).await.problem(401), "device-signature-invalid");
        let missing = device.signed(Method::GET, "/v1/gate/records/missing?upto=1", Vec::new());
        let (client, request) = missing.build_split();
        let mut request = request.unwrap();
        request.url_mut().set_query(Some("upto=2"));
        let elsewhere = Reply::of(client.execute(request).await.unwrap()).await;
        assert_eq!(elsewhere.problem(401), "device-signature-invalid");
        // Somebody else's signature in its name.
        let (other, _) = DeviceKey::create(&OsEntropy).unwrap();
        let imposter = backend.device_with(device.id, other);
        assert_eq!(imposter.post(HEARTBEAT, &beat).await.problem(401), "device-signature-invalid");
        let (other, _) = DeviceKey::create(&OsEntropy).unwrap();
        let nobody = backend.device_with(DeviceId(OsEntropy.id()), other);
        assert_eq!(nobody.post(HEARTBEAT, &beat).await.problem(401), "device-signature-invalid");
        let unsigned = backend.anyone().post(HEARTBEAT, beat).await;
        assert_eq!(unsigned.problem(401), "unauthenticated");
    }

    async fn nobody_sends_a_body_before_it_is_known_whose_it_is_and_from_when(stack: Stack) {
        let backend = Backend::start(stack).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let revoked = backend.device(Stands::On(backend.checkpoint().await)).await;
        let admin = backend.staff(Role::RegionAdmin, "310000").await;
        let revocation = format!("/v1/staff/devices/{}/revocation", revoked.id);
        assert_eq!(admin.put(&revocation, Value::Null).await.status, 204);
        let (key, _) = DeviceKey::create(&OsEntropy).unwrap();
        let nobody = backend.device_with(DeviceId(OsEntropy.id()), key);
        let now = backend.deps.clock.now().timestamp();
        for path in ["/v1/gate/records", HEARTBEAT] {
            for (device, created, expected) in [(&device, now - 31, 401), (&revoked, now, 403), (&nobody, now, 401)] {
                // The body never comes.
                let mut answer = device.begins(path, b"{}", 30_000, created).await;
                assert_eq!(status(&mut answer).await, expected, "{path}");
            }
        }
    }

    async fn a_body_may_be_slower_than_clocks_differ(stack: Stack) {
        let backend = Backend::start(stack).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        device.post(HEARTBEAT, &json!({"waiting": 1})).await.ok();
        let body = b"{}\n";
        let now = backend.deps.clock.now().timestamp();
        let mut batch = device.begins("/v1/gate/records", body, body.len(), now).await;
        backend.wait(TimeDelta::seconds(100));
        batch.write_all(body).await.unwrap();
        assert_eq!(status(&mut batch).await, 200);
        // What is signed as long ago and comes only now is stale.
        let mut late = device.begins("/v1/gate/records", body, body.len(), now).await;
        assert_eq!(status(&mut late).await, 401);
    }

    async fn a_revoked_device_is_refused_at_once_and_elsewhere_within_two_seconds(stack: Stack) {
        let backend = Backend::start(stack).await;
        let elsewhere = backend.another_instance().await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let beat = json!({"waiting": 3, "bundle_version": 7});
        device.post(HEARTBEAT, &beat).await.ok();
        let (key, id) = (&device.key, device.id);
        let there = |created: i64, nonce: &str| {
            let body = beat.to_string().into_bytes();
            let call = api::checkpoints::signature::Call {
                method: "POST", path: HEARTBEAT, query: "", body: &body,
            };
            let headers = key.headers(id, call, created, nonce);
            let request = elsewhere.anyone().request(Method::POST, HEARTBEAT).header("content-type", "application/json");
            headers.into_iter().fold(request, |request, (name, value)| request.header(name, value)).body(body)
        };
        let now = backend.deps.clock.now().timestamp();
        Reply::to(there(now, "nonce-nonce-nonce-1")).await.ok();
        let admin = backend.staff(Role::RegionAdmin, "310000").await;
        let listed = admin.get("/v1/staff/devices").await.ok();
        assert_eq!(listed["items"][0]["waiting"], 3);
        assert_eq!(admin.put(&format!("/v1/staff/devices/{id}/revocation"), Value::Null).await.status, 204);
        assert_eq!(device.post(HEARTBEAT, &beat).await.problem(403), "device-revoked");
        backend.wait(TimeDelta::seconds(2));
        assert_eq!(Reply::to(there(now, "nonce-nonce-nonce-2")).await.problem(403), "device-revoked");
        assert_eq!(admin.get("/v1/staff/devices").await.ok()["items"][0]["state"], "revoked");
    }

    async fn the_device_of_a_suspended_venue_is_refused(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let device = backend.device(Stands::At(venue.id)).await;
        device.get("/v1/gate/bundle").await.body.len();
        let suspended = entity::venue::ActiveModel {
            id: Set(venue.id),
            state: Set(VenueState::Suspended),
            ..Default::default()
        };
        suspended.update(&backend.deps.db).await.unwrap();
        backend.wait(TimeDelta::seconds(3));
        let people = json!([{"id_card": {"number": "310101199003070019"}}]);
        assert_eq!(device.verify(people).await.problem(403), "device-venue-not-active");
        assert_eq!(device.get("/v1/gate/bundle").await.problem(403), "device-venue-not-active");
    }
}
