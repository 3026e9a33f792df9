//! Tencent Cloud's `SendSms`: HTTP 200 both ways, per-number refusals inside the reply.

use serde::Deserialize;
use serde_json::{Value, json};

use super::inbox::{Limit, SmsGateway, SmsMessage};
use super::recipient;
use super::tencent_signature::Authorization;
use crate::call::{Call, Reply, Trouble};
use crate::config::{SmsTemplate, TencentSmsAccount};
use crate::crypto::{random_hex, request_id};
use crate::state::{Inner, lock};

/// Without a charset: SDKs compare the whole header.
const JSON: &str = "application/json";
const VERSION: &str = "2021-01-11";
const CLOCK_TOLERANCE_SECONDS: u64 = 300;
const MAX_NUMBERS: usize = 200;
const LIMITS: [Limit; 3] = [
    Limit {
        span_ms: 30_000,
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

/// A refusal of the whole call.
struct Refusal {
    code: String,
    message: String,
}

impl Refusal {
    fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }

    fn reply(self) -> Reply {
        let body = json!({"Response": {
            "Error": {"Code": self.code, "Message": self.message},
            "RequestId": request_id(),
        }});
        Reply::new(JSON, body.to_string(), self.code)
    }
}

/// How the codes begin that are said of numbers.
const OF_NUMBERS: [&str; 6] = [
    "FailedOperation.",
    "InvalidParameterValue.IncorrectPhoneNumber",
    "InvalidParameterValue.TemplateParameter",
    "LimitExceeded.DailyLimit",
    "LimitExceeded.DeliveryFrequencyLimit",
    "LimitExceeded.PhoneNumber",
];

/// Why one number got nothing.
struct NumberRefusal<'a> {
    code: &'a str,
    message: &'a str,
}

const BAD_NUMBER: NumberRefusal<'static> = NumberRefusal {
    code: "InvalidParameterValue.IncorrectPhoneNumber",
    message: "Incorrect phone number",
};
const BAD_SIGN: NumberRefusal<'static> = NumberRefusal {
    code: "FailedOperation.SignatureIncorrectOrUnapproved",
    message: "Signature is incorrect or unapproved",
};
const BAD_TEMPLATE: NumberRefusal<'static> = NumberRefusal {
    code: "FailedOperation.TemplateIncorrectOrUnapproved",
    message: "Template is incorrect or unapproved",
};
const BAD_PARAMETERS: NumberRefusal<'static> = NumberRefusal {
    code: "InvalidParameterValue.TemplateParameterFormatError",
    message: "Verification code template parameter format error",
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Order {
    phone_number_set: Vec<String>,
    sms_sdk_app_id: String,
    template_id: String,
    #[serde(default)]
    sign_name: String,
    #[serde(default)]
    template_param_set: Vec<String>,
    #[serde(default)]
    session_context: String,
}

/// Answer `call`.
pub(crate) fn answer(world: &Inner, call: &Call) -> Reply {
    match authorised(world, call).and_then(|account| send(world, account, call)) {
        Ok(reply) => reply,
        Err(refusal) => refusal.reply(),
    }
}

/// Refuse a call in Tencent's words, without looking at who makes it: what is said of a number stands
/// in its status, everything else beside it.
pub(crate) fn refuse(call: &Call, trouble: &Trouble) -> Reply {
    let refusal = match trouble {
        Trouble::Busy => Refusal::new("InternalError", "An internal error occurred."),
        Trouble::Quota => Refusal::new(
            "RequestLimitExceeded",
            "Your current request times exceed the frequency limit.",
        ),
        Trouble::Code(code) => Refusal::new(code.clone(), "Refused."),
    };
    let order = serde_json::from_slice::<Order>(&call.body);
    match order {
        Ok(order) if OF_NUMBERS.iter().any(|kind| refusal.code.starts_with(kind)) => {
            let refused = NumberRefusal {
                code: &refusal.code,
                message: &refusal.message,
            };
            let statuses: Vec<Value> = order
                .phone_number_set
                .iter()
                .map(|number| status(&order, number, Some(&refused)))
                .collect();
            statuses_reply(&statuses, refused.code)
        }
        _ => refusal.reply(),
    }
}

/// The account that signed the call, on time.
fn authorised<'w>(world: &'w Inner, call: &Call) -> Result<&'w TencentSmsAccount, Refusal> {
    if call.header("x-tc-action") != Some("SendSms") {
        return Err(Refusal::new("InvalidAction", "The Action is not found."));
    }
    if call.header("x-tc-version") != Some(VERSION) {
        return Err(Refusal::new("NoSuchVersion", "The Version is not found."));
    }
    let authorization = Authorization::read(call).ok_or_else(|| {
        Refusal::new(
            "AuthFailure.InvalidAuthorization",
            "The Authorization header is not valid.",
        )
    })?;
    let account = world
        .config
        .tencent_sms
        .iter()
        .find(|account| account.secret_id == authorization.secret_id)
        .ok_or_else(|| {
            Refusal::new("AuthFailure.SecretIdNotFound", "The SecretId is not found.")
        })?;
    let timestamp: i64 = call
        .header("x-tc-timestamp")
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Refusal::new("MissingParameter", "X-TC-Timestamp is missing."))?;
    let now = world.clock.now_ms() / 1000;
    if now.abs_diff(timestamp) > CLOCK_TOLERANCE_SECONDS {
        return Err(Refusal::new(
            "AuthFailure.SignatureExpire",
            "The provided credentials have expired.",
        ));
    }
    if !authorization.holds(call, &account.secret_key, timestamp) {
        return Err(Refusal::new(
            "AuthFailure.SignatureFailure",
            "The provided credentials could not be validated. Please check your signature is correct.",
        ));
    }
    Ok(account)
}

