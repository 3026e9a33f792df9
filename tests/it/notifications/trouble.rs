//! What is tried again, how often, and when it is given up.

use api::{
    clients::MessageOutcome::{Retryable, Sent, Unknown},
    jobs::Sweep,
    notifications::{DeliverDue, LEASE},
};
use chrono::TimeDelta;
use entity::{
    notification_template::{Column, Entity},
    values::{NotificationState, TemplateChannel},
};
use integration_tests::on_both_stacks;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::{
    CODE_CHANGED, LONG, PHONE, allow, allowed, changed, decided, deliver, on_both_apps, person_of,
    rows, start, tell,
};

on_both_stacks! {
    async fn a_copy_that_may_have_arrived_is_remembered_through_an_outage(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&on_both_apps(&backend).await);
        for _ in 0..2 {
            allow(&backend, zhang, CODE_CHANGED).await;
        }
        tell(&backend, zhang, &changed(&backend, 1)).await;
        for outcome in [Unknown, Retryable, Retryable, Retryable, Sent] {
            carrier.answer("wechat", outcome);
            deliver(&backend).await;
            backend.wait(LONG);
        }
        assert_eq!(carrier.channels(), ["wechat"; 5], "no other way");
        assert_eq!(allowed(&backend, zhang).await, 1, "one permission");
        assert_eq!(rows(&backend).await[0].state, NotificationState::Sent);
    }

    async fn a_repetition_by_another_template_needs_its_permission(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&on_both_apps(&backend).await);
        allow(&backend, zhang, CODE_CHANGED).await;
        carrier.answer("wechat", Unknown);
        tell(&backend, zhang, &changed(&backend, 1)).await;
        deliver(&backend).await;
        Entity::update_many()
            .col_expr(Column::TemplateId, Expr::value("another"))
            .filter(Column::Channel.eq(TemplateChannel::Wechat))
            .exec(&backend.deps.db)
            .await
            .unwrap();
        for expected in [vec!["wechat"], vec!["sms"]] {
            backend.wait(LONG);
            deliver(&backend).await;
            assert_eq!(carrier.channels(), expected);
        }
    }

    async fn an_outage_beside_a_closed_way_is_waited_for(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let session = on_both_apps(&backend).await;
        let wishes = json!({"channels": ["wechat", "alipay"], "sms": false, "language": "zh"});
        backend.as_citizen(&session).put("/v1/me/notification-preferences", wishes).await.ok();
        let zhang = person_of(&session);
        allow(&backend, zhang, CODE_CHANGED).await;
        carrier.answer("wechat", Retryable);
        tell(&backend, zhang, &changed(&backend, 1)).await;
        for _ in 0..4 {
            deliver(&backend).await;
            let row = rows(&backend).await.remove(0);
            assert_eq!(row.state, NotificationState::Waiting);
            assert_eq!(row.outcome.as_deref(), Some("retryable"));
            backend.wait(LONG);
        }
        carrier.answer("wechat", Sent);
        deliver(&backend).await;
        assert_eq!(rows(&backend).await[0].state, NotificationState::Sent);
    }

    async fn what_every_sender_dies_of_is_dead_after_ten_tries(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        tell(&backend, zhang, &decided(&backend, "A")).await;
        carrier.get_stuck(true);
        for _ in 0..10 {
            tokio::select! {
                _ = DeliverDue::run(&backend.deps) => panic!("it got stuck"),
                () = carrier.stuck() => (),
            }
            backend.wait(LEASE);
        }
        carrier.get_stuck(false);
        deliver(&backend).await;
        assert_eq!(carrier.copies().len(), 10);
        let row = rows(&backend).await.remove(0);
        assert_eq!((row.state, row.attempts), (NotificationState::Dead, 10));
        assert_eq!(row.outcome.as_deref(), Some("unknown"));
    }

    async fn what_no_template_shows_is_withdrawn_and_says_so(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        Entity::delete_many().exec(&backend.deps.db).await.unwrap();
        tell(&backend, zhang, &decided(&backend, "A")).await;
        deliver(&backend).await;
        assert!(carrier.copies().is_empty());
        let row = rows(&backend).await.remove(0);
        assert_eq!(row.state, NotificationState::Withdrawn);
        assert_eq!(row.outcome.as_deref(), Some("no_template"));
        backend.wait(TimeDelta::days(1));
        assert_eq!(deliver(&backend).await, 0);
    }
}
