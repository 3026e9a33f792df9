//! Aliyun `SendSms`, version 2017-05-25, signed with ACS3-HMAC-SHA256.

use std::{collections::BTreeMap, fmt, sync::Arc};

use chrono::{DateTime, SecondsFormat, Utc};
use entity::values::Phone;
use futures_util::future::{BoxFuture, ready};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{
    hmac_sha256, host, no_template, rejected, sent, sha256_hex, unanswered, unintelligible,
};
use crate::{
    clients::{
        Limits, SmsGateway, SmsNotice, SmsOutcome, SmsProvider,
        outbound::{Call, FORM, Outbound, Reply, endpoint},
    },
    platform::{Clock, Entropy, Secret, entropy},
};

/// How to reach Aliyun, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliyunSettings {
    /// `https://dysmsapi.aliyuncs.com`.
    #[serde(default = "production")]
    pub base_url: String,
    /// The access key's id.
    pub access_key_id: String,
    /// The access key's secret.
    pub access_key_secret: Secret,
    /// The approved signature, without brackets.
    pub sign_name: String,
    /// The approved template for log-in codes; its one variable is `code`.
    pub template_code: String,
    /// What Aliyun may cost us.
    #[serde(default)]
    pub limits: Limits,
}

fn production() -> String {
    "https://dysmsapi.aliyuncs.com".into()
}

/// Aliyun over HTTP.
pub struct AliyunSms {
    outbound: Outbound,
    url: Url,
    settings: AliyunSettings,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// What is said by which template.
struct Message<'a> {
    template: &'a str,
    /// The template's variables by name.
    parameter: Value,
    key: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    code: String,
    biz_id: Option<String>,
}

impl AliyunSms {
    /// A client for the account of `settings`.
    pub fn new(
        settings: &AliyunSettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            outbound: Outbound::new(
                "aliyun-sms",
                settings.limits,
                Arc::clone(&clock),
                Arc::clone(&entropy),
            )?,
            url: endpoint(&settings.base_url, "")?,
            settings: settings.clone(),
            clock,
            entropy,
        })
    }

    fn request(&self, to: &Phone, message: &Message<'_>) -> anyhow::Result<Call> {
        let parameter = message.parameter.to_string();
        let mut query = vec![
            ("PhoneNumbers", to.reveal()),
            ("SignName", &self.settings.sign_name),
            ("TemplateCode", message.template),
            ("TemplateParam", &parameter),
        ];
        query.extend(message.key.map(|key| ("OutId", key)));
        let query = canonical_query(&query);
        let nonce = hex::encode(entropy::bytes::<16>(self.entropy.as_ref()));
        let headers = headers(&host(&self.url), self.clock.now(), &nonce);
        let canonical = canonical_request(self.url.path(), &query, &headers);
        let signature = signature(&self.settings.access_key_secret, &canonical);
        let authorization = format!(
            "ACS3-HMAC-SHA256 Credential={},SignedHeaders={},Signature={signature}",
            self.settings.access_key_id,
            names(&headers),
        );
        let mut url = self.url.clone();
        url.set_query(Some(&query));
        headers
            .iter()
            .filter(|(name, _)| **name != "host")
            .try_fold(Call::post(url, FORM, Vec::new()), |call, (name, value)| {
                call.header(name, value)
            })?
            .header("authorization", &authorization)
    }

    async fn send(&self, to: &Phone, message: Message<'_>) -> SmsOutcome {
        let Ok(call) = self.request(to, &message) else {
            return rejected("Client.Misconfigured");
        };
        match self.outbound.call(call, self.outbound.deadline()).await {
            Ok(reply) => meaning(&reply),
            Err(failure) => unanswered(&failure),
        }
    }
}

impl SmsGateway for AliyunSms {
    fn send_code<'a>(&'a self, to: &'a Phone, code: &'a str) -> BoxFuture<'a, SmsOutcome> {
        let message = Message {
            template: &self.settings.template_code,
            parameter: json!({ "code": code }),
            key: None,
        };
        Box::pin(self.send(to, message))
    }

    fn send_notice<'a>(
        &'a self,
        to: &'a Phone,
        notice: &'a SmsNotice,
    ) -> BoxFuture<'a, SmsOutcome> {
        let Some(template) = notice.template_at(SmsProvider::Aliyun) else {
            return Box::pin(ready(no_template()));
        };
        let values = notice.values.iter();
        let parameter = values.map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        let message = Message {
            template,
            parameter: Value::Object(parameter.collect()),
            key: Some(&notice.key),
        };
        Box::pin(self.send(to, message))
    }
}

impl fmt::Debug for AliyunSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AliyunSms").finish_non_exhaustive()
    }
}

