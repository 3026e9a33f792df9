//! `/gateway.do`: parameters from the query and the form, checked in the gateway's order.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde_json::{Map, Value, json};

use super::envelope::{Envelope, Refusal, root_of};
use super::keys::AppKeys;
use super::{messages, oauth, qrcode, user_info};
use crate::call::{Call, Endpoint, Reply, Trouble};
use crate::crypto::ContentKey;
use crate::state::Inner;

/// The parameters of a call, wherever they came from.
pub(super) struct Params(BTreeMap<String, String>);

impl Params {
    fn read(call: &Call) -> Self {
        let pairs = call.query.iter().cloned().chain(call.form());
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The text that the caller signed: every parameter but the signature, sorted by name.
    fn signed_text(&self) -> String {
        let pairs: Vec<String> = self
            .0
            .iter()
            .filter(|(name, _)| *name != "sign")
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("&")
    }
}

/// A call that the gateway lets through.
pub(super) struct Request<'w> {
    pub(super) keys: &'w AppKeys,
    pub(super) call: &'w Call,
    pub(super) params: &'w Params,
    /// `biz_content`, decrypted.
    business: Option<String>,
    cipher: Option<&'w ContentKey>,
}

impl Request<'_> {
    /// `biz_content`: an object.
    pub(super) fn content(&self) -> Result<Map<String, Value>, Refusal> {
        let text = self
            .business
            .as_deref()
            .ok_or_else(|| Refusal::missing("biz-content"))?;
        serde_json::from_str(text).map_err(|_| Refusal::invalid("parameter"))
    }
}

/// Answer `call`.
pub(crate) fn answer(world: &Inner, endpoint: Endpoint, call: &Call) -> Reply {
    let params = Params::read(call);
    let Some(keys) = signer(world, &params) else {
        return no_apps();
    };
    let (outcome, cipher) = match admit(world, endpoint, call, &params) {
        Ok(request) => (serve(world, endpoint, &request), request.cipher),
        Err(refusal) => (Err(refusal), None),
    };
    let root = match &outcome {
        Ok(_) => root_of(params.get("method").unwrap_or_default()),
        Err(_) => refusal_root(endpoint, &params),
    };
    Envelope { keys, root, cipher }.around(&outcome)
}

/// Refuse a call in Alipay's words without looking at it.
pub(crate) fn refuse(world: &Inner, endpoint: Endpoint, call: &Call, trouble: &Trouble) -> Reply {
    let params = Params::read(call);
    let Some(keys) = signer(world, &params) else {
        return no_apps();
    };
    let refusal = match trouble {
        Trouble::Busy => Refusal::new("20000", "isp.unknow-error", "系统繁忙"),
        Trouble::Quota => Refusal::new("40005", "isv.app-call-limited", "应用调用次数超限"),
        Trouble::Code(code) => Refusal::new(class_of(code), code.clone(), "业务处理失败"),
    };
    Envelope {
        keys,
        root: refusal_root(endpoint, &params),
        cipher: None,
    }
    .around(&Err(refusal))
}

/// The class that a sub-code mostly comes under.
fn class_of(sub_code: &str) -> &'static str {
    if sub_code.starts_with("isp.") {
        "20000"
    } else if sub_code.starts_with("aop.") {
        "20001"
    } else if sub_code.starts_with("isv.missing-") {
        "40001"
    } else if sub_code.starts_with("isv.invalid-") || sub_code == "isv.code-invalid" {
        "40002"
    } else {
        "40004"
    }
}

/// The keys of the app that calls, or of the first app: a refusal is signed as well.
fn signer<'w>(world: &'w Inner, params: &Params) -> Option<&'w AppKeys> {
    params
        .get("app_id")
        .and_then(|app_id| world.alipay_app(app_id))
        .or_else(|| world.alipay_apps.first())
}

fn no_apps() -> Reply {
    Reply::new("text/plain", "no Alipay app is configured", "no app").with_status(503)
}

/// Failures of `alipay.system.oauth.token` and of unknown methods come under `error_response`.
fn refusal_root(endpoint: Endpoint, params: &Params) -> String {
    match (endpoint, params.get("method")) {
        (Endpoint::AlipayOauthToken | Endpoint::AlipayOther, _) | (_, None) => {
            "error_response".to_owned()
        }
        (_, Some(method)) => root_of(method),
    }
}

