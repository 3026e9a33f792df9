//! The control surface: the same operations as the typed ones, as JSON under `/__ctl/`.
//!
//! Any page may call it: it guards nothing but a world that does not exist.

mod alipay;
mod certificates;
mod data_centre;
mod vehicles;
mod wechat;

use std::time::Duration;

use actix_web::middleware::DefaultHeaders;
use actix_web::web::{Bytes, Data, Json, Path, Query, ServiceConfig, delete, get, post, scope};
use actix_web::{HttpResponse, ResponseError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::config::RegisteredPerson;
use crate::faults::Fault;
use crate::phone::{Phone, PhoneError};
use crate::state::World;
use crate::target::Target;
use crate::wechat::{PushError, SubscribeError};

const OPERATIONS: &[&str] = &[
    "GET    /__ctl/users/{key}",
    "POST   /__ctl/users/{key}                      {\"number\"}",
    "GET    /__ctl/sms/{number}",
    "GET    /__ctl/clock",
    "POST   /__ctl/clock                            {\"offset_ms\"} or {\"advance_ms\"}",
    "POST   /__ctl/tokens/age                       {\"seconds\"}",
    "POST   /__ctl/faults                           {\"endpoint\", \"fault\", \"times\"?}",
    "DELETE /__ctl/faults                           ?endpoint=",
    "POST   /__ctl/registry/people                  {\"name\", \"document\", \"number\"}",
    "POST   /__ctl/registry/lenient                 {\"lenient\"}",
    "GET    /__ctl/requests                         ?endpoint=&as=text",
    "POST   /__ctl/reset",
];

/// Serve the control surface.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(
        scope("/__ctl")
            .wrap(DefaultHeaders::new().add(("access-control-allow-origin", "*")))
            .route("/", get().to(index))
            .route("/users/{key}", get().to(show_user))
            .route("/users/{key}", post().to(change_user))
            .configure(wechat::configure)
            .configure(alipay::configure)
            .configure(certificates::configure)
            .configure(vehicles::configure)
            .configure(data_centre::configure)
            .route("/sms/{number}", get().to(sms_inbox))
            .route("/clock", get().to(show_clock))
            .route("/clock", post().to(set_clock))
            .route("/tokens/age", post().to(age_tokens))
            .route("/faults", post().to(order_fault))
            .route("/faults", delete().to(clear_faults))
            .route("/registry/people", post().to(register_person))
            .route("/registry/lenient", post().to(set_registry_lenient))
            .route("/requests", get().to(requests))
            .route("/reset", post().to(reset)),
    );
}

