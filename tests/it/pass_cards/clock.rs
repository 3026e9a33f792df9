//! Where nobody decides in time the clock issues the card, but never over anything that holds.

use entity::{notification, review_breach, values::NotificationKind};
use integration_tests::{Backend, backend::ZHANG, on_both_stacks};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::rig::{
    self, PHONE, apply, approve, arrived, card_of, cards_of, declare, issuer, person, read, settle,
};

on_both_stacks! {
    async fn what_nobody_decides_in_time_is_issued_before_six_the_next_day_and_booked(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let filed = apply(&backend, &zhang).await;
        let breaches = async || review_breach::Entity::find().all(&backend.deps.db).await.unwrap();
        backend.wait_until("2026-03-03T11:00:00+08:00");
        settle(&backend).await;
        let booked = breaches().await;
        assert_eq!(booked.len(), 1);
        assert_eq!(booked[0].area.code(), rig::COMMUNITY);
        assert_eq!(booked[0].due_at.to_rfc3339(), "2026-03-03T03:00:00+00:00");

        backend.wait_until("2026-03-04T17:59:59.999+08:00");
        settle(&backend).await;
        assert!(cards_of(&backend, &zhang).await.is_empty(), "not before its time");
        backend.wait_until("2026-03-04T18:00:00+08:00");
        settle(&backend).await;
        let zhang = backend.log_in(PHONE).await;
        let decided = read(&backend, &zhang, &filed).await;
        assert_eq!(decided["outcome"], "by_clock");
        let card = card_of(&backend, &zhang).await;
        assert_eq!((&card["state"], &card["by_clock"]), (&json!("active"), &json!(true)));
        settle(&backend).await;
        assert_eq!(cards_of(&backend, &zhang).await.len(), 1, "once");
        assert_eq!(breaches().await.len(), 1, "it stays booked");
        let told = notification::Entity::find()
            .filter(notification::Column::PersonId.eq(person(&zhang)))
            .filter(notification::Column::Kind.eq(NotificationKind::ReviewDecided))
            .all(&backend.deps.db)
            .await
            .unwrap();
        assert_eq!(told.len(), 1);
    }

    async fn the_clock_issues_nothing_over_a_hold_and_whoever_is_above_decides(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        declare(&backend, &zhang, arrived()).await;
        let filed = apply(&backend, &zhang).await;
        for moment in ["2026-03-03T11:00:00+08:00", "2026-03-04T18:00:00+08:00"] {
            backend.wait_until(moment);
            settle(&backend).await;
        }
        let zhang = backend.log_in(PHONE).await;
        let risen = read(&backend, &zhang, &filed).await;
        assert_eq!(risen["outcome"], Value::Null);
        assert_eq!(risen["stage"]["stage"], "district");
        assert!(cards_of(&backend, &zhang).await.is_empty());
        assert!(risen["stage"]["late_since"].is_string());
        let late = approve(&issuer(&backend).await, &risen).await;
        late.problem(404);
        let above = backend.staff(entity::values::Role::Reviewer, "310101").await;
        approve(&above, &risen).await.ok();
        assert_eq!(card_of(&backend, &zhang).await["state"], "observing");
    }
}
