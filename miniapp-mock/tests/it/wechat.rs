use std::time::Duration;

use miniapp_mock::{Mock, MockConfig, WechatApp, dev, start};
use serde_json::{Value, json};

use crate::client::{frozen, get, hmac_sha256, mock, post};

pub(crate) const JSON: &str = "application/json; encoding=utf-8";
pub(crate) const OTHER_APP: &str = "wx00000000000000ee";

pub(crate) async fn login(mock: &Mock, code: &str) -> Value {
    login_in(mock, dev::WECHAT_APP_ID, code).await
}

async fn login_in(mock: &Mock, app_id: &str, code: &str) -> Value {
    let query = [
        ("appid", app_id),
        ("secret", dev::WECHAT_SECRET),
        ("js_code", code),
        ("grant_type", "authorization_code"),
        ("access_token", "ignored"),
    ];
    let (content_type, body) = get(mock, "/sns/jscode2session", &query).await;
    assert_eq!(content_type, "text/plain");
    body
}

pub(crate) async fn plain_token(mock: &Mock) -> String {
    let query = [
        ("grant_type", "client_credential"),
        ("appid", dev::WECHAT_APP_ID),
        ("secret", dev::WECHAT_SECRET),
    ];
    let (content_type, body) = get(mock, "/cgi-bin/token", &query).await;
    assert_eq!(content_type, JSON);
    assert_eq!(body["expires_in"], 7200);
    body["access_token"].as_str().unwrap().to_owned()
}

async fn stable(mock: &Mock, force: bool) -> (String, i64) {
    let body = json!({
        "grant_type": "client_credential",
        "appid": dev::WECHAT_APP_ID,
        "secret": dev::WECHAT_SECRET,
        "force_refresh": force,
    });
    let (_, body) = post(mock, "/cgi-bin/stable_token", body.to_string()).await;
    let token = body["access_token"].as_str().unwrap().to_owned();
    (token, body["expires_in"].as_i64().unwrap())
}

async fn phone_number(mock: &Mock, token: &str, body: Value) -> Value {
    let path = format!("/wxa/business/getuserphonenumber?access_token={token}");
    let (content_type, body) = post(mock, &path, body.to_string()).await;
    assert_eq!(content_type, JSON);
    body
}

/// What a token is worth: the errcode of a call whose code is unknown.
async fn token_verdict(mock: &Mock, token: &str) -> i64 {
    let body = phone_number(mock, token, json!({"code": "nobody's"})).await;
    body["errcode"].as_i64().unwrap()
}

pub(crate) async fn two_apps() -> Mock {
    let other = WechatApp {
        app_id: OTHER_APP.to_owned(),
        union_ids: true,
        ..WechatApp::default()
    };
    let wechat_apps = vec![WechatApp::default(), other];
    start(MockConfig {
        wechat_apps,
        ..frozen()
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_login_code_works_once() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    let code = zhang.wechat_login_code();

    let first = login(&mock, &code).await;
    assert_eq!(first["openid"], zhang.wechat_openid());
    assert_eq!(first["openid"].as_str().unwrap().len(), 28);
    assert_eq!(first["session_key"].as_str().unwrap().len(), 24);
    assert!(first.get("errcode").is_none() && first.get("unionid").is_none());

    let second = login(&mock, &code).await;
    assert_eq!(second["errcode"], 40163);
    let words = second["errmsg"].as_str().unwrap();
    assert!(words.starts_with("code been used, rid: "), "{words}");
}

#[tokio::test]
async fn a_login_code_lives_five_minutes() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    let (early, late) = (zhang.wechat_login_code(), zhang.wechat_login_code());

    mock.advance_clock(Duration::from_secs(299));
    assert!(login(&mock, &early).await.get("errcode").is_none());
    mock.advance_clock(Duration::from_secs(1));
    assert_eq!(login(&mock, &late).await["errcode"], 40029);
    assert_eq!(login(&mock, "nobody's").await["errcode"], 40029);
}

#[tokio::test]
async fn a_login_code_is_for_one_app() {
    let mock = two_apps().await;
    let code = mock.phone_of("zhang").wechat_login_code();
    assert_eq!(login_in(&mock, OTHER_APP, &code).await["errcode"], 40029);
    assert!(login(&mock, &code).await.get("openid").is_some());

    let there = mock.phone_of("zhang").in_wechat_app(OTHER_APP);
    let body = login_in(&mock, OTHER_APP, &there.wechat_login_code()).await;
    assert_eq!(body["openid"], there.wechat_openid());
    assert!(body["unionid"].is_string());
    assert_ne!(
        there.wechat_openid(),
        mock.phone_of("zhang").wechat_openid()
    );
}

#[tokio::test]
async fn a_login_needs_the_apps_credentials() {
    let mock = mock().await;
    let cases: [(&[(&str, &str)], i64); 6] = [
        (&[], 41002),
        (&[("appid", "wx_nobody"), ("secret", "x")], 40013),
        (&[("appid", dev::WECHAT_APP_ID)], 41004),
        (&[("appid", dev::WECHAT_APP_ID), ("secret", "wrong")], 40125),
        (
            &[
                ("appid", dev::WECHAT_APP_ID),
                ("secret", dev::WECHAT_SECRET),
            ],
            41008,
        ),
        (
            &[
                ("appid", dev::WECHAT_APP_ID),
                ("secret", dev::WECHAT_SECRET),
                ("js_code", "x"),
            ],
            40002,
        ),
    ];
    for (query, errcode) in cases {
        let (_, body) = get(&mock, "/sns/jscode2session", query).await;
        assert_eq!(body["errcode"], errcode, "{query:?}");
    }
}

#[tokio::test]
async fn a_risky_person_is_blocked_and_a_busy_one_slowed() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    zhang.set_wechat_blocked(true);
    let code = zhang.wechat_login_code();
    assert_eq!(login(&mock, &code).await["errcode"], 40226);

    zhang.set_wechat_blocked(false);
    for _ in 0..100 {
        let body = login(&mock, &zhang.wechat_login_code()).await;
        assert!(body.get("errcode").is_none());
    }
    assert_eq!(login(&mock, &code).await["errcode"], 45011);
    mock.advance_clock(Duration::from_mins(1));
    assert!(login(&mock, &code).await.get("errcode").is_none());
}

