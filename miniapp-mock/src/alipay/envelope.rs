//! What the gateway answers, and how it signs it.

use serde_json::{Value, json};

use super::keys::AppKeys;
use crate::call::Reply;

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

/// A success: `content` under `root`.
pub(super) fn success(keys: &AppKeys, root: &str, content: &Value) -> Reply {
    sealed(keys, root, &content.to_string(), "10000")
}

/// A refusal under `root`.
pub(super) fn refusal(keys: &AppKeys, root: &str, refusal: &Refusal) -> Reply {
    let content = json!({
        "code": refusal.code,
        "msg": refusal.message(),
        "sub_code": refusal.sub_code,
        "sub_msg": refusal.sub_msg,
    });
    sealed(keys, root, &content.to_string(), &refusal.sub_code)
}

/// The very bytes that are signed go into the reply, first the content, the signature last.
fn sealed(keys: &AppKeys, root: &str, content: &str, code: &str) -> Reply {
    let sign = keys.platform.sign(content.as_bytes());
    let body = format!(r#"{{"{root}":{content},"sign":"{sign}"}}"#);
    Reply::new(CONTENT_TYPE, body, code)
}
