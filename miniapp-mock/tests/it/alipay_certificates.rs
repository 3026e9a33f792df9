use miniapp_mock::dev;
use serde_json::Value;

use crate::alipay::{Params, params, reply, signed};
use crate::client::{alipay_signed, get, mock};

// As Alipay's Node SDK computes them.
const APP: &str = "244db4f5084a01b983f3450ba995b77e";
const ALIPAY: &str = "5caed74f4ed3d21f9fdee5026334da0e";
const ROOTS: &str = "c026c8f58411932601287f1add95f918_16bba35b51b1b21afca632e1c70507e6";

fn request(own: &[(&str, &str)]) -> Params {
    let mut params = params("alipay.system.oauth.token", own);
    params.insert("app_id".to_owned(), dev::ALIPAY_CERTIFIED_APP_ID.to_owned());
    params
}

/// The content of a reply that names Alipay's certificate between itself and its signature.
fn open(body: &str) -> Value {
    let (_, rest) = body.split_once(':').unwrap();
    let (content, rest) = rest.split_once(",\"alipay_cert_sn\":\"").unwrap();
    let (name, sign) = rest.split_once("\",\"sign\":\"").unwrap();
    assert_eq!(name, ALIPAY);
    assert!(alipay_signed(content, sign.strip_suffix("\"}").unwrap()));
    serde_json::from_str(content).unwrap()
}

#[tokio::test]
async fn an_app_in_certificate_mode_names_its_certificates_and_is_told_alipays() {
    let mock = mock().await;
    let zhang = mock
        .phone_of("zhang")
        .in_alipay_app(dev::ALIPAY_CERTIFIED_APP_ID);
    let code = zhang.alipay_auth_code();
    let own = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("app_cert_sn", APP),
        ("alipay_root_cert_sn", ROOTS),
    ];
    let content = open(&reply(&mock, &signed(request(&own))).await);
    assert_eq!(content["open_id"], zhang.alipay_open_id());
}

#[tokio::test]
async fn certificates_are_checked_before_the_signature() {
    let mock = mock().await;
    let whole = [
        ("app_cert_sn", APP),
        ("alipay_root_cert_sn", ROOTS),
        ("sign", "x"),
    ];
    for (name, value, expected) in [
        ("app_cert_sn", "", "isv.missing-app-cert-sn"),
        ("app_cert_sn", ALIPAY, "isv.invalid-app-cert-sn"),
        ("alipay_root_cert_sn", "", "isv.missing-alipay-root-cert-sn"),
        (
            "alipay_root_cert_sn",
            APP,
            "isv.invalid-alipay-root-cert-sn",
        ),
        ("sign", "x", "isv.invalid-signature"),
    ] {
        let mut params = request(&whole);
        params.insert(name.to_owned(), value.to_owned());
        let content = open(&reply(&mock, &params).await);
        assert_eq!(content["sub_code"], expected);
    }
}

#[tokio::test]
async fn an_operator_can_download_the_certificates() {
    let mock = mock().await;
    let path = |app_id: &str| format!("/__ctl/alipay/certificates/{app_id}");
    let certificates = get(&mock, &path(dev::ALIPAY_CERTIFIED_APP_ID), &[]).await.1;
    assert_eq!(certificates["app"], dev::ALIPAY_APP_CERTIFICATE_PEM);
    assert_eq!(certificates["alipay"], dev::ALIPAY_CERTIFICATE_PEM);
    assert_eq!(certificates["roots"], dev::ALIPAY_ROOT_CERTIFICATES_PEM);
    assert!(get(&mock, &path(dev::ALIPAY_APP_ID), &[]).await.1.is_null());
}
