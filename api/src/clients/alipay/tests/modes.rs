use miniapp_mock::dev;

use super::*;
use crate::clients::{AlipayCertificates, AlipayCodeRequest, AlipayInbox};

const CREATE: &str = "alipay_open_app_qrcode_create_response";
const CREATED: &str =
    r#"{"code":"10000","msg":"Success","qr_code_url":"https:\/\/mobile.alipay.com\/q.png"}"#;

// As Alipay's Node SDK computes them.
const APP_CERTIFICATE: &str = "244db4f5084a01b983f3450ba995b77e";
const ALIPAYS_CERTIFICATE: &str = "5caed74f4ed3d21f9fdee5026334da0e";
const ROOTS: &str = "c026c8f58411932601287f1add95f918_16bba35b51b1b21afca632e1c70507e6";

fn app() -> AlipayApp {
    AlipayApp {
        app_id: APP.into(),
        private_key: OURS.private.as_str().into(),
        alipay_public_key: Some(ALIPAYS.public.clone()),
        certificates: None,
        aes_key: Some(AES_KEY.into()),
        encrypt_content: false,
    }
}

fn encrypting() -> AlipayApp {
    AlipayApp {
        encrypt_content: true,
        ..app()
    }
}

fn certificates() -> AlipayCertificates {
    AlipayCertificates {
        app: dev::ALIPAY_APP_CERTIFICATE_PEM.into(),
        alipay: dev::ALIPAY_CERTIFICATE_PEM.into(),
        roots: dev::ALIPAY_ROOT_CERTIFICATES_PEM.into(),
    }
}

fn certified() -> AlipayApp {
    AlipayApp {
        private_key: dev::ALIPAY_APP_PRIVATE_KEY_PKCS8_B64.into(),
        alipay_public_key: None,
        certificates: Some(certificates()),
        ..app()
    }
}

/// What the certified Alipay signs.
fn certified_sign(text: &str) -> String {
    let key = dev::ALIPAY_PLATFORM_PRIVATE_KEY_PKCS8_B64;
    AppKey::parse(&key.into()).unwrap().sign(text).unwrap()
}

fn build(app: AlipayApp, gateway: &str) -> anyhow::Result<HttpAlipay> {
    let settings = AlipaySettings {
        gateway: gateway.into(),
        apps: vec![app],
        limits: PATIENT,
    };
    let clock = StillClock::at("2026-02-03T16:05:06Z");
    HttpAlipay::new(&settings, clock, Arc::new(Counting::default()))
}

async fn code(app: AlipayApp, gateway: &str) -> Result<Url, PlatformError> {
    let request = AlipayCodeRequest {
        page: "pages/venue".into(),
        query: "v=1".into(),
        describe: "场所码".into(),
    };
    build(app, gateway).unwrap().qr_code(APP, &request).await
}

