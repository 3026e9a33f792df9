//! Who usually checks in and has not today is reminded, once, while nobody sleeps.

use api::{
    clients::MessageOutcome::{Retryable, Sent},
    declarations::RemindToCheckIn,
    jobs::Sweep,
    notifications::{DeliverDue, Message},
    platform::{Clock, clock::local_date},
};
use chrono::{NaiveDate, TimeDelta};
use entity::{
    check_in, person,
    values::{CheckInId, NotificationState, PersonId},
};
use integration_tests::{
    Backend,
    backend::{Session, ZHANG},
    fakes::Carrier,
    on_both_stacks,
};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

use super::{PHONE, decided, deliver, person_of, rows, start, tell, texts};

async fn check_in(backend: &Backend, citizen: &Session) {
    let path = format!("/v1/people/{}/check-ins", citizen.person);
    let well = json!({"temperature": 36.5, "symptoms": []});
    backend.as_citizen(citizen).post(&path, well).await.ok();
}

/// A reminder of the first day.
fn today() -> Message {
    Message::CheckInDue {
        day: NaiveDate::from_ymd_opt(2026, 3, 2).unwrap(),
    }
}

async fn remind(backend: &Backend) -> u64 {
    RemindToCheckIn::run(&backend.deps).await.unwrap()
}

/// Somebody who checked in yesterday, and on whom no other message waits.
async fn checked_in_yesterday(backend: &Backend, until: &str) -> Session {
    let zhang = backend.verified(PHONE, ZHANG).await;
    check_in(backend, &zhang).await;
    backend.compare().await;
    deliver(backend).await;
    backend.wait_until(until);
    backend.log_in(PHONE).await
}

/// `count` people before all others who checked in today and whose records do not open.
async fn damaged(backend: &Backend, count: u128) {
    let now = backend.clock.now();
    let ids = || (1..=count).map(|n| PersonId(Uuid::from_u128(n << 80)));
    let people = ids().map(|id| person::Model {
        id,
        number: id.number(),
        data_key: Vec::new(),
        phone: None,
        phone_index: None,
        name: None,
        document_kind: None,
        document_number: None,
        document_index: None,
        verified_at: None,
        created_at: now,
    });
    person::Entity::insert_many(people.map(IntoActiveModel::into_active_model))
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
    let check_ins = ids().map(|id| check_in::Model {
        id: CheckInId(id.0),
        person_id: id,
        day: local_date(now),
        checked_in_by: id,
        checked_in_at: now,
        content: Vec::new(),
        unwell: false,
    });
    check_in::Entity::insert_many(check_ins.map(IntoActiveModel::into_active_model))
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
}

