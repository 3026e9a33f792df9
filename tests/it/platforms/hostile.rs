//! One call at a time, and one fault at a time.

use api::config::Config;
use chrono::TimeDelta;
use integration_tests::{Backend, Stack, on_both_stacks};
use miniapp_mock::{Endpoint, Fault, Platform};
use serde_json::{Value, json};

use super::{
    HASTY, PATIENT, ask_for_code, elsewhere, kept, quick_faults, slow_faults, through_alipay,
    through_wechat, within,
};
use api::clients::SmsProvider;

/// Longer than any breaker rests.
const REST: TimeDelta = TimeDelta::seconds(6);

const WECHAT: [Endpoint; 3] = [
    Endpoint::WechatSession,
    Endpoint::WechatPhoneNumber,
    Endpoint::WechatStableToken,
];

/// Under each of `faults` WeChat is said not to answer, and nobody comes to be; afterwards the same
/// person gets in.
async fn wechat_fails(backend: &Backend, faults: &[Fault]) {
    through_wechat(backend, "zhang").await.ok();
    for (fault, endpoint) in faults.iter().flat_map(|fault| WECHAT.map(|at| (fault, at))) {
        if endpoint == Endpoint::WechatStableToken {
            // Until the token that is known is over.
            backend.wait(TimeDelta::hours(2));
        }
        let (before, asked) = (kept(backend).await, backend.mock.calls_of(endpoint));
        backend.mock.order_fault(endpoint, fault.clone(), None);
        let refused = through_wechat(backend, "li").await;
        assert_eq!(refused.problem(503), "platform-unavailable", "{fault:?}");
        let title = refused.json()["title"].as_str().unwrap().to_owned();
        assert!(title.contains("log in by SMS"), "{title}");
        assert_eq!(kept(backend).await, before, "{fault:?}");
        assert!(backend.mock.calls_of(endpoint) > asked, "{fault:?}");

        backend.mock.clear_faults();
        backend.wait(REST);
        through_wechat(backend, "zhang").await.ok();
    }
}

/// Who was not let in is afterwards, with the same payload: it was not spent.
async fn alipay_fails(backend: &Backend, faults: &[Fault]) {
    for (n, fault) in faults.iter().enumerate() {
        let (key, before) = (format!("li {n}"), kept(backend).await);
        backend
            .mock
            .order_fault(Platform::Alipay, fault.clone(), None);
        let refused = through_alipay(backend, &key).await;
        assert_eq!(refused.problem(503), "platform-unavailable", "{fault:?}");
        assert_eq!(kept(backend).await, before, "{fault:?}");

        backend.mock.clear_faults();
        through_alipay(backend, &key).await.ok();
    }
}

fn number(n: usize) -> String {
    format!("138{n:08}")
}

/// Whether the platform did as it was asked, though it does not say so.
fn takes_effect(fault: &Fault) -> bool {
    !matches!(
        fault,
        Fault::Status { .. }
            | Fault::Garbage
            | Fault::Redirect { .. }
            | Fault::Reset
            | Fault::Close
            | Fault::Busy
            | Fault::Quota
    )
}

/// Whether the gateway is heard to refuse. After any other fault the message may be on its way; that is
/// also how Tencent is understood when it is busy, for it speaks of an internal error then.
fn says_that_nothing_was_sent(gateway: SmsProvider, fault: &Fault) -> bool {
    match fault {
        Fault::Status { status: 404 } | Fault::Quota => true,
        Fault::Busy => gateway == SmsProvider::Aliyun,
        _ => false,
    }
}

/// Nobody is ever sent two messages for one code, and what surely was not sent is said not to be.
async fn sms_fails(backend: &Backend, gateway: SmsProvider, faults: &[Fault]) {
    for (n, fault) in faults.iter().enumerate() {
        let phone = number(n);
        backend.mock.order_fault(Platform::Sms, fault.clone(), None);
        let asked = ask_for_code(backend, &phone).await;
        if says_that_nothing_was_sent(gateway, fault) {
            assert_eq!(asked.problem(503), "sms-unavailable", "{fault:?}");
            assert!(asked.headers.contains_key("retry-after"));
        } else {
            assert_eq!(asked.status, 202, "{fault:?}");
        }
        let sent = backend.mock.sms_inbox(&phone).len();
        assert_eq!(sent, usize::from(takes_effect(fault)), "{fault:?}");
        assert_eq!(
            backend.mock.calls_of(Platform::Sms),
            2 * n + 1,
            "once: {fault:?}"
        );

        backend.mock.clear_faults();
        backend.wait(TimeDelta::seconds(61));
        backend.log_in(&phone).await;
    }
    let [people, ..] = kept(backend).await;
    assert_eq!(people, faults.len() as u64);
}

