//! The problems that callers are told of.

use actix_web::http::StatusCode;

use crate::http::problem::{Kind, Text};

pub(in crate::vehicle_passes) const NOT_FOR_APPLICANT: Kind = Kind {
    slug: "vehicle-pass-type-not-for-applicant",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该类通行证不面向此类申请人",
        "This type of pass is not for this kind of applicant",
    ),
};

pub(in crate::vehicle_passes) const NOBODY_TO_TELL: Kind = Kind {
    slug: "vehicle-pass-nobody-to-tell",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "法定代表人须先在小程序完成实名认证，以便接收审核结果",
        "The legal person has to prove in the mini-program who they are first, to be told the result",
    ),
};

pub(in crate::vehicle_passes) const TOO_MANY_OPEN: Kind = Kind {
    slug: "vehicle-applications-too-many",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "未办结的申请过多",
        "Too many applications are not decided yet",
    ),
};

pub(in crate::vehicle_passes) const NOT_A_DRAFT: Kind = Kind {
    slug: "vehicle-application-submitted",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "申请已提交，不能修改",
        "The application was submitted and stays as it is",
    ),
};

pub(in crate::vehicle_passes) const FORM: Kind = Kind {
    slug: "vehicle-application-incomplete",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new("申请填写不完整", "The application is not filled in"),
};

pub(in crate::vehicle_passes) const PLATE: Kind = Kind {
    slug: "vehicle-plate-invalid",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new("号牌号码不正确", "This is no plate"),
};

pub(in crate::vehicle_passes) const BACKWARDS: Kind = Kind {
    slug: "vehicle-dates-backwards",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new("结束日期早于开始日期", "The last date is before the first"),
};

pub(in crate::vehicle_passes) const HOURS: Kind = Kind {
    slug: "vehicle-hours-invalid",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new("通行时间不正确", "The hours cannot be"),
};

pub(in crate::vehicle_passes) const ROUTE: Kind = Kind {
    slug: "vehicle-route-not-granted",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "该路线无需通行证或无法办理",
        "Nobody needs a pass for this route, or none is given",
    ),
};

pub(in crate::vehicle_passes) const NOT_AGREED: Kind = Kind {
    slug: "vehicle-passenger-not-agreed",
    status: StatusCode::CONFLICT,
    title: Text::new("有人尚未确认同行", "Somebody did not agree to ride along"),
};

pub(in crate::vehicle_passes) const NOT_GREEN: Kind = Kind {
    slug: "vehicle-passenger-not-green",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "有人健康码不是绿码",
        "The code of somebody aboard is not green",
    ),
};

pub(in crate::vehicle_passes) const NOT_TESTED: Kind = Kind {
    slug: "vehicle-passenger-not-tested",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "有人缺少有效的核酸检测阴性结果",
        "Somebody aboard has no negative test that is new enough",
    ),
};

pub(in crate::vehicle_passes) const OVERLAPS: Kind = Kind {
    slug: "vehicle-pass-overlaps",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该车在同一时段同一路线已有通行证或申请",
        "The vehicle has a pass, or one is asked for, on this way at this time",
    ),
};

pub(in crate::vehicle_passes) const NOT_REGISTERED: Kind = Kind {
    slug: "vehicle-not-registered",
    status: StatusCode::CONFLICT,
    title: Text::new("该车未注册登记", "The vehicle is not registered"),
};

pub(in crate::vehicle_passes) const VIOLATIONS: Kind = Kind {
    slug: "vehicle-has-violations",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该车有未处理的交通违法",
        "The vehicle has traffic violations that are not settled",
    ),
};

pub(in crate::vehicle_passes) const NOT_INSPECTED: Kind = Kind {
    slug: "vehicle-not-inspected",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该车检验有效期不足",
        "The vehicle is not inspected for long enough",
    ),
};

