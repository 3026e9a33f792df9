//! What is told is told in the transaction of what it tells of, once.

use api::{
    jobs::Sweep,
    notifications::{self, ForgetOld},
    platform::db::begin_write,
};
use chrono::TimeDelta;
use entity::{notification::Model, values::NotificationState};
use futures_util::future::join_all;
use integration_tests::{
    backend::{GRANDMOTHER, ZHANG, declaration},
    on_both_stacks,
};
use serde_json::json;

use super::{LONG, PHONE, decided, deliver, person_of, rows, start, tell, texts};

on_both_stacks! {
    async fn what_is_rolled_back_is_told_to_nobody(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        let tx = begin_write(&backend.deps.db).await.unwrap();
        notifications::tell(&tx, &backend.deps, zhang, &decided(&backend, "A")).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(deliver(&backend).await, 0);
        assert!(rows(&backend).await.is_empty() && carrier.copies().is_empty());
    }

    async fn the_same_thing_told_twice_is_told_once(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        let message = decided(&backend, "A");
        for _ in 0..2 {
            tell(&backend, zhang, &message).await;
            deliver(&backend).await;
        }
        assert_eq!(rows(&backend).await.len(), 1);
        assert_eq!(carrier.copies().len(), 1);
    }

    async fn a_code_that_changes_is_told_with_its_reason(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        assert_eq!(deliver(&backend).await, 1);
        let path = format!("/v1/people/{}/check-ins", zhang.person);
        let fever = json!({"temperature": 38.0, "symptoms": []});
        backend.as_citizen(&zhang).post(&path, fever).await.ok();
        backend.compare().await;
        backend.compare().await;
        deliver(&backend).await;
        assert_eq!(texts(&carrier.copies()), ["张*明健康码绿码", "张*明健康码黄码"]);
        let told = backend.as_citizen(&zhang).get("/v1/me/notifications").await.ok();
        assert_eq!(
            told["items"][0]["text"],
            "The health code for 张*明 is now yellow: fever or symptoms."
        );
    }

    async fn a_dependant_is_told_through_who_acts_for_them(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let grandmother = json!({
            "name": GRANDMOTHER.name, "document_kind": "resident_card",
            "document_number": GRANDMOTHER.number, "relationship": "elder",
        });
        let elder = page.post("/v1/dependants", grandmother).await.ok();
        let elder = elder["person_id"].as_str().unwrap().to_owned();
        let path = format!("/v1/people/{elder}/declarations");
        page.post(&path, declaration()).await.ok();
        backend.compare().await;
        deliver(&backend).await;
        let copies = carrier.copies();
        assert_eq!(texts(&copies), ["李*英健康码绿码"]);
        assert_eq!(copies[0].to, PHONE);
        let told = page.get("/v1/me/notifications").await.ok();
        assert_eq!(told["items"][0]["person"], elder.as_str());
    }

    async fn one_is_told_in_order_and_others_do_not_wait(stack: Stack) {
        use api::clients::MessageOutcome::{Retryable, Sent};
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        let wang = person_of(&backend.log_in("13900139000").await);
        for case in ["A1", "A2", "A3"] {
            tell(&backend, zhang, &decided(&backend, case)).await;
        }
        carrier.answer("sms", Retryable);
        assert_eq!(deliver(&backend).await, 1, "the others wait for the first");
        carrier.answer("sms", Sent);
        tell(&backend, wang, &decided(&backend, "B1")).await;
        assert_eq!(deliver(&backend).await, 1, "another person does not");
        backend.wait(TimeDelta::minutes(1));
        assert_eq!(deliver(&backend).await, 3);

        let told: Vec<_> = rows(&backend).await.into_iter().filter(|row| row.person_id == zhang).collect();
        let sent: Vec<_> = carrier.copies().into_iter().filter(|copy| copy.to == PHONE).collect();
        let order: Vec<_> = told.iter().map(|row| row.id.to_string()).collect();
        assert!(told.is_sorted_by_key(|row| row.key.clone()), "ids grow as they are told");
        assert_eq!(sent.len(), 4);
        let sent: Vec<_> = sent[1..].iter().map(|copy| copy.notification.clone()).collect();
        assert_eq!(sent, order);
    }

    async fn order_does_not_follow_a_clock_that_is_set_back(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        tell(&backend, zhang, &decided(&backend, "A1")).await;
        backend.wait(TimeDelta::minutes(-10));
        for case in ["A2", "A3"] {
            tell(&backend, zhang, &decided(&backend, case)).await;
        }
        deliver(&backend).await;
        backend.wait(TimeDelta::minutes(10));
        deliver(&backend).await;
        let told: Vec<_> = rows(&backend).await.iter().map(|row| row.id.to_string()).collect();
        let sent: Vec<_> = carrier.copies().into_iter().map(|copy| copy.notification).collect();
        assert_eq!(sent, told);
    }

    async fn what_is_told_at_once_has_an_order_nevertheless(stack: Stack) {
        let (backend, _) = start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        let cases = ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8"];
        let messages = cases.map(|case| decided(&backend, case));
        join_all(messages.iter().map(|message| tell(&backend, zhang, message))).await;
        let front = |row: &Model| row.id.0.as_u128() >> 64;
        let rows = rows(&backend).await;
        assert!(rows.is_sorted_by(|a, b| front(a) < front(b)), "counted, not by chance");
    }

    async fn what_is_withdrawn_is_not_sent_and_holds_up_nothing(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        let (first, second) = (decided(&backend, "A1"), decided(&backend, "A2"));
        tell(&backend, zhang, &first).await;
        tell(&backend, zhang, &second).await;
        let withdrawn = async || notifications::withdraw(&backend.deps.db, zhang, &first.key()).await;
        assert!(withdrawn().await.unwrap());
        assert!(!withdrawn().await.unwrap());
        deliver(&backend).await;
        assert_eq!(carrier.copies().len(), 1);
        let states: Vec<_> = rows(&backend).await.iter().map(|row| row.state).collect();
        assert_eq!(states, [NotificationState::Withdrawn, NotificationState::Sent]);
    }

    async fn what_was_sent_is_forgotten_after_its_time_and_what_waits_is_not(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        tell(&backend, zhang, &decided(&backend, "A1")).await;
        deliver(&backend).await;
        carrier.answer("sms", api::clients::MessageOutcome::Retryable);
        tell(&backend, zhang, &decided(&backend, "A2")).await;
        deliver(&backend).await;
        let old = [NotificationState::Sent, NotificationState::Waiting];
        assert!(rows(&backend).await.iter().map(|row| row.state).eq(old));
        backend.wait(TimeDelta::days(90));
        assert_eq!(ForgetOld::run(&backend.deps).await.unwrap(), 0);
        backend.wait(TimeDelta::seconds(1));
        assert_eq!(ForgetOld::run(&backend.deps).await.unwrap(), 1);
        let left = rows(&backend).await;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].state, NotificationState::Waiting);

        while rows(&backend).await[0].state == NotificationState::Waiting {
            deliver(&backend).await;
            backend.wait(LONG);
        }
        assert_eq!(rows(&backend).await[0].state, NotificationState::Dead);
        assert_eq!(ForgetOld::run(&backend.deps).await.unwrap(), 1, "nor are the dead");
    }
}
