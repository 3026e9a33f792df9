//! What devices at gates call.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, EntityTag, Header as _, IfNoneMatch},
    post,
    web::{Data, Json},
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    bundles,
    calls::{Batch, Caller, Said},
    delivering, devices, gaps, staff_routes, verifying,
    views::{
        DeliveryView, EnrolledDeviceView, EnrolmentRequest, GateRequest, GateView,
        HeartbeatRequest, HeartbeatView, MissingParams, MissingView, RecordSchema,
    },
};
use crate::{
    deps::Deps,
    http::{
        binary::Binary,
        body::{Params, Valid},
        client::ClientAddress,
        problem::{Problem, Problems},
    },
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(verify)
        .service(deliver)
        .service(missing)
        .service(bundle)
        .service(heartbeat)
        .service(enrol)
        .configure(staff_routes::configure);
}

/// Bring a device's key.
///
/// With the one-time code that somebody was given for the device. The same key with the same code is
/// answered the same while the code lives, so this takes no `Idempotency-Key`.
#[utoipa::path(
    tag = "gates",
    operation_id = "enrolDevice",
    request_body = EnrolmentRequest,
    responses(
        (status = 200, body = EnrolledDeviceView, description = "Enrolled"),
        Problems,
    ),
)]
#[post("/gate/enrolment")]
async fn enrol(
    from: ClientAddress,
    deps: Data<Deps>,
    body: Valid<EnrolmentRequest>,
) -> Result<Json<EnrolledDeviceView>, Problem> {
    Ok(Json(devices::enrol(&deps, from, body.0).await?))
}

/// Say how a device is, and learn the time and which bundle there is.
#[utoipa::path(
    tag = "gates",
    operation_id = "sendHeartbeat",
    request_body = HeartbeatRequest,
    security(("device" = [])),
    responses(
        (status = 200, body = HeartbeatView, description = "Heard"),
        Problems,
    ),
)]
#[post("/gate/heartbeats")]
async fn heartbeat(
    deps: Data<Deps>,
    said: Said<HeartbeatRequest>,
) -> Result<Json<HeartbeatView>, Problem> {
    let view = devices::heard(&deps, &said.device, &said.body).await?;
    Ok(Json(view))
}

/// Verify whoever stands at a gate.
///
/// Everybody in a vehicle in one call: each is answered, and all of them together. Who is let through at a
/// venue is a visit, everybody at a post is on record, before this answers. A call is known by the device
/// and its `seq`, and a visit by its person, so this takes no `Idempotency-Key`.
#[utoipa::path(
    tag = "gates",
    operation_id = "verifyAtGate",
    request_body = GateRequest,
    security(("device" = [])),
    responses(
        (status = 200, body = GateView, description = "What to do"),
        Problems,
    ),
)]
#[post("/gate/verifications")]
async fn verify(deps: Data<Deps>, said: Said<GateRequest>) -> Result<Json<GateView>, Problem> {
    let view = verifying::verify(&deps.into_inner(), said.device, said.body).await?;
    Ok(Json(view))
}

/// Fetch what a gate goes by for a day without a network.
///
/// The list of keys as the root signed it, and behind it the cards that do not count and the thresholds,
/// signed by a key for status lists of that list. Ask every five minutes with `If-None-Match`.
#[utoipa::path(
    tag = "gates",
    operation_id = "getGateBundle",
    security(("device" = [])),
    responses(
        (status = 200, body = Binary, content_type = "application/cbor", description = "The bundle"),
        (status = 304, description = "Nothing changed"),
        Problems,
    ),
)]
#[get("/gate/bundle")]
async fn bundle(
    request: HttpRequest,
    caller: Caller,
    deps: Data<Deps>,
) -> Result<HttpResponse, Problem> {
    devices::is_open(&deps, &caller.0).await?;
    let made = bundles::current(&deps).await?;
    let tag = EntityTag::new_strong(made.tag.clone());
    let has_it = match IfNoneMatch::parse(&request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = if has_it {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((ETAG, tag.to_string()))
        .insert_header((CACHE_CONTROL, "private, no-cache"));
    if has_it {
        return Ok(response.finish());
    }
    response.insert_header((CONTENT_TYPE, "application/cbor"));
    Ok(response.body(made.bytes.clone()))
}

/// Deliver what a device kept without a network.
///
/// Up to a thousand records, as an array or a line each, in any order, each signed when it was made. Each
/// is stored, known already, or refused for what is wrong with it alone; nothing else of the batch is. A
/// record is known by its device and `seq`, so this takes no `Idempotency-Key`: delivered again it is
/// known, and another one with its number is refused. Numbers and times go the same way: what is said to have
/// happened before an earlier number, or before the device had its key, is refused. A record that lets somebody
/// through whom the rules would not let through is kept, marked, and vouches for nobody's visit. A device keeps what was refused until somebody looked
/// at it, and forgets the rest. Of more than an hour has (`too-many-records`) nothing is stored until the next.
#[utoipa::path(
    tag = "gates",
    operation_id = "deliverGateRecords",
    request_body(content = Vec<RecordSchema>, content_type = "application/x-ndjson"),
    security(("device" = [])),
    responses(
        (status = 200, body = DeliveryView, description = "What became of each"),
        Problems,
    ),
)]
#[post("/gate/records")]
async fn deliver(deps: Data<Deps>, batch: Batch) -> Result<Json<DeliveryView>, Problem> {
    let view = delivering::deliver(&deps, &batch.device, &batch.body).await?;
    Ok(Json(view))
}

/// Ask which records of the device are not here: what to deliver after a break.
///
/// Ask about numbers of records that the device kept without a network, and deliver those of them that are
/// missing. A number that it called with is missing as well where nothing but visits followed from it.
#[utoipa::path(
    tag = "gates",
    operation_id = "listMissingGateRecords",
    params(MissingParams),
    security(("device" = [])),
    responses(
        (status = 200, body = MissingView, description = "What is missing"),
        Problems,
    ),
)]
#[get("/gate/records/missing")]
async fn missing(
    caller: Caller,
    deps: Data<Deps>,
    asked: Params<MissingParams>,
) -> Result<Json<MissingView>, Problem> {
    Ok(Json(gaps::missing(&deps, &caller.0, &asked.0).await?))
}