/// Refusals of the message come with HTTP 200, refusals of the request with 4xx; both carry a code.
fn meaning(reply: &Reply) -> SmsOutcome {
    let Ok(answer) = serde_json::from_slice::<Answer>(&reply.body) else {
        return unintelligible(reply);
    };
    match answer.code.as_str() {
        "OK" => sent(&answer.biz_id.unwrap_or_default()),
        "isv.BUSINESS_LIMIT_CONTROL" => SmsOutcome::RateLimited,
        "isv.MOBILE_NUMBER_ILLEGAL" => SmsOutcome::BadNumber,
        "isp.SYSTEM_ERROR" | "ServiceUnavailable" => SmsOutcome::Retryable,
        throttled if throttled.starts_with("Throttling") => SmsOutcome::Retryable,
        // The request came in; what became of it is not said.
        "InternalError" => SmsOutcome::Unknown,
        code => rejected(code),
    }
}

/// All headers that are signed, by name.
fn headers(host: &str, at: DateTime<Utc>, nonce: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("host", host.to_owned()),
        ("x-acs-action", "SendSms".to_owned()),
        ("x-acs-content-sha256", sha256_hex(b"")),
        ("x-acs-date", at.to_rfc3339_opts(SecondsFormat::Secs, true)),
        ("x-acs-signature-nonce", nonce.to_owned()),
        ("x-acs-version", "2017-05-25".to_owned()),
    ])
}

fn names(headers: &BTreeMap<&'static str, String>) -> String {
    headers.keys().copied().collect::<Vec<_>>().join(";")
}

/// Sorted, with everything but RFC 3986's unreserved characters escaped.
fn canonical_query(parameters: &[(&str, &str)]) -> String {
    let sorted: BTreeMap<_, _> = parameters.iter().copied().collect();
    let pairs: Vec<_> = sorted
        .into_iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
        .collect();
    pairs.join("&")
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// The canonical form of a POST with an empty body.
fn canonical_request(path: &str, query: &str, headers: &BTreeMap<&'static str, String>) -> String {
    let lines: Vec<_> = headers
        .iter()
        .map(|(name, value)| format!("{name}:{}", value.trim()))
        .collect();
    format!(
        "POST\n{path}\n{query}\n{}\n\n{}\n{}",
        lines.join("\n"),
        names(headers),
        sha256_hex(b"")
    )
}

/// ACS3-HMAC-SHA256 over a canonical request, in hex.
fn signature(secret: &Secret, canonical_request: &str) -> String {
    let text = format!(
        "ACS3-HMAC-SHA256\n{}",
        sha256_hex(canonical_request.as_bytes())
    );
    hex::encode(hmac_sha256(secret.reveal().as_bytes(), &text))
}

#[cfg(test)]
mod tests {
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
        let query = canonical_query(&[
            ("TemplateParam", r#"{"code":"123456"}"#),
            ("SignName", "健康码"),
            ("PhoneNumbers", "13800138000"),
            ("TemplateCode", "SMS_123456789"),
        ]);
        let headers = headers(
            "dysmsapi.aliyuncs.com",
            "2024-01-01T00:00:00Z".parse().unwrap(),
            "0123456789abcdef0123456789abcdef",
        );
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
            let names = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
            let headers: BTreeMap<_, _> = names
                .split(';')
                .map(|name| (name, asked.headers[name].clone()))
                .collect();
            let query: Vec<_> = asked
                .query
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect();
            let canonical = canonical_request(&asked.path, &canonical_query(&query), &headers);
            let signature = signature(&"fakesecret".into(), &canonical);
            assert_eq!(
                authorization,
                &format!(
                    "ACS3-HMAC-SHA256 Credential=id,SignedHeaders={names},Signature={signature}"
                )
            );
            assert_eq!(asked.query["PhoneNumbers"], "13800138000");
            assert_eq!(asked.query["TemplateParam"], r#"{"code":"123456"}"#);
            assert!(asked.body.is_empty());
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
            assert_eq!(asked.query["TemplateCode"], "SMS_7");
            assert_eq!(asked.query["OutId"], "message-1");
            assert_eq!(asked.query["PhoneNumbers"], "13800138000");
            let parameters: Value = serde_json::from_str(&asked.query["TemplateParam"]).unwrap();
            assert_eq!(parameters, json!({"name": "张*", "colour": "\"绿\" & 码"}));
            let query: Vec<_> = asked
                .query
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect();
            let headers: BTreeMap<_, _> = headers("", DateTime::UNIX_EPOCH, "")
                .into_keys()
                .map(|name| (name, asked.headers[name].clone()))
                .collect();
            let canonical = canonical_request("/", &canonical_query(&query), &headers);
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
}
