//! Alipay's asynchronous notifications.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use futures_util::future::join_all;
use integration_tests::{
    Stack,
    backend::Backend,
    call::{Caller, Reply},
    on_both_stacks,
};
use miniapp_mock::{AlipayDelivery, AlipayNotice, AlipayNoticeStyle};
use reqwest::Method;

use super::remembered;

const PATH: &str = "/v1/platforms/alipay/notifications";

/// Have Alipay tell our app something.
fn notify(backend: &Backend, style: AlipayNoticeStyle) -> String {
    let notice = AlipayNotice {
        url: backend.anyone().url(PATH),
        kind: "open_app_auth_notify".into(),
        style,
        fields: BTreeMap::from([("remark".to_owned(), "备注 canary".to_owned())]),
    };
    let phone = backend.mock.phone_of("owner");
    phone.notify_alipay_app(&notice).unwrap()
}

fn delivery(backend: &Backend, notify_id: &str) -> AlipayDelivery {
    let all = backend.mock.alipay_notifications();
    all.into_iter()
        .find(|it| it.notify_id == notify_id)
        .unwrap()
}

async fn post(to: &Caller, form: &str) -> Reply {
    let request = to.request(Method::POST, PATH);
    let form_type = "application/x-www-form-urlencoded;charset=utf-8";
    Reply::to(
        request
            .header("content-type", form_type)
            .body(form.to_owned()),
    )
    .await
}

on_both_stacks! {
    async fn a_notification_is_acknowledged_the_first_time_in_every_style(stack: Stack) {
        let backend = Backend::start(stack).await;
        for style in [
            AlipayNoticeStyle::Notify,
            AlipayNoticeStyle::Message,
            AlipayNoticeStyle::LifeAccount,
        ] {
            let id = notify(&backend, style);
            assert_eq!(backend.mock.flush_notifications().await, 1);
            let delivery = delivery(&backend, &id);
            assert_eq!(delivery.attempts.len(), 1);
            assert_eq!(delivery.attempts[0].answered.body, "success", "{style:?}");
            assert_eq!(delivery.due_ms, None, "acknowledged");
        }
        assert_eq!(remembered(&backend).await, 3);
    }

    async fn a_notification_that_is_delivered_again_is_taken_in_once(stack: Stack) {
        let one = Backend::start(stack).await;
        let other = one.another_instance().await;
        let id = notify(&one, AlipayNoticeStyle::Notify);
        let form = delivery(&one, &id).form;
        let at_once = (0..16).map(|attempt| {
            let to = if attempt % 2 == 0 { &one } else { &other };
            post(to.anyone(), &form)
        });
        for reply in join_all(at_once).await {
            assert_eq!((reply.status.as_u16(), reply.body.as_slice()), (200, &b"success"[..]));
        }
        assert_eq!(remembered(&one).await, 1);

        backend_repeats(&one, &id).await;
        assert_eq!(remembered(&one).await, 1);
    }

    async fn whatever_is_not_alipays_is_refused_alike_and_leaves_nothing(stack: Stack) {
        let backend = Backend::start(stack).await;
        let id = notify(&backend, AlipayNoticeStyle::Notify);
        let form = delivery(&backend, &id).form;
        for forged in [
            form.replace("canary", "canaries"),
            form.replace("app_id=2021", "app_id=2022"),
            form.replace("notify_id=", "notify_id=0"),
            form.replace("RSA2", "RSA"),
            form.replace("&sign=", "&sing="),
            format!("{form}&app_id=2021000000000009"),
            form.chars().take(form.len() - 20).collect(),
            String::new(),
        ] {
            assert_ne!(forged, form);
            let reply = post(backend.anyone(), &forged).await;
            assert_eq!(reply.problem(403), "call-refused", "{forged}");
        }
        let large = format!("{form}&x={}", "x".repeat(64 * 1024));
        assert_eq!(post(backend.anyone(), &large).await.problem(413), "body-too-large");
        assert_eq!(remembered(&backend).await, 0);
        assert_eq!(post(backend.anyone(), &form).await.status, 200);
    }
}

async fn backend_repeats(backend: &Backend, id: &str) {
    assert!(backend.mock.repeat_alipay_notification(id));
    backend.mock.flush_notifications().await;
    let delivery = delivery(backend, id);
    let last = delivery.attempts.last().unwrap();
    assert_eq!(last.answered.body, "success");
}

mod production {
    use super::*;

    #[tokio::test]
    async fn what_cannot_be_kept_is_delivered_again_minutes_later_and_taken_in() {
        let backend = Backend::start(Stack::Production).await;
        let id = notify(&backend, AlipayNoticeStyle::Notify);
        backend.database.shut().await;
        backend.mock.flush_notifications().await;
        assert_eq!(delivery(&backend, &id).attempts[0].answered.status, 503);

        backend.database.open().await;
        while backend.anyone().get("/readyz").await.status != 200 {}
        backend.wait(TimeDelta::minutes(4));
        assert_eq!(backend.mock.flush_notifications().await, 1);
        let delivery = delivery(&backend, &id);
        assert_eq!(delivery.attempts[1].answered.body, "success");
        assert_eq!((delivery.due_ms, remembered(&backend).await), (None, 1));
    }
}
