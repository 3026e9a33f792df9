//! What WeChat reports of a message that it does not name.

use api::{
    clients::MessageOutcome::{Retryable, Sent, Unknown},
    jobs::Sweep,
    notifications::{self, DeliverDue, LEASE},
    platform::{Clock, db::begin_write},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::values::{NotificationState, PersonId};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, Session, ZHANG},
    on_both_stacks,
};
use miniapp_mock::dev;
use serde_json::json;

use super::{
    CODE_CHANGED, LONG, PHONE, allow, allowed, changed, deliver, on_both_apps, person_of, rows,
    start, tell,
};

async fn report(backend: &Backend, person: PersonId, delivered: bool, at: DateTime<Utc>) {
    let tx = begin_write(&backend.deps.db).await.unwrap();
    let (app, template) = (dev::WECHAT_APP_ID, CODE_CHANGED);
    notifications::delivery_reported(&tx, &backend.deps, person, app, template, delivered, at)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn states(backend: &Backend) -> Vec<(NotificationState, String)> {
    let rows = rows(backend).await.into_iter();
    rows.map(|row| (row.state, row.outcome.unwrap_or_default()))
        .collect()
}

/// A grandmother for whom `guardian` acts.
async fn ward(backend: &Backend, guardian: &Session) -> PersonId {
    let grandmother = json!({
        "name": GRANDMOTHER.name, "document_kind": "resident_card",
        "document_number": GRANDMOTHER.number, "relationship": "elder",
    });
    let page = backend.as_citizen(guardian);
    let ward = page.post("/v1/dependants", grandmother).await.ok();
    PersonId(ward["person_id"].as_str().unwrap().parse().unwrap())
}

on_both_stacks! {
    async fn wechats_word_settles_what_nobody_knew(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&on_both_apps(&backend).await);
        let report = async |delivered| report(&backend, zhang, delivered, backend.clock.now()).await;
        allow(&backend, zhang, CODE_CHANGED).await;
        carrier.answer("wechat", Unknown);
        tell(&backend, zhang, &changed(&backend, 1)).await;
        deliver(&backend).await;
        report(true).await;
        assert_eq!(rows(&backend).await[0].state, NotificationState::Sent);
        backend.wait(LONG);
        deliver(&backend).await;
        assert_eq!(carrier.channels(), ["wechat"], "no second copy");

        allow(&backend, zhang, CODE_CHANGED).await;
        carrier.answer("wechat", Sent);
        tell(&backend, zhang, &changed(&backend, 2)).await;
        deliver(&backend).await;
        report(false).await;
        deliver(&backend).await;
        assert_eq!(carrier.channels(), ["wechat", "sms"], "sent again, as another way allows");
        report(false).await;
        assert_eq!(deliver(&backend).await, 0, "what went by SMS is not WeChat's");
    }

    async fn a_report_ends_nothing_that_is_still_being_sent_if_it_may_tell_of_another(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let other = backend.another_instance_with(|deps| carrier.carry_for(deps)).await;
        backend.verified(PHONE, ZHANG).await;
        let session = on_both_apps(&backend).await;
        let (zhang, elder) = (person_of(&session), ward(&backend, &session).await);
        for _ in 0..2 {
            allow(&backend, zhang, CODE_CHANGED).await;
        }
        tell(&backend, elder, &changed(&backend, 1)).await;
        carrier.get_stuck(true);
        tokio::select! {
            _ = DeliverDue::run(&backend.deps) => panic!("it got stuck"),
            () = carrier.stuck() => (),
        }
        carrier.get_stuck(false);
        backend.wait(TimeDelta::milliseconds(1));
        tell(&backend, zhang, &changed(&backend, 2)).await;
        deliver(&other).await;

        let sending = (NotificationState::Waiting, "sending".to_owned());
        let confirmed = (NotificationState::Sent, "confirmed".to_owned());
        report(&backend, zhang, true, backend.clock.now()).await;
        assert_eq!(states(&backend).await, [sending.clone(), confirmed.clone()]);
        report(&backend, zhang, false, backend.clock.now()).await;
        assert_eq!(states(&backend).await[0], sending);

        let before = backend.clock.now() - TimeDelta::minutes(1);
        backend.wait(LEASE);
        report(&backend, zhang, true, before).await;
        assert_eq!(states(&backend).await[0], sending, "it was tried later");
        report(&backend, zhang, true, backend.clock.now()).await;
        assert_eq!(states(&backend).await[0], confirmed, "its sender died");
    }

    async fn a_report_from_a_clock_that_is_behind_counts(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&on_both_apps(&backend).await);
        allow(&backend, zhang, CODE_CHANGED).await;
        tell(&backend, zhang, &changed(&backend, 1)).await;
        deliver(&backend).await;
        let behind = |seconds| backend.clock.now() - TimeDelta::seconds(seconds);
        report(&backend, zhang, false, behind(11)).await;
        assert_eq!(deliver(&backend).await, 0, "that was before");
        report(&backend, zhang, false, behind(5)).await;
        deliver(&backend).await;
        assert_eq!(carrier.channels(), ["wechat", "sms"]);
    }

    async fn what_was_not_delivered_does_not_go_the_same_way_again(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&on_both_apps(&backend).await);
        for _ in 0..2 {
            allow(&backend, zhang, CODE_CHANGED).await;
        }
        tell(&backend, zhang, &changed(&backend, 1)).await;
        deliver(&backend).await;
        report(&backend, zhang, false, backend.clock.now()).await;
        deliver(&backend).await;
        assert_eq!(carrier.channels(), ["wechat", "sms"]);
        assert_eq!(allowed(&backend, zhang).await, 1);
    }

    async fn what_has_no_other_way_is_withdrawn_as_undelivered(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let session = on_both_apps(&backend).await;
        let wishes = json!({"channels": ["wechat"], "sms": false, "language": "zh"});
        backend.as_citizen(&session).put("/v1/me/notification-preferences", wishes).await.ok();
        let zhang = person_of(&session);
        for _ in 0..2 {
            allow(&backend, zhang, CODE_CHANGED).await;
        }
        tell(&backend, zhang, &changed(&backend, 1)).await;
        deliver(&backend).await;
        report(&backend, zhang, false, backend.clock.now()).await;
        deliver(&backend).await;
        assert_eq!(carrier.channels(), ["wechat"]);
        let undelivered = (NotificationState::Withdrawn, "undelivered".to_owned());
        assert_eq!(states(&backend).await, [undelivered]);
    }

    async fn what_is_never_delivered_is_dead_after_ten_tries(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&on_both_apps(&backend).await);
        carrier.answer("sms", Retryable);
        tell(&backend, zhang, &changed(&backend, 1)).await;
        for _ in 0..30 {
            allow(&backend, zhang, CODE_CHANGED).await;
            deliver(&backend).await;
            report(&backend, zhang, false, backend.clock.now()).await;
            backend.wait(LONG);
        }
        assert_eq!(rows(&backend).await[0].state, NotificationState::Dead);
        assert!(rows(&backend).await[0].attempts <= 10);
    }

    async fn a_code_that_was_not_delivered_does_not_follow_a_newer_one(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&on_both_apps(&backend).await);
        allow(&backend, zhang, CODE_CHANGED).await;
        for assessment in [1, 2] {
            tell(&backend, zhang, &changed(&backend, assessment)).await;
        }
        deliver(&backend).await;
        report(&backend, zhang, false, backend.clock.now()).await;
        deliver(&backend).await;
        assert_eq!(carrier.channels(), ["wechat", "sms"]);
        let told: Vec<_> = states(&backend).await.into_iter().map(|(state, _)| state).collect();
        assert_eq!(told, [NotificationState::Withdrawn, NotificationState::Sent]);
    }
}
