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
        let mut fields = vec![
            ("PhoneNumbers", to.reveal()),
            ("SignName", &self.settings.sign_name),
            ("TemplateCode", message.template),
            ("TemplateParam", &parameter),
        ];
        fields.extend(message.key.map(|key| ("OutId", key)));
        // Not in the query, which is Aliyun's other place for them: addresses are written down by all
        // that a call passes.
        let body = escaped_pairs(&fields);
        let nonce = hex::encode(entropy::bytes::<16>(self.entropy.as_ref()));
        let headers = headers(&host(&self.url), &body, self.clock.now(), &nonce);
        let canonical = canonical_request(self.url.path(), "", &headers);
        let signature = signature(&self.settings.access_key_secret, &canonical);
        let authorization = format!(
            "ACS3-HMAC-SHA256 Credential={},SignedHeaders={},Signature={signature}",
            self.settings.access_key_id,
            names(&headers),
        );
        let call = Call::post(self.url.clone(), FORM, body.into_bytes());
        headers
            .iter()
            .filter(|(name, _)| name.starts_with("x-acs-"))
            .try_fold(call, |call, (name, value)| call.header(name, value))?
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
fn headers(
    host: &str,
    body: &str,
    at: DateTime<Utc>,
    nonce: &str,
) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("content-type", FORM.to_owned()),
        ("host", host.to_owned()),
        ("x-acs-action", "SendSms".to_owned()),
        ("x-acs-content-sha256", sha256_hex(body.as_bytes())),
        ("x-acs-date", at.to_rfc3339_opts(SecondsFormat::Secs, true)),
        ("x-acs-signature-nonce", nonce.to_owned()),
        ("x-acs-version", "2017-05-25".to_owned()),
    ])
}

fn names(headers: &BTreeMap<&'static str, String>) -> String {
    headers.keys().copied().collect::<Vec<_>>().join(";")
}

/// Sorted, with everything but RFC 3986's unreserved characters escaped.
fn escaped_pairs(parameters: &[(&str, &str)]) -> String {
    let mut sorted = parameters.to_vec();
    sorted.sort_unstable();
    let letters: usize = parameters
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    // An escaped letter is three, and most of what is sent are escaped ones.
    let mut pairs = String::with_capacity(3 * letters);
    for (name, value) in sorted {
        if !pairs.is_empty() {
            pairs.push('&');
        }
        escape(&mut pairs, name);
        pairs.push('=');
        escape(&mut pairs, value);
    }
    pairs
}

fn escape(into: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.extend(nibbles(byte));
        }
    }
}

/// The two digits of `byte` in upper-case hexadecimal.
fn nibbles(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 15].map(|nibble| {
        let digit = char::from_digit(nibble.into(), 16).unwrap_or_default();
        digit.to_ascii_uppercase()
    })
}

/// The canonical form of a POST whose headers tell the hash of its body.
fn canonical_request(path: &str, query: &str, headers: &BTreeMap<&'static str, String>) -> String {
    let lines: Vec<_> = headers
        .iter()
        .map(|(name, value)| format!("{name}:{}", value.trim()))
        .collect();
    let hash = headers
        .get("x-acs-content-sha256")
        .map_or("", |it| it.as_str());
    format!(
        "POST\n{path}\n{query}\n{}\n\n{}\n{hash}",
        lines.join("\n"),
        names(headers),
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
mod tests;
