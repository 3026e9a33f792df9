//! The WeChat side of a person's phone.

use actix_web::web::{Bytes, Data, Json, Path, Query, ServiceConfig, get, post};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Answer, Error, done, order};
use crate::config::WechatPush;
use crate::phone::Phone;
use crate::state::World;
use crate::wechat::{SubscribeError, SubscribeQuestion};

pub(super) const OPERATIONS: &[&str] = &[
    "POST   /__ctl/users/{key}/wechat/login-code    {\"app_id\"?}",
    "POST   /__ctl/users/{key}/wechat/check-session {\"app_id\"?}",
    "POST   /__ctl/users/{key}/wechat/end-session   {\"app_id\"?}",
    "POST   /__ctl/users/{key}/wechat/phone-code    {\"app_id\"?}",
    "POST   /__ctl/users/{key}/wechat/phone-data    {\"app_id\"?}",
    "POST   /__ctl/users/{key}/wechat/user-info     {\"app_id\"?}",
    "POST   /__ctl/users/{key}/wechat/subscribe     {\"app_id\"?, \"templates\", \"accept\"?, \"keep\"?}",
    "POST   /__ctl/users/{key}/wechat/subscription  {\"app_id\"?, \"template\", \"accept\"}",
    "POST   /__ctl/users/{key}/wechat/messages      {\"app_id\"?, \"on\"}",
    "GET    /__ctl/users/{key}/wechat/messages      ?app_id",
    "POST   /__ctl/users/{key}/wechat/scan          ?app_id; a picture, or a code's text",
    "POST   /__ctl/users/{key}/wechat/blocked       {\"blocked\"}",
    "GET    /__ctl/wechat/messages",
    "POST   /__ctl/wechat/{app_id}/push             {\"url\", \"token\", \"encoding_aes_key\", \"mode\"?, \"format\"?} or null",
    "POST   /__ctl/wechat/{app_id}/push/verify",
    "POST   /__ctl/wechat/{app_id}/push/event       {\"openid\", \"event\", \"members\"?}",
    "POST   /__ctl/wechat/{app_id}/push/repeat",
    "POST   /__ctl/wechat/pushes/flush",
    "GET    /__ctl/wechat/pushes",
];

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/users/{key}/wechat/login-code", post().to(login_code))
        .route(
            "/users/{key}/wechat/check-session",
            post().to(check_session),
        )
        .route("/users/{key}/wechat/end-session", post().to(end_session))
        .route("/users/{key}/wechat/phone-code", post().to(phone_code))
        .route("/users/{key}/wechat/phone-data", post().to(phone_data))
        .route("/users/{key}/wechat/user-info", post().to(user_info))
        .route("/users/{key}/wechat/subscribe", post().to(subscribe))
        .route(
            "/users/{key}/wechat/subscription",
            post().to(set_subscription),
        )
        .route("/users/{key}/wechat/messages", post().to(set_messages))
        .route("/users/{key}/wechat/messages", get().to(inbox))
        .route("/users/{key}/wechat/scan", post().to(scan))
        .route("/users/{key}/wechat/blocked", post().to(set_blocked))
        .route("/wechat/messages", get().to(messages))
        .route("/wechat/pushes", get().to(pushes))
        .route("/wechat/pushes/flush", post().to(flush_pushes))
        .route("/wechat/{app_id}/push", post().to(set_push))
        .route("/wechat/{app_id}/push/verify", post().to(verify_push))
        .route("/wechat/{app_id}/push/event", post().to(push_event))
        .route("/wechat/{app_id}/push/repeat", post().to(repeat_push));
}

#[derive(Deserialize)]
struct AppOrder {
    app_id: Option<String>,
}

fn phone_in_app(world: &World, key: &str, body: &Bytes) -> Result<Phone, Error> {
    let order: AppOrder = order(body)?;
    Ok(phone_in(world, key, order))
}

fn phone_in(world: &World, key: &str, order: AppOrder) -> Phone {
    let phone = world.phone_of(key);
    match order.app_id {
        Some(app_id) => phone.in_wechat_app(&app_id),
        None => phone,
    }
}

async fn login_code(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let code = phone_in_app(&world, &key, &body)?.wechat_login_code();
    Ok(Json(json!({"code": code, "errMsg": "login:ok"})))
}

async fn phone_code(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let code = phone_in_app(&world, &key, &body)?.wechat_phone_code();
    Ok(Json(json!({"code": code, "errMsg": "getPhoneNumber:ok"})))
}

