//! The Alipay side of a person's phone.

use actix_web::web::{Bytes, Data, Json, Path, ServiceConfig, get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, done, order};
use crate::alipay::AlipayNotice;
use crate::phone::Phone;
use crate::state::World;

pub(super) const OPERATIONS: &[&str] = &[
    "POST   /__ctl/users/{key}/alipay/auth-code     {\"app_id\"?, \"scope\"?}",
    "POST   /__ctl/users/{key}/alipay/phone-payload {\"app_id\"?, \"refused\"?}",
    "POST   /__ctl/users/{key}/alipay/form          {\"app_id\"?}",
    "GET    /__ctl/users/{key}/alipay/messages",
    "POST   /__ctl/users/{key}/alipay/refuse        {\"refused\"?}",
    "POST   /__ctl/users/{key}/alipay/notification  {\"app_id\"?, \"url\", \"kind\", \"style\"?, \"fields\"?}",
    "GET    /__ctl/alipay/notifications",
    "POST   /__ctl/alipay/notifications/flush",
    "POST   /__ctl/alipay/notifications/{id}/repeat",
    "GET    /__ctl/alipay/certificates/{app_id}",
];

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/users/{key}/alipay/auth-code", post().to(auth_code))
        .route(
            "/users/{key}/alipay/phone-payload",
            post().to(phone_payload),
        )
        .route("/users/{key}/alipay/form", post().to(submit_form))
        .route("/users/{key}/alipay/messages", get().to(messages))
        .route("/users/{key}/alipay/refuse", post().to(refuse_messages))
        .route("/users/{key}/alipay/notification", post().to(notify))
        .route("/alipay/notifications", get().to(notifications))
        .route("/alipay/notifications/flush", post().to(flush))
        .route("/alipay/notifications/{id}/repeat", post().to(repeat))
        .route("/alipay/certificates/{app_id}", get().to(certificates));
}

#[derive(Deserialize)]
struct AppOrder {
    app_id: Option<String>,
    scope: Option<String>,
    #[serde(default)]
    refused: bool,
}

fn phone_in_app(world: &World, key: &str, app_id: Option<&str>) -> Phone {
    let phone = world.phone_of(key);
    match app_id {
        Some(app_id) => phone.in_alipay_app(app_id),
        None => phone,
    }
}

async fn auth_code(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let order: AppOrder = order(&body)?;
    let phone = phone_in_app(&world, &key, order.app_id.as_deref());
    let scope = order.scope.as_deref().unwrap_or("auth_base");
    let code = phone.alipay_auth_code_for(scope);
    Ok(Json(json!({
        "authCode": code, "authSuccessScopes": [scope], "authErrorScopes": {},
    })))
}

async fn phone_payload(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let order: AppOrder = order(&body)?;
    let phone = phone_in_app(&world, &key, order.app_id.as_deref());
    let payload = if order.refused {
        phone.alipay_phone_refusal()?
    } else {
        phone.alipay_phone_payload()?
    };
    Ok(Json(json!({"response": payload})))
}

async fn submit_form(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let order: AppOrder = order(&body)?;
    let phone = phone_in_app(&world, &key, order.app_id.as_deref());
    Ok(Json(json!({"formId": phone.submit_alipay_form()})))
}

async fn messages(world: Data<World>, key: Path<String>) -> Json<Value> {
    Json(json!({"messages": world.phone_of(&key).alipay_messages()}))
}

async fn refuse_messages(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let order: AppOrder = order(&body)?;
    world
        .phone_of(&key)
        .set_alipay_messages_refused(order.refused);
    Ok(done())
}

#[derive(Deserialize)]
struct NoticeOrder {
    app_id: Option<String>,
    #[serde(flatten)]
    notice: AlipayNotice,
}

/// The first attempt is made before the answer.
async fn notify(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let order: NoticeOrder = order(&body)?;
    let phone = phone_in_app(&world, &key, order.app_id.as_deref());
    let notify_id = phone.notify_alipay_app(&order.notice)?;
    world.flush_notifications().await;
    Ok(Json(json!({"notify_id": notify_id})))
}

async fn notifications(world: Data<World>) -> Json<Value> {
    Json(json!({"notifications": world.alipay_notifications()}))
}

async fn flush(world: Data<World>) -> Json<Value> {
    Json(json!({"attempts": world.flush_notifications().await}))
}

async fn repeat(world: Data<World>, id: Path<String>) -> Json<Value> {
    let known = world.repeat_alipay_notification(&id);
    world.flush_notifications().await;
    Json(json!({"ok": known}))
}

/// What an operator downloads from Alipay. `null` for an app that is not in certificate mode.
async fn certificates(world: Data<World>, app_id: Path<String>) -> Json<Value> {
    let keys = world.0.alipay_app(&app_id);
    let certificates = keys.and_then(|keys| keys.app.certificates.as_ref());
    Json(json!(certificates.map(|certificates| json!({
        "app": certificates.app,
        "alipay": certificates.alipay,
        "roots": certificates.roots,
    }))))
}
