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
    assert!(mock.sms_inbox("13800138000").is_empty());
}

#[tokio::test]
async fn easywechat_logs_people_in_and_learns_their_numbers() {
    let mock = mock().await;
    judge(&mock, "node/wechat.mjs").await;

    assert_eq!(codes_of(&mock, Endpoint::WechatToken), ["0", "40125", "0"]);
    assert_eq!(codes_of(&mock, Endpoint::WechatStableToken), ["0", "0"]);
}
