use actix_web::{HttpResponse, http::StatusCode};

use super::*;
use crate::clients::fakes::{Counting, PATIENT, StillClock, platform};

const NOW: &str = "2024-01-01T00:00:00Z";

fn gateway(base_url: String, limits: Limits) -> TencentSms {
    let settings = TencentSettings {
        base_url,
        secret_id: "id".into(),
        secret_key: "fakesecret".into(),
        region: guangzhou(),
        sdk_app_id: "1400006666".into(),
        sign_name: "健康码".into(),
        template_id: "1110".into(),
        limits,
    };
    TencentSms::new(
        &settings,
        StillClock::at(NOW),
        Arc::new(Counting::default()),
    )
    .unwrap()
}

async fn send(base_url: String, limits: Limits) -> SmsOutcome {
    let phone = Phone::parse("13800138000").unwrap();
    gateway(base_url, limits).send_code(&phone, "123456").await
}

#[test]
fn the_signature_agrees_with_the_vendors_sdk() {
    let body = r#"{"PhoneNumberSet":["+8613800138000"],"SmsSdkAppId":"1400006666","SignName":"健康码","TemplateId":"1110","TemplateParamSet":["123456"]}"#;
    let canonical = canonical_request("/", "sms.tencentcloudapi.com", body.as_bytes());
    assert_eq!(
        sha256_hex(canonical.as_bytes()),
        "743113c159048cda96b45e083a47bb5f7b791451a128dcc5158e13a0b9e6b798"
    );
    assert_eq!(
        signature(&"fakesecret".into(), NOW.parse().unwrap(), &canonical),
        "77077e5b82953068b6dc446b6c1ff3976f13d7974cc30b05c52d62c075dd934c"
    );
}

#[actix_web::test]
async fn what_is_sent_is_what_is_signed() {
    let address = platform(|asked| {
        assert_eq!(asked.headers["content-type"], "application/json");
        assert_eq!(asked.headers["x-tc-timestamp"], "1704067200");
        assert_eq!(asked.json()["PhoneNumberSet"][0], "+8613800138000");
        assert_eq!(asked.json()["TemplateParamSet"][0], "123456");
        let canonical = canonical_request(&asked.path, &asked.headers["host"], &asked.body);
        let signature = signature(&"fakesecret".into(), NOW.parse().unwrap(), &canonical);
        assert_eq!(
            asked.headers["authorization"],
            format!(
                "TC3-HMAC-SHA256 Credential=id/2024-01-01/sms/tc3_request, \
                 SignedHeaders=content-type;host, Signature={signature}"
            )
        );
        let body = r#"{"Response":{"SendStatusSet":[{"SerialNo":"5000:1","Code":"Ok"}]}}"#;
        Some(HttpResponse::Ok().body(body))
    });
    assert_eq!(send(address, PATIENT).await, sent("5000:1"));
}

fn notice(template: Option<&str>) -> SmsNotice {
    let here = template.map(|id| (SmsProvider::Tencent, id.to_owned()));
    let elsewhere = Some((SmsProvider::Aliyun, "SMS_7".to_owned()));
    SmsNotice {
        templates: elsewhere.into_iter().chain(here).collect(),
        values: vec![("z".into(), "张*".into()), ("a".into(), "绿码".into())],
        key: "message-1".into(),
    }
}

async fn send_notice(base_url: String, notice: &SmsNotice) -> SmsOutcome {
    let phone = Phone::parse("13800138000").unwrap();
    gateway(base_url, PATIENT).send_notice(&phone, notice).await
}

#[actix_web::test]
async fn a_notice_goes_by_its_template_with_its_variables_in_their_order_and_its_key() {
    let address = platform(|asked| {
        let body = asked.json();
        assert_eq!(body["TemplateId"], "2220");
        assert_eq!(body["TemplateParamSet"], serde_json::json!(["张*", "绿码"]));
        assert_eq!(body["SessionContext"], "message-1");
        let body = r#"{"Response":{"SendStatusSet":[{"SerialNo":"5000:1","Code":"Ok"}]}}"#;
        Some(HttpResponse::Ok().body(body))
    });
    let outcome = send_notice(address, &notice(Some("2220"))).await;
    assert_eq!(outcome, sent("5000:1"));
}

#[actix_web::test]
async fn a_notice_without_a_template_here_is_not_sent_and_a_refusal_is_one() {
    let nobody = "http://127.0.0.1:1".to_owned();
    assert_eq!(send_notice(nobody, &notice(None)).await, no_template());
    let unapproved = "FailedOperation.TemplateIncorrectOrUnapproved";
    let address = platform(move |_| {
        let statuses = format!(r#"[{{"SerialNo":"","Code":"{unapproved}"}}]"#);
        let body = format!(r#"{{"Response":{{"SendStatusSet":{statuses}}}}}"#);
        Some(HttpResponse::Ok().body(body))
    });
    let outcome = send_notice(address, &notice(Some("2220"))).await;
    assert_eq!(outcome, rejected(unapproved));
}

async fn meaning_of(status: u16, body: String) -> SmsOutcome {
    let status = StatusCode::from_u16(status).unwrap();
    let address = platform(move |_| Some(HttpResponse::build(status).body(body.clone())));
    send(address, PATIENT).await
}

#[actix_web::test]
async fn every_refusal_has_one_meaning_in_either_place() {
    let money = "FailedOperation.InsufficientBalanceInSmsPackage";
    for (code, expected) in [
        (
            "LimitExceeded.PhoneNumberDailyLimit",
            SmsOutcome::RateLimited,
        ),
        (
            "LimitExceeded.DeliveryFrequencyLimit",
            SmsOutcome::RateLimited,
        ),
        (
            "InvalidParameterValue.IncorrectPhoneNumber",
            SmsOutcome::BadNumber,
        ),
        (money, rejected(money)),
        (
            "AuthFailure.SignatureFailure",
            rejected("AuthFailure.SignatureFailure"),
        ),
        ("RequestLimitExceeded", SmsOutcome::Retryable),
        ("InternalError.Timeout", SmsOutcome::Unknown),
    ] {
        let of_number = format!(r#"{{"Response":{{"SendStatusSet":[{{"Code":"{code}"}}]}}}}"#);
        let of_request = format!(r#"{{"Response":{{"Error":{{"Code":"{code}"}}}}}}"#);
        assert_eq!(meaning_of(200, of_number).await, expected, "{code}");
        assert_eq!(meaning_of(200, of_request).await, expected, "{code}");
    }
}

#[actix_web::test]
async fn what_is_no_answer_is_unknown_unless_surely_not_sent() {
    for body in ["", "{}", r#"{"Response":{}}"#, "<html>"] {
        assert_eq!(
            meaning_of(200, body.into()).await,
            SmsOutcome::Unknown,
            "{body}"
        );
    }
    assert_eq!(meaning_of(502, String::new()).await, SmsOutcome::Unknown);
    assert_eq!(meaning_of(429, String::new()).await, SmsOutcome::Retryable);
    assert_eq!(meaning_of(403, String::new()).await, rejected("HTTP.403"));
    let hasty = Limits {
        total_ms: 50,
        ..PATIENT
    };
    assert_eq!(send(platform(|_| None), hasty).await, SmsOutcome::Unknown);
    let nobody = "http://127.0.0.1:1".to_owned();
    assert_eq!(send(nobody, PATIENT).await, SmsOutcome::Retryable);
}