fn send(world: &Inner, account: &TencentSmsAccount, call: &Call) -> Result<Reply, Refusal> {
    let order: Order = serde_json::from_slice(&call.body)
        .map_err(|_| Refusal::new("InvalidParameter", "The request body is not valid."))?;
    if order.sms_sdk_app_id != account.sdk_app_id {
        return Err(Refusal::new(
            "UnauthorizedOperation.SmsSdkAppIdVerifyFail",
            "SmsSdkAppId verify fail",
        ));
    }
    if order.phone_number_set.is_empty() || order.phone_number_set.len() > MAX_NUMBERS {
        return Err(Refusal::new(
            "LimitExceeded.PhoneNumberCountLimit",
            "the number of phone numbers exceeds the limit",
        ));
    }

    let now = world.clock.now_ms();
    let outcomes: Vec<_> = order
        .phone_number_set
        .iter()
        .map(|number| (number, deliver(world, account, &order, number, now)))
        .collect();
    let code = outcomes
        .iter()
        .find_map(|(_, outcome)| outcome.as_ref().err())
        .map_or("Ok", |refusal| refusal.code);
    let statuses: Vec<Value> = outcomes
        .iter()
        .map(|(number, outcome)| status(&order, number, outcome.as_ref().err()))
        .collect();
    Ok(statuses_reply(&statuses, code))
}

fn statuses_reply(statuses: &[Value], code: &str) -> Reply {
    let body = json!({"Response": {"SendStatusSet": statuses, "RequestId": request_id()}});
    Reply::new(JSON, body.to_string(), code)
}

fn status(order: &Order, number: &str, refused: Option<&NumberRefusal<'_>>) -> Value {
    json!({
        "SerialNo": refused.map_or_else(|| format!("5000:{}", random_hex::<12>()), |_| String::new()),
        "PhoneNumber": number,
        "Fee": i32::from(refused.is_none()),
        "SessionContext": order.session_context,
        "Code": refused.map_or("Ok", |refusal| refusal.code),
        "Message": refused.map_or("send success", |refusal| refusal.message),
        "IsoCode": "CN",
    })
}

fn deliver(
    world: &Inner,
    account: &TencentSmsAccount,
    order: &Order,
    number: &str,
    now: i64,
) -> Result<(), NumberRefusal<'static>> {
    let number = recipient(number).ok_or(BAD_NUMBER)?;
    if !account.signs.contains(&order.sign_name) {
        return Err(BAD_SIGN);
    }
    let template = account
        .templates
        .iter()
        .find(|template| template.id == order.template_id)
        .ok_or(BAD_TEMPLATE)?;
    let text = fill(template, &order.template_param_set)?;

    let sms = &mut *lock(&world.sms);
    if template.verification {
        sms.flow
            .check(SmsGateway::Tencent, &order.sign_name, &number, &LIMITS, now)
            .map_err(over_limit)?;
        sms.flow
            .note(SmsGateway::Tencent, &order.sign_name, &number, now);
    }
    sms.inbox.deliver(SmsMessage {
        at_ms: now,
        number,
        gateway: SmsGateway::Tencent,
        sign: order.sign_name.clone(),
        template: template.id.clone(),
        text,
        key: Some(order.session_context.clone()).filter(|key| !key.is_empty()),
        code: template
            .verification
            .then(|| order.template_param_set.first().cloned())
            .flatten(),
    });
    Ok(())
}

/// The template's text with `{1}`, `{2}` … replaced; codes have at most six digits.
fn fill(template: &SmsTemplate, params: &[String]) -> Result<String, NumberRefusal<'static>> {
    let digits = |text: &String| text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit());
    if template.verification && !params.iter().all(digits) {
        return Err(BAD_PARAMETERS);
    }
    let mut text = template.text.clone();
    for (index, value) in params.iter().enumerate() {
        let place = place(index);
        if !text.contains(&place) {
            return Err(BAD_PARAMETERS);
        }
        text = text.replace(&place, value);
    }
    if template.text.contains(&place(params.len())) {
        return Err(BAD_PARAMETERS);
    }
    Ok(text)
}

/// Where the parameter `index`, counted from 0, goes in a template.
fn place(index: usize) -> String {
    format!("{{{}}}", index + 1)
}

fn over_limit(limit: Limit) -> NumberRefusal<'static> {
    match limit.span_ms {
        30_000 => NumberRefusal {
            code: "LimitExceeded.PhoneNumberThirtySecondLimit",
            message: "the number of SMS messages sent from a single mobile number within 30 seconds exceeds the upper limit",
        },
        3_600_000 => NumberRefusal {
            code: "LimitExceeded.PhoneNumberOneHourLimit",
            message: "the number of SMS messages sent from a single mobile number within 1 hour exceeds the upper limit",
        },
        _ => NumberRefusal {
            code: "LimitExceeded.PhoneNumberDailyLimit",
            message: "the number of SMS messages sent from a single mobile number every day exceeds the upper limit",
        },
    }
}