async fn check_session(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let good = phone_in_app(&world, &key, &body)?.wechat_check_session();
    let words = if good { "ok" } else { "fail" };
    Ok(Json(json!({"errMsg": format!("checkSession:{words}")})))
}

async fn end_session(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    phone_in_app(&world, &key, &body)?.expire_wechat_session();
    Ok(done())
}

async fn phone_data(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let data = phone_in_app(&world, &key, &body)?.wechat_encrypted_phone()?;
    Ok(Json(json!({
        "encryptedData": data.encrypted_data, "iv": data.iv, "errMsg": "getPhoneNumber:ok",
    })))
}

async fn user_info(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let info = phone_in_app(&world, &key, &body)?.wechat_user_info()?;
    Ok(Json(serde_json::to_value(info)?))
}

/// What a page gets from `wx.requestSubscribeMessage`, success or failure.
async fn subscribe(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let question: SubscribeQuestion = order(&body)?;
    let answers = phone_in_app(&world, &key, &body)?.wechat_subscribe(&question);
    Ok(Json(match answers {
        Ok(answers) => {
            let mut told = json!(answers);
            if let Some(members) = told.as_object_mut() {
                members.insert("errMsg".to_owned(), "requestSubscribeMessage:ok".into());
            }
            told
        }
        Err(why) => failed(why),
    }))
}

fn failed(why: SubscribeError) -> Value {
    json!({"errMsg": why.to_string(), "errCode": why.code()})
}

#[derive(Deserialize)]
struct SubscriptionOrder {
    template: String,
    accept: bool,
}

async fn set_subscription(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let wanted: SubscriptionOrder = order(&body)?;
    let phone = phone_in_app(&world, &key, &body)?;
    phone.set_wechat_subscription(&wanted.template, wanted.accept)?;
    Ok(done())
}

#[derive(Deserialize)]
struct SwitchOrder {
    on: bool,
}

async fn set_messages(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let wanted: SwitchOrder = order(&body)?;
    phone_in_app(&world, &key, &body)?.set_wechat_messages(wanted.on);
    Ok(done())
}

async fn inbox(world: Data<World>, key: Path<String>, app: Query<AppOrder>) -> Json<Value> {
    let phone = phone_in(&world, &key, app.into_inner());
    Json(json!({"messages": phone.wechat_inbox()}))
}

async fn scan(
    world: Data<World>,
    key: Path<String>,
    app: Query<AppOrder>,
    body: Bytes,
) -> Json<Value> {
    let phone = phone_in(&world, &key, app.into_inner());
    let scanned = phone.wechat_scan(&body).or_else(|| {
        let text = str::from_utf8(&body).ok().filter(|text| !text.is_empty())?;
        Some(phone.wechat_scan_text(text))
    });
    Json(match scanned {
        Some(result) => json!(result),
        None => json!({"errMsg": "scanCode:fail"}),
    })
}

async fn messages(world: Data<World>) -> Json<Value> {
    Json(json!({"messages": world.wechat_messages()}))
}

async fn pushes(world: Data<World>) -> Json<Value> {
    Json(json!({"pushes": world.wechat_pushes()}))
}

async fn flush_pushes(world: Data<World>) -> Json<Value> {
    world.flush_wechat_pushes().await;
    pushes(world).await
}

async fn set_push(world: Data<World>, app_id: Path<String>, body: Bytes) -> Answer {
    let push: Option<WechatPush> = order(&body)?;
    world.set_wechat_push(&app_id, push)?;
    Ok(done())
}

async fn verify_push(world: Data<World>, app_id: Path<String>) -> Answer {
    let verified = world.verify_wechat_push(&app_id).await?;
    Ok(Json(json!({"verified": verified})))
}

#[derive(Deserialize)]
struct EventOrder {
    openid: String,
    event: String,
    #[serde(default)]
    members: Map<String, Value>,
}

async fn push_event(world: Data<World>, app_id: Path<String>, body: Bytes) -> Answer {
    let wanted: EventOrder = order(&body)?;
    world.push_wechat_event(&app_id, &wanted.openid, &wanted.event, wanted.members)?;
    Ok(done())
}

async fn repeat_push(world: Data<World>, app_id: Path<String>) -> Answer {
    world.repeat_wechat_push(&app_id)?;
    Ok(done())
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
