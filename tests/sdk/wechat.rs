//! WeChat's server API under wechatpy (Python) and node-easywechat (Node).

use miniapp_mock::{Endpoint, Mock};

use crate::script::{judge, mock};

/// How the calls of `endpoint` ended.
fn codes_of(mock: &Mock, endpoint: Endpoint) -> Vec<String> {
    let requests = mock.requests().into_iter();
    let calls = requests.filter(|call| call.endpoint == endpoint);
    calls.map(|call| call.code).collect()
}

#[tokio::test]
async fn wechatpy_logs_people_in_and_learns_their_numbers() {
    let mock = mock().await;
    judge(&mock, "python/wechat.py").await;

    assert_eq!(
        codes_of(&mock, Endpoint::WechatToken),
        ["0", "40125", "40013", "0", "0"],
        "one token is kept, and each of two that went bad is replaced once"
    );
    assert_eq!(
        codes_of(&mock, Endpoint::WechatPhoneNumber),
        ["0", "40029", "42001", "0", "40001", "0", "45009"],
    );
}

#[tokio::test]
async fn easywechat_logs_people_in_and_learns_their_numbers() {
    let mock = mock().await;
    judge(&mock, "node/wechat.mjs").await;

    assert_eq!(codes_of(&mock, Endpoint::WechatToken), ["0", "40125", "0"]);
    assert_eq!(codes_of(&mock, Endpoint::WechatStableToken), ["0", "0"]);
}

#[tokio::test]
async fn wechatpy_writes_to_people_draws_codes_and_opens_what_pages_get() {
    let mock = mock().await;
    let kept = judge(&mock, "python/wechat_messages.py").await;

    assert_eq!(mock.phone_of("zhang").wechat_inbox().len(), 7);
    assert_eq!(kept.scanned("code.png"), "pages/venue/venue?scene=v%3DA1");
}

#[tokio::test]
async fn wechatpy_opens_what_wechat_pushes_in_every_mode() {
    let mock = mock().await;
    judge(&mock, "python/wechat_push.py").await;

    let pushes = mock.wechat_pushes();
    let accepted = pushes.iter().filter(|push| push.accepted).count();
    assert_eq!((accepted, pushes.len()), (8, 11));
}

#[tokio::test]
async fn node_packages_write_to_people_and_open_what_wechat_sends() {
    let mock = mock().await;
    let kept = judge(&mock, "node/wechat_messages.mjs").await;

    assert_eq!(mock.phone_of("wang").wechat_inbox().len(), 1);
    assert_eq!(kept.scanned("code.png"), "pages/venue/venue?scene=v%3DA1");
}
