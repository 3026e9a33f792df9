//! Tencent Cloud `SendSms`, version 2021-01-11, signed with TC3-HMAC-SHA256.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use entity::values::Phone;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    hmac_sha256, host, no_template, rejected, sent, sha256_hex, unanswered, unintelligible,
};
use crate::{
    clients::{
        Limits, SmsGateway, SmsNotice, SmsOutcome, SmsProvider,
        outbound::{Call, JSON, Outbound, Reply, endpoint},
    },
    platform::{Clock, Entropy, Secret},
};

/// How to reach Tencent Cloud, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TencentSettings {
    /// `https://sms.tencentcloudapi.com`.
    #[serde(default = "production")]
    pub base_url: String,
    /// The key's id.
    pub secret_id: String,
    /// The key.
    pub secret_key: Secret,
    /// `ap-guangzhou`, `ap-beijing` or `ap-nanjing`.
    #[serde(default = "guangzhou")]
    pub region: String,
    /// The SMS application.
    pub sdk_app_id: String,
    /// The approved signature, without brackets.
    pub sign_name: String,
    /// The approved template for log-in codes; its one variable is the code.
    pub template_id: String,
    /// What Tencent may cost us.
    #[serde(default)]
    pub limits: Limits,
}

fn production() -> String {
    "https://sms.tencentcloudapi.com".into()
}

fn guangzhou() -> String {
    "ap-guangzhou".into()
}

/// Tencent Cloud over HTTP.
pub struct TencentSms {
    outbound: Outbound,
    url: Url,
    settings: TencentSettings,
    clock: Arc<dyn Clock>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message<'a> {
    phone_number_set: [String; 1],
    sms_sdk_app_id: &'a str,
    sign_name: &'a str,
    template_id: &'a str,
    template_param_set: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    session_context: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    response: Answer,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    send_status_set: Vec<Status>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    #[serde(default)]
    serial_no: String,
    code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refusal {
    code: String,
}

impl TencentSms {
    /// A client for the account of `settings`.
    pub fn new(
        settings: &TencentSettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            outbound: Outbound::new("tencent-sms", settings.limits, Arc::clone(&clock), entropy)?,
            url: endpoint(&settings.base_url, "")?,
            settings: settings.clone(),
            clock,
        })
    }

    fn request(
        &self,
        to: &Phone,
        template: &str,
        values: &[&str],
        key: Option<&str>,
    ) -> anyhow::Result<Call> {
        let body = serde_json::to_vec(&Message {
            phone_number_set: [format!("+86{}", to.reveal())],
            sms_sdk_app_id: &self.settings.sdk_app_id,
            sign_name: &self.settings.sign_name,
            template_id: template,
            template_param_set: values,
            session_context: key,
        })?;
        let now = self.clock.now();
        let canonical = canonical_request(self.url.path(), &host(&self.url), &body);
        let authorization = format!(
            "TC3-HMAC-SHA256 Credential={}/{}, SignedHeaders=content-type;host, Signature={}",
            self.settings.secret_id,
            scope(now),
            signature(&self.settings.secret_key, now, &canonical),
        );
        Call::post(self.url.clone(), JSON, body)
            .header("x-tc-action", "SendSms")?
            .header("x-tc-version", "2021-01-11")?
            .header("x-tc-timestamp", &now.timestamp().to_string())?
            .header("x-tc-region", &self.settings.region)?
            .header("authorization", &authorization)
    }

    async fn send(
        &self,
        to: &Phone,
        template: &str,
        values: &[&str],
        key: Option<&str>,
    ) -> SmsOutcome {
        let Ok(call) = self.request(to, template, values, key) else {
            return rejected("Client.Misconfigured");
        };
        match self.outbound.call(call, self.outbound.deadline()).await {
            Ok(reply) => meaning(&reply),
            Err(failure) => unanswered(&failure),
        }
    }
}

impl SmsGateway for TencentSms {
    fn send_code<'a>(&'a self, to: &'a Phone, code: &'a str) -> BoxFuture<'a, SmsOutcome> {
        Box::pin(async move {
            self.send(to, &self.settings.template_id, &[code], None)
                .await
        })
    }

    fn send_notice<'a>(
        &'a self,
        to: &'a Phone,
        notice: &'a SmsNotice,
    ) -> BoxFuture<'a, SmsOutcome> {
        Box::pin(async move {
            let Some(template) = notice.template_at(SmsProvider::Tencent) else {
                return no_template();
            };
            let values: Vec<&str> = notice.values.iter().map(|(_, it)| it.as_str()).collect();
            self.send(to, template, &values, Some(&notice.key)).await
        })
    }
}

impl fmt::Debug for TencentSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TencentSms").finish_non_exhaustive()
    }
}

/// Refusals of the number stand in its status, refusals of the request beside it; all with HTTP 200.
fn meaning(reply: &Reply) -> SmsOutcome {
    let Ok(Envelope { response }) = serde_json::from_slice(&reply.body) else {
        return unintelligible(reply);
    };
    match (response.error, response.send_status_set.as_slice()) {
        (None, [status]) if status.code == "Ok" => sent(&status.serial_no),
        (None, [status]) => refused(&status.code),
        (Some(refusal), _) => refused(&refusal.code),
        (None, _) => SmsOutcome::Unknown,
    }
}

fn refused(code: &str) -> SmsOutcome {
    match code {
        "InvalidParameterValue.IncorrectPhoneNumber" => SmsOutcome::BadNumber,
        "LimitExceeded.DeliveryFrequencyLimit" => SmsOutcome::RateLimited,
        _ if code.starts_with("LimitExceeded.PhoneNumber") => SmsOutcome::RateLimited,
        _ if code.starts_with("RequestLimitExceeded") => SmsOutcome::Retryable,
        // The request came in; what became of it is not said.
        _ if code.starts_with("InternalError") => SmsOutcome::Unknown,
        code => rejected(code),
    }
}

fn date(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

fn scope(at: DateTime<Utc>) -> String {
    format!("{}/sms/tc3_request", date(at))
}

/// The canonical form of a POST of JSON.
fn canonical_request(path: &str, host: &str, body: &[u8]) -> String {
    format!(
        "POST\n{path}\n\ncontent-type:{JSON}\nhost:{host}\n\ncontent-type;host\n{}",
        sha256_hex(body)
    )
}

/// TC3-HMAC-SHA256 over a canonical request, in hex.
fn signature(key: &Secret, at: DateTime<Utc>, canonical_request: &str) -> String {
    let text = format!(
        "TC3-HMAC-SHA256\n{}\n{}\n{}",
        at.timestamp(),
        scope(at),
        sha256_hex(canonical_request.as_bytes())
    );
    let root = Secret::new(format!("TC3{}", key.reveal()));
    let of_day = hmac_sha256(root.reveal().as_bytes(), &date(at));
    let of_service = hmac_sha256(of_day.as_ref(), "sms");
    let of_request = hmac_sha256(of_service.as_ref(), "tc3_request");
    hex::encode(hmac_sha256(of_request.as_ref(), &text))
}

#[cfg(test)]
mod tests {
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
}
