//! `ACS3-HMAC-SHA256`, as the gateway checks it: over exactly the headers named as signed.

use super::credential_part;
use crate::call::Call;
use crate::crypto::{hmac_sha256, sha256_hex};

pub(super) const SCHEME: &str = "ACS3-HMAC-SHA256";

/// The parts of an `Authorization` header.
pub(super) struct Authorization {
    pub(super) access_key_id: String,
    signed_headers: Vec<String>,
    signature: String,
}

impl Authorization {
    pub(super) fn read(call: &Call) -> Option<Self> {
        let header = call.header("authorization")?;
        let part = |name| credential_part(header, SCHEME, name);
        Some(Self {
            access_key_id: part("Credential")?.to_owned(),
            signed_headers: part("SignedHeaders")?
                .split(';')
                .map(str::to_owned)
                .collect(),
            signature: part("Signature")?.to_owned(),
        })
    }

    /// Whether host, date, nonce and every other `x-acs-*` header of the call are signed.
    pub(super) fn covers(&self, call: &Call) -> bool {
        call.headers
            .iter()
            .map(|(name, _)| name)
            .filter(|name| *name == "host" || name.starts_with("x-acs-"))
            .all(|name| self.signed_headers.contains(name))
    }

    /// The string to sign of `call` and whether this signature is the one of `secret` over it.
    pub(super) fn check(&self, call: &Call, secret: &str) -> Result<(), String> {
        let headers: Vec<(String, String)> = self
            .signed_headers
            .iter()
            .map(|name| {
                let value = call.header(name).unwrap_or_default();
                (name.clone(), value.trim().to_owned())
            })
            .collect();
        let canonical = canonical_request(
            call.method.as_str(),
            &call.path,
            &call.query,
            &headers,
            &sha256_hex(&call.body),
        );
        let text = string_to_sign(&canonical);
        if signature(secret, &text) == self.signature {
            Ok(())
        } else {
            Err(text)
        }
    }
}

fn canonical_request(
    method: &str,
    path: &str,
    query: &[(String, String)],
    headers: &[(String, String)],
    body_sha256: &str,
) -> String {
    let mut query: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    query.sort();
    let query = query.join("&");
    let lines: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let lines = lines.concat();
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(";");
    format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{body_sha256}")
}

fn string_to_sign(canonical: &str) -> String {
    format!("{SCHEME}\n{}", sha256_hex(canonical.as_bytes()))
}

fn signature(secret: &str, text: &str) -> String {
    hex::encode(hmac_sha256(secret.as_bytes(), text.as_bytes()))
}

/// Percent-encoding of RFC 3986: only unreserved characters stay.
pub(super) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_gateways() {
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let canonical = canonical_request(
            "POST",
            "/",
            &pairs(&[
                ("TemplateParam", r#"{"code":"123456"}"#),
                ("PhoneNumbers", "13800138000"),
                ("SignName", "健康码"),
                ("TemplateCode", "SMS_123456789"),
            ]),
            &pairs(&[
                ("host", "dysmsapi.aliyuncs.com"),
                ("x-acs-action", "SendSms"),
                ("x-acs-content-sha256", empty),
                ("x-acs-date", "2024-01-01T00:00:00Z"),
                ("x-acs-signature-nonce", "0123456789abcdef0123456789abcdef"),
                ("x-acs-version", "2017-05-25"),
            ]),
            empty,
        );

        assert_eq!(
            sha256_hex(canonical.as_bytes()),
            "f5022a9a7ff6992b6f1fa08f1d5b806b4f65dd3e8dcbd4b1a5a7fc732dfb8fbe"
        );
        assert_eq!(
            signature("fakesecret", &string_to_sign(&canonical)),
            "94b0a7519b1d74d27006ca1c20b7386430dcca76f4aab25934aa00a4c3a80fc4"
        );
    }
}
