use std::time::Duration;

use chrono::{DateTime, Utc};
use miniapp_mock::{Endpoint, Fault, Mock, SmsGateway, dev};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::client::{hmac_sha1, hmac_sha256, http, mock, post, read, sha256_hex};

const NUMBER: &str = "13800138000";

/// A call of Aliyun's `SendSms`, as yet unspoilt.
#[derive(Clone)]
struct AliyunCall {
    query: Vec<(&'static str, String)>,
    access_key_id: &'static str,
    secret: &'static str,
    nonce: String,
    at_ms: i64,
    as_form: bool,
    claimed_hash: Option<String>,
}

impl AliyunCall {
    fn new(mock: &Mock, nonce: &str) -> Self {
        Self {
            query: vec![
                ("PhoneNumbers", NUMBER.to_owned()),
                ("SignName", dev::ALIYUN_SIGN.to_owned()),
                ("TemplateCode", dev::ALIYUN_TEMPLATE.to_owned()),
                ("TemplateParam", r#"{"code":"123456"}"#.to_owned()),
            ],
            access_key_id: dev::ALIYUN_ACCESS_KEY_ID,
            secret: dev::ALIYUN_ACCESS_KEY_SECRET,
            nonce: nonce.to_owned(),
            at_ms: mock.now_ms(),
            as_form: false,
            claimed_hash: None,
        }
    }

    fn and(mut self, name: &'static str, value: &str) -> Self {
        self.query.push((name, value.to_owned()));
        self
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        for (key, old) in &mut self.query {
            if *key == name {
                value.clone_into(old);
            }
        }
        self
    }

    fn request(&self, mock: &Mock) -> RequestBuilder {
        let date = DateTime::<Utc>::from_timestamp_millis(self.at_ms).unwrap();
        let date = date.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut query: Vec<String> = self
            .query
            .iter()
            .map(|(name, value)| format!("{name}={}", percent(value)))
            .collect();
        query.sort();
        let (query, body) = if self.as_form {
            (String::new(), query.join("&"))
        } else {
            (query.join("&"), String::new())
        };
        let hash = sha256_hex(body.as_bytes());
        let claimed_hash = self.claimed_hash.clone().unwrap_or_else(|| hash.clone());
        let headers = [
            ("host", mock.address().to_string()),
            ("x-acs-action", "SendSms".to_owned()),
            ("x-acs-content-sha256", claimed_hash),
            ("x-acs-date", date),
            ("x-acs-signature-nonce", self.nonce.clone()),
            ("x-acs-version", "2017-05-25".to_owned()),
        ];
        let lines: Vec<_> = headers.iter().map(|(n, v)| format!("{n}:{v}\n")).collect();
        let lines = lines.concat();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let canonical = format!("POST\n/\n{query}\n{lines}\n{names}\n{hash}");
        let text = format!("ACS3-HMAC-SHA256\n{}", sha256_hex(canonical.as_bytes()));
        let signature = hex::encode(hmac_sha256(self.secret.as_bytes(), &text));
        let authorization = format!(
            "ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},Signature={signature}",
            self.access_key_id
        );
        headers
            .iter()
            .skip(1)
            .fold(
                http().post(format!("{}/?{query}", mock.base_url())),
                |request, (name, value)| request.header(*name, value),
            )
            .header("authorization", authorization)
            .body(body)
    }

    async fn send(&self, mock: &Mock) -> (u16, Value) {
        let response = self.request(mock).send().await.unwrap();
        (response.status().as_u16(), read(response).await.1)
    }
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Post `body` to Tencent's `SendSms`, signed `ahead` seconds from now with `key`.
async fn tencent(mock: &Mock, body: &Value, key: &str, ahead: i64, host: &str) -> Value {
    let timestamp = mock.now_ms() / 1000 + ahead;
    let date = DateTime::<Utc>::from_timestamp(timestamp, 0).unwrap();
    let date = date.format("%Y-%m-%d").to_string();
    tencent_dated(mock, body, key, (timestamp, &date), host).await
}

/// The same at a timestamp, with a scope of any date.
async fn tencent_dated(
    mock: &Mock,
    body: &Value,
    key: &str,
    (timestamp, date): (i64, &str),
    host: &str,
) -> Value {
    let body = body.to_string();
    let canonical = format!(
        "POST\n/\n\ncontent-type:application/json\nhost:{host}\n\ncontent-type;host\n{}",
        sha256_hex(body.as_bytes())
    );
    let text = format!(
        "TC3-HMAC-SHA256\n{timestamp}\n{date}/sms/tc3_request\n{}",
        sha256_hex(canonical.as_bytes())
    );
    let key = hmac_sha256(format!("TC3{key}").as_bytes(), date);
    let key = hmac_sha256(&hmac_sha256(&key, "sms"), "tc3_request");
    let signature = hex::encode(hmac_sha256(&key, &text));
    let authorization = format!(
        "TC3-HMAC-SHA256 Credential={}/{date}/sms/tc3_request, SignedHeaders=content-type;host, Signature={signature}",
        dev::TENCENT_SECRET_ID
    );
    let response = http()
        .post(mock.base_url())
        .header("content-type", "application/json")
        .header("x-tc-action", "SendSms")
        .header("x-tc-version", "2021-01-11")
        .header("x-tc-timestamp", timestamp.to_string())
        .header("authorization", authorization)
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let (content_type, body) = read(response).await;
    assert_eq!(content_type, "application/json");
    body["Response"].clone()
}

async fn tencent_send(mock: &Mock, body: &Value) -> Value {
    let host = mock.address().to_string();
    tencent(mock, body, dev::TENCENT_SECRET_KEY, 0, &host).await
}

fn tencent_body() -> Value {
    json!({
        "PhoneNumberSet": [format!("+86{NUMBER}")],
        "SmsSdkAppId": dev::TENCENT_APP_ID,
        "SignName": dev::TENCENT_SIGN,
        "TemplateId": dev::TENCENT_TEMPLATE,
        "TemplateParamSet": ["654321"],
    })
}

#[tokio::test]
async fn aliyun_delivers_what_is_signed() {
    let mock = mock().await;
    let (status, body) = AliyunCall::new(&mock, "n1").send(&mock).await;
    assert_eq!(status, 200);
    assert_eq!(body["Code"], "OK");
    assert_eq!(body["Message"], "OK");
    assert!(body["BizId"].as_str().unwrap().ends_with("^0"));

    let inbox = mock.sms_inbox("+8613800138000");
    assert_eq!(inbox.len(), 1);
    assert_eq!(inbox[0].gateway, SmsGateway::Aliyun);
    assert_eq!(inbox[0].text, "验证码123456，5分钟内有效。");
    assert_eq!(mock.latest_sms_code(NUMBER).unwrap(), "123456");
    assert!(mock.latest_sms_code("13900139000").is_none());
}

#[tokio::test]
async fn aliyun_takes_a_form_and_holds_the_caller_to_its_hash() {
    let mock = mock().await;
    let call = AliyunCall {
        as_form: true,
        ..AliyunCall::new(&mock, "n1")
    };
    let liar = AliyunCall {
        claimed_hash: Some(sha256_hex(b"something else")),
        ..call.clone()
    };
    let (status, body) = liar.send(&mock).await;
    assert_eq!(
        (status, &body["Code"]),
        (400, &json!("SignatureDoesNotMatch"))
    );
    assert_eq!(call.send(&mock).await.1["Code"], "OK");
}

#[tokio::test]
async fn aliyun_turns_strangers_and_forgers_away() {
    let mock = mock().await;
    let good = AliyunCall::new(&mock, "n1");

    let stranger = AliyunCall {
        access_key_id: "LTAI-stranger",
        ..good.clone()
    };
    let (status, body) = stranger.send(&mock).await;
    assert_eq!(
        (status, &body["Code"]),
        (404, &json!("InvalidAccessKeyId.NotFound"))
    );
    assert_eq!(body["HostId"], mock.address().to_string());

    let forger = AliyunCall {
        secret: "guessed",
        ..good.clone()
    };
    let (status, body) = forger.send(&mock).await;
    assert_eq!(
        (status, &body["Code"]),
        (400, &json!("SignatureDoesNotMatch"))
    );

    let changed = good.request(&mock).body("PhoneNumbers=13900139000");
    let response = changed.send().await.unwrap();
    assert_eq!(response.status(), 400);
    let unsigned = good.request(&mock).header("x-acs-security-token", "more");
    assert_eq!(unsigned.send().await.unwrap().status(), 400);
    assert!(mock.sms_inbox(NUMBER).is_empty());
}

#[tokio::test]
async fn aliyun_takes_a_nonce_once_and_a_date_within_a_quarter_of_an_hour() {
    let mock = mock().await;
    let call = AliyunCall::new(&mock, "n1");
    assert_eq!(call.send(&mock).await.1["Code"], "OK");
    let (status, body) = call.send(&mock).await;
    assert_eq!((status, &body["Code"]), (400, &json!("SignatureNonceUsed")));

    for (seconds, code) in [
        (-901, "InvalidTimeStamp.Expired"),
        (901, "InvalidTimeStamp.Expired"),
        (900, "isv.BUSINESS_LIMIT_CONTROL"),
    ] {
        let late = AliyunCall {
            at_ms: mock.now_ms() + seconds * 1000,
            ..AliyunCall::new(&mock, "n2")
        };
        assert_eq!(late.send(&mock).await.1["Code"], code, "{seconds}");
    }
}

#[tokio::test]
async fn aliyun_refuses_what_is_not_approved_with_status_200() {
    let mock = mock().await;
    let cases = [
        ("SignName", "别人", "isv.SMS_SIGNATURE_ILLEGAL"),
        ("TemplateCode", "SMS_1", "isv.SMS_TEMPLATE_ILLEGAL"),
        ("TemplateParam", "[]", "isv.INVALID_JSON_PARAM"),
        ("TemplateParam", "{}", "isv.TEMPLATE_MISSING_PARAMETERS"),
        ("PhoneNumbers", "12345", "isv.MOBILE_NUMBER_ILLEGAL"),
    ];
    for (name, value, code) in cases {
        let call = AliyunCall::new(&mock, value).with(name, value);
        let (status, body) = call.send(&mock).await;
        assert_eq!((status, &body["Code"]), (200, &json!(code)));
    }
    let call = AliyunCall::new(&mock, "n").with("PhoneNumbers", "");
    let (status, body) = call.send(&mock).await;
    assert_eq!(
        (status, &body["Code"]),
        (400, &json!("MissingPhoneNumbers"))
    );
}

#[tokio::test]
async fn aliyun_limits_codes_per_minute_hour_and_day() {
    let mock = mock().await;
    let mut nonce = 0;
    let mut send = async || {
        nonce += 1;
        let (_, body) = AliyunCall::new(&mock, &nonce.to_string()).send(&mock).await;
        body["Message"].as_str().unwrap().to_owned()
    };
    assert_eq!(send().await, "OK");
    assert_eq!(send().await, "触发分钟级流控Permits:1");
    for _ in 0..4 {
        mock.advance_clock(Duration::from_mins(1));
        assert_eq!(send().await, "OK");
    }
    mock.advance_clock(Duration::from_mins(1));
    assert_eq!(send().await, "触发小时级流控Permits:5");
    mock.advance_clock(Duration::from_hours(1));
    for _ in 0..5 {
        mock.advance_clock(Duration::from_mins(1));
        assert_eq!(send().await, "OK");
    }
    mock.advance_clock(Duration::from_hours(2));
    assert_eq!(send().await, "触发天级流控Permits:10");
}

#[tokio::test]
async fn notices_are_not_limited() {
    let mock = mock().await;
    for nonce in ["n1", "n2"] {
        let call = AliyunCall::new(&mock, nonce)
            .with("TemplateCode", dev::ALIYUN_NOTICE_TEMPLATE)
            .with("TemplateParam", r#"{"content":"您的通行证已签发"}"#);
        assert_eq!(call.send(&mock).await.1["Code"], "OK");
    }
    assert_eq!(mock.sms_inbox(NUMBER).len(), 2);
    assert!(mock.latest_sms_code(NUMBER).is_none());
}

#[tokio::test]
async fn tencent_delivers_what_is_signed() {
    let mock = mock().await;
    let reply = tencent_send(&mock, &tencent_body()).await;
    let status = &reply["SendStatusSet"][0];
    assert_eq!(status["Code"], "Ok");
    assert_eq!(status["Fee"], 1);
    assert_eq!(status["PhoneNumber"], "+8613800138000");
    assert!(reply["RequestId"].is_string());
    assert_eq!(mock.latest_sms_code(NUMBER).unwrap(), "654321");
    assert_eq!(mock.sms_inbox(NUMBER)[0].gateway, SmsGateway::Tencent);
}

#[tokio::test]
async fn tencent_takes_a_host_signed_without_its_port() {
    let mock = mock().await;
    let body = tencent_body();
    let reply = tencent(&mock, &body, dev::TENCENT_SECRET_KEY, 0, "127.0.0.1").await;
    assert_eq!(reply["SendStatusSet"][0]["Code"], "Ok");
    let reply = tencent(&mock, &body, dev::TENCENT_SECRET_KEY, 0, "example.org").await;
    assert_eq!(reply["Error"]["Code"], "AuthFailure.SignatureFailure");
}

#[tokio::test]
async fn tencent_refuses_the_forged_and_the_late() {
    let mock = mock().await;
    let host = mock.address().to_string();
    let body = tencent_body();
    let error = async |key: &str, ahead| {
        let reply = tencent(&mock, &body, key, ahead, &host).await;
        reply["Error"]["Code"].as_str().unwrap().to_owned()
    };
    assert_eq!(error("guessed", 0).await, "AuthFailure.SignatureFailure");
    let key = dev::TENCENT_SECRET_KEY;
    assert_eq!(error(key, -301).await, "AuthFailure.SignatureExpire");
    assert_eq!(error(key, 301).await, "AuthFailure.SignatureExpire");
    for timestamp in [i64::MIN, i64::MAX] {
        let at = (timestamp, "2026-01-01");
        let reply = tencent_dated(&mock, &body, key, at, &host).await;
        assert_eq!(reply["Error"]["Code"], "AuthFailure.SignatureExpire");
    }
    assert!(mock.sms_inbox(NUMBER).is_empty());
}

#[tokio::test]
async fn tencent_refuses_numbers_one_by_one() {
    let mock = mock().await;
    let mut body = tencent_body();
    body["PhoneNumberSet"] = json!(["+8613800138000", "+8612345", "+8613900139000"]);
    let reply = tencent_send(&mock, &body).await;
    let codes: Vec<_> = (0..3).map(|n| &reply["SendStatusSet"][n]["Code"]).collect();
    assert_eq!(
        codes,
        ["Ok", "InvalidParameterValue.IncorrectPhoneNumber", "Ok"]
    );
    assert_eq!(reply["SendStatusSet"][1]["SerialNo"], "");
    assert_eq!(reply["SendStatusSet"][1]["Fee"], 0);

    let code = async |name: &str, value: Value| {
        let mut body = tencent_body();
        body[name] = value;
        tencent_send(&mock, &body).await["SendStatusSet"][0]["Code"].clone()
    };
    let cases = [
        (
            "SignName",
            json!("别人"),
            "FailedOperation.SignatureIncorrectOrUnapproved",
        ),
        (
            "TemplateId",
            json!("1"),
            "FailedOperation.TemplateIncorrectOrUnapproved",
        ),
        (
            "TemplateParamSet",
            json!(["1234567"]),
            "InvalidParameterValue.TemplateParameterFormatError",
        ),
        (
            "TemplateParamSet",
            json!([]),
            "InvalidParameterValue.TemplateParameterFormatError",
        ),
        (
            "SessionContext",
            json!("again"),
            "LimitExceeded.PhoneNumberThirtySecondLimit",
        ),
    ];
    for (name, value, expected) in cases {
        assert_eq!(code(name, value).await, expected);
    }
    mock.advance_clock(Duration::from_secs(30));
    assert_eq!(code("SessionContext", json!("")).await, "Ok");
}

/// Send a code as Aliyun's older SDKs do: everything signed, in the query or in a form.
async fn aliyun_v1(mock: &Mock, nonce: &str, secret: &str, as_form: bool) -> (u16, Value) {
    let at = DateTime::<Utc>::from_timestamp_millis(mock.now_ms()).unwrap();
    let mut pairs: Vec<String> = [
        ("AccessKeyId", dev::ALIYUN_ACCESS_KEY_ID),
        ("Action", "SendSms"),
        ("Format", "JSON"),
        ("OutId", "message-7"),
        ("PhoneNumbers", NUMBER),
        ("SignName", dev::ALIYUN_SIGN),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", nonce),
        ("SignatureVersion", "1.0"),
        ("TemplateCode", dev::ALIYUN_TEMPLATE),
        ("TemplateParam", r#"{"code":"123456"}"#),
        ("Timestamp", &at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ("Version", "2017-05-25"),
    ]
    .map(|(name, value)| format!("{name}={}", percent(value)))
    .into();
    let text = format!("POST&%2F&{}", percent(&pairs.join("&")));
    let signature = hmac_sha1(format!("{secret}&").as_bytes(), &text);
    pairs.push(format!("Signature={}", percent(&signature)));
    let pairs = pairs.join("&");
    let (query, body) = if as_form {
        (String::new(), pairs)
    } else {
        (pairs, String::new())
    };
    let request = http()
        .post(format!("{}/?{query}", mock.base_url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), read(response).await.1)
}

#[tokio::test]
async fn aliyun_takes_its_older_signature_too() {
    let mock = mock().await;
    let secret = dev::ALIYUN_ACCESS_KEY_SECRET;
    let (status, body) = aliyun_v1(&mock, "n1", "guessed", false).await;
    assert_eq!(
        (status, &body["Code"]),
        (400, &json!("SignatureDoesNotMatch"))
    );
    let (status, body) = aliyun_v1(&mock, "n1", secret, false).await;
    assert_eq!((status, &body["Code"]), (200, &json!("OK")));
    assert_eq!(mock.sms_inbox(NUMBER)[0].key.as_deref(), Some("message-7"));

    let (status, body) = aliyun_v1(&mock, "n1", secret, true).await;
    assert_eq!((status, &body["Code"]), (400, &json!("SignatureNonceUsed")));
    mock.advance_clock(Duration::from_mins(1));
    assert_eq!(aliyun_v1(&mock, "n2", secret, true).await.1["Code"], "OK");
}

#[tokio::test]
async fn a_message_carries_its_senders_key_and_template() {
    let mock = mock().await;
    let call = AliyunCall::new(&mock, "n1").and("OutId", "message-1");
    assert_eq!(call.send(&mock).await.1["Code"], "OK");
    let mut body = tencent_body();
    body["SessionContext"] = json!("message-2");
    let reply = tencent_send(&mock, &body).await;
    assert_eq!(reply["SendStatusSet"][0]["SessionContext"], "message-2");
    tencent_send(&mock, &{
        mock.advance_clock(Duration::from_secs(30));
        tencent_body()
    })
    .await;

    let read: Vec<_> = mock
        .sms_inbox(NUMBER)
        .into_iter()
        .map(|message| (message.key, message.template, message.text))
        .collect();
    let code = |code: &str| format!("验证码{code}，5分钟内有效。");
    assert_eq!(
        read,
        [
            (
                Some("message-1".into()),
                dev::ALIYUN_TEMPLATE.into(),
                code("123456")
            ),
            (
                Some("message-2".into()),
                dev::TENCENT_TEMPLATE.into(),
                code("654321")
            ),
            (None, dev::TENCENT_TEMPLATE.into(), code("654321")),
        ]
    );
}

#[tokio::test]
async fn aliyun_sends_to_all_of_several_numbers_or_to_none() {
    let mock = mock().await;
    let to = async |nonce: &str, numbers: &str| {
        let call = AliyunCall::new(&mock, nonce).with("PhoneNumbers", numbers);
        call.send(&mock).await.1["Code"].clone()
    };
    assert_eq!(
        to("n1", "13900139000,+8613700137000,13900139000").await,
        "OK"
    );
    assert_eq!(mock.sms_inbox("13900139000").len(), 1, "each once");
    assert_eq!(mock.sms_inbox("13700137000").len(), 1);

    let limited = to("n2", "13800138000,13900139000").await;
    assert_eq!(limited, "isv.BUSINESS_LIMIT_CONTROL");
    let bad = to("n3", "13800138000,1").await;
    assert_eq!(bad, "isv.MOBILE_NUMBER_ILLEGAL");
    assert!(mock.sms_inbox(NUMBER).is_empty());
    assert_eq!(
        to("n4", NUMBER).await,
        "OK",
        "what was refused is not counted"
    );
}

#[tokio::test]
async fn tencent_limits_codes_per_hour_and_day() {
    let mock = mock().await;
    let send = async || {
        mock.advance_clock(Duration::from_secs(30));
        tencent_send(&mock, &tencent_body()).await["SendStatusSet"][0]["Code"].clone()
    };
    for _ in 0..5 {
        assert_eq!(send().await, "Ok");
    }
    assert_eq!(send().await, "LimitExceeded.PhoneNumberOneHourLimit");
    mock.advance_clock(Duration::from_hours(1));
    for _ in 0..5 {
        assert_eq!(send().await, "Ok");
    }
    mock.advance_clock(Duration::from_hours(2));
    assert_eq!(send().await, "LimitExceeded.PhoneNumberDailyLimit");
}

#[tokio::test]
async fn tencent_wants_the_date_of_the_timestamp_in_the_scope() {
    let mock = mock().await;
    // The clock stands at midnight.
    let now = mock.now_ms() / 1000;
    let host = mock.address().to_string();
    let dated = async |timestamp: i64, date: &str| {
        let key = dev::TENCENT_SECRET_KEY;
        tencent_dated(&mock, &tencent_body(), key, (timestamp, date), &host).await
    };
    let reply = dated(now - 1, "2026-01-01").await;
    assert_eq!(reply["Error"]["Code"], "AuthFailure.SignatureFailure");
    let reply = dated(now - 1, "2025-12-31").await;
    assert_eq!(reply["SendStatusSet"][0]["Code"], "Ok");
}

#[tokio::test]
async fn ordered_refusals_come_as_the_gateways_say_them() {
    let mock = mock().await;
    let order = |endpoint, code: &str| {
        mock.order_fault(endpoint, Fault::Refuse { code: code.into() }, 1);
    };
    for (code, status) in [
        ("isv.AMOUNT_NOT_ENOUGH", 200),
        ("isp.RAM_PERMISSION_DENY", 200),
        ("Throttling.User", 429),
        ("InvalidAccessKeyId.NotFound", 404),
        ("MissingPhoneNumbers", 400),
    ] {
        order(Endpoint::AliyunSms, code);
        let (answered, body) = AliyunCall::new(&mock, code).send(&mock).await;
        assert_eq!((answered, &body["Code"]), (status, &json!(code)));
    }

    let mut body = tencent_body();
    body["SessionContext"] = json!("message-1");
    for code in [
        "LimitExceeded.PhoneNumberSameContentDailyLimit",
        "LimitExceeded.DeliveryFrequencyLimit",
        "FailedOperation.PhoneNumberInBlacklist",
        "FailedOperation.InsufficientBalanceInSmsPackage",
        "InvalidParameterValue.IncorrectPhoneNumber",
    ] {
        order(Endpoint::TencentSms, code);
        let reply = tencent_send(&mock, &body).await;
        let status = &reply["SendStatusSet"][0];
        assert_eq!(status["Code"], code);
        assert_eq!(status["SessionContext"], "message-1");
        assert_eq!(
            (&status["SerialNo"], &status["Fee"]),
            (&json!(""), &json!(0))
        );
    }
    for code in [
        "RequestLimitExceeded",
        "UnauthorizedOperation.SmsSdkAppIdVerifyFail",
    ] {
        order(Endpoint::TencentSms, code);
        let reply = tencent_send(&mock, &body).await;
        assert_eq!(reply["Error"]["Code"], code);
    }
    assert!(mock.sms_inbox(NUMBER).is_empty());
    let by_hand = post(
        &mock,
        "/__ctl/faults",
        r#"{"endpoint":"sms.*","fault":{"kind":"quota"}}"#,
    );
    by_hand.await;
    assert_eq!(
        AliyunCall::new(&mock, "n").send(&mock).await.1["Code"],
        "isv.DAY_LIMIT_CONTROL"
    );
}
