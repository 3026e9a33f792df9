use std::{collections::BTreeMap, sync::LazyLock};

use actix_web::HttpResponse;
use aws_lc_rs::{
    cipher::{AES_128, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey},
    digest,
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    iv::FixedLength,
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{
    keys::{AlipayKey, AppKey, ContentKey},
    *,
};
use crate::clients::fakes::{Counting, PATIENT, StillClock, platform};

const APP: &str = "2021000000000001";
const AES_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZg==";
const NUMBER: &str = r#"{"code":"10000","msg":"Success","mobile":"13800138000"}"#;

/// A key pair as its owner and its counterpart hold it.
struct Pair {
    private: String,
    public: String,
}

impl Pair {
    fn generate() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: Pkcs8V1Der = pair.as_der().unwrap();
        let public: PublicKeyX509Der = pair.public_key().as_der().unwrap();
        Self {
            private: STANDARD.encode(private.as_ref()),
            public: STANDARD.encode(public.as_ref()),
        }
    }

    fn sign(&self, text: &str) -> String {
        let key = AppKey::parse(&self.private.as_str().into()).unwrap();
        key.sign(text).unwrap()
    }
}

static OURS: LazyLock<Pair> = LazyLock::new(Pair::generate);
static ALIPAYS: LazyLock<Pair> = LazyLock::new(Pair::generate);

fn client(gateway: &str) -> HttpAlipay {
    client_with(gateway, Some(AES_KEY.into()))
}

fn client_with(gateway: &str, aes_key: Option<Secret>) -> HttpAlipay {
    let settings = AlipaySettings {
        gateway: gateway.into(),
        apps: vec![AlipayApp {
            app_id: APP.into(),
            private_key: OURS.private.as_str().into(),
            alipay_public_key: Some(ALIPAYS.public.clone()),
            certificates: None,
            aes_key,
            encrypt_content: false,
        }],
        limits: PATIENT,
    };
    let clock = StillClock::at("2026-02-03T16:05:06Z");
    HttpAlipay::new(&settings, clock, Arc::new(Counting::default())).unwrap()
}

