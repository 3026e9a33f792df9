use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use miniapp_mock::{Endpoint, Fault, Mock, MockConfig, dev, start};
use reqwest::Response;
use serde_json::{Value, json};

use crate::client::{get, http, mock, post};

async fn login(mock: &Mock) -> reqwest::Result<Response> {
    let code = mock.phone_of("zhang").wechat_login_code();
    login_with(mock, &code).await
}

async fn login_with(mock: &Mock, code: &str) -> reqwest::Result<Response> {
    let query = [
        ("appid", dev::WECHAT_APP_ID),
        ("secret", dev::WECHAT_SECRET),
        ("js_code", code),
        ("grant_type", "authorization_code"),
    ];
    let url = format!("{}/sns/jscode2session", mock.base_url());
    http()
        .get(url)
        .query(&query)
        .timeout(Duration::from_secs(5))
        .send()
        .await
}

async fn json_of(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_page_can_act_as_anyones_phone() {
    let mock = mock().await;
    let changed = post(&mock, "/__ctl/users/li", r#"{"number":"13900139000"}"#)
        .await
        .1;
    assert_eq!(changed["number"], "13900139000");
    assert_eq!(get(&mock, "/__ctl/users/li", &[]).await.1, changed);

    let code = post(&mock, "/__ctl/users/li/wechat/login-code", "").await.1;
    assert_eq!(code["errMsg"], "login:ok");
    let response = login_with(&mock, code["code"].as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(json_of(response).await["openid"], changed["wechat_openid"]);

    let code = post(&mock, "/__ctl/users/li/wechat/phone-code", "").await.1;
    assert_eq!(code["errMsg"], "getPhoneNumber:ok");
    let code = post(&mock, "/__ctl/users/li/alipay/auth-code", "").await.1;
    assert_eq!(code["authSuccessScopes"], json!(["auth_base"]));
    let payload = post(&mock, "/__ctl/users/li/alipay/phone-payload", "")
        .await
        .1;
    let inner: Value = serde_json::from_str(payload["response"].as_str().unwrap()).unwrap();
    assert!(inner["sign"].is_string());
    let inbox = get(&mock, "/__ctl/sms/13900139000", &[]).await.1;
    assert_eq!(inbox, json!({"latest_code": null, "messages": []}));
}

#[tokio::test]
async fn a_wrong_order_is_told_so() {
    let mock = mock().await;
    let url = format!("{}/__ctl/users/li", mock.base_url());
    for body in ["", "{}", r#"{"number":"1"}"#] {
        let response = http().post(&url).body(body).send().await.unwrap();
        assert_eq!(response.status(), 400, "{body}");
    }
}

#[tokio::test]
async fn the_clock_follows_its_source_and_its_offset() {
    let source = Arc::new(AtomicI64::new(1_700_000_000_000));
    let read = Arc::clone(&source);
    let mock = start(MockConfig {
        clock: Some(Arc::new(move || read.load(Ordering::SeqCst))),
        ..MockConfig::default()
    })
    .await
    .unwrap();
    source.fetch_add(5_000, Ordering::SeqCst);
    let clock = post(
        &mock,
        "/__ctl/clock",
        r#"{"offset_ms":1000,"advance_ms":500}"#,
    )
    .await
    .1;
    assert_eq!(
        clock,
        json!({"now_ms": 1_700_000_006_500_i64, "offset_ms": 1500})
    );
    mock.reset();
    assert_eq!(mock.now_ms(), 1_700_000_005_000);
}

#[tokio::test]
async fn faults_without_effect_leave_the_code_good() {
    let mock = mock().await;
    let code = mock.phone_of("zhang").wechat_login_code();
    let order = async |fault: Value| {
        let order = json!({"endpoint": "wechat.session", "fault": fault});
        let done = post(&mock, "/__ctl/faults", order.to_string()).await.1;
        assert_eq!(done["ok"], true);
    };

    order(json!({"kind": "busy"})).await;
    let response = login_with(&mock, &code).await.unwrap();
    assert_eq!(json_of(response).await["errcode"], -1);
    order(json!({"kind": "quota"})).await;
    let response = login_with(&mock, &code).await.unwrap();
    assert_eq!(json_of(response).await["errcode"], 45011);
    order(json!({"kind": "refuse", "code": "40226"})).await;
    let response = login_with(&mock, &code).await.unwrap();
    assert_eq!(json_of(response).await["errcode"], 40226);
    order(json!({"kind": "status", "status": 500})).await;
    assert_eq!(login_with(&mock, &code).await.unwrap().status(), 500);
    order(json!({"kind": "garbage"})).await;
    let page = login_with(&mock, &code)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(page.starts_with("<html>"));
    order(json!({"kind": "redirect", "location": "http://127.0.0.1:1/"})).await;
    let response = login_with(&mock, &code).await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], "http://127.0.0.1:1/");
    order(json!({"kind": "reset"})).await;
    assert!(login_with(&mock, &code).await.is_err());

    let response = login_with(&mock, &code).await.unwrap();
    assert!(json_of(response).await["openid"].is_string());
}

#[tokio::test]
async fn a_lost_reply_spends_the_code() {
    let mock = mock().await;
    let code = mock.phone_of("zhang").wechat_login_code();
    mock.order_fault(Endpoint::WechatSession, Fault::LoseReply, 1);
    assert!(login_with(&mock, &code).await.is_err());
    let response = login_with(&mock, &code).await.unwrap();
    assert_eq!(json_of(response).await["errcode"], 40163);
}

#[tokio::test]
async fn replies_can_be_huge_late_or_mistyped() {
    let mock = mock().await;
    mock.order_fault(
        Endpoint::WechatSession,
        Fault::HugeBody { bytes: 3_000_000 },
        1,
    );
    let body = login(&mock).await.unwrap().bytes().await.unwrap();
    assert_eq!(body.len(), 3_000_000);

    let value = "image/png".to_owned();
    mock.order_fault(Endpoint::WechatSession, Fault::ContentType { value }, 1);
    let response = login(&mock).await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/png");
    assert!(json_of(response).await["openid"].is_string());

    mock.order_fault(Endpoint::WechatSession, Fault::Hang { ms: 60_000 }, 1);
    let url = format!("{}/sns/jscode2session", mock.base_url());
    let impatient = http().get(url).timeout(Duration::from_millis(50));
    assert!(impatient.send().await.unwrap_err().is_timeout());
}

#[tokio::test]
async fn the_log_tells_what_happened_and_no_secret() {
    let mock = mock().await;
    let code = mock.phone_of("zhang").wechat_login_code();
    login_with(&mock, &code).await.unwrap();
    login_with(&mock, &code).await.unwrap();

    let log = get(&mock, "/__ctl/requests", &[]).await.1;
    assert_eq!(log["requests"][0]["endpoint"], "wechat.session");
    assert_eq!(log["requests"][0]["code"], "0");
    assert_eq!(log["requests"][1]["code"], "40163");
    assert_eq!(log["requests"][1]["parameters"][1], "secret");
    let text = log.to_string();
    assert!(!text.contains(dev::WECHAT_SECRET) && !text.contains(&code));
    assert_eq!(mock.calls_of(Endpoint::WechatSession), 2);
}

#[tokio::test]
async fn mocks_share_nothing_and_stop_for_good() {
    let (one, other) = (mock().await, mock().await);
    let code = one.phone_of("zhang").wechat_login_code();
    let response = login_with(&other, &code).await.unwrap();
    assert_eq!(json_of(response).await["errcode"], 40029);
    other.phone_of("zhang").set_number("13800138000").unwrap();
    assert_ne!(one.phone_of("zhang").number(), "13800138000");

    let url = one.base_url().to_owned();
    one.stop().await;
    assert!(http().get(url).send().await.unwrap_err().is_connect());
    assert!(login(&other).await.is_ok());
}

#[tokio::test]
async fn a_stop_waits_for_no_connection() {
    let mock = mock().await;
    let client = http();
    let url = format!("{}/sns/jscode2session", mock.base_url());
    client.get(&url).send().await.unwrap();
    mock.order_fault(Endpoint::WechatSession, Fault::Hang { ms: 600_000 }, 1);
    let held = tokio::spawn(client.get(&url).send());
    while mock.calls_of(Endpoint::WechatSession) < 2 {
        tokio::task::yield_now().await;
    }

    mock.stop().await;
    assert!(held.await.unwrap().is_err());
}

#[actix_web::test]
async fn a_mock_starts_inside_an_actix_system() {
    let mock = mock().await;
    assert!(login(&mock).await.is_ok());
    mock.stop().await;
}

#[tokio::test]
async fn a_reset_forgets_everything() {
    let mock = mock().await;
    let code = mock.phone_of("zhang").wechat_login_code();
    mock.phone_of("zhang").set_number("13800138000").unwrap();
    mock.order_fault(Endpoint::WechatSession, Fault::Reset, 9);
    post(&mock, "/__ctl/reset", "").await;

    let response = login_with(&mock, &code).await.unwrap();
    assert_eq!(json_of(response).await["errcode"], 40029);
    assert_ne!(mock.phone_of("zhang").number(), "13800138000");
    assert_eq!(mock.requests().len(), 1);
}

#[tokio::test]
async fn aged_tokens_expire_sooner() {
    let mock = mock().await;
    let query = [
        ("grant_type", "client_credential"),
        ("appid", dev::WECHAT_APP_ID),
        ("secret", dev::WECHAT_SECRET),
    ];
    let token = get(&mock, "/cgi-bin/token", &query).await.1;
    let token = token["access_token"].as_str().unwrap();
    let path = format!("/wxa/business/getuserphonenumber?access_token={token}");
    assert_eq!(
        post(&mock, &path, "{\"code\":\"x\"}").await.1["errcode"],
        40029
    );
    post(&mock, "/__ctl/tokens/age", r#"{"seconds":7200}"#).await;
    assert_eq!(
        post(&mock, &path, "{\"code\":\"x\"}").await.1["errcode"],
        42001
    );
}