#[tokio::test]
async fn an_older_token_outlives_the_next_by_five_minutes() {
    let mock = mock().await;
    let first = plain_token(&mock).await;
    let second = plain_token(&mock).await;
    assert_ne!(first, second);
    assert_eq!(token_verdict(&mock, &first).await, 40029);

    mock.advance_clock(Duration::from_mins(5));
    assert_eq!(token_verdict(&mock, &first).await, 40001);
    assert_eq!(token_verdict(&mock, &second).await, 40029);

    mock.advance_clock(Duration::from_hours(2));
    assert_eq!(token_verdict(&mock, &second).await, 42001);
    assert_eq!(token_verdict(&mock, "nobody's").await, 40001);
}

#[tokio::test]
async fn a_stable_token_stays_until_its_last_five_minutes() {
    let mock = mock().await;
    let (first, lifetime) = stable(&mock, false).await;
    assert_eq!(lifetime, 7200);
    mock.advance_clock(Duration::from_mins(100));
    let (same, left) = stable(&mock, false).await;
    assert_eq!(same, first);
    assert_eq!(left, 1200);

    mock.advance_clock(Duration::from_mins(15));
    let (second, _) = stable(&mock, false).await;
    assert_ne!(second, first);
    assert_eq!(token_verdict(&mock, &first).await, 40029, "both live");
    assert_eq!(token_verdict(&mock, &second).await, 40029);
}

#[tokio::test]
async fn a_forced_refresh_kills_the_old_token_but_not_the_other_pool() {
    let mock = mock().await;
    let plain = plain_token(&mock).await;
    let (old, _) = stable(&mock, false).await;
    let (new, _) = stable(&mock, true).await;
    assert_ne!(new, old);
    assert_eq!(token_verdict(&mock, &old).await, 40001);
    assert_eq!(token_verdict(&mock, &plain).await, 40029);

    assert_eq!(stable(&mock, true).await.0, new, "too soon to force again");
    mock.advance_clock(Duration::from_secs(30));
    assert_ne!(stable(&mock, true).await.0, new);
}

#[tokio::test]
async fn a_phone_code_gives_the_number_once() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    zhang.set_number("13800138000").unwrap();
    let token = plain_token(&mock).await;
    let code = zhang.wechat_phone_code();
    assert_eq!(code.len(), 64);
    let tapped_at = mock.now_ms() / 1000;
    mock.advance_clock(Duration::from_mins(1));

    let body = phone_number(&mock, &token, json!({"code": code})).await;
    let info = &body["phone_info"];
    assert_eq!(body["errcode"], 0);
    assert_eq!(info["phoneNumber"], "13800138000");
    assert_eq!(info["purePhoneNumber"], "13800138000");
    assert_eq!(info["countryCode"], "86");
    assert_eq!(info["watermark"]["appid"], dev::WECHAT_APP_ID);
    assert_eq!(info["watermark"]["timestamp"], tapped_at);

    let again = phone_number(&mock, &token, json!({"code": code})).await;
    assert_eq!(again["errcode"], 40029);
}

