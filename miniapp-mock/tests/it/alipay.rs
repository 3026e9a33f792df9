use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::cipher::{AES_128, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniapp_mock::{AlipayApp, AlipayUserIds, Mock, MockConfig, dev, start};
use serde_json::Value;

use crate::client::{alipay_signed, frozen, http, mock, rsa_sign};

pub(crate) type Params = BTreeMap<String, String>;

pub(crate) fn params(method: &str, own: &[(&str, &str)]) -> Params {
    let common = [
        ("app_id", dev::ALIPAY_APP_ID),
        ("method", method),
        ("format", "JSON"),
        ("charset", "utf-8"),
        ("sign_type", "RSA2"),
        ("timestamp", "2026-01-02 03:04:05"),
        ("version", "1.0"),
    ];
    common
        .iter()
        .chain(own)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

pub(crate) fn signed(mut params: Params) -> Params {
    let text: Vec<String> = params
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let sign = rsa_sign(dev::ALIPAY_APP_PRIVATE_KEY_PKCS8_B64, &text.join("&"));
    params.insert("sign".to_owned(), sign);
    params
}

/// Post `params`, half in the query and half in the body, and open the signed reply.
pub(crate) async fn call(mock: &Mock, params: &Params) -> (String, Value) {
    open(&reply(mock, params).await)
}

/// Post `params`, half in the query and half in the body; the reply as it comes.
pub(crate) async fn reply(mock: &Mock, params: &Params) -> String {
    let (query, form): (Vec<_>, Vec<_>) = params.iter().partition(|(name, _)| name.as_str() < "g");
    let response = http()
        .post(mock.alipay_gateway_url())
        .query(&query)
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()["content-type"],
        "text/html;charset=utf-8"
    );
    response.text().await.unwrap()
}

/// The root and the content of a reply whose signature holds over the content's very bytes.
fn open(body: &str) -> (String, Value) {
    let (root, rest) = body.strip_prefix("{\"").unwrap().split_once("\":").unwrap();
    let (content, sign) = rest.rsplit_once(",\"sign\":\"").unwrap();
    assert!(alipay_signed(content, sign.strip_suffix("\"}").unwrap()));
    (root.to_owned(), serde_json::from_str(content).unwrap())
}

pub(crate) async fn exchange(mock: &Mock, code: &str) -> (String, Value) {
    let own = [("grant_type", "authorization_code"), ("code", code)];
    call(mock, &signed(params("alipay.system.oauth.token", &own))).await
}

async fn refresh(mock: &Mock, token: &str) -> (String, Value) {
    let own = [("grant_type", "refresh_token"), ("refresh_token", token)];
    call(mock, &signed(params("alipay.system.oauth.token", &own))).await
}

#[tokio::test]
async fn an_auth_code_works_once() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    let code = zhang.alipay_auth_code();

    let (root, content) = exchange(&mock, &code).await;
    assert_eq!(root, "alipay_system_oauth_token_response");
    assert_eq!(content["open_id"], zhang.alipay_open_id());
    assert_eq!(content["expires_in"], 1_296_000);
    assert_eq!(content["re_expires_in"], 2_592_000);
    assert!(content.get("code").is_none() && content.get("user_id").is_none());

    let (root, content) = exchange(&mock, &code).await;
    assert_eq!(root, "error_response");
    assert_eq!(content["code"], "40002");
    assert_eq!(content["sub_code"], "isv.code-invalid");
}

#[tokio::test]
async fn an_auth_code_expires() {
    let mock = mock().await;
    let code = mock.phone_of("zhang").alipay_auth_code();
    mock.advance_clock(Duration::from_hours(24));
    assert_eq!(
        exchange(&mock, &code).await.1["sub_code"],
        "isv.code-invalid"
    );
}

#[tokio::test]
async fn older_apps_get_user_ids() {
    let app = AlipayApp {
        user_ids: AlipayUserIds::UserId,
        ..AlipayApp::default()
    };
    let mock = start(MockConfig {
        alipay_apps: vec![app],
        ..frozen()
    })
    .await
    .unwrap();
    let zhang = mock.phone_of("zhang");
    let (_, content) = exchange(&mock, &zhang.alipay_auth_code()).await;
    assert_eq!(content["user_id"], zhang.alipay_user_id());
    assert!(content.get("open_id").is_none());
}