/// An Alipay that says `root: answer`, signed over `signed`.
fn saying(root: &str, answer: &str, signed: &str) -> String {
    let sign = ALIPAYS.sign(signed);
    let body = format!(r#"{{"{root}": {answer} ,"sign":"{sign}"}}"#);
    plainly(body)
}

fn plainly(body: String) -> String {
    platform(move |_| {
        let html = "text/html;charset=utf-8";
        Some(HttpResponse::Ok().content_type(html).body(body.clone()))
    })
}

mod messages;
mod modes;
mod notification;

const TOKEN: &str = "alipay_system_oauth_token_response";

async fn ask(gateway: &str) -> Result<AlipayUser, PlatformError> {
    client(gateway).user(APP, "code").await
}

#[actix_web::test]
async fn a_request_is_signed_over_all_its_parameters_in_beijing_time() {
    let gateway = platform(|asked| {
        assert_eq!(asked.path, "/gateway.do");
        let mut all: BTreeMap<_, _> = asked
            .query
            .clone()
            .into_iter()
            .chain(asked.form())
            .collect();
        let sign = all.remove("sign").unwrap();
        assert_eq!(all["timestamp"], "2026-02-04 00:05:06");
        assert_eq!(all["method"], "alipay.system.oauth.token");
        assert_eq!(asked.form().len(), 2);
        let text: Vec<_> = all
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let ours = AlipayKey::parse(&OURS.public).unwrap();
        assert!(ours.vouches_for(&text.join("&"), &sign));
        let answer = r#"{"user_id":"2088102150477652"}"#;
        let sign = ALIPAYS.sign(answer);
        Some(HttpResponse::Ok().body(format!(r#"{{"{TOKEN}":{answer},"sign":"{sign}"}}"#)))
    });
    let user = client(&format!("{gateway}/gateway.do"))
        .user(APP, "code/+&=1")
        .await;
    assert_eq!(user.unwrap().id, "2088102150477652");
}

#[actix_web::test]
async fn a_user_has_one_name_and_lifetimes_come_in_both_types() {
    for (answer, kind, id) in [
        (
            r#"{"user_id":"2088","open_id":"074","expires_in":1296000}"#,
            AlipayIdKind::UserId,
            "2088",
        ),
        (
            r#"{"open_id":"074","expires_in":"1296000"}"#,
            AlipayIdKind::OpenId,
            "074",
        ),
        (
            r#"{ "x":"a\/b}{", "open_id" : "074" }"#,
            AlipayIdKind::OpenId,
            "074",
        ),
    ] {
        let user = ask(&saying(TOKEN, answer, answer)).await.unwrap();
        assert_eq!((user.kind, user.id.as_str()), (kind, id));
    }
}

#[actix_web::test]
async fn a_signed_refusal_of_the_code_is_told_from_other_trouble() {
    let invalid = r#"{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.code-invalid"}"#;
    for root in ["error_response", TOKEN] {
        let answer = ask(&saying(root, invalid, invalid)).await;
        assert!(matches!(answer, Err(PlatformError::CodeRefused)), "{root}");
    }
    for trouble in [
        r#"{"code":"20000","sub_code":"isp.unknow-error"}"#,
        r#"{"code":"40002","sub_code":"isv.invalid-signature"}"#,
        r#"{"code":"40001"}"#,
        "{}",
        r#"{"user_id":""}"#,
    ] {
        let answer = ask(&saying("error_response", trouble, trouble)).await;
        assert!(
            matches!(answer, Err(PlatformError::Unavailable(_))),
            "{trouble}"
        );
    }
}

#[actix_web::test]
async fn what_alipay_did_not_sign_is_forged() {
    let answer = r#"{"user_id":"2088"}"#;
    let foreign = OURS.sign(answer);
    for gateway in [
        plainly(format!(r#"{{"{TOKEN}":{answer}}}"#)),
        plainly(format!(r#"{{"{TOKEN}":{answer},"sign":""}}"#)),
        plainly(format!(r#"{{"{TOKEN}":{answer},"sign":7}}"#)),
        plainly(format!(r#"{{"{TOKEN}":{answer},"sign":"{foreign}"}}"#)),
        saying(TOKEN, answer, r#"{"user_id": "2088"}"#),
        saying(TOKEN, r#"{"user_id":"2089"}"#, answer),
        plainly(r#"{"error_response":{"code":"40002","sub_code":"isv.code-invalid"}}"#.into()),
    ] {
        assert!(matches!(ask(&gateway).await, Err(PlatformError::Forged)));
    }
}

#[actix_web::test]
async fn what_is_no_answer_is_unavailability() {
    for body in ["", "<html>", "{}", r#"{"sign":"x"}"#, "[]"] {
        let answer = ask(&plainly(body.into())).await;
        assert!(
            matches!(answer, Err(PlatformError::Unavailable(_))),
            "{body}"
        );
    }
    let broken = platform(|_| Some(HttpResponse::BadGateway().finish()));
    assert!(matches!(
        ask(&broken).await,
        Err(PlatformError::Unavailable(_))
    ));
}

#[actix_web::test]
async fn what_is_no_code_and_what_is_no_app_of_ours_does_not_reach_alipay() {
    let client = client(&platform(|_| panic!("called")));
    for code in ["", "a b", &"a".repeat(LENGTH + 1)] {
        let answer = client.user(APP, code).await;
        assert!(matches!(answer, Err(PlatformError::CodeRefused)));
    }
    let answer = client.user("2021000000000002", "code").await;
    assert!(matches!(answer, Err(PlatformError::UnknownApp)));
}

fn offline() -> HttpAlipay {
    client("http://127.0.0.1:1/gateway.do")
}

fn encrypted(plain: &str) -> String {
    let key = UnboundCipherKey::new(&AES_128, &STANDARD.decode(AES_KEY).unwrap()).unwrap();
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).unwrap();
    let mut bytes = plain.as_bytes().to_vec();
    let zero = EncryptionContext::Iv128(FixedLength::from([0; 16]));
    key.less_safe_encrypt(&mut bytes, zero).unwrap();
    STANDARD.encode(bytes)
}

fn payload(plain: &str) -> serde_json::Value {
    let content = encrypted(plain);
    let sign = ALIPAYS.sign(&format!("\"{content}\""));
    json!({ "response": content, "sign": sign })
}

#[test]
fn a_number_opens_however_the_page_wrapped_it() {
    let payload = payload(NUMBER);
    let text = payload.to_string();
    let mut explicit = payload.clone();
    explicit["sign_type"] = json!("RSA2");
    explicit["encrypt_type"] = json!("AES");
    explicit["charset"] = json!("UTF-8");
    for wrapped in [
        text.clone(),
        json!(text).to_string(),
        json!({ "response": text }).to_string(),
        json!({ "response": payload }).to_string(),
        explicit.to_string(),
    ] {
        let opened = offline().open_phone(APP, &wrapped).unwrap();
        assert_eq!(opened.phone.unwrap().reveal(), "13800138000");
        let content = payload["response"].as_str().unwrap();
        let digest = digest::digest(&digest::SHA256, content.as_bytes());
        assert_eq!(opened.digest, digest.as_ref());
    }
}

#[test]
fn a_number_abroad_is_no_number() {
    let abroad = payload(r#"{"code":"10000","mobile":"61234567"}"#).to_string();
    assert!(offline().open_phone(APP, &abroad).unwrap().phone.is_none());
}

#[test]
fn payloads_that_alipay_did_not_make_are_forged() {
    let good = payload(NUMBER);
    let mut unsigned = good.clone();
    unsigned.as_object_mut().unwrap().remove("sign");
    let mut other_kind = good.clone();
    other_kind["sign_type"] = json!("RSA");
    let mut swapped = good.clone();
    swapped["response"] = json!(encrypted(r#"{"code":"10000","mobile":"13900139000"}"#));
    let mut unquoted = good.clone();
    unquoted["sign"] = json!(ALIPAYS.sign(good["response"].as_str().unwrap()));
    let garbage = STANDARD.encode([1; 32]);
    let undecipherable =
        json!({ "sign": ALIPAYS.sign(&format!("\"{garbage}\"")), "response": garbage });
    let in_the_clear = json!({ "response": NUMBER, "sign": ALIPAYS.sign(NUMBER) });
    let mut nested = json!(good.to_string());
    for _ in 0..8 {
        nested = json!(nested.to_string());
    }
    for payload in [
        unsigned,
        other_kind,
        swapped,
        unquoted,
        undecipherable,
        in_the_clear,
        nested,
        json!(null),
        json!({}),
        json!({ "response": "x", "sign": 1 }),
        payload(r#"{"code":"10000"}"#),
        payload("[]"),
    ] {
        let opened = offline().open_phone(APP, &payload.to_string());
        assert!(matches!(opened, Err(PlatformError::Forged)), "{payload}");
    }
    let opened = offline().open_phone(APP, &" ".repeat(1024 * 1024));
    assert!(matches!(opened, Err(PlatformError::Forged)));
}

#[test]
fn errors_in_a_payload_are_believed_only_if_signed() {
    let lapsed = r#"{"code":"40003","subCode":"isv.invalid-auth-relations"}"#;
    let clear = json!({ "response": lapsed, "sign": ALIPAYS.sign(lapsed) });
    for payload in [clear, payload(lapsed)] {
        let opened = offline().open_phone(APP, &payload.to_string());
        assert!(matches!(opened, Err(PlatformError::CodeRefused)));
    }
    let forged = json!({ "response": lapsed, "sign": OURS.sign(lapsed) });
    let opened = offline().open_phone(APP, &forged.to_string());
    assert!(matches!(opened, Err(PlatformError::Forged)));

    let busy = r#"{"code":"20000","subCode":"aop.unknow-error"}"#;
    let busy = json!({ "response": busy, "sign": ALIPAYS.sign(busy) });
    let opened = offline().open_phone(APP, &busy.to_string());
    assert!(matches!(opened, Err(PlatformError::Unavailable(_))));
}

#[test]
fn an_app_without_a_content_key_opens_nothing() {
    let client = client_with("http://127.0.0.1:1", None);
    let opened = client.open_phone(APP, &payload(NUMBER).to_string());
    assert!(matches!(opened, Err(PlatformError::Unavailable(_))));
}
