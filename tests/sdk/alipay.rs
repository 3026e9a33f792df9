//! Alipay's gateway under its own SDKs (Python and Node) and under python-alipay-sdk.

use miniapp_mock::{Endpoint, Mock};

use crate::script::{judge, mock};

/// How the calls of `endpoint` were made.
fn methods_of(mock: &Mock, endpoint: Endpoint) -> Vec<String> {
    let requests = mock.requests().into_iter();
    let calls = requests.filter(|call| call.endpoint == endpoint);
    let mut methods: Vec<String> = calls.map(|call| call.method).collect();
    methods.dedup();
    methods
}

#[tokio::test]
async fn alipays_python_sdk_takes_the_gateway_for_alipays() {
    let mock = mock().await;
    judge(&mock, "python/alipay_official.py").await;

    assert_eq!(methods_of(&mock, Endpoint::AlipayOauthToken), ["POST"]);
    assert_eq!(mock.calls_of(Endpoint::AlipayUserInfo), 3);
    assert_eq!(mock.phone_of("li").alipay_messages().len(), 1);
}

#[tokio::test]
async fn alipays_node_sdk_takes_the_gateway_for_alipays() {
    let mock = mock().await;
    judge(&mock, "node/alipay.mjs").await;

    assert_eq!(methods_of(&mock, Endpoint::AlipayOauthToken), ["POST"]);
    assert_eq!(mock.calls_of(Endpoint::AlipayUserInfo), 2);
}

#[tokio::test]
async fn alipays_node_sdk_writes_to_people_and_is_told_of_them() {
    let mock = mock().await;
    let kept = judge(&mock, "node/alipay_messages.mjs").await;

    assert_eq!(mock.phone_of("zhao").alipay_messages().len(), 3);
    let link = kept.scanned("page.png");
    assert!(link.starts_with("alipays://"), "{link}");
    assert!(link.contains("pages%2Fvenue%2Fvenue"), "{link}");
    let told = mock.alipay_notifications();
    let attempts: Vec<usize> = told.iter().map(|one| one.attempts.len()).collect();
    assert_eq!(attempts, [1, 1, 1, 2]);
}

#[tokio::test]
async fn an_sdk_that_asks_by_get_alone_takes_the_gateway_for_alipays() {
    let mock = mock().await;
    judge(&mock, "python/alipay_community.py").await;

    assert_eq!(methods_of(&mock, Endpoint::AlipayOauthToken), ["GET"]);
    assert_eq!(mock.calls_of(Endpoint::AlipayUserInfo), 1);
}
