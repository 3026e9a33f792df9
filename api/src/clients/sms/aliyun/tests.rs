use actix_web::{HttpResponse, http::StatusCode};

use super::*;
use crate::clients::fakes::{Counting, PATIENT, StillClock, platform};

fn gateway(base_url: String, limits: Limits) -> AliyunSms {
    let settings = AliyunSettings {
        base_url,
        access_key_id: "id".into(),
        access_key_secret: "fakesecret".into(),
        sign_name: "健康码".into(),
        template_code: "SMS_123456789".into(),
        limits,
    };
    let clock = StillClock::at("2024-01-01T00:00:00Z");
    AliyunSms::new(&settings, clock, Arc::new(Counting::default())).unwrap()
}

async fn send(base_url: String, limits: Limits) -> SmsOutcome {
    let phone = Phone::parse("13800138000").unwrap();
    gateway(base_url, limits).send_code(&phone, "123456").await
}

#[test]
fn the_signature_agrees_with_the_vendors_sdk() {
    let query = escaped_pairs(&[
        ("TemplateParam", r#"{"code":"123456"}"#),
        ("SignName", "健康码"),
        ("PhoneNumbers", "13800138000"),
        ("TemplateCode", "SMS_123456789"),
    ]);
    let mut headers = headers(
        "dysmsapi.aliyuncs.com",
        "",
        "2024-01-01T00:00:00Z".parse().unwrap(),
        "0123456789abcdef0123456789abcdef",
    );
    headers.remove("content-type");
    let canonical = canonical_request("/", &query, &headers);
    assert_eq!(
        sha256_hex(canonical.as_bytes()),
        "f5022a9a7ff6992b6f1fa08f1d5b806b4f65dd3e8dcbd4b1a5a7fc732dfb8fbe"
    );
    assert_eq!(
        signature(&"fakesecret".into(), &canonical),
        "94b0a7519b1d74d27006ca1c20b7386430dcca76f4aab25934aa00a4c3a80fc4"
    );
}

#[actix_web::test]
async fn what_is_sent_is_what_is_signed() {
    let address = platform(|asked| {
        let authorization = &asked.headers["authorization"];
        let names = "content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
        let headers: BTreeMap<_, _> = names
            .split(';')
            .map(|name| (name, asked.headers[name].clone()))
            .collect();
        let canonical = canonical_request(&asked.path, "", &headers);
        let signature = signature(&"fakesecret".into(), &canonical);
        assert_eq!(
            authorization,
            &format!("ACS3-HMAC-SHA256 Credential=id,SignedHeaders={names},Signature={signature}")
        );
        let hash = &asked.headers["x-acs-content-sha256"];
        assert_eq!(*hash, sha256_hex(&asked.body));
        assert!(asked.query.is_empty(), "addresses tell nothing of a person");
        let form = asked.form();
        assert_eq!(form["PhoneNumbers"], "13800138000");
        assert_eq!(form["TemplateParam"], r#"{"code":"123456"}"#);
        Some(HttpResponse::Ok().body(r#"{"Code":"OK","BizId":"9006^0"}"#))
    });
    assert_eq!(send(address, PATIENT).await, sent("9006^0"));
}

fn notice(template: Option<&str>) -> SmsNotice {
    let here = template.map(|id| (SmsProvider::Aliyun, id.to_owned()));
    let elsewhere = Some((SmsProvider::Tencent, "1110".to_owned()));
    SmsNotice {
        templates: elsewhere.into_iter().chain(here).collect(),
        values: vec![
            ("name".into(), "张*".into()),
            ("colour".into(), "\"绿\" & 码".into()),
        ],
        key: "message-1".into(),
    }
}

async fn send_notice(base_url: String, notice: &SmsNotice) -> SmsOutcome {
    let phone = Phone::parse("13800138000").unwrap();
    gateway(base_url, PATIENT).send_notice(&phone, notice).await
}

#[actix_web::test]
async fn a_notice_goes_by_its_template_with_its_variables_by_name_and_its_key() {
    let address = platform(|asked| {
        let form = asked.form();
        assert_eq!(form["TemplateCode"], "SMS_7");
        assert_eq!(form["OutId"], "message-1");
        assert_eq!(form["PhoneNumbers"], "13800138000");
        let parameters: Value = serde_json::from_str(&form["TemplateParam"]).unwrap();
        assert_eq!(parameters, json!({"name": "张*", "colour": "\"绿\" & 码"}));
        let headers: BTreeMap<_, _> = headers("", "", DateTime::UNIX_EPOCH, "")
            .into_keys()
            .map(|name| (name, asked.headers[name].clone()))
            .collect();
        let canonical = canonical_request("/", "", &headers);
        let signature = signature(&"fakesecret".into(), &canonical);
        assert!(asked.headers["authorization"].ends_with(&signature));
        Some(HttpResponse::Ok().body(r#"{"Code":"OK","BizId":"9006^0"}"#))
    });
    let outcome = send_notice(address, &notice(Some("SMS_7"))).await;
    assert_eq!(outcome, sent("9006^0"));
}

#[actix_web::test]
async fn a_notice_without_a_template_here_is_not_sent_and_a_refusal_is_one() {
    let nobody = "http://127.0.0.1:1".to_owned();
    assert_eq!(send_notice(nobody, &notice(None)).await, no_template());
    let illegal = "isv.SMS_TEMPLATE_ILLEGAL";
    let address =
        platform(move |_| Some(HttpResponse::Ok().body(format!(r#"{{"Code":"{illegal}"}}"#))));
    let outcome = send_notice(address, &notice(Some("SMS_7"))).await;
    assert_eq!(outcome, rejected(illegal));
}

#[actix_web::test]
async fn every_answer_has_one_meaning() {
    for (status, body, expected) in [
        (
            200,
            r#"{"Code":"isv.BUSINESS_LIMIT_CONTROL"}"#,
            SmsOutcome::RateLimited,
        ),
        (
            200,
            r#"{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}"#,
            SmsOutcome::BadNumber,
        ),
        (
            200,
            r#"{"Code":"isv.AMOUNT_NOT_ENOUGH"}"#,
            rejected("isv.AMOUNT_NOT_ENOUGH"),
        ),
        (200, r#"{"Code":"isp.SYSTEM_ERROR"}"#, SmsOutcome::Retryable),
        (429, r#"{"Code":"Throttling.User"}"#, SmsOutcome::Retryable),
        (
            400,
            r#"{"Code":"SignatureDoesNotMatch"}"#,
            rejected("SignatureDoesNotMatch"),
        ),
        (500, r#"{"Code":"InternalError"}"#, SmsOutcome::Unknown),
        (429, "slow down", SmsOutcome::Retryable),
        (403, "<html>", rejected("HTTP.403")),
        (502, "<html>", SmsOutcome::Unknown),
        (200, "", SmsOutcome::Unknown),
        (302, "", SmsOutcome::Unknown),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let address = platform(move |_| Some(HttpResponse::build(status).body(body)));
        assert_eq!(send(address, PATIENT).await, expected, "{status} {body}");
    }
}

#[actix_web::test]
async fn silence_is_unknown_but_no_connection_is_surely_not_sent() {
    let hasty = Limits {
        total_ms: 50,
        ..PATIENT
    };
    assert_eq!(send(platform(|_| None), hasty).await, SmsOutcome::Unknown);
    let nobody = "http://127.0.0.1:1".to_owned();
    assert_eq!(send(nobody, PATIENT).await, SmsOutcome::Retryable);
}
