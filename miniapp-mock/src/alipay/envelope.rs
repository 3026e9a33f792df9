//! What the gateway answers, and how it signs it.

use serde_json::{Value, json};

use super::keys::AppKeys;
use crate::call::Reply;
use crate::crypto::ContentKey;

const CONTENT_TYPE: &str = "text/html;charset=utf-8";

/// A refusal: the gateway's code and the finer one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) sub_code: String,
    pub(super) sub_msg: String,
}

impl Refusal {
    pub(super) fn new(
        code: &'static str,
        sub_code: impl Into<String>,
        sub_msg: impl Into<String>,
    ) -> Self {
        Self {
            code,
            sub_code: sub_code.into(),
            sub_msg: sub_msg.into(),
        }
    }

    pub(super) fn missing(what: &str) -> Self {
        Self::new(
            "40001",
            format!("isv.missing-{what}"),
            format!("缺少{what}参数"),
        )
    }

    pub(super) fn invalid(what: &str) -> Self {
        Self::new(
            "40002",
            format!("isv.invalid-{what}"),
            format!("无效的{what}参数"),
        )
    }

    fn content(&self) -> Value {
        json!({
            "code": self.code,
            "msg": self.message(),
            "sub_code": self.sub_code,
            "sub_msg": self.sub_msg,
        })
    }

    fn message(&self) -> &'static str {
        match self.code {
            "20000" => "Service Currently Unavailable",
            "20001" => "Insufficient Token Permissions",
            "40001" => "Missing Required Arguments",
            "40002" => "Invalid Arguments",
            "40003" => "Insufficient Conditions",
            "40005" => "Call Limited",
            "40006" => "Insufficient Permissions",
            _ => "Business Failed",
        }
    }
}

/// Under which member the content of a reply goes.
pub(super) fn root_of(method: &str) -> String {
    format!("{}_response", method.replace('.', "_"))
}

/// A reply about to be signed.
pub(super) struct Envelope<'w> {
    pub(super) keys: &'w AppKeys,
    pub(super) root: String,
    /// What the content is encrypted with, if the caller encrypted.
    pub(super) cipher: Option<&'w ContentKey>,
}

impl Envelope<'_> {
    /// With the outcome of a call.
    pub(super) fn around(&self, outcome: &Result<Value, Refusal>) -> Reply {
        match outcome {
            Ok(content) => self.seal(content, "10000"),
            Err(refusal) => self.seal(&refusal.content(), &refusal.sub_code),
        }
    }

    /// The very bytes that are signed go into the reply, quotes included where they are encrypted:
    /// first the content, the signature last.
    fn seal(&self, content: &Value, code: &str) -> Reply {
        let mut content = content.to_string();
        if let Some(cipher) = self.cipher {
            content = format!("\"{}\"", cipher.encrypt(content.as_bytes()));
        }
        let sign = self.keys.platform.sign(content.as_bytes());
        let certificate = match &self.keys.certificates {
            Some(names) => format!(r#""alipay_cert_sn":"{}","#, names.alipay),
            None => String::new(),
        };
        let root = &self.root;
        let body = format!(r#"{{"{root}":{content},{certificate}"sign":"{sign}"}}"#);
        Reply::new(CONTENT_TYPE, body, code)
    }
}