/// Whoever the registry was not heard about stays unverified, and is verified afterwards.
async fn registry_fails(backend: &Backend, faults: &[Fault]) {
    for (n, fault) in faults.iter().enumerate() {
        let session = backend.log_in(&number(n)).await;
        let page = backend.as_citizen(&session);
        let identity = json!({
            "name": "张小明",
            "document_kind": "passport",
            "document_number": format!("E{n:08}"),
        });
        backend
            .mock
            .order_fault(Platform::Registry, fault.clone(), None);
        let refused = page.put("/v1/me/identity", identity.clone()).await;
        assert_eq!(refused.problem(503), "registry-unavailable", "{fault:?}");
        let me = page.get("/v1/me").await.ok();
        assert_eq!(
            (&me["verified"], &me["identity"]),
            (&json!(false), &Value::Null),
            "{fault:?}"
        );

        backend.mock.clear_faults();
        backend.wait(REST);
        page.put("/v1/me/identity", identity).await.ok();
        assert_eq!(page.get("/v1/me").await.ok()["verified"], true);
    }
}

fn only(gateway: SmsProvider) -> impl FnOnce(&mut Config) {
    move |config| config.platforms.sms.order = vec![gateway]
}

on_both_stacks! {
    async fn whatever_wechat_does_is_a_problem_of_ours_and_nothing_is_kept(stack: Stack) {
        let elsewhere = elsewhere().await;
        let backend = within(PATIENT, stack, |_| ()).await;
        wechat_fails(&backend, &quick_faults(&elsewhere)).await;
        assert!(elsewhere.requests().is_empty(), "no redirect is followed");
    }
}

#[tokio::test]
async fn whatever_alipay_does_is_a_problem_of_ours_and_nothing_is_kept() {
    let elsewhere = elsewhere().await;
    let backend = within(PATIENT, Stack::Embedded, |_| ()).await;
    alipay_fails(&backend, &quick_faults(&elsewhere)).await;
    assert!(elsewhere.requests().is_empty(), "no redirect is followed");
}

#[tokio::test]
async fn whatever_aliyun_does_nobody_is_sent_two_messages() {
    let elsewhere = elsewhere().await;
    let backend = within(PATIENT, Stack::Embedded, only(SmsProvider::Aliyun)).await;
    sms_fails(&backend, SmsProvider::Aliyun, &quick_faults(&elsewhere)).await;
    assert!(elsewhere.requests().is_empty(), "no redirect is followed");
}

#[tokio::test]
async fn whatever_tencent_does_nobody_is_sent_two_messages() {
    let elsewhere = elsewhere().await;
    let backend = within(PATIENT, Stack::Embedded, only(SmsProvider::Tencent)).await;
    sms_fails(&backend, SmsProvider::Tencent, &quick_faults(&elsewhere)).await;
    assert!(elsewhere.requests().is_empty(), "no redirect is followed");
}

#[tokio::test]
async fn whatever_the_registry_does_nobody_is_verified_by_it() {
    let elsewhere = elsewhere().await;
    let backend = within(PATIENT, Stack::Embedded, |_| ()).await;
    registry_fails(&backend, &quick_faults(&elsewhere)).await;
    assert!(elsewhere.requests().is_empty(), "no redirect is followed");
}

#[tokio::test]
async fn a_wechat_that_does_not_finish_is_given_up() {
    let backend = within(PATIENT, Stack::Embedded, |config| {
        config.platforms.wechat.limits = HASTY;
    })
    .await;
    wechat_fails(&backend, &slow_faults()).await;
}

#[tokio::test]
async fn an_alipay_and_a_registry_that_do_not_finish_are_given_up() {
    let backend = within(PATIENT, Stack::Embedded, |config| {
        config.platforms.alipay.limits = HASTY;
        config.platforms.registry.limits = HASTY;
    })
    .await;
    alipay_fails(&backend, &slow_faults()).await;
    registry_fails(&backend, &slow_faults()).await;
}

#[tokio::test]
async fn a_gateway_that_does_not_finish_may_have_sent_and_the_other_is_not_asked() {
    let backend = within(PATIENT, Stack::Embedded, |config| {
        if let Some(aliyun) = &mut config.platforms.sms.aliyun {
            aliyun.limits = HASTY;
        }
    })
    .await;
    sms_fails(&backend, SmsProvider::Aliyun, &slow_faults()).await;
    assert_eq!(backend.mock.calls_of(Endpoint::TencentSms), 0);
}

#[tokio::test]
async fn a_gateway_that_surely_did_not_send_is_made_up_for_by_the_other() {
    let backend = within(PATIENT, Stack::Embedded, |_| ()).await;
    let code = |code: &str| Fault::Refuse { code: code.into() };
    let faults = [
        Fault::Busy,
        Fault::Quota,
        code("isv.AMOUNT_NOT_ENOUGH"),
        code("isv.MONTH_LIMIT_CONTROL"),
        code("Throttling.User"),
    ];
    for (n, fault) in faults.into_iter().enumerate() {
        backend.mock.order_fault(Endpoint::AliyunSms, fault, 1);
        backend.log_in(&number(n)).await;
        assert_eq!(backend.mock.calls_of(Endpoint::TencentSms), n + 1);
    }
}