/// Why an order was not carried out.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("{0}")]
    Malformed(#[from] serde_json::Error),
    #[error(transparent)]
    Phone(#[from] PhoneError),
    #[error(transparent)]
    Push(#[from] PushError),
    #[error(transparent)]
    Subscribe(#[from] SubscribeError),
}

impl ResponseError for Error {
    fn error_response(&self) -> HttpResponse {
        HttpResponse::BadRequest().json(json!({"error": self.to_string()}))
    }
}

type Answer = Result<Json<Value>, Error>;

/// The body as `T`, whatever its content type; an empty one is `{}`.
fn order<T: DeserializeOwned>(body: &Bytes) -> Result<T, Error> {
    let text: &[u8] = if body.is_empty() { b"{}" } else { body };
    Ok(serde_json::from_slice(text)?)
}

fn done() -> Json<Value> {
    Json(json!({"ok": true}))
}

async fn index() -> Json<Value> {
    let operations = [
        OPERATIONS,
        wechat::OPERATIONS,
        alipay::OPERATIONS,
        certificates::OPERATIONS,
        data_centre::OPERATIONS,
        vehicles::OPERATIONS,
    ]
    .concat();
    Json(json!({"operations": operations}))
}

#[derive(Serialize)]
struct UserView {
    key: String,
    number: String,
    wechat_openid: String,
    alipay_user_id: String,
    alipay_open_id: String,
}

impl UserView {
    fn of(key: String, phone: &Phone) -> Self {
        Self {
            key,
            number: phone.number(),
            wechat_openid: phone.wechat_openid(),
            alipay_user_id: phone.alipay_user_id(),
            alipay_open_id: phone.alipay_open_id(),
        }
    }
}

async fn show_user(world: Data<World>, key: Path<String>) -> Json<UserView> {
    let phone = world.phone_of(&key);
    Json(UserView::of(key.into_inner(), &phone))
}

#[derive(Deserialize)]
struct NumberOrder {
    number: String,
}

async fn change_user(
    world: Data<World>,
    key: Path<String>,
    body: Bytes,
) -> Result<Json<UserView>, Error> {
    let order: NumberOrder = order(&body)?;
    let phone = world.phone_of(&key);
    phone.set_number(&order.number)?;
    Ok(Json(UserView::of(key.into_inner(), &phone)))
}

async fn sms_inbox(world: Data<World>, number: Path<String>) -> Json<Value> {
    Json(json!({
        "latest_code": world.latest_sms_code(&number),
        "messages": world.sms_inbox(&number),
    }))
}

async fn show_clock(world: Data<World>) -> Json<Value> {
    Json(json!({"now_ms": world.now_ms(), "offset_ms": world.clock_offset_ms()}))
}

#[derive(Deserialize)]
struct ClockOrder {
    offset_ms: Option<i64>,
    advance_ms: Option<u64>,
}

async fn set_clock(world: Data<World>, body: Bytes) -> Result<Json<Value>, Error> {
    let order: ClockOrder = order(&body)?;
    if let Some(offset) = order.offset_ms {
        world.set_clock_offset_ms(offset);
    }
    if let Some(by) = order.advance_ms {
        world.advance_clock(Duration::from_millis(by));
    }
    world.flush_notifications().await;
    Ok(show_clock(world).await)
}

#[derive(Deserialize)]
struct AgeOrder {
    seconds: u64,
}

async fn age_tokens(world: Data<World>, body: Bytes) -> Answer {
    let order: AgeOrder = order(&body)?;
    world.age_tokens(Duration::from_secs(order.seconds));
    Ok(done())
}

#[derive(Deserialize)]
struct FaultOrder {
    endpoint: Target,
    fault: Fault,
    /// `null` for until it is cleared.
    #[serde(default = "once")]
    times: Option<u32>,
}

#[expect(clippy::unnecessary_wraps, reason = "an order may have no number")]
fn once() -> Option<u32> {
    Some(1)
}

async fn order_fault(world: Data<World>, body: Bytes) -> Answer {
    let order: FaultOrder = order(&body)?;
    world.order_fault(order.endpoint, order.fault, order.times);
    Ok(done())
}

/// What is asked about: everything, unless an endpoint or a platform is named.
#[derive(Deserialize)]
struct Of {
    endpoint: Option<Target>,
    #[serde(rename = "as")]
    form: Option<Form>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Form {
    Json,
    Text,
}

async fn clear_faults(world: Data<World>, of: Query<Of>) -> Json<Value> {
    match of.endpoint {
        Some(target) => world.clear_faults_of(target),
        None => world.clear_faults(),
    }
    done()
}

async fn register_person(world: Data<World>, body: Bytes) -> Answer {
    let person: RegisteredPerson = order(&body)?;
    world.register_person(person);
    Ok(done())
}

#[derive(Deserialize)]
struct LenientOrder {
    lenient: bool,
}

async fn set_registry_lenient(world: Data<World>, body: Bytes) -> Answer {
    let order: LenientOrder = order(&body)?;
    world.set_registry_lenient(order.lenient);
    Ok(done())
}

async fn requests(world: Data<World>, of: Query<Of>) -> HttpResponse {
    let requests = match of.endpoint {
        Some(target) => world.requests_of(target),
        None => world.requests(),
    };
    if of.form == Some(Form::Text) {
        let lines: Vec<_> = requests.iter().map(|call| format!("{call}\n")).collect();
        return HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .body(lines.concat());
    }
    HttpResponse::Ok().json(json!({"requests": requests}))
}

async fn reset(world: Data<World>) -> Json<Value> {
    world.reset();
    done()
}
