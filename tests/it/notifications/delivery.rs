//! Which way messages go, and what happens when they do not arrive.

use std::collections::HashSet;

use api::{
    clients::MessageOutcome::{NotAllowed, Rejected, Retryable, Sent, Unknown},
    jobs::Sweep,
    notifications::{self, DeliverDue, LEASE},
    platform::Clock,
};
use chrono::TimeDelta;
use entity::values::{NotificationId, NotificationState};
use integration_tests::on_both_stacks;
use serde_json::json;

use super::{
    CODE_CHANGED, LONG, PHONE, allow, allowed, changed, decided, deliver, on_both_apps, person_of,
    rows, start, submit_form, tell,
};

on_both_stacks! {
    async fn a_super_app_carries_what_it_was_allowed_to_and_sms_the_rest(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let session = on_both_apps(&backend).await;
        let zhang = person_of(&session);
        allow(&backend, zhang, CODE_CHANGED).await;
        submit_form(&backend, &session, "F1").await;
        for assessment in 1..=3 {
            tell(&backend, zhang, &changed(&backend, assessment)).await;
        }
        deliver(&backend).await;
        let copies = carrier.copies();
        let went: Vec<_> = copies.iter().map(|copy| copy.channel).collect();
        assert_eq!(went, ["wechat", "alipay", "sms"]);
        assert_eq!(copies[1].form_id.as_deref(), Some("F1"));
        let ids: HashSet<_> = copies.iter().map(|copy| copy.notification.clone()).collect();
        let told: HashSet<_> = rows(&backend).await.iter().map(|row| row.id.to_string()).collect();
        assert_eq!(ids, told, "each copy says which it is");
        assert_eq!(allowed(&backend, zhang).await, 0);
    }

    async fn a_no_of_the_platform_counts_and_the_next_way_is_taken_at_once(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&on_both_apps(&backend).await);
        for _ in 0..3 {
            allow(&backend, zhang, CODE_CHANGED).await;
        }
        carrier.answer("wechat", NotAllowed);
        tell(&backend, zhang, &changed(&backend, 1)).await;
        deliver(&backend).await;
        assert_eq!(carrier.channels(), ["wechat", "sms"]);
        assert_eq!(allowed(&backend, zhang).await, 0);
        assert_eq!(rows(&backend).await[0].attempts, 1, "within one try");
    }

    async fn what_was_rejected_or_not_sent_costs_no_permission(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&on_both_apps(&backend).await);
        allow(&backend, zhang, CODE_CHANGED).await;
        carrier.answer("wechat", Rejected { code: "47003".into() });
        tell(&backend, zhang, &changed(&backend, 1)).await;
        deliver(&backend).await;
        assert_eq!(carrier.channels(), ["wechat", "sms"]);
        assert_eq!(allowed(&backend, zhang).await, 1);

        carrier.answer("wechat", Retryable);
        tell(&backend, zhang, &changed(&backend, 2)).await;
        deliver(&backend).await;
        assert_eq!(carrier.channels(), ["wechat"]);
        assert_eq!(allowed(&backend, zhang).await, 1);
        for expected in [vec!["wechat"], vec!["wechat", "sms"]] {
            backend.wait(LONG);
            deliver(&backend).await;
            assert_eq!(carrier.channels(), expected, "patience ends");
        }
    }

    async fn who_wants_neither_sms_nor_super_apps_is_not_written_to(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let session = on_both_apps(&backend).await;
        let wishes = json!({"channels": ["alipay"], "sms": false, "language": "en"});
        backend.as_citizen(&session).put("/v1/me/notification-preferences", wishes).await.ok();
        let zhang = person_of(&session);
        allow(&backend, zhang, CODE_CHANGED).await;
        tell(&backend, zhang, &changed(&backend, 1)).await;
        deliver(&backend).await;
        assert!(carrier.copies().is_empty());
        assert_eq!(rows(&backend).await[0].state, NotificationState::Withdrawn);

        submit_form(&backend, &session, "F1").await;
        tell(&backend, zhang, &changed(&backend, 2)).await;
        deliver(&backend).await;
        assert_eq!(carrier.copies()[0].text, "Code of you: green nothing found");
    }

    async fn an_unknown_outcome_is_repeated_the_same_way_with_the_same_key(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&on_both_apps(&backend).await);
        allow(&backend, zhang, CODE_CHANGED).await;
        carrier.answer("wechat", Unknown);
        tell(&backend, zhang, &changed(&backend, 1)).await;
        deliver(&backend).await;
        backend.wait(LONG);
        carrier.answer("wechat", Sent);
        deliver(&backend).await;
        let copies = carrier.copies();
        assert_eq!(copies.len(), 2);
        assert!(copies.iter().all(|copy| copy.channel == "wechat"));
        assert_eq!(copies[0].notification, copies[1].notification);
        assert_eq!(rows(&backend).await[0].state, NotificationState::Sent);
    }

    async fn a_definite_no_after_an_unknown_outcome_opens_other_ways_later(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&on_both_apps(&backend).await);
        allow(&backend, zhang, CODE_CHANGED).await;
        carrier.answer("wechat", Unknown);
        tell(&backend, zhang, &changed(&backend, 1)).await;
        deliver(&backend).await;
        carrier.answer("wechat", NotAllowed);
        for expected in [vec!["wechat", "wechat"], vec!["sms"]] {
            backend.wait(LONG);
            deliver(&backend).await;
            assert_eq!(carrier.channels(), expected);
        }
    }

    async fn a_sender_that_dies_between_sending_and_noting_loses_nothing(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let other = backend.another_instance_with(|deps| carrier.carry_for(deps)).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        tell(&backend, zhang, &decided(&backend, "A")).await;

        carrier.get_stuck(true);
        let deps = backend.deps.clone();
        tokio::select! {
            _ = DeliverDue::run(&deps) => panic!("it got stuck"),
            () = carrier.stuck() => (),
        }
        carrier.get_stuck(false);
        assert_eq!(deliver(&other).await, 0, "somebody has it");
        other.wait(LEASE);
        assert_eq!(deliver(&other).await, 1);
        other.wait(LONG);
        assert_eq!(deliver(&other).await, 0, "and that was that");

        let copies = carrier.copies();
        assert_eq!(copies.len(), 2);
        assert_eq!(rows(&backend).await.len(), 1);
        let received: HashSet<_> = copies.iter().map(|copy| copy.notification.clone()).collect();
        assert_eq!(received.len(), 1, "whoever receives the second copy knows it");
        assert_eq!(rows(&backend).await[0].attempts, 2);
    }

    async fn two_that_send_at_once_send_each_message_once(stack: Stack) {
        let (one, carrier) = start(stack).await;
        let other = one.another_instance_with(|deps| carrier.carry_for(deps)).await;
        for n in 0..12 {
            let person = person_of(&one.log_in(&format!("139001390{n:02}")).await);
            tell(&one, person, &decided(&one, "A")).await;
        }
        let (a, b) = tokio::join!(deliver(&one), deliver(&other));
        assert_eq!(a + b, 12);
        let keys: HashSet<_> = carrier.copies().iter().map(|copy| copy.notification.clone()).collect();
        assert_eq!((carrier.copies().len(), keys.len()), (12, 12));
    }

    async fn what_fails_ten_times_is_dead_until_an_operator_has_it_tried_again(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        carrier.answer("sms", Retryable);
        tell(&backend, zhang, &decided(&backend, "A1")).await;
        let mut waits = Vec::new();
        for tries in 1..=10 {
            assert_eq!(deliver(&backend).await, 1, "try {tries}");
            assert_eq!(deliver(&backend).await, 0, "not before its time");
            let row = rows(&backend).await.remove(0);
            waits.push((row.due_at - backend.clock.now()).num_seconds());
            backend.wait(LONG);
        }
        for (wait, longest) in waits.iter().zip([30, 60, 120, 240, 480, 960, 1_920, 3_840, 7_200]) {
            assert!((longest / 2..=longest).contains(wait), "{wait} of {longest}");
        }
        assert_eq!(deliver(&backend).await, 0);
        let dead = notifications::dead(&backend.deps, 10).await.unwrap();
        assert_eq!((dead.len(), dead[0].attempts), (1, 10));

        carrier.answer("sms", Sent);
        tell(&backend, zhang, &decided(&backend, "A2")).await;
        assert_eq!(deliver(&backend).await, 1, "the dead hold up nobody");
        assert!(notifications::retry(&backend.deps, dead[0].id).await.unwrap());
        assert!(!notifications::retry(&backend.deps, dead[0].id).await.unwrap());
        let nothing = NotificationId(uuid::Uuid::nil());
        assert!(!notifications::retry(&backend.deps, nothing).await.unwrap());
        assert_eq!(deliver(&backend).await, 1);
        assert!(notifications::dead(&backend.deps, 10).await.unwrap().is_empty());
    }

    async fn one_that_does_not_open_keeps_nobody_waiting(stack: Stack) {
        use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        let wang = person_of(&backend.log_in("13900139000").await);
        tell(&backend, zhang, &decided(&backend, "A")).await;
        let mut damaged = rows(&backend).await.remove(0).into_active_model();
        damaged.content = Set(vec![0; 60]);
        damaged.update(&backend.deps.db).await.unwrap();
        tell(&backend, wang, &decided(&backend, "B")).await;
        deliver(&backend).await;
        assert_eq!(carrier.copies().len(), 1);
        backend.wait(TimeDelta::days(1));
        deliver(&backend).await;
        let row = rows(&backend).await.into_iter().find(|row| row.person_id == zhang).unwrap();
        assert_eq!((row.attempts, row.outcome.as_deref()), (2, Some("damaged")));
    }
}