#[tokio::test]
async fn apps_know_a_person_by_ids_of_their_own() {
    let both = AlipayApp {
        app_id: "2021000000000003".to_owned(),
        user_ids: AlipayUserIds::Both,
        ..AlipayApp::default()
    };
    let mock = start(MockConfig {
        alipay_apps: vec![AlipayApp::default(), both],
        ..frozen()
    })
    .await
    .unwrap();
    let here = mock.phone_of("zhang");
    let there = mock.phone_of("zhang").in_alipay_app("2021000000000003");
    assert_eq!(here.alipay_user_id(), there.alipay_user_id());
    assert_ne!(here.alipay_open_id(), there.alipay_open_id());

    let code = there.alipay_auth_code_for("auth_user");
    assert_eq!(
        exchange(&mock, &code).await.1["sub_code"],
        "isv.code-invalid"
    );
    let in_app = |method: &str, own: &[(&str, &str)]| {
        let mut params = params(method, own);
        params.insert("app_id".to_owned(), "2021000000000003".to_owned());
        signed(params)
    };
    let own = [("grant_type", "authorization_code"), ("code", &code)];
    let (_, grant) = call(&mock, &in_app("alipay.system.oauth.token", &own)).await;
    let token = grant["access_token"].as_str().unwrap();
    let own = [("auth_token", token)];
    let (_, shared) = call(&mock, &in_app("alipay.user.info.share", &own)).await;
    for content in [&grant, &shared] {
        assert_eq!(content["user_id"], there.alipay_user_id());
        assert_eq!(content["open_id"], there.alipay_open_id());
    }
    assert_eq!(shared["nick_name"], "zhang");
}

#[tokio::test]
async fn a_refresh_replaces_both_tokens_and_does_not_prolong_itself() {
    let mock = mock().await;
    let code = mock.phone_of("zhang").alipay_auth_code();
    let (_, first) = exchange(&mock, &code).await;
    let first_token = first["refresh_token"].as_str().unwrap();

    mock.advance_clock(Duration::from_hours(24));
    let (_, second) = refresh(&mock, first_token).await;
    assert_ne!(second["access_token"], first["access_token"]);
    assert_eq!(second["expires_in"], 1_296_000);
    assert_eq!(second["re_expires_in"], 2_505_600);

    let (_, again) = refresh(&mock, first_token).await;
    assert_eq!(again["sub_code"], "isv.refresh-token-invalid");
}

#[tokio::test]
async fn user_info_needs_a_live_token_with_the_scope() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    let share = async |token: &str| {
        let own = [("auth_token", token)];
        call(&mock, &signed(params("alipay.user.info.share", &own))).await
    };
    let (_, silent) = exchange(&mock, &zhang.alipay_auth_code()).await;
    let (_, full) = exchange(&mock, &zhang.alipay_auth_code_for("auth_user")).await;

    let (root, content) = share(full["access_token"].as_str().unwrap()).await;
    assert_eq!(root, "alipay_user_info_share_response");
    assert_eq!(content["code"], "10000");
    assert_eq!(content["open_id"], zhang.alipay_open_id());

    let (root, content) = share(silent["access_token"].as_str().unwrap()).await;
    assert_eq!(root, "alipay_user_info_share_response");
    assert_eq!(content["sub_code"], "isv.insufficient-user-permissions");
    assert_eq!(
        share("nobody's").await.1["sub_code"],
        "aop.invalid-auth-token"
    );
    mock.advance_clock(Duration::from_hours(15 * 24));
    let late = share(full["access_token"].as_str().unwrap()).await;
    assert_eq!(late.1["sub_code"], "aop.auth-token-time-out");
}

