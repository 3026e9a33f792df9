//! The kinds of refusal, by their stable names.

use actix_web::http::StatusCode;

use crate::http::problem::{Kind, Text};

const fn kind(slug: &'static str, status: StatusCode, zh: &'static str, en: &'static str) -> Kind {
    Kind {
        slug,
        status,
        title: Text::new(zh, en),
    }
}

pub(super) const TERMS_NOT_ACCEPTED: Kind = kind(
    "terms-not-accepted",
    StatusCode::UNPROCESSABLE_ENTITY,
    "须先接受现行的使用条款和隐私声明",
    "The current terms and privacy notice have to be accepted",
);

pub(super) const TOO_MANY_CODES: Kind = kind(
    "too-many-codes",
    StatusCode::TOO_MANY_REQUESTS,
    "获取验证码过于频繁，请稍后再试",
    "Too many codes were asked for; please try again later",
);

pub(super) const SMS_UNAVAILABLE: Kind = kind(
    "sms-unavailable",
    StatusCode::SERVICE_UNAVAILABLE,
    "暂时无法发送短信，请改用微信或支付宝登录",
    "No SMS can be sent now; please log in through WeChat or Alipay",
);

pub(super) const SMS_SHUT: Kind = kind(
    "sms-login-shut",
    StatusCode::FORBIDDEN,
    "错误次数过多，该号码的短信登录已关闭，请用微信或支付宝登录",
    "Too many wrong codes: SMS log-in is shut for this number; please log in through WeChat or Alipay",
);

pub(super) const CODE_REFUSED: Kind = kind(
    "code-refused",
    StatusCode::UNAUTHORIZED,
    "验证码不正确或已失效",
    "The code is not correct, or no longer good",
);

pub(super) const TOO_MANY_GUESSES: Kind = kind(
    "too-many-guesses",
    StatusCode::TOO_MANY_REQUESTS,
    "验证码错误次数过多，请稍后再试",
    "Too many wrong codes; please try again later",
);

pub(super) const PLATFORM_UNAVAILABLE: Kind = kind(
    "platform-unavailable",
    StatusCode::SERVICE_UNAVAILABLE,
    "平台暂时没有响应，请改用短信登录",
    "The platform does not answer; please log in by SMS",
);

pub(super) const PLATFORM_USER_BLOCKED: Kind = kind(
    "platform-user-blocked",
    StatusCode::FORBIDDEN,
    "平台限制了该用户登录",
    "The platform does not let this user log in",
);

pub(super) const PHONE_NOT_MAINLAND: Kind = kind(
    "phone-not-mainland",
    StatusCode::UNPROCESSABLE_ENTITY,
    "平台绑定的不是中国大陆手机号码",
    "The number bound on the platform is not a mainland mobile",
);

pub(super) const PAYLOAD_USED: Kind = kind(
    "payload-used",
    StatusCode::CONFLICT,
    "该授权已使用过，请重新授权",
    "This authorisation was used before; please authorise again",
);

pub(super) const SMS_CHECK_REQUIRED: Kind = kind(
    "sms-check-required",
    StatusCode::CONFLICT,
    "该平台账号已绑定其他号码，请用短信验证码登录",
    "This platform account is bound to another number; please log in by SMS",
);

pub(super) const REFRESH_REFUSED: Kind = kind(
    "refresh-refused",
    StatusCode::UNAUTHORIZED,
    "登录已失效，请重新登录",
    "The session is over; please log in again",
);

pub(super) const IDENTITY_MISMATCH: Kind = kind(
    "identity-mismatch",
    StatusCode::UNPROCESSABLE_ENTITY,
    "姓名与证件号码不一致",
    "Name and document do not belong together",
);

pub(super) const IDENTITY_IN_USE: Kind = kind(
    "identity-in-use",
    StatusCode::CONFLICT,
    "该证件已被其他用户使用",
    "Another person here has this document",
);

pub(super) const ALREADY_VERIFIED: Kind = kind(
    "already-verified",
    StatusCode::CONFLICT,
    "已完成实名认证",
    "The identity is verified already",
);

pub(super) const NOT_VERIFIED: Kind = kind(
    "identity-required",
    StatusCode::CONFLICT,
    "请先完成本人的实名认证",
    "Please verify your own identity first",
);

pub(super) const TOO_MANY_ATTEMPTS: Kind = kind(
    "too-many-attempts",
    StatusCode::TOO_MANY_REQUESTS,
    "认证次数过多，请稍后再试",
    "Too many attempts; please try again later",
);

pub(super) const TOO_MANY_DEPENDANTS: Kind = kind(
    "too-many-dependants",
    StatusCode::CONFLICT,
    "最多可代办五人",
    "One may act for five people at the most",
);

pub(super) const REGISTRY_UNAVAILABLE: Kind = kind(
    "registry-unavailable",
    StatusCode::SERVICE_UNAVAILABLE,
    "身份核验服务暂时没有响应，请稍后再试",
    "The identity registry does not answer; please try again later",
);

pub(super) const IDENTITY_CHECK_REQUIRED: Kind = kind(
    "identity-check-required",
    StatusCode::CONFLICT,
    "该号码已久未登录，请提供实名证件号码",
    "Nobody logged in with this number for long; please give the document that it was verified with",
);
