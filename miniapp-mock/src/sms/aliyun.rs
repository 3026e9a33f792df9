//! Aliyun's `SendSms`: protocol refusals are 4xx, business refusals are 200 with another `Code`.

use std::collections::HashSet;

use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::aliyun_signature::Authorization;
use super::aliyun_v1::Signed;
use super::inbox::{Limit, SmsGateway, SmsMessage};
use super::{Sms, recipient};
use crate::call::{Call, Reply, Trouble};
use crate::config::{AliyunSmsAccount, SmsTemplate};
use crate::crypto::{random_hex, request_id, sha256_hex};
use crate::state::{Inner, lock};

pub(super) const CLOCK_TOLERANCE_MS: i64 = 15 * 60_000;

const JSON: &str = "application/json;charset=utf-8";
const VERSION: &str = "2017-05-25";
const MAX_NUMBERS: usize = 1_000;
const LIMITS: [Limit; 3] = [
    Limit {
        span_ms: 60_000,
        permits: 1,
    },
    Limit {
        span_ms: 3_600_000,
        permits: 5,
    },
    Limit {
        span_ms: 86_400_000,
        permits: 10,
    },
];

/// A refusal before the business looked at the call, or by the business.
enum Refusal {
    Protocol {
        status: u16,
        code: String,
        message: String,
    },
    Business {
        code: String,
        message: String,
    },
}

impl Refusal {
    fn protocol(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Protocol {
            status,
            code: code.into(),
            message: message.into(),
        }
    }

    fn business(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Business {
            code: code.into(),
            message: message.into(),
        }
    }

    fn reply(self, host: &str) -> Reply {
        match self {
            Self::Protocol {
                status,
                code,
                message,
            } => {
                let body = json!({
                    "RequestId": request_id().to_uppercase(),
                    "HostId": host,
                    "Code": code,
                    "Message": message,
                    "Recommend": format!("https://api.aliyun.com/troubleshoot?q={code}"),
                });
                Reply::new(JSON, body.to_string(), code).with_status(status)
            }
            Self::Business { code, message } => {
                let body = json!({
                    "RequestId": request_id().to_uppercase(), "Code": code, "Message": message,
                });
                Reply::new(JSON, body.to_string(), code)
            }
        }
    }
}

/// Answer `call`.
pub(crate) fn answer(world: &Inner, call: &Call) -> Reply {
    match authorised(world, call).and_then(|account| send(world, account, call)) {
        Ok(reply) => reply,
        Err(refusal) => refusal.reply(call.header("host").unwrap_or_default()),
    }
}

/// Refuse a call in Aliyun's words without looking at it: the business with status 200, everything
/// before it with another.
pub(crate) fn refuse(trouble: &Trouble) -> Reply {
    let refusal = match trouble {
        Trouble::Busy => Refusal::business("isp.SYSTEM_ERROR", "isp.SYSTEM_ERROR"),
        Trouble::Quota => Refusal::business("isv.DAY_LIMIT_CONTROL", "触发日发送限额"),
        Trouble::Code(code) if code.starts_with("isv.") || code.starts_with("isp.") => {
            Refusal::business(code.clone(), code.clone())
        }
        Trouble::Code(code) => {
            let status = match code.as_str() {
                "InternalError" => 500,
                "ServiceUnavailable" => 503,
                code if code.ends_with(".NotFound") => 404,
                code if code.starts_with("Throttling") => 429,
                _ => 400,
            };
            Refusal::protocol(status, code.clone(), code.clone())
        }
    };
    refusal.reply("")
}

/// The account that signed the call, on time and for the first time.
///
/// The older SDKs name the action in a header as well, so that alone does not tell how they sign.
fn authorised<'w>(world: &'w Inner, call: &Call) -> Result<&'w AliyunSmsAccount, Refusal> {
    match Signed::read(call) {
        Some(signed) => by_parameters(world, &signed),
        None => by_headers(world, call),
    }
}

