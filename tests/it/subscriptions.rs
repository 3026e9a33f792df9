//! What people allow us to send is counted once, spent once, and over when they say so.

use api::{
    jobs::Sweep,
    platform::db::begin_write,
    subscriptions::{
        self, Allowed, ForgetFormIds, Spent, Template, accepted, give_back, refused_by_platform,
        rejected, rules::MOST_FORM_IDS, spend,
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::values::{PersonId, Platform};
use futures_util::future::join_all;
use integration_tests::{
    backend::{Backend, Session},
    on_both_stacks,
};
use miniapp_mock::dev;
use serde_json::{Value, json};

const PHONE: &str = "13800138000";

const TEMPLATE: Template<'_> = Template {
    platform: Platform::Wechat,
    app_id: dev::WECHAT_APP_ID,
    template_id: "tmpl-colour",
};

const ON_ALIPAY: Template<'_> = Template {
    platform: Platform::Alipay,
    app_id: dev::ALIPAY_APP_ID,
    template_id: "any",
};

fn person_of(session: &Session) -> PersonId {
    PersonId(session.person.parse().unwrap())
}

async fn yes(backend: &Backend, person: PersonId, long_term: bool, at: DateTime<Utc>) {
    let tx = begin_write(&backend.deps.db).await.unwrap();
    accepted(&tx, person, TEMPLATE, long_term, at)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn no(backend: &Backend, person: PersonId, at: DateTime<Utc>) {
    let tx = begin_write(&backend.deps.db).await.unwrap();
    rejected(&tx, person, TEMPLATE, at).await.unwrap();
    tx.commit().await.unwrap();
}

async fn take(backend: &Backend, person: PersonId, template: Template<'_>) -> Option<Spent> {
    let tx = begin_write(&backend.deps.db).await.unwrap();
    let now = backend.deps.clock.now();
    let spent = spend(&tx, person, template, now).await.unwrap();
    tx.commit().await.unwrap();
    spent
}

async fn allowed(backend: &Backend, person: PersonId) -> Vec<Allowed> {
    let now = backend.deps.clock.now();
    subscriptions::allowed(&backend.deps.db, person, now)
        .await
        .unwrap()
}

async fn remaining(backend: &Backend, person: PersonId) -> u64 {
    allowed(backend, person)
        .await
        .iter()
        .map(|one| one.remaining)
        .sum()
}

/// Somebody who logged in through Alipay.
async fn on_alipay(backend: &Backend) -> Session {
    let phone = backend.mock.phone_of("owner");
    phone.set_number(PHONE).unwrap();
    Session::of(&backend.through_alipay(&phone).await.ok())
}

fn form(form_id: &str) -> Value {
    json!({"app_id": dev::ALIPAY_APP_ID, "form_id": form_id})
}

on_both_stacks! {
    async fn each_yes_allows_one_message_and_a_long_term_one_any_number(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        let at = backend.deps.clock.now();
        assert_eq!(take(&backend, zhang, TEMPLATE).await, None, "nobody asked yet");

        yes(&backend, zhang, false, at).await;
        yes(&backend, zhang, false, at).await;
        assert_eq!(remaining(&backend, zhang).await, 2);
        for left in [1, 0] {
            assert!(take(&backend, zhang, TEMPLATE).await.is_some());
            assert_eq!(remaining(&backend, zhang).await, left);
        }
        assert_eq!(take(&backend, zhang, TEMPLATE).await, None);

        yes(&backend, zhang, true, at).await;
        for _ in 0..5 {
            assert!(take(&backend, zhang, TEMPLATE).await.is_some());
        }
        let other = Template { template_id: "other", ..TEMPLATE };
        assert_eq!(take(&backend, zhang, other).await, None);
        let another_app = Template { app_id: "wx0", ..TEMPLATE };
        assert_eq!(take(&backend, zhang, another_app).await, None);
    }

    async fn a_no_ends_what_was_allowed_and_what_was_taken_does_not_come_back(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        let at = backend.deps.clock.now();
        for _ in 0..3 {
            yes(&backend, zhang, false, at).await;
        }
        let taken = take(&backend, zhang, TEMPLATE).await.unwrap();
        no(&backend, zhang, at + TimeDelta::seconds(2)).await;

        let tx = begin_write(&backend.deps.db).await.unwrap();
        give_back(&tx, taken).await.unwrap();
        tx.commit().await.unwrap();
        yes(&backend, zhang, true, at + TimeDelta::seconds(1)).await;

        let noted = allowed(&backend, zhang).await;
        assert_eq!(
            (noted[0].remaining, noted[0].standing, noted[0].refused),
            (0, false, true)
        );
        assert_eq!(take(&backend, zhang, TEMPLATE).await, None);
    }

    async fn what_was_taken_for_a_message_that_was_not_sent_comes_back(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        yes(&backend, zhang, false, backend.deps.clock.now()).await;
        let taken = take(&backend, zhang, TEMPLATE).await.unwrap();

        let tx = begin_write(&backend.deps.db).await.unwrap();
        give_back(&tx, taken).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(remaining(&backend, zhang).await, 1);
    }

    async fn the_platforms_no_counts_unless_the_person_answered_since(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        let at = backend.deps.clock.now();
        for (answers_since, left) in [(0, 0), (1, 3)] {
            yes(&backend, zhang, false, at).await;
            yes(&backend, zhang, false, at).await;
            yes(&backend, zhang, false, at).await;
            let taken = take(&backend, zhang, TEMPLATE).await.unwrap();
            for later in 1..=answers_since {
                yes(&backend, zhang, false, at + TimeDelta::seconds(later)).await;
            }
            let tx = begin_write(&backend.deps.db).await.unwrap();
            refused_by_platform(&tx, taken).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(remaining(&backend, zhang).await, left);
        }
    }

    async fn of_many_who_take_the_last_permission_one_gets_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        yes(&backend, zhang, false, backend.deps.clock.now()).await;
        let taken = join_all((0..16).map(|_| take(&backend, zhang, TEMPLATE))).await;
        assert_eq!(taken.iter().flatten().count(), 1);
        assert_eq!(remaining(&backend, zhang).await, 0);
    }

    async fn answers_that_arrive_at_once_all_count(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = person_of(&backend.log_in(PHONE).await);
        let at = backend.deps.clock.now();
        join_all((0..16).map(|_| yes(&backend, zhang, false, at))).await;
        assert_eq!(remaining(&backend, zhang).await, 16);
    }

    async fn a_form_allows_one_message_within_seven_days(stack: Stack) {
        let backend = Backend::start(stack).await;
        let session = on_alipay(&backend).await;
        let (page, zhang) = (backend.as_citizen(&session), person_of(&session));

        let kept = page.post("/v1/me/form-ids", form("F1")).await;
        assert_eq!(kept.status, 201);
        assert_eq!(kept.json()["expires_at"], "2026-03-09T04:00:00Z");
        backend.wait(TimeDelta::minutes(10));
        let again = page.post("/v1/me/form-ids", form("F1")).await;
        assert_eq!((again.status.as_u16(), again.json()), (200, kept.json()));
        page.post("/v1/me/form-ids", form("F2")).await.ok();

        let noted = allowed(&backend, zhang).await;
        assert_eq!((noted.len(), noted[0].remaining, &noted[0].template_id), (1, 2, &None));
        let taken = take(&backend, zhang, ON_ALIPAY).await.unwrap();
        assert_eq!(taken.form_id(), Some("F1"), "it expires first");
        assert!(!format!("{taken:?}").contains("F1"));
        page.post("/v1/me/form-ids", form("F1")).await.ok();
        assert_eq!(remaining(&backend, zhang).await, 1, "what was spent stays spent");

        let tx = begin_write(&backend.deps.db).await.unwrap();
        give_back(&tx, taken).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(remaining(&backend, zhang).await, 2);

        backend.wait(TimeDelta::days(7) - TimeDelta::minutes(10));
        assert_eq!(take(&backend, zhang, ON_ALIPAY).await.unwrap().form_id(), Some("F2"));
        assert_eq!(take(&backend, zhang, ON_ALIPAY).await, None);
        assert_eq!(ForgetFormIds::run(&backend.deps).await.unwrap(), 1);
        assert_eq!(ForgetFormIds::run(&backend.deps).await.unwrap(), 0);
    }

    async fn of_many_who_take_the_last_form_one_gets_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        let session = on_alipay(&backend).await;
        backend.as_citizen(&session).post("/v1/me/form-ids", form("F1")).await.ok();
        let zhang = person_of(&session);
        let taken = join_all((0..16).map(|_| take(&backend, zhang, ON_ALIPAY))).await;
        assert_eq!(taken.iter().flatten().count(), 1);
    }

    async fn of_too_many_forms_the_oldest_give_way(stack: Stack) {
        let backend = Backend::start(stack).await;
        let session = on_alipay(&backend).await;
        let page = backend.as_citizen(&session);
        for n in 0..=MOST_FORM_IDS {
            page.post("/v1/me/form-ids", form(&format!("F{n}"))).await.ok();
            backend.wait(TimeDelta::seconds(1));
        }
        let zhang = person_of(&session);
        assert_eq!(remaining(&backend, zhang).await, MOST_FORM_IDS as u64);
        assert_eq!(take(&backend, zhang, ON_ALIPAY).await.unwrap().form_id(), Some("F1"));
    }

    async fn a_form_is_kept_only_for_an_app_that_one_logged_in_through(stack: Stack) {
        let backend = Backend::start(stack).await;
        let by_sms = backend.log_in("13900139000").await;
        let refused = backend.as_citizen(&by_sms).post("/v1/me/form-ids", form("F1")).await;
        assert_eq!(refused.problem(422), "invalid-request");
        assert_eq!(refused.faults(), [("app_id".to_owned(), "no_account".to_owned())]);

        let session = on_alipay(&backend).await;
        let page = backend.as_citizen(&session);
        let elsewhere = json!({"app_id": "2021999999999999", "form_id": "F1"});
        page.post("/v1/me/form-ids", elsewhere).await.problem(422);
        let invisible = page.post("/v1/me/form-ids", form("F 1")).await;
        assert_eq!(invisible.faults(), [("form_id".to_owned(), "form".to_owned())]);
        assert!(allowed(&backend, person_of(&session)).await.is_empty());
    }
}