/// The gateway's own checks, in its order.
fn admit<'w>(
    world: &'w Inner,
    endpoint: Endpoint,
    call: &'w Call,
    params: &'w Params,
) -> Result<Request<'w>, Refusal> {
    params
        .get("method")
        .ok_or_else(|| Refusal::missing("method"))?;
    if endpoint == Endpoint::AlipayOther {
        return Err(Refusal::invalid("method"));
    }
    let app_id = params
        .get("app_id")
        .ok_or_else(|| Refusal::missing("app-id"))?;
    let keys = world
        .alipay_app(app_id)
        .ok_or_else(|| Refusal::invalid("app-id"))?;
    check_form(params)?;
    check_certificates(keys, params)?;
    check_signature(keys, params)?;
    let cipher = cipher(keys, params)?;
    let business = match (params.get("biz_content"), cipher) {
        (Some(content), Some(cipher)) => Some(decrypted(content, cipher)?),
        (None, Some(_)) => return Err(Refusal::invalid("encrypt")),
        (content, None) => content.map(str::to_owned),
    };
    Ok(Request {
        keys,
        call,
        params,
        business,
        cipher,
    })
}

fn serve(world: &Inner, endpoint: Endpoint, request: &Request<'_>) -> Result<Value, Refusal> {
    match endpoint {
        Endpoint::AlipayUserInfo => user_info::share(world, request.keys, request.params),
        Endpoint::AlipayTemplateMessage => messages::send(world, request),
        Endpoint::AlipayQrCode => qrcode::create(world, request),
        _ => oauth::token(world, request.keys, request.params),
    }
}

/// What the caller encrypted with, and wants its answer encrypted with.
fn cipher<'w>(keys: &'w AppKeys, params: &Params) -> Result<Option<&'w ContentKey>, Refusal> {
    match params.get("encrypt_type") {
        None => Ok(None),
        Some("AES") => match &keys.content {
            Some(cipher) => Ok(Some(cipher)),
            None => Err(Refusal::missing("encrypt-key")),
        },
        Some(_) => Err(Refusal::invalid("encrypt-type")),
    }
}

fn decrypted(content: &str, cipher: &ContentKey) -> Result<String, Refusal> {
    cipher
        .decrypt(content)
        .and_then(|plain| String::from_utf8(plain).ok())
        .ok_or_else(|| Refusal::invalid("encrypt"))
}

/// An app in certificate mode names its certificate and its roots; other apps name none.
fn check_certificates(keys: &AppKeys, params: &Params) -> Result<(), Refusal> {
    let Some(names) = &keys.certificates else {
        return Ok(());
    };
    for (name, expected) in [
        ("app_cert_sn", &names.app),
        ("alipay_root_cert_sn", &names.roots),
    ] {
        let code = name.replace('_', "-");
        let given = params.get(name).ok_or_else(|| Refusal::missing(&code))?;
        if given != expected {
            return Err(Refusal::invalid(&code));
        }
    }
    Ok(())
}

fn check_form(params: &Params) -> Result<(), Refusal> {
    let required = |name: &str, code: &str| params.get(name).ok_or_else(|| Refusal::missing(code));

    let timestamp = required("timestamp", "timestamp")?;
    if NaiveDateTime::parse_from_str(timestamp, "%Y-%m-%d %H:%M:%S").is_err() {
        return Err(Refusal::invalid("timestamp"));
    }
    if required("sign_type", "signature-type")? != "RSA2" {
        return Err(Refusal::invalid("signature-type"));
    }
    if required("version", "version")? != "1.0" {
        return Err(Refusal::invalid("version"));
    }
    let is = |name: &str, value: &str| {
        params
            .get(name)
            .is_none_or(|given| given.eq_ignore_ascii_case(value))
    };
    if !is("format", "json") {
        return Err(Refusal::invalid("format"));
    }
    if !is("charset", "utf-8") {
        return Err(Refusal::invalid("charset"));
    }
    Ok(())
}

fn check_signature(keys: &AppKeys, params: &Params) -> Result<(), Refusal> {
    let sign = params
        .get("sign")
        .ok_or_else(|| Refusal::missing("signature"))?;
    let text = params.signed_text();
    if keys.caller.accepts(text.as_bytes(), sign) {
        return Ok(());
    }
    let shown = text.replace('&', "&amp;");
    Err(Refusal::new(
        "40002",
        "isv.invalid-signature",
        format!(
            "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：{shown}"
        ),
    ))
}

/// A success that carries a code, as every method but `alipay.system.oauth.token` has it.
pub(super) fn with_code(mut content: Value) -> Value {
    if let Some(members) = content.as_object_mut() {
        members.insert("code".to_owned(), json!("10000"));
        members.insert("msg".to_owned(), json!("Success"));
    }
    content
}
