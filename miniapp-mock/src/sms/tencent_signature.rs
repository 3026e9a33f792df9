//! `TC3-HMAC-SHA256`, as the gateway checks it.
//!
//! SDKs disagree on two points when they speak to a host that is not Tencent's: whether the
//! signed host has its port, and whether values are lower-cased. Either way is accepted, and the
//! service name is whatever the credential scope says.

use chrono::{DateTime, Utc};

use super::credential_part;
use crate::call::Call;
use crate::crypto::{hmac_sha256, sha256_hex};

const SCHEME: &str = "TC3-HMAC-SHA256";

/// The parts of an `Authorization` header.
pub(super) struct Authorization {
    pub(super) secret_id: String,
    date: String,
    service: String,
    signed_headers: Vec<String>,
    signature: String,
}

impl Authorization {
    pub(super) fn read(call: &Call) -> Option<Self> {
        let header = call.header("authorization")?;
        let part = |name| credential_part(header, SCHEME, name);
        let mut scope = part("Credential")?.split('/');
        let authorization = Self {
            secret_id: scope.next()?.to_owned(),
            date: scope.next()?.to_owned(),
            service: scope.next()?.to_owned(),
            signed_headers: part("SignedHeaders")?
                .split(';')
                .map(str::to_owned)
                .collect(),
            signature: part("Signature")?.to_owned(),
        };
        (scope.next() == Some("tc3_request")).then_some(authorization)
    }

    /// Whether the signature is the one of `key` over `call`, made at `timestamp` (seconds).
    pub(super) fn holds(&self, call: &Call, key: &str, timestamp: i64) -> bool {
        let covers = |name: &str| self.signed_headers.iter().any(|signed| signed == name);
        covers("host")
            && covers("content-type")
            && utc_date(timestamp).as_deref() == Some(self.date.as_str())
            && variants(call).iter().any(|variant| {
                let canonical = canonical_request(call, variant, &self.signed_headers);
                let text = string_to_sign(&canonical, timestamp, &self.date, &self.service);
                signature(key, &self.date, &self.service, &text) == self.signature
            })
    }
}

/// One way in which an SDK may have written the signed headers.
struct Variant {
    host: String,
    lower_case: bool,
}

fn variants(call: &Call) -> Vec<Variant> {
    let host = call.header("host").unwrap_or_default();
    let bare = host.rsplit_once(':').map_or(host, |(name, _)| name);
    [(host, false), (bare, false), (host, true), (bare, true)]
        .map(|(host, lower_case)| Variant {
            host: host.to_owned(),
            lower_case,
        })
        .into()
}

fn canonical_request(call: &Call, variant: &Variant, signed_headers: &[String]) -> String {
    let lines: String = signed_headers
        .iter()
        .map(|name| {
            let value = match name.as_str() {
                "host" => variant.host.as_str(),
                _ => call.header(name).unwrap_or_default().trim(),
            };
            if variant.lower_case {
                format!("{name}:{}\n", value.to_lowercase())
            } else {
                format!("{name}:{value}\n")
            }
        })
        .collect();
    format!(
        "{}\n{}\n{}\n{lines}\n{}\n{}",
        call.method,
        call.path,
        call.raw_query,
        signed_headers.join(";"),
        sha256_hex(&call.body)
    )
}

fn string_to_sign(canonical: &str, timestamp: i64, date: &str, service: &str) -> String {
    let digest = sha256_hex(canonical.as_bytes());
    format!("{SCHEME}\n{timestamp}\n{date}/{service}/tc3_request\n{digest}")
}

fn signature(key: &str, date: &str, service: &str, text: &str) -> String {
    let day = hmac_sha256(format!("TC3{key}").as_bytes(), date.as_bytes());
    let service = hmac_sha256(&day, service.as_bytes());
    let signing = hmac_sha256(&service, b"tc3_request");
    hex::encode(hmac_sha256(&signing, text.as_bytes()))
}

fn utc_date(timestamp: i64) -> Option<String> {
    DateTime::<Utc>::from_timestamp(timestamp, 0).map(|at| at.format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;
    use actix_web::web::Bytes;

    use super::*;

    #[test]
    fn the_signature_is_the_gateways() {
        let body = r#"{"PhoneNumberSet":["+8613800138000"],"SmsSdkAppId":"1400006666","SignName":"健康码","TemplateId":"1110","TemplateParamSet":["123456"]}"#;
        let call = Call {
            method: Method::POST,
            path: "/".to_owned(),
            raw_query: String::new(),
            query: Vec::new(),
            headers: vec![
                ("host".to_owned(), "sms.tencentcloudapi.com".to_owned()),
                ("content-type".to_owned(), "application/json".to_owned()),
            ],
            body: Bytes::from_static(body.as_bytes()),
        };
        let signed = ["content-type".to_owned(), "host".to_owned()];
        let canonical = canonical_request(&call, &variants(&call)[0], &signed);

        assert_eq!(
            sha256_hex(canonical.as_bytes()),
            "743113c159048cda96b45e083a47bb5f7b791451a128dcc5158e13a0b9e6b798"
        );
        let text = string_to_sign(&canonical, 1_704_067_200, "2024-01-01", "sms");
        assert_eq!(
            signature("fakesecret", "2024-01-01", "sms", &text),
            "77077e5b82953068b6dc446b6c1ff3976f13d7974cc30b05c52d62c075dd934c"
        );
    }
}