on_both_stacks! {
    async fn who_did_not_check_in_by_six_is_reminded_once(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        checked_in_yesterday(&backend, "2026-03-03T17:59:59+08:00").await;
        assert_eq!(remind(&backend).await, 0, "not yet");
        backend.wait(TimeDelta::seconds(1));
        assert_eq!(remind(&backend).await, 1);
        assert_eq!(remind(&backend).await, 0, "once a day");
        deliver(&backend).await;
        assert_eq!(texts(&carrier.copies()).last(), Some(&"张*明今日未打卡"));
        assert_eq!(remind(&backend).await, 0);
    }

    async fn those_who_cannot_be_reminded_keep_nobody_waiting(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        damaged(&backend, 450).await;
        let zhang = checked_in_yesterday(&backend, "2026-03-03T18:00:00+08:00").await;
        let before = carrier.copies().len();
        let mut runs = 0;
        while remind(&backend).await > 0 {
            runs += 1;
            assert!(runs < 10, "it comes to an end");
        }
        assert_eq!(runs, 3);
        deliver(&backend).await;
        let copies = carrier.copies();
        assert_eq!(copies.len(), before + 1, "{}", zhang.person);
        assert_eq!(texts(&copies).last(), Some(&"张*明今日未打卡"));
    }

    async fn several_nodes_remind_once(stack: Stack) {
        let (one, carrier) = start(stack).await;
        let other = one.another_instance_with(|deps| carrier.carry_for(deps)).await;
        checked_in_yesterday(&one, "2026-03-03T18:00:00+08:00").await;
        let before = carrier.copies().len();
        tokio::join!(remind(&one), remind(&other), remind(&one), remind(&other));
        tokio::join!(deliver(&one), deliver(&other));
        assert_eq!(carrier.copies().len(), before + 1);
    }

    async fn a_check_in_withdraws_the_reminder(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = checked_in_yesterday(&backend, "2026-03-03T18:00:00+08:00").await;
        let before = carrier.copies().len();
        assert_eq!(remind(&backend).await, 1);
        check_in(&backend, &zhang).await;
        deliver(&backend).await;
        assert_eq!(carrier.copies().len(), before);
        assert_eq!(rows(&backend).await.last().unwrap().state, NotificationState::Withdrawn);
        assert_eq!(remind(&backend).await, 0);
    }

    async fn who_checked_in_today_or_long_ago_is_not_reminded(stack: Stack) {
        let (backend, _) = start(stack).await;
        let zhang = checked_in_yesterday(&backend, "2026-03-03T08:00:00+08:00").await;
        check_in(&backend, &zhang).await;
        backend.wait_until("2026-03-03T18:00:00+08:00");
        assert_eq!(remind(&backend).await, 0, "today");
        backend.wait_until("2026-03-06T18:00:00+08:00");
        assert_eq!(remind(&backend).await, 1, "three days ago");
        backend.wait_until("2026-03-07T18:00:00+08:00");
        assert_eq!(remind(&backend).await, 0, "four days ago");
    }

    async fn a_reminder_holds_up_nothing_but_reminders(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        carrier.answer("sms", Retryable);
        tell(&backend, zhang, &today()).await;
        deliver(&backend).await;
        carrier.answer("sms", Sent);
        tell(&backend, zhang, &decided(&backend, "A1")).await;
        assert_eq!(deliver(&backend).await, 1);
        let states: Vec<_> = rows(&backend).await.iter().map(|row| row.state).collect();
        assert_eq!(states, [NotificationState::Waiting, NotificationState::Sent]);
    }

    async fn reminders_go_after_whatever_else_is_due(stack: Stack) {
        let mut carrier = None;
        let backend = Backend::start_reaching(stack, |deps| {
            deps.notifications.at_once = 1;
            carrier = Some(Carrier::take_over(deps));
        })
        .await;
        for n in 0..4 {
            let person = person_of(&backend.log_in(&format!("139001390{n:02}")).await);
            tell(&backend, person, &today()).await;
        }
        backend.wait(TimeDelta::seconds(1));
        let zhang = person_of(&backend.log_in(PHONE).await);
        tell(&backend, zhang, &decided(&backend, "A1")).await;
        assert_eq!(DeliverDue::run(&backend.deps).await.unwrap(), 3, "not all at once");
        assert_eq!(carrier.unwrap().copies()[0].to, PHONE);
    }

    async fn nobody_is_reminded_at_night_and_of_yesterday(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        checked_in_yesterday(&backend, "2026-03-03T20:59:59+08:00").await;
        let before = carrier.copies().len();
        carrier.answer("sms", Retryable);
        assert_eq!(remind(&backend).await, 1);
        deliver(&backend).await;
        assert_eq!(carrier.copies().len(), before + 1);
        carrier.answer("sms", Sent);
        backend.wait_until("2026-03-04T07:59:59+08:00");
        assert_eq!(remind(&backend).await, 0);
        assert_eq!(deliver(&backend).await, 0, "at night");
        backend.wait(TimeDelta::seconds(1));
        deliver(&backend).await;
        assert_eq!(carrier.copies().len(), before + 1, "of yesterday");
        assert_eq!(rows(&backend).await.last().unwrap().state, NotificationState::Withdrawn);
    }
}
