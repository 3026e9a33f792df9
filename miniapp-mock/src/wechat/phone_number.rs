//! A phone code for the number behind it.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::codes::{BadCode, Purpose};
use super::{
    APP_ID_INVALID, BODY_MALFORMED, OPENID_INVALID, POST_REQUIRED, Refusal, Style, json_body, text,
    tokens,
};
use crate::call::Call;
use crate::people::openid;
use crate::state::{Inner, lock};

const CODE_INVALID: Refusal = Refusal::new(40029, "invalid code").style(Style::Hint);

/// `POST /wxa/business/getuserphonenumber`.
pub(super) fn phone_number(world: &Inner, call: &Call) -> Result<Value, Refusal> {
    if call.method != Method::POST {
        return Err(POST_REQUIRED);
    }
    let app_id = tokens::caller(world, call)?;
    let body = json_body(call)?;
    let code = text(&body, "code")?.ok_or(BODY_MALFORMED)?;

    let wechat = &mut *lock(&world.wechat);
    let holder = wechat
        .codes
        .look(Purpose::PhoneNumber, code, &app_id, world.clock.now_ms())
        .map_err(|bad| match bad {
            BadCode::OtherApp => APP_ID_INVALID.style(Style::Hint),
            BadCode::Unknown | BadCode::Used => CODE_INVALID,
        })?;
    if text(&body, "openid")?.is_some_and(|given| given != openid(&app_id, &holder.person)) {
        return Err(OPENID_INVALID.style(Style::Hint));
    }
    wechat.codes.spend(code);

    let number = lock(&world.people).person(&holder.person).number;
    Ok(json!({
        "errcode": 0,
        "errmsg": "ok",
        "phone_info": {
            "phoneNumber": number.with_foreign_prefix(),
            "purePhoneNumber": number.national,
            "countryCode": number.country,
            "watermark": {"timestamp": holder.made_at / 1000, "appid": app_id},
        },
    }))
}