/// `ACS3-HMAC-SHA256`.
fn by_headers<'w>(world: &'w Inner, call: &Call) -> Result<&'w AliyunSmsAccount, Refusal> {
    if call.header("x-acs-action") != Some("SendSms")
        || call.header("x-acs-version") != Some(VERSION)
    {
        return Err(no_such_action());
    }
    let authorization = Authorization::read(call).ok_or_else(incomplete)?;
    let account = account(world, &authorization.access_key_id)?;
    let body_hash = sha256_hex(&call.body);
    if call.header("x-acs-content-sha256") != Some(body_hash.as_str())
        || !authorization.covers(call)
    {
        let message = "Specified signature does not match our calculation.";
        return Err(Refusal::protocol(400, "SignatureDoesNotMatch", message));
    }
    authorization
        .check(call, &account.access_key_secret)
        .map_err(mismatch)?;
    let at = call
        .header("x-acs-date")
        .and_then(|date| DateTime::parse_from_rfc3339(date).ok())
        .map(|date| date.timestamp_millis());
    let nonce = call.header("x-acs-signature-nonce").unwrap_or_default();
    check_freshness(world, account, at, nonce)?;
    Ok(account)
}

/// The signature of version 1, in the query or in a form.
fn by_parameters<'w>(world: &'w Inner, signed: &Signed) -> Result<&'w AliyunSmsAccount, Refusal> {
    if !signed.is_known() {
        return Err(incomplete());
    }
    if signed.parameter("Action") != "SendSms" || signed.parameter("Version") != VERSION {
        return Err(no_such_action());
    }
    let account = account(world, signed.parameter("AccessKeyId"))?;
    signed.check(&account.access_key_secret).map_err(mismatch)?;
    let nonce = signed.parameter("SignatureNonce");
    check_freshness(world, account, signed.at_ms(), nonce)?;
    Ok(account)
}

fn account<'w>(world: &'w Inner, access_key_id: &str) -> Result<&'w AliyunSmsAccount, Refusal> {
    world
        .config
        .aliyun_sms
        .iter()
        .find(|account| account.access_key_id == access_key_id)
        .ok_or_else(|| {
            let message = "Specified access key is not found.";
            Refusal::protocol(404, "InvalidAccessKeyId.NotFound", message)
        })
}

fn no_such_action() -> Refusal {
    let message = "Specified api is not found, please check your url and method.";
    Refusal::protocol(404, "InvalidAction.NotFound", message)
}

fn incomplete() -> Refusal {
    let message = "The request signature does not conform to Aliyun standards.";
    Refusal::protocol(400, "IncompleteSignature", message)
}

#[expect(clippy::needless_pass_by_value, reason = "what a check leaves behind")]
fn mismatch(text: String) -> Refusal {
    let message = format!(
        "Specified signature does not match our calculation. server string to sign is:{text}"
    );
    Refusal::protocol(400, "SignatureDoesNotMatch", message)
}

fn check_freshness(
    world: &Inner,
    account: &AliyunSmsAccount,
    at_ms: Option<i64>,
    nonce: &str,
) -> Result<(), Refusal> {
    let now = world.clock.now_ms();
    if at_ms.is_none_or(|at| (at - now).abs() > CLOCK_TOLERANCE_MS) {
        let message = "Specified time stamp or date value is expired.";
        return Err(Refusal::protocol(400, "InvalidTimeStamp.Expired", message));
    }
    if nonce.is_empty() || !lock(&world.sms).first_use(&account.access_key_id, nonce, now) {
        let message = "Specified signature nonce was used already.";
        return Err(Refusal::protocol(400, "SignatureNonceUsed", message));
    }
    Ok(())
}

/// What the call asks for, from the query or from a form body.
struct Order {
    numbers: String,
    sign: String,
    template: String,
    params: Option<String>,
    /// The sender's own key for the message.
    out_id: Option<String>,
}

impl Order {
    fn read(call: &Call) -> Result<Self, Refusal> {
        let form = call.form();
        let optional = |name: &str| {
            call.query
                .iter()
                .chain(&form)
                .find(|(key, value)| key == name && !value.is_empty())
                .map(|(_, value)| value.clone())
        };
        let required = |name: &str, code| {
            optional(name).ok_or_else(|| {
                Refusal::protocol(400, code, format!("{name} is mandatory for this action."))
            })
        };
        Ok(Self {
            numbers: required("PhoneNumbers", "MissingPhoneNumbers")?,
            sign: required("SignName", "MissingSignName")?,
            template: required("TemplateCode", "MissingTemplateCode")?,
            params: optional("TemplateParam"),
            out_id: optional("OutId"),
        })
    }
}