pub(in crate::vehicle_passes) const FULL: Kind = Kind {
    slug: "vehicle-full",
    status: StatusCode::CONFLICT,
    title: Text::new("车上人员已满", "Nobody else may be aboard"),
};

pub(in crate::vehicle_passes) const KNOWN_ABOARD: Kind = Kind {
    slug: "vehicle-passenger-known",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该人员已在车上人员名单中",
        "They are on the list of those aboard",
    ),
};

pub(in crate::vehicle_passes) const INVITATION_OVER: Kind = Kind {
    slug: "vehicle-invitation-over",
    status: StatusCode::CONFLICT,
    title: Text::new("该邀请已失效", "The invitation is over"),
};

pub(in crate::vehicle_passes) const NOT_IN_FORCE: Kind = Kind {
    slug: "vehicle-pass-not-in-force",
    status: StatusCode::CONFLICT,
    title: Text::new("该通行证当前无效", "The pass does not count now"),
};

pub(in crate::vehicle_passes) const TOO_EARLY: Kind = Kind {
    slug: "vehicle-pass-not-yet",
    status: StatusCode::CONFLICT,
    title: Text::new("尚未到可出示的时间", "It is too early to show the pass"),
};

pub(in crate::vehicle_passes) const RENEWED_TOO_EARLY: Kind = Kind {
    slug: "vehicle-pass-renewed-too-early",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "到期前七日内方可续期",
        "A pass is renewed within the seven days before its end",
    ),
};

pub(in crate::vehicle_passes) const SUCCESSOR_OPEN: Kind = Kind {
    slug: "vehicle-pass-successor-open",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "已有变更或续期申请",
        "A change or a renewal of the pass is asked for already",
    ),
};

pub(in crate::vehicle_passes) const NOT_AUTHORISED: Kind = Kind {
    slug: "vehicle-authorisation-not-good",
    status: StatusCode::GONE,
    title: Text::new(
        "授权码无效、已使用或已过期",
        "The authorisation was used, is over, or was never given",
    ),
};

pub(in crate::vehicle_passes) const TOO_MANY_AUTHORISATIONS: Kind = Kind {
    slug: "vehicle-authorisations-too-many",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "有效的授权码过多",
        "Too many authorisations may be used at this time",
    ),
};

pub(in crate::vehicle_passes) const NOT_SIGNED: Kind = Kind {
    slug: "vehicle-recognition-not-signed",
    status: StatusCode::FORBIDDEN,
    title: Text::new(
        "请求未由已登记的对方平台签名",
        "No registered counterpart signed this request",
    ),
};

pub(in crate::vehicle_passes) const TOO_MANY_ASKED: Kind = Kind {
    slug: "vehicle-invitations-too-many",
    status: StatusCode::TOO_MANY_REQUESTS,
    title: Text::new(
        "邀请同行次数过多，请稍后再试",
        "Too many people were asked aboard; try again later",
    ),
};

pub(in crate::vehicle_passes) const TOO_MANY_ATTEMPTS: Kind = Kind {
    slug: "vehicle-recognitions-too-many",
    status: StatusCode::TOO_MANY_REQUESTS,
    title: Text::new(
        "尝试次数过多，请稍后再试",
        "Too many attempts; try again later",
    ),
};

pub(in crate::vehicle_passes) const DATES_OVER: Kind = Kind {
    slug: "vehicle-dates-over",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "申请的通行日期已过",
        "The days that were asked for are over",
    ),
};

pub(in crate::vehicle_passes) const NOT_OF_THE_UNIT: Kind = Kind {
    slug: "vehicle-unit-not-acted-for",
    status: StatusCode::FORBIDDEN,
    title: Text::new("您已不再为该单位办事", "You act for this unit no more"),
};

pub(in crate::vehicle_passes) const REGISTRY_SILENT: Kind = Kind {
    slug: "vehicle-registry-silent",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "车辆登记数据尚未返回，暂不能批准",
        "The registry of vehicles did not answer yet; nothing is granted before",
    ),
};
