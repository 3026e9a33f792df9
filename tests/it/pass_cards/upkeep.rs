//! A card reminds of its end, and ends.

use api::{
    credentials::{self, RotateKeys},
    jobs::Sweep,
};
use entity::{
    notification, status_index,
    values::{NotificationKind, PassCardState, PermitKind},
};
use integration_tests::{
    Backend,
    backend::{Session, ZHANG},
    on_both_stacks,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde_json::json;

use super::rig::{
    self, PHONE, apply, approve, card_of, cards_of, issuer, person, settle, with_card,
};

async fn reminders(backend: &Backend, session: &Session) -> Vec<String> {
    let told = notification::Entity::find()
        .filter(notification::Column::PersonId.eq(person(session)))
        .filter(notification::Column::Kind.eq(NotificationKind::PassExpiring))
        .all(&backend.deps.db)
        .await
        .unwrap();
    told.into_iter().map(|row| row.key).collect()
}

on_both_stacks! {
    async fn a_holder_is_reminded_three_days_before_the_end_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let (zhang, _) = with_card(&backend, PHONE, ZHANG).await;
        backend.wait_until("2026-03-12T23:59:59.999+08:00");
        settle(&backend).await;
        assert_eq!(reminders(&backend, &zhang).await, [""; 0]);
        backend.wait_until("2026-03-13T00:00:00+08:00");
        settle(&backend).await;
        settle(&backend).await;
        let told = reminders(&backend, &zhang).await;
        assert_eq!(told, ["pass_expiring/TXK31010100000001/2026-03-15"]);
    }

    async fn a_card_from_before_there_were_lists_is_given_its_place_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let (zhang, _) = with_card(&backend, PHONE, ZHANG).await;
        let card = cards_of(&backend, &zhang).await.remove(0);
        let mut old = card.into_active_model();
        old.status_index = Set(None);
        let card = old.update(&backend.deps.db).await.unwrap();
        let record = (PermitKind::PassCard, card.id.0);
        status_index::Entity::delete_by_id(record).exec(&backend.deps.db).await.unwrap();

        settle(&backend).await;
        settle(&backend).await;
        let place = cards_of(&backend, &zhang).await.remove(0).status_index;
        let row = status_index::Entity::find_by_id(record).one(&backend.deps.db).await.unwrap().unwrap();
        assert_eq!((place, Some(row.valid_until)), (Some(row.place), card.valid_until));
        let run = credentials::reconcile(&backend.deps).await.unwrap();
        assert_eq!((run.permits, run.findings), (1, 0));
        assert!(card_of(&backend, &zhang).await["token"].is_string(), "it is shown and signed");
    }

    async fn a_card_is_over_after_its_fourteenth_day_and_another_may_be_applied_for(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        with_card(&backend, PHONE, ZHANG).await;
        backend.wait_until("2026-03-16T00:00:00+08:00");
        RotateKeys::run(&backend.deps).await.unwrap();
        let zhang = backend.log_in(PHONE).await;
        let unseen = card_of(&backend, &zhang).await;
        assert_eq!((&unseen["state"], &unseen["because"]), (&json!("expired"), &json!("over")));
        settle(&backend).await;
        let cards = cards_of(&backend, &zhang).await;
        assert_eq!(cards[0].state, PassCardState::Expired);
        assert!(cards[0].current_of.is_none() && cards[0].due_at.is_none());

        backend.become_green(&zhang).await;
        let again = apply(&backend, &zhang).await;
        approve(&issuer(&backend).await, &again).await.ok();
        assert_eq!(card_of(&backend, &zhang).await["state"], "active");
    }
}
