//! The Alipay side of a person's phone.

use actix_web::web::{Bytes, Data, Json, Path, ServiceConfig, post};
use serde::Deserialize;
use serde_json::json;

use super::{Answer, order};
use crate::phone::Phone;
use crate::state::World;

pub(super) const OPERATIONS: &[&str] = &[
    "POST   /__ctl/users/{key}/alipay/auth-code     {\"app_id\"?, \"scope\"?}",
    "POST   /__ctl/users/{key}/alipay/phone-payload {\"app_id\"?, \"refused\"?}",
];

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/users/{key}/alipay/auth-code", post().to(auth_code))
        .route(
            "/users/{key}/alipay/phone-payload",
            post().to(phone_payload),
        );
}

#[derive(Deserialize)]
struct AppOrder {
    app_id: Option<String>,
    scope: Option<String>,
    #[serde(default)]
    refused: bool,
}

fn phone_in_app(world: &World, key: &str, order: &AppOrder) -> Phone {
    let phone = world.phone_of(key);
    match &order.app_id {
        Some(app_id) => phone.in_alipay_app(app_id),
        None => phone,
    }
}

async fn auth_code(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let order: AppOrder = order(&body)?;
    let phone = phone_in_app(&world, &key, &order);
    let scope = order.scope.as_deref().unwrap_or("auth_base");
    let code = phone.alipay_auth_code_for(scope);
    Ok(Json(json!({
        "authCode": code, "authSuccessScopes": [scope], "authErrorScopes": {},
    })))
}

async fn phone_payload(world: Data<World>, key: Path<String>, body: Bytes) -> Answer {
    let order: AppOrder = order(&body)?;
    let phone = phone_in_app(&world, &key, &order);
    let payload = if order.refused {
        phone.alipay_phone_refusal()?
    } else {
        phone.alipay_phone_payload()?
    };
    Ok(Json(json!({"response": payload})))
}
