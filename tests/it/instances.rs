//! Several instances of one deployment show one truth.

use api::{health_code::assess_due, platform::Clock, recheck};
use chrono::TimeDelta;
use integration_tests::{
    backend::{Backend, GRANDMOTHER, Session, ZHANG},
    on_both_stacks,
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

const PHONE: &str = "13800138000";

async fn code_of(backend: &Backend, zhang: &Session) -> Value {
    let path = format!("/v1/people/{}/health-code", zhang.person);
    backend.as_citizen(zhang).get(&path).await.ok()
}

async fn report_fever(backend: &Backend, zhang: &Session) {
    let path = format!("/v1/people/{}/check-ins", zhang.person);
    let fever = json!({"temperature": 38.0, "symptoms": []});
    backend.as_citizen(zhang).post(&path, fever).await.ok();
}

on_both_stacks! {
    async fn a_colour_that_changed_on_one_is_shown_on_the_other_two_seconds_later(stack: Stack) {
        let one = Backend::start(stack).await;
        let other = one.another_instance().await;
        let zhang = one.green(PHONE, ZHANG).await;
        let green = code_of(&other, &zhang).await;
        assert_eq!(green["colour"], "green");

        report_fever(&one, &zhang).await;
        one.compare().await;

        one.wait(TimeDelta::seconds(2));
        assert_eq!(code_of(&other, &zhang).await["colour"], "yellow");
        let asked = json!({"token": green["token"]});
        let verdict = other.anyone().post("/v1/codes/verify", asked).await.ok();
        assert_eq!((&verdict["verdict"], &verdict["colour"]), (&json!("valid"), &json!("yellow")));
    }

    async fn a_code_shown_on_one_verifies_on_the_other(stack: Stack) {
        let one = Backend::start(stack).await;
        let other = one.another_instance().await;
        let zhang = one.green(PHONE, ZHANG).await;
        let asked = json!({"token": code_of(&one, &zhang).await["token"]});
        let verdict = other.anyone().post("/v1/codes/verify", asked).await.ok();
        assert_eq!((&verdict["verdict"], &verdict["colour"]), (&json!("valid"), &json!("green")));
    }

    async fn who_logs_out_on_one_is_out_on_the_other_within_five_seconds(stack: Stack) {
        let one = Backend::start(stack).await;
        let other = one.another_instance().await;
        let zhang = one.green(PHONE, ZHANG).await;
        code_of(&other, &zhang).await;

        one.as_citizen(&zhang).delete("/v1/sessions/current").await.ok();

        one.as_citizen(&zhang).get("/v1/me").await.problem(401);
        one.wait(TimeDelta::seconds(5));
        other.as_citizen(&zhang).get("/v1/me").await.problem(401);
    }

    async fn a_snapshot_that_is_published_late_replaces_no_newer_one(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let number = entity::values::PersonId(zhang.person.parse().unwrap()).number();
        let key = format!("code:{{{number:x}}}");
        let shared = async || backend.deps.ephemeral.get(&[&key]).await.unwrap().remove(0).unwrap();
        let old = shared().await;

        report_fever(&backend, &zhang).await;
        backend.compare().await;
        let new = shared().await;
        assert_ne!(old, new);

        let hour = std::time::Duration::from_hours(1);
        let put = backend.deps.ephemeral.put_newer(&key, 1, &old, hour).await.unwrap();
        assert!(!put);
        backend.wait(TimeDelta::seconds(3));
        assert_eq!(shared().await, new);
        assert_eq!(code_of(&backend, &zhang).await["colour"], "yellow");
    }

    async fn a_colour_that_somebody_else_put_into_the_store_is_not_believed(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let grandmother = backend.green("13900139000", GRANDMOTHER).await;
        let key = |session: &Session| {
            let person = entity::values::PersonId(session.person.parse().unwrap());
            format!("code:{{{:x}}}", person.number())
        };
        let store = &backend.deps.ephemeral;
        let hers = store.get(&[&key(&grandmother)]).await.unwrap().remove(0).unwrap();
        let shown = String::from_utf8_lossy(&hers).into_owned();
        assert!(!shown.contains("green") && !shown.contains('英'), "nobody reads it there: {shown}");
        let green = code_of(&backend, &zhang).await;
        report_fever(&backend, &zhang).await;
        backend.compare().await;

        let now = backend.clock.now();
        let plain = json!({"version": 99, "colour": "green", "masked_name": green["masked_name"], "reasons": [],
            "decided_at": now.timestamp_micros(), "good_until": null});
        let hour = std::time::Duration::from_hours(1);
        for (version, forged) in [(98, plain.to_string().into_bytes()), (99, hers.to_vec())] {
            assert!(store.put_newer(&key(&zhang), version, &forged, hour).await.unwrap());
            backend.wait(TimeDelta::seconds(3));
            assert_eq!(code_of(&backend, &zhang).await["colour"], "yellow", "{version}");
        }
    }

    async fn an_instance_that_dies_after_claiming_costs_a_repetition_and_nothing_else(stack: Stack) {
        let dying = Backend::start(stack).await;
        let other = dying.another_instance().await;
        let zhang = dying.green(PHONE, ZHANG).await;
        report_fever(&dying, &zhang).await;

        let claimed = recheck::claim(&dying.deps.db, dying.clock.now(), 10).await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert_eq!(assess_due(&other.deps).await.unwrap(), 0, "one looks at a time");

        other.wait(recheck::LEASE);
        assert_eq!(assess_due(&other.deps).await.unwrap(), 1);
        assert_eq!(recheck::backlog(&other.deps.db).await.unwrap(), 0);
        assert_eq!(code_of(&other, &zhang).await["colour"], "yellow");
    }

    async fn a_mark_that_is_made_while_somebody_looks_is_looked_at_again(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let person = entity::values::PersonId(zhang.person.parse().unwrap());
        let (db, now) = (&backend.deps.db, backend.clock.now());

        recheck::mark(db, person, now).await.unwrap();
        let claimed = recheck::claim(db, now, 10).await.unwrap();
        recheck::mark(db, person, now).await.unwrap();
        for mark in claimed {
            recheck::finish(db, mark).await.unwrap();
        }

        assert_eq!(recheck::claim(db, now, 10).await.unwrap().len(), 1, "and at once");
    }

    async fn two_that_look_at_once_look_at_each_mark_once(stack: Stack) {
        let one = Backend::start(stack).await;
        let other = one.another_instance().await;
        let zhang = one.green(PHONE, ZHANG).await;
        let person = entity::values::PersonId(zhang.person.parse().unwrap());
        let (now, version) = (one.clock.now(), async || {
            let row = entity::assessment::Entity::find_by_id(person).one(&one.deps.db).await.unwrap();
            row.unwrap().version
        });
        let before = version().await;

        recheck::mark(&one.deps.db, person, now).await.unwrap();
        let (a, b) = tokio::join!(assess_due(&one.deps), assess_due(&other.deps));
        assert_eq!(a.unwrap() + b.unwrap(), 1);
        assert_eq!(version().await, before + 1);
    }

    async fn one_person_whose_record_does_not_open_keeps_nobody_else_waiting(stack: Stack) {
        use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
        let backend = Backend::start(stack).await;
        let damaged = backend.green(PHONE, ZHANG).await;
        let other = backend.log_in("13900139000").await;
        let db = &backend.deps.db;
        let id = entity::values::PersonId(damaged.person.parse().unwrap());
        let row = entity::person::Entity::find_by_id(id).one(db).await.unwrap().unwrap();
        let mut row = row.into_active_model();
        row.data_key = Set(vec![0; 60]);
        row.update(db).await.unwrap();

        let healthy = entity::values::PersonId(other.person.parse().unwrap());
        recheck::mark(db, id, backend.clock.now()).await.unwrap();
        backend.wait(TimeDelta::milliseconds(1));
        recheck::mark(db, healthy, backend.clock.now()).await.unwrap();

        assert_eq!(assess_due(&backend.deps).await.unwrap(), 2);
        assert!(entity::assessment::Entity::find_by_id(healthy).one(db).await.unwrap().is_some());
        assert_eq!(recheck::backlog(db).await.unwrap(), 1, "the damaged one is tried again");
    }
}
