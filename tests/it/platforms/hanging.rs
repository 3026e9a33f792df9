//! A platform that hangs while everybody wants it, and everything else goes on.

use std::cell::Cell;

use api::clients::Limits;
use chrono::TimeDelta;
use futures_util::{FutureExt, future::join_all};
use integration_tests::{
    Backend, Stack,
    backend::{Session, ZHANG},
};
use miniapp_mock::{Endpoint, Fault, Platform};

use super::{HASTY, PATIENT, ask_for_code, slow_faults, through_alipay, through_wechat, within};

/// More than may be in flight at once.
const CROWD: usize = 80;

async fn show_code(backend: &Backend, zhang: &Session) {
    let path = format!("/v1/people/{}/health-code", zhang.person);
    let code = backend.as_citizen(zhang).get(&path).await.ok();
    assert_eq!(code["colour"], "green");
}

/// What goes on without WeChat: codes are shown, and people log in by SMS and through Alipay.
async fn all_else_goes_on(backend: &Backend, zhang: &Session) {
    for n in 0..20 {
        show_code(backend, zhang).await;
        if n % 4 == 0 {
            backend.log_in(&format!("139{n:08}")).await;
            through_alipay(backend, &format!("alipay {n}")).await.ok();
        }
    }
}

#[tokio::test]
async fn while_wechat_hangs_codes_are_shown_and_people_log_in_by_sms() {
    let backend = within(PATIENT, Stack::Embedded, |config| {
        config.platforms.wechat.limits = HASTY;
    })
    .await;
    let zhang = backend.green("13800138000", ZHANG).await;
    let hang = slow_faults()[0].clone();
    backend.mock.order_fault(Platform::Wechat, hang, None);

    let crowd_is_gone = Cell::new(false);
    let crowd = join_all((0..CROWD).map(|n| {
        let backend = &backend;
        async move { through_wechat(backend, &format!("wechat {n}")).await }
    }))
    .inspect(|_| crowd_is_gone.set(true));
    let others = async {
        while backend.mock.calls_of(Endpoint::WechatSession) < 5 {
            assert!(!crowd_is_gone.get(), "hardly anybody asked WeChat");
            show_code(&backend, &zhang).await;
        }
        all_else_goes_on(&backend, &zhang).await;
    };
    let (refused, ()) = tokio::join!(crowd, others);
    for answer in refused {
        assert_eq!(answer.problem(503), "platform-unavailable");
    }
    let asked = backend.mock.calls_of(Platform::Wechat);
    assert!((5..=64).contains(&asked), "{asked} in flight");

    // It is left alone now, also when it is well again, until it has rested.
    through_wechat(&backend, "later").await.problem(503);
    all_else_goes_on_later(&backend, &zhang).await;
    backend.mock.clear_faults();
    through_wechat(&backend, "later").await.problem(503);
    assert_eq!(backend.mock.calls_of(Platform::Wechat), asked);
    backend.wait(TimeDelta::seconds(5));
    through_wechat(&backend, "later").await.ok();
}

async fn all_else_goes_on_later(backend: &Backend, zhang: &Session) {
    show_code(backend, zhang).await;
    backend.log_in("13700137000").await;
}

#[tokio::test]
async fn while_only_the_number_hangs_it_is_left_alone_after_so_many_log_ins() {
    let limits = Limits {
        total_ms: 1_000,
        failures: 2,
        ..PATIENT
    };
    let backend = within(PATIENT, Stack::Embedded, |config| {
        config.platforms.wechat.limits = limits;
    })
    .await;
    let hang = slow_faults()[0].clone();
    let number = Endpoint::WechatPhoneNumber;
    backend.mock.order_fault(number, hang, None);
    for _ in 0..8 {
        through_wechat(&backend, "zhang").await.problem(503);
    }
    let asked = backend.mock.calls_of(number);
    assert!(
        (1..=2).contains(&asked),
        "{asked}: a session that is given does not make up for it"
    );

    backend.mock.clear_faults();
    backend.wait(TimeDelta::seconds(5));
    through_wechat(&backend, "zhang").await.ok();
}

#[tokio::test]
async fn while_no_gateway_sends_people_log_in_through_wechat_and_alipay() {
    let backend = within(PATIENT, Stack::Embedded, |_| ()).await;
    let status = 429;
    backend
        .mock
        .order_fault(Platform::Sms, Fault::Status { status }, None);
    let refused = ask_for_code(&backend, "13800138000").await;
    assert_eq!(refused.problem(503), "sms-unavailable");
    assert_eq!(
        backend.mock.calls_of(Endpoint::TencentSms),
        1,
        "both were asked"
    );
    through_wechat(&backend, "zhang").await.ok();
    through_alipay(&backend, "li").await.ok();
}