#[tokio::test]
async fn calls_are_checked_in_the_gateways_order() {
    let mock = mock().await;
    let own = [("grant_type", "authorization_code"), ("code", "x")];
    let whole = params("alipay.system.oauth.token", &own);
    let cases = [
        ("method", None, "isv.missing-method"),
        ("method", Some("alipay.nothing"), "isv.invalid-method"),
        ("app_id", None, "isv.missing-app-id"),
        ("app_id", Some("2021999999999999"), "isv.invalid-app-id"),
        ("timestamp", None, "isv.missing-timestamp"),
        ("timestamp", Some("yesterday"), "isv.invalid-timestamp"),
        ("sign_type", None, "isv.missing-signature-type"),
        ("sign_type", Some("RSA"), "isv.invalid-signature-type"),
        ("version", None, "isv.missing-version"),
        ("sign", None, "isv.missing-signature"),
        ("sign", Some("AAAA"), "isv.invalid-signature"),
        ("grant_type", None, "isv.missing-grant-type"),
        ("code", None, "isv.missing-code"),
        ("code", Some("x"), "isv.code-invalid"),
    ];
    for (name, value, sub_code) in cases {
        let mut params = whole.clone();
        params.remove(name);
        if let Some(value) = value {
            params.insert(name.to_owned(), value.to_owned());
        }
        if name != "sign" {
            params = signed(params);
        }
        let (root, content) = call(&mock, &params).await;
        assert_eq!(root, "error_response", "{name}");
        assert_eq!(content["sub_code"], sub_code, "{name} {value:?}");
    }
}

#[tokio::test]
async fn a_changed_parameter_breaks_the_signature() {
    let mock = mock().await;
    let code = mock.phone_of("zhang").alipay_auth_code();
    let own = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
    ];
    let mut params = signed(params("alipay.system.oauth.token", &own));
    params.insert("extra".to_owned(), "1".to_owned());
    let (_, content) = call(&mock, &params).await;
    assert_eq!(content["sub_code"], "isv.invalid-signature");
    let words = content["sub_msg"].as_str().unwrap();
    assert!(words.contains("验签字符串为：app_id=") && words.contains("&amp;charset=utf-8"));
}

#[tokio::test]
async fn everything_may_come_in_the_query_of_a_get() {
    let mock = mock().await;
    let code = mock.phone_of("zhang").alipay_auth_code();
    let own = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("biz_content", "{\"a\": \"健康 码\"}"),
    ];
    let params = signed(params("alipay.system.oauth.token", &own));
    let request = http().get(mock.alipay_gateway_url()).query(&params);
    let body = request.send().await.unwrap().text().await.unwrap();
    assert_eq!(open(&body).0, "alipay_system_oauth_token_response");
}

#[tokio::test]
async fn a_phone_payload_is_encrypted_and_signed_with_its_quotes() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    zhang.set_number("13800138000").unwrap();
    let payload: Value = serde_json::from_str(&zhang.alipay_phone_payload().unwrap()).unwrap();
    let content = payload["response"].as_str().unwrap();
    let sign = payload["sign"].as_str().unwrap();

    assert!(alipay_signed(&format!("\"{content}\""), sign));
    assert_eq!(payload["sign_type"], "RSA2");
    assert_eq!(payload["encrypt_type"], "AES");
    let key = STANDARD.decode(dev::ALIPAY_AES_KEY).unwrap();
    let key = UnboundCipherKey::new(&AES_128, &key).unwrap();
    let mut text = STANDARD.decode(content).unwrap();
    let plain = PaddedBlockDecryptingKey::cbc_pkcs7(key)
        .unwrap()
        .decrypt(&mut text, DecryptionContext::Iv128((&[0; 16]).into()))
        .unwrap();
    let plain: Value = serde_json::from_slice(plain).unwrap();
    assert_eq!(plain["code"], "10000");
    assert_eq!(plain["mobile"], "13800138000");
}

#[tokio::test]
async fn a_refused_phone_payload_is_a_signed_error_in_the_clear() {
    let mock = mock().await;
    let refusal = mock.phone_of("zhang").alipay_phone_refusal().unwrap();
    let payload: Value = serde_json::from_str(&refusal).unwrap();
    let content = payload["response"].as_str().unwrap();
    assert!(alipay_signed(content, payload["sign"].as_str().unwrap()));
    let error: Value = serde_json::from_str(content).unwrap();
    assert_eq!(error["code"], "40003");
    assert_eq!(error["subCode"], "isv.invalid-auth-relations");
}
