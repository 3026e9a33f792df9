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
mod tests;
