use miniapp_mock::Mock;
use serde_json::{Value, json};

use crate::alipay::{call, params, signed};
use crate::client::{http, mock};

const LINK: &str = "alipays://platformapi/startapp?appId=2021000000000001&page=pages%2Fvenue&query=v%3D1%26x%3D%E9%80%9A";

async fn create(mock: &Mock, own: &Value) -> (String, Value) {
    let mut content = json!({
        "url_param": "pages/venue", "query_param": "v=1&x=通", "describe": "场所码",
    });
    for (name, value) in own.as_object().unwrap() {
        content[name] = value.clone();
    }
    let content = content.to_string();
    let own = [("biz_content", content.as_str())];
    call(mock, &signed(params("alipay.open.app.qrcode.create", &own))).await
}

async fn picture(url: &Value) -> image::GrayImage {
    let response = http().get(url.as_str().unwrap()).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/png");
    let png = response.bytes().await.unwrap();
    image::load_from_memory(&png).unwrap().to_luma8()
}

fn scanned(picture: image::GrayImage) -> String {
    let mut picture = rqrr::PreparedImage::prepare(picture);
    picture.detect_grids()[0].decode().unwrap().1
}

#[tokio::test]
async fn every_picture_of_a_code_opens_the_page_with_its_query() {
    let mock = mock().await;
    let (root, content) = create(&mock, &json!({})).await;
    assert_eq!(root, "alipay_open_app_qrcode_create_response");
    assert_eq!(content["code"], "10000");
    for name in [
        "qr_code_url",
        "qr_code_url_circle_white",
        "qr_code_url_circle_blue",
    ] {
        assert_eq!(scanned(picture(&content[name]).await), LINK, "{name}");
    }
}

#[tokio::test]
async fn a_code_has_the_size_and_the_colour_that_were_asked_for() {
    let mock = mock().await;
    let mut widths = Vec::new();
    for size in ["s", "m", "l"] {
        let own = json!({"size": size, "color": "0x0000FF"});
        let drawn = picture(&create(&mock, &own).await.1["qr_code_url"]).await;
        widths.push(drawn.width());
        assert!(
            drawn.pixels().all(|pixel| pixel.0[0] != 0),
            "blue is not black"
        );
        assert_eq!(scanned(drawn), LINK);
    }
    assert!(widths.is_sorted_by(|one, next| one < next), "{widths:?}");
}

#[tokio::test]
async fn a_code_is_refused_for_what_is_wrong_with_it() {
    let mock = mock().await;
    for (member, value, expected) in [
        ("url_param", json!(null), "isv.missing-url-param"),
        ("query_param", json!(""), "isv.missing-query-param"),
        ("describe", json!(null), "isv.missing-describe"),
        ("describe", json!("场".repeat(33)), "isv.invalid-parameter"),
        ("color", json!("blue"), "isv.invalid-parameter"),
        ("size", json!("xl"), "isv.invalid-parameter"),
    ] {
        let content = create(&mock, &json!({member: value})).await.1;
        assert_eq!(content["sub_code"], expected, "{member}");
    }
}

#[tokio::test]
async fn there_is_no_picture_that_nobody_asked_for() {
    let mock = mock().await;
    let url = format!("{}/alipay/qrcode/nothing", mock.base_url());
    assert_eq!(http().get(url).send().await.unwrap().status(), 404);
}
