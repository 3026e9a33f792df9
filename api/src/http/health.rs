//! Whether this process lives, whether it can serve, and what it has counted.
//!
//! For the operator's network: these paths are not for a public proxy to pass on.

use actix_web::{
    HttpResponse, get,
    http::header,
    web::{Data, Json},
};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    fallback::NO_SUCH_ROUTE,
    problem::{FieldFault, Kind, Problem, ProblemBody, Text, UNAVAILABLE},
};
use crate::{
    deps::Deps,
    platform::{db, lifecycle::Stop},
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(healthz).service(readyz).service(metrics);
}

const NOT_READY: Kind = Kind {
    slug: "not-ready",
    ..UNAVAILABLE
};

/// This process was told to stop.
const STOPPING: Kind = Kind {
    slug: "stopping",
    title: Text::new("服务正在停止", "This process is about to stop"),
    ..UNAVAILABLE
};

/// All is well.
#[derive(Debug, Serialize, ToSchema)]
struct Condition {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

const WELL: Json<Condition> = Json(Condition { status: "ok" });

/// Whether the process runs at all. Asks nobody.
#[utoipa::path(
    tag = "operation",
    operation_id = "getHealth",
    responses((status = 200, body = Condition, description = "It runs")),
)]
#[get("/healthz")]
async fn healthz() -> Json<Condition> {
    WELL
}

/// Whether requests can be served.
///
/// What they need answers, and the process was not told to stop. Takes two seconds at the most.
#[utoipa::path(
    tag = "operation",
    operation_id = "getReadiness",
    responses(
        (status = 200, body = Condition, description = "They can"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json",
            description = "It is about to stop, or `errors` names what does not answer: `database`, `ephemeral`, `keys`"),
    ),
)]
#[get("/readyz")]
async fn readyz(deps: Data<Deps>, stop: Option<Data<Stop>>) -> Result<Json<Condition>, Problem> {
    if stop.is_some_and(|stop| stop.is_soft()) {
        return Err(Problem::new(STOPPING));
    }
    let failing = failing(&deps).await;
    if failing.is_empty() {
        return Ok(WELL);
    }
    let message = Text::new("没有应答", "does not answer");
    Err(Problem {
        fields: failing
            .into_iter()
            .map(|name| FieldFault::new(name, "unavailable", message))
            .collect(),
        ..Problem::new(NOT_READY)
    })
}

async fn failing(deps: &Deps) -> Vec<&'static str> {
    let (database, ephemeral) = tokio::join!(db::ping(&deps.db), deps.ephemeral.ping());
    [
        ("database", database.is_ok()),
        ("ephemeral", ephemeral.is_ok()),
        ("keys", deps.keyring.is_ready(deps.clock.now())),
    ]
    .into_iter()
    .filter_map(|(name, works)| (!works).then_some(name))
    .collect()
}

/// What this process has counted, in Prometheus' text format.
///
/// Not here, where operators gave it an address of its own (`server.metrics_listen`).
#[utoipa::path(
    tag = "operation",
    operation_id = "getMetrics",
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "The counters and timings"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json",
            description = "They are told at another address"),
    ),
)]
#[get("/metrics")]
async fn metrics(meters: Option<Data<PrometheusHandle>>) -> Result<HttpResponse, Problem> {
    let meters = meters.ok_or_else(|| Problem::new(NO_SUCH_ROUTE))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4"))
        .body(meters.render()))
}
