//! The SMS gateways under the SDKs of Alibaba Cloud and Tencent Cloud, in Python and Node.

use miniapp_mock::{Mock, SmsGateway};

use crate::script::{judge, mock};

/// What somebody read, and by which gateway it came.
fn inbox(mock: &Mock, number: &str) -> Vec<(SmsGateway, String)> {
    let messages = mock.sms_inbox(number).into_iter();
    messages.map(|sms| (sms.gateway, sms.text)).collect()
}

fn everything(gateway: SmsGateway) -> [(SmsGateway, String); 3] {
    [
        "验证码314159，5分钟内有效。",
        "验证码271828，5分钟内有效。",
        "明天复检",
    ]
    .map(|text| (gateway, text.to_owned()))
}

async fn delivers_what_is_allowed(gateway: SmsGateway, script: &str) {
    let mock = mock().await;
    judge(&mock, script).await;

    assert_eq!(inbox(&mock, "13800138000"), everything(gateway));
    assert_eq!(inbox(&mock, "13900139000").len(), 1);
}

#[tokio::test]
async fn aliyuns_python_sdk_delivers_what_is_allowed() {
    delivers_what_is_allowed(SmsGateway::Aliyun, "python/sms_aliyun.py").await;
}

#[tokio::test]
async fn aliyuns_node_sdk_delivers_what_is_allowed() {
    delivers_what_is_allowed(SmsGateway::Aliyun, "node/sms_aliyun.mjs").await;
}

#[tokio::test]
async fn aliyuns_older_sdk_delivers_what_is_allowed() {
    delivers_what_is_allowed(SmsGateway::Aliyun, "node/sms_aliyun_older.mjs").await;
}

#[tokio::test]
async fn tencents_python_sdk_delivers_what_is_allowed() {
    delivers_what_is_allowed(SmsGateway::Tencent, "python/sms_tencent.py").await;
}

#[tokio::test]
async fn tencents_node_sdk_delivers_what_is_allowed() {
    delivers_what_is_allowed(SmsGateway::Tencent, "node/sms_tencent.mjs").await;
}