#[tokio::test]
async fn a_foreign_number_carries_its_country_code() {
    let mock = mock().await;
    let mary = mock.phone_of("mary");
    mary.set_number("+852 91234567").unwrap();
    let token = plain_token(&mock).await;
    let body = phone_number(&mock, &token, json!({"code": mary.wechat_phone_code()})).await;
    assert_eq!(body["phone_info"]["phoneNumber"], "85291234567");
    assert_eq!(body["phone_info"]["purePhoneNumber"], "91234567");
    assert_eq!(body["phone_info"]["countryCode"], "852");
}

#[tokio::test]
async fn a_phone_code_is_refused_where_it_does_not_belong() {
    let mock = two_apps().await;
    let zhang = mock.phone_of("zhang");
    let token = plain_token(&mock).await;

    let login_code = json!({"code": zhang.wechat_login_code()});
    assert_eq!(
        phone_number(&mock, &token, login_code).await["errcode"],
        40029
    );

    let elsewhere = zhang.clone().in_wechat_app(OTHER_APP).wechat_phone_code();
    let body = phone_number(&mock, &token, json!({"code": elsewhere})).await;
    assert_eq!(body["errcode"], 40013);

    let not_hers = json!({"code": zhang.wechat_phone_code(), "openid": "o_someone_else"});
    assert_eq!(
        phone_number(&mock, &token, not_hers).await["errcode"],
        40003
    );

    let old = json!({"code": zhang.wechat_phone_code()});
    mock.advance_clock(Duration::from_mins(5));
    assert_eq!(phone_number(&mock, &token, old).await["errcode"], 40029);
}

#[tokio::test]
async fn a_phone_call_must_be_well_formed() {
    let mock = mock().await;
    let token = plain_token(&mock).await;
    let path = format!("/wxa/business/getuserphonenumber?access_token={token}");

    let errcode = |body: Value| body["errcode"].as_i64().unwrap();
    assert_eq!(errcode(get(&mock, &path, &[]).await.1), 43002);
    assert_eq!(errcode(post(&mock, &path, "").await.1), 44002);
    assert_eq!(errcode(post(&mock, &path, "code=1").await.1), 47001);
    assert_eq!(errcode(post(&mock, &path, r#"{"code":1}"#).await.1), 47001);
    let bare = "/wxa/business/getuserphonenumber";
    assert_eq!(errcode(post(&mock, bare, "{}").await.1), 41001);
    assert_eq!(errcode(get(&mock, "/wxa/nothing", &[]).await.1), 40066);
    assert_eq!(
        errcode(get(&mock, "/cgi-bin/stable_token", &[]).await.1),
        43002
    );
}

#[tokio::test]
async fn a_session_key_is_good_until_it_is_replaced() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    let token = plain_token(&mock).await;
    let check = async |path: &str, key: &str| {
        let signature = hex::encode(hmac_sha256(key.as_bytes(), ""));
        let query = [
            ("access_token", token.as_str()),
            ("openid", &zhang.wechat_openid()),
            ("signature", &signature),
            ("sig_method", "hmac_sha256"),
        ];
        get(&mock, path, &query).await.1
    };
    let old = login(&mock, &zhang.wechat_login_code()).await;
    let old = old["session_key"].as_str().unwrap();
    assert_eq!(check("/wxa/checksession", old).await["errcode"], 0);

    let reset = check("/wxa/resetusersessionkey", old).await;
    let new = reset["session_key"].as_str().unwrap();
    assert_eq!(check("/wxa/checksession", old).await["errcode"], 87009);
    assert_eq!(check("/wxa/checksession", new).await["errcode"], 0);

    let code = zhang.wechat_login_code();
    assert_eq!(check("/wxa/checksession", new).await["errcode"], 87009);
    let newest = login(&mock, &code).await;
    let newest = newest["session_key"].as_str().unwrap();
    assert_eq!(check("/wxa/checksession", newest).await["errcode"], 0);

    mock.advance_clock(Duration::from_hours(72));
    assert!(!zhang.wechat_check_session());
}
