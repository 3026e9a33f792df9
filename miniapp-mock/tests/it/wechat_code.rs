use miniapp_mock::{Mock, MockConfig, WechatApp, start};
use serde_json::{Value, json};

use crate::client::{frozen, get, http, post};
use crate::wechat::{JSON, OTHER_APP, plain_token, two_apps};

const PATH: &str = "/wxa/getwxacodeunlimit";

async fn path(mock: &Mock) -> String {
    format!("{PATH}?access_token={}", plain_token(mock).await)
}

async fn picture(mock: &Mock, body: &Value) -> Vec<u8> {
    let url = format!("{}{}", mock.base_url(), path(mock).await);
    let response = http()
        .post(url)
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["content-type"], "image/jpeg");
    response.bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn a_code_launches_its_page_with_its_scene_in_its_own_app_alone() {
    let mock = two_apps().await;
    let body = json!({"scene": "v=1&x", "page": "pages/venue/venue", "width": 600,
        "line_color": {"r": "10", "g": 20, "b": "30"}, "is_hyaline": true});
    let picture = picture(&mock, &body).await;
    assert_eq!(image::load_from_memory(&picture).unwrap().width(), 600);

    let zhang = mock.phone_of("zhang");
    let scanned = zhang.wechat_scan(&picture).unwrap();
    assert_eq!(
        scanned.path.as_deref(),
        Some("pages/venue/venue?scene=v%3D1%26x")
    );
    assert_eq!(
        (scanned.scan_type.as_str(), scanned.result.as_str()),
        ("WX_CODE", "")
    );
    let elsewhere = zhang
        .in_wechat_app(OTHER_APP)
        .wechat_scan(&picture)
        .unwrap();
    assert_eq!(
        (elsewhere.path, elsewhere.scan_type.as_str()),
        (None, "WX_CODE")
    );

    let url = format!("{}/__ctl/users/zhang/wechat/scan", mock.base_url());
    let scanned = http().post(&url).body(picture).send().await.unwrap();
    let scanned: Value = scanned.json().await.unwrap();
    assert_eq!(scanned["path"], "pages/venue/venue?scene=v%3D1%26x");
    let other: Value = http()
        .post(&url)
        .body("HC1:ABC")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&other["result"], &other["scanType"]),
        (&json!("HC1:ABC"), &json!("QR_CODE"))
    );
}

#[tokio::test]
async fn what_cannot_be_drawn_is_refused_as_json() {
    let mock = start(MockConfig {
        wechat_apps: vec![WechatApp {
            pages: Some(vec!["pages/venue/venue".into()]),
            ..WechatApp::default()
        }],
        ..frozen()
    })
    .await
    .unwrap();
    let path = path(&mock).await;
    let long = "a".repeat(33);
    for (body, errcode) in [
        (json!({}), 40169),
        (json!({"scene": ""}), 40169),
        (json!({"scene": long}), 40169),
        (json!({"scene": "场所"}), 40129),
        (json!({"scene": "a%20"}), 40129),
        (json!({"scene": 1}), 47001),
        (json!({"scene": "a", "page": "/pages/venue/venue"}), 41030),
        (
            json!({"scene": "a", "page": "pages/venue/venue?a=1"}),
            41030,
        ),
        (json!({"scene": "a", "page": "pages/none"}), 41030),
        (json!({"scene": "a", "check_path": "false"}), 47001),
        (json!({"scene": "a", "env_version": "beta"}), 40097),
        (json!({"scene": "a", "width": 279}), 40097),
        (json!({"scene": "a", "width": 1281}), 40097),
        (json!({"scene": "a", "line_color": {"r": "256"}}), 40097),
    ] {
        let (content_type, answer) = post(&mock, &path, body.to_string()).await;
        assert_eq!(content_type, JSON);
        assert_eq!(answer["errcode"], errcode, "{body}");
    }
    assert_eq!(post(&mock, &path, "scene=a").await.1["errcode"], 40169);
    assert_eq!(post(&mock, &path, "").await.1["errcode"], 44002);
    assert_eq!(get(&mock, &path, &[]).await.1["errcode"], 43002);
    assert_eq!(post(&mock, PATH, "{}").await.1["errcode"], 41001);
    let unchecked = json!({"scene": "a", "page": "pages/none", "check_path": false});
    assert!(!picture(&mock, &unchecked).await.is_empty());
}