fn send(world: &Inner, account: &AliyunSmsAccount, call: &Call) -> Result<Reply, Refusal> {
    let order = Order::read(call)?;
    if !account.signs.contains(&order.sign) {
        return Err(Refusal::business(
            "isv.SMS_SIGNATURE_ILLEGAL",
            "该账号下找不到对应签名",
        ));
    }
    let template = account
        .templates
        .iter()
        .find(|template| template.id == order.template)
        .ok_or_else(|| Refusal::business("isv.SMS_TEMPLATE_ILLEGAL", "该账号下找不到对应模板"))?;
    let params = template_params(order.params.as_deref())?;
    let text = fill(template, &params)?;
    let numbers = recipients(&order.numbers)?;

    let now = world.clock.now_ms();
    let sms = &mut *lock(&world.sms);
    admit(sms, template, &order.sign, &numbers, now)?;
    for number in numbers {
        sms.inbox.deliver(SmsMessage {
            at_ms: now,
            number,
            gateway: SmsGateway::Aliyun,
            sign: order.sign.clone(),
            template: template.id.clone(),
            text: text.clone(),
            key: order.out_id.clone(),
            code: template
                .verification
                .then(|| param_text(&params, "code"))
                .flatten(),
        });
    }
    let body = json!({
        "Message": "OK",
        "RequestId": request_id().to_uppercase(),
        "Code": "OK",
        "BizId": format!("{now}{}^0", random_hex::<4>()),
    });
    Ok(Reply::new(JSON, body.to_string(), "OK"))
}

fn template_params(text: Option<&str>) -> Result<Map<String, Value>, Refusal> {
    match text.map(serde_json::from_str) {
        None => Ok(Map::new()),
        Some(Ok(Value::Object(params))) => Ok(params),
        Some(_) => Err(Refusal::business(
            "isv.INVALID_JSON_PARAM",
            "参数格式错误，请修改为字符串值",
        )),
    }
}

fn param_text(params: &Map<String, Value>, name: &str) -> Option<String> {
    match params.get(name)? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The template's text with each `${name}` replaced.
fn fill(template: &SmsTemplate, params: &Map<String, Value>) -> Result<String, Refusal> {
    let mut out = String::new();
    let mut rest = template.text.as_str();
    while let Some((before, after)) = rest.split_once("${") {
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        let value = param_text(params, name).ok_or_else(|| {
            Refusal::business(
                "isv.TEMPLATE_MISSING_PARAMETERS",
                "模板变量中存在未传值变量",
            )
        })?;
        out.push_str(before);
        out.push_str(&value);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// Each number once.
fn recipients(numbers: &str) -> Result<Vec<String>, Refusal> {
    let numbers: Option<Vec<String>> = numbers.split(',').map(recipient).collect();
    numbers
        .map(|numbers| {
            let mut seen = HashSet::new();
            let first = |number: &String| seen.insert(number.clone());
            numbers.into_iter().filter(first).collect::<Vec<_>>()
        })
        .filter(|numbers| numbers.len() <= MAX_NUMBERS)
        .ok_or_else(|| Refusal::business("isv.MOBILE_NUMBER_ILLEGAL", "非法手机号"))
}

/// All of `numbers`, or none.
fn admit(
    sms: &mut Sms,
    template: &SmsTemplate,
    sign: &str,
    numbers: &[String],
    now: i64,
) -> Result<(), Refusal> {
    if !template.verification {
        return Ok(());
    }
    let gateway = SmsGateway::Aliyun;
    for number in numbers {
        sms.flow
            .check(gateway, sign, number, &LIMITS, now)
            .map_err(over_limit)?;
    }
    for number in numbers {
        sms.flow.note(gateway, sign, number, now);
    }
    Ok(())
}

fn over_limit(limit: Limit) -> Refusal {
    let level = match limit.span_ms {
        60_000 => "分钟",
        3_600_000 => "小时",
        _ => "天",
    };
    let message = format!("触发{level}级流控Permits:{}", limit.permits);
    Refusal::business("isv.BUSINESS_LIMIT_CONTROL", message)
}