#[actix_web::test]
async fn a_code_is_the_address_of_a_picture() {
    let url = code(app(), &saying(CREATE, CREATED, CREATED)).await;
    assert_eq!(url.unwrap().as_str(), "https://mobile.alipay.com/q.png");
    for answer in [
        r#"{"code":"40004","sub_code":"isv.whatever"}"#,
        r#"{"code":"10000"}"#,
        r#"{"code":"10000","qr_code_url":"file:///etc/passwd"}"#,
    ] {
        let told = code(app(), &saying(CREATE, answer, answer)).await;
        assert!(matches!(told, Err(PlatformError::Unavailable(_))));
    }
    let unsigned = plainly(format!(r#"{{"{CREATE}":{CREATED}}}"#));
    assert!(matches!(
        code(app(), &unsigned).await,
        Err(PlatformError::Forged)
    ));
}

#[actix_web::test]
async fn an_app_that_encrypts_is_answered_under_its_key() {
    let gateway = platform(|asked| {
        let mut all: BTreeMap<_, _> = asked.query.clone().into_iter().collect();
        assert_eq!(all["encrypt_type"], "AES");
        all.extend(asked.form());
        let sign = all.remove("sign").unwrap();
        let text: Vec<_> = all.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let ours = AlipayKey::parse(&OURS.public).unwrap();
        assert!(ours.vouches_for(&text.join("&"), &sign));
        let key = ContentKey::parse(&AES_KEY.into()).unwrap();
        let content = key.open(&all["biz_content"]).unwrap();
        let content: serde_json::Value = serde_json::from_slice(&content).unwrap();
        let expected =
            json!({ "url_param": "pages/venue", "query_param": "v=1", "describe": "场所码" });
        assert_eq!(content, expected);
        let answer = format!("\"{}\"", encrypted(CREATED));
        let sign = ALIPAYS.sign(&answer);
        Some(HttpResponse::Ok().body(format!(r#"{{"{CREATE}":{answer},"sign":"{sign}"}}"#)))
    });
    let url = code(encrypting(), &gateway).await.unwrap();
    assert_eq!(url.as_str(), "https://mobile.alipay.com/q.png");
}

#[actix_web::test]
async fn an_encrypted_reply_is_signed_with_its_quotes_and_comes_only_if_asked_for() {
    let bare = encrypted(CREATED);
    let quoted = format!("\"{bare}\"");
    assert!(
        code(encrypting(), &saying(CREATE, &quoted, &quoted))
            .await
            .is_ok()
    );
    let unquoted = code(encrypting(), &saying(CREATE, &quoted, &bare)).await;
    assert!(matches!(unquoted, Err(PlatformError::Forged)));
    let unasked = code(app(), &saying(CREATE, &quoted, &quoted)).await;
    assert!(matches!(unasked, Err(PlatformError::Unavailable(_))));
    let garbage = "\"AAAA\"";
    let garbage = code(encrypting(), &saying(CREATE, garbage, garbage)).await;
    assert!(matches!(garbage, Err(PlatformError::Unavailable(_))));
}

#[actix_web::test]
async fn what_has_no_content_is_not_encrypted() {
    let gateway = platform(|asked| {
        assert!(!asked.query.contains_key("encrypt_type"));
        assert_eq!(asked.form()["code"], "code");
        let answer = r#"{"open_id":"074"}"#;
        let sign = ALIPAYS.sign(answer);
        Some(HttpResponse::Ok().body(format!(r#"{{"{TOKEN}":{answer},"sign":"{sign}"}}"#)))
    });
    let client = build(encrypting(), &gateway).unwrap();
    assert_eq!(client.user(APP, "code").await.unwrap().id, "074");
}

#[actix_web::test]
async fn in_certificate_mode_both_sides_name_their_certificates() {
    let gateway = platform(|asked| {
        assert_eq!(asked.query["app_cert_sn"], APP_CERTIFICATE);
        assert_eq!(asked.query["alipay_root_cert_sn"], ROOTS);
        let sign = certified_sign(CREATED);
        Some(HttpResponse::Ok().body(format!(
            r#"{{"{CREATE}":{CREATED},"alipay_cert_sn":"{ALIPAYS_CERTIFICATE}","sign":"{sign}"}}"#
        )))
    });
    assert!(code(certified(), &gateway).await.is_ok());
}

#[actix_web::test]
async fn a_reply_under_a_certificate_that_nobody_named_is_forged() {
    let sign = certified_sign(CREATED);
    let foreign = OURS.sign(CREATED);
    let with = |certificate: &str, sign: &str| {
        plainly(format!(
            r#"{{"{CREATE}":{CREATED},{certificate}"sign":"{sign}"}}"#
        ))
    };
    let named = |name: &str| format!(r#""alipay_cert_sn":"{name}","#);
    for gateway in [
        with("", &sign),
        with(&named(APP_CERTIFICATE), &sign),
        with(&named(ALIPAYS_CERTIFICATE), &foreign),
    ] {
        let told = code(certified(), &gateway).await;
        assert!(matches!(told, Err(PlatformError::Forged)));
    }
}

#[test]
fn in_certificate_mode_payloads_and_notifications_are_alipays_all_the_same() {
    let client = build(certified(), "http://127.0.0.1:1").unwrap();
    let content = encrypted(NUMBER);
    let sign = certified_sign(&format!("\"{content}\""));
    let payload = json!({ "response": content, "sign": sign }).to_string();
    assert!(client.open_phone(APP, &payload).is_ok());

    let text =
        format!("app_id={APP}&charset=utf-8&notify_id=n&notify_type=t&utc_timestamp=1770134706000");
    for (sign, genuine) in [(certified_sign(&text), true), (OURS.sign(&text), false)] {
        let form = url::form_urlencoded::Serializer::new(format!("{text}&sign_type=RSA2"))
            .append_pair("sign", &sign)
            .finish();
        assert_eq!(AlipayInbox::open(&client, form.as_bytes()).is_ok(), genuine);
    }
}

#[test]
fn alipays_next_certificate_may_stand_with_the_present_one_and_a_root_is_none_of_them() {
    let with = |alipay: String| {
        let certificates = AlipayCertificates {
            alipay,
            ..certificates()
        };
        let app = AlipayApp {
            certificates: Some(certificates),
            ..certified()
        };
        build(app, "http://127.0.0.1:1")
    };
    let (alipay, roots) = (
        dev::ALIPAY_CERTIFICATE_PEM,
        dev::ALIPAY_ROOT_CERTIFICATES_PEM,
    );
    assert!(with(format!("{alipay}{}", dev::ALIPAY_APP_CERTIFICATE_PEM)).is_ok());
    assert!(with(format!("{alipay}{roots}")).is_ok());
    assert!(with(roots.into()).is_err());
}

#[test]
fn settings_that_contradict_themselves_are_refused() {
    let broken = |spoil: fn(&mut AlipayApp), mut app: AlipayApp| {
        spoil(&mut app);
        build(app, "http://127.0.0.1:1").is_err()
    };
    assert!(broken(|app| app.alipay_public_key = None, app()));
    assert!(broken(|app| app.aes_key = None, encrypting()));
    assert!(broken(
        |app| app.alipay_public_key = Some(ALIPAYS.public.clone()),
        certified()
    ));
    assert!(broken(
        |app| app.private_key = OURS.private.as_str().into(),
        certified()
    ));
    let spoil = |spoil: fn(&mut AlipayCertificates)| {
        let mut app = certified();
        spoil(app.certificates.as_mut().unwrap());
        build(app, "http://127.0.0.1:1").is_err()
    };
    assert!(spoil(|held| held.app = String::new()));
    assert!(spoil(|held| held.alipay = "not PEM".into()));
    assert!(spoil(|held| held.roots = String::new()));
}
