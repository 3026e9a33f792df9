//! The WeChat side of a person's phone.

use actix_web::web::{Bytes, Data, Json, Path, ServiceConfig, post};
use serde::Deserialize;
use serde_json::json;

use super::{Answer, Error, done, order};
use crate::phone::Phone;
use crate::state::World;

pub(super) const OPERATIONS: &[&str] = &[
    "POST   /__ctl/users/{key}/wechat/login-code    {\"app_id\"?}",
    "POST   /__ctl/users/{key}/wechat/phone-code    {\"app_id\"?}",
    "POST   /__ctl/users/{key}/wechat/blocked       {\"blocked\"}",
];

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/users/{key}/wechat/login-code", post().to(login_code))
        .route("/users/{key}/wechat/phone-code", post().to(phone_code))
        .route("/users/{key}/wechat/blocked", post().to(set_blocked));
}

#[derive(Deserialize)]
struct AppOrder {
    app_id: Option<String>,
}

fn phone_in_app(world: &World, key: &str, body: &Bytes) -> Result<Phone, Error> {
    let order: AppOrder = order(body)?;
    let phone = world.phone_of(key);
    Ok(match order.app_id {
        Some(app_id) => phone.in_wechat_app(&app_id),
        None => phone,
    })
}

async fn login_code(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let code = phone_in_app(&world, &key, &body)?.wechat_login_code();
    Ok(Json(json!({"code": code, "errMsg": "login:ok"})))
}

async fn phone_code(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let code = phone_in_app(&world, &key, &body)?.wechat_phone_code();
    Ok(Json(json!({"code": code, "errMsg": "getPhoneNumber:ok"})))
}

#[derive(Deserialize)]
struct BlockOrder {
    blocked: bool,
}

async fn set_blocked(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let order: BlockOrder = order(&body)?;
    world.phone_of(&key).set_wechat_blocked(order.blocked);
    Ok(done())
}
