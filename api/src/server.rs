//! The routes, their document, and serving them.

mod document;

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::Server,
    get,
    middleware::from_fn,
    web::{self, Data},
};
use metrics_exporter_prometheus::PrometheusHandle;
use utoipa::{Modify, OpenApi, openapi};
use utoipa_actix_web::{AppExt, scope, service_config::ServiceConfig};
use utoipa_swagger_ui::SwaggerUi;

use self::document::{Closed, DeviceSignature, Roles, Session, StaffSession, UnitSession};
use crate::{
    callbacks, checkpoints, communities, complaints,
    config::Limit,
    contact_tracing, control_actions, corrections, credentials, daily_counts, declarations,
    deps::Deps,
    facts, health_code,
    http::{
        body, client::TrustedProxies, edge::Edge, fallback::Fallback, health, table,
        verifications::Verifications,
    },
    identity, notifications, organisations, overrides, own_data, pass_cards,
    platform::lifecycle::Stop,
    policy, reconciliations, regions, reports, review, roads, service_level, staff, subscriptions,
    transparency, uploads, vehicle_passes, venues, visits, wallet, work_permits,
};

/// Seconds that a connection may idle between two requests.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Seconds that a machine of the operators may take to send a request's head.
const SLOWEST_HEAD: Duration = Duration::from_secs(10);

/// How the server listens.
#[derive(Debug, Clone, Copy)]
pub struct Listening {
    /// Threads that handle requests.
    pub workers: usize,
    /// Connections of one worker at a time. Beyond it clients wait to be accepted.
    pub max_connections: usize,
    /// How long a client may take to send the head of a request, and as long again its body.
    pub slowest: Duration,
    /// How long to finish what was accepted, when told to stop.
    pub drain: Duration,
    /// Whether the public reaches us by https.
    pub https: bool,
    /// How far to believe `X-Forwarded-For`.
    pub proxies: TrustedProxies,
    /// What one machine may have verified without saying who it is.
    pub verifications: Limit,
    /// Whether what was counted is told here.
    pub tells_meters: bool,
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Tongxing 通行", contact(name = "The Tongxing authors")),
    tags(
        (name = "login", description = "Log in by SMS, WeChat or Alipay"),
        (name = "sessions", description = "One's log-ins"),
        (name = "people", description = "Real name and dependants"),
        (name = "own data", description = "A copy of what is kept about oneself, the end of one's account, and what is kept at all"),
        (name = "organisations", description = "Units, and who acts for them"),
        (name = "declarations", description = "Declarations and daily check-ins"),
        (name = "messages", description = "What people allow us to send them"),
        (name = "health code", description = "Show, verify and explain codes"),
        (name = "facts", description = "What is known about people from elsewhere than their own reports"),
        (name = "contact tracing", description = "Who was at a venue, for the health authority and for whoever it concerns"),
        (name = "complaints", description = "What people complain of in how they were treated"),
        (name = "venues", description = "Codes on doors: ask for them, print them, show them"),
        (name = "vehicle passes", description = "Which vehicle may drive where and when, with whom"),
        (name = "corrections", description = "What is wrong in what is recorded"),
        (name = "overrides", description = "Colours that several people decide on: a request, two approvals, an end"),
        (name = "control actions", description = "People who were turned away at a door"),
        (name = "cases", description = "What somebody has to decide, and how far that got"),
        (name = "pass cards", description = "Health pass cards: apply, carry, verify"),
        (name = "gates", description = "Sentinels at doors and posts on the road: verify, without a network too"),
        (name = "regions", description = "Divisions, and when each opens"),
        (name = "communities", description = "Where passes are handled, who is on duty, and where nobody is"),
        (name = "roads", description = "Sections of roads that take a pass, and when"),
        (name = "reports", description = "How well promises are kept"),
        (name = "policy", description = "The rules that decide colours"),
        (name = "visits", description = "Who was where: scans, entries by hand, and what a unit sees of them"),
        (name = "uploads", description = "Scans and photographs for applications"),
        (name = "work permits", description = "The return to work: the white list, collection forms, permits"),
        (name = "staff", description = "Who works here, and what they may do where"),
        (name = "transparency", description = "The log of everything that is decided, which outsiders can check"),
        (name = "credentials", description = "Public keys for offline verification"),
        (name = "platforms", description = "Where super-apps call us"),
        (name = "operation", description = "For operators"),
    ),
    // Parameters alone refer to it.
    components(schemas(table::Format)),
    modifiers(&DeviceSignature, &Session, &StaffSession, &UnitSession),
)]
struct Document;

/// Mount every route that the document describes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(
            scope("/v1")
                // The router tries in this order: the busiest first.
                .configure(health_code::configure)
                .configure(visits::configure)
                .configure(identity::configure)
                .configure(own_data::configure)
                .configure(declarations::configure)
                .configure(notifications::configure)
                .configure(checkpoints::configure)
                .configure(pass_cards::configure)
                .configure(organisations::configure)
                .configure(subscriptions::configure)
                .configure(vehicle_passes::configure)
                .configure(venues::configure)
                .configure(wallet::configure)
                .configure(work_permits::configure)
                .configure(complaints::configure)
                .configure(contact_tracing::configure)
                .configure(corrections::configure)
                .configure(overrides::configure)
                .configure(control_actions::configure)
                .configure(callbacks::configure)
                .configure(credentials::configure)
                .configure(facts::configure)
                .configure(reconciliations::configure)
                .configure(facts::import::configure)
                .configure(communities::configure)
                .configure(roads::configure)
                .configure(regions::configure)
                .configure(reports::configure)
                .configure(policy::configure)
                .configure(review::inbox::configure)
                .configure(service_level::configure)
                .configure(staff::configure)
                .configure(transparency::configure)
                .configure(daily_counts::configure)
                .configure(uploads::configure),
        )
        .service(credentials::jwks)
        .configure(health::configure);
}

/// The document of the served routes.
#[must_use]
pub fn document() -> openapi::OpenApi {
    let (_, mut document) = App::new()
        .into_utoipa_app()
        .openapi(Document::openapi())
        .configure(routes)
        .split_for_parts();
    Roles.modify(&mut document);
    Closed.modify(&mut document);
    document
}

/// The document as it is checked in and served.
///
/// # Errors
/// Never, for a document that was generated.
pub fn document_yaml() -> anyhow::Result<String> {
    document()
        .to_yaml()
        .map_err(|error| anyhow::anyhow!("{error}"))
}

/// The document's text, as served.
#[derive(Clone)]
struct DocumentText(web::Bytes);

#[get("/openapi.yaml")]
async fn openapi_yaml(text: Data<DocumentText>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/yaml")
        .body(text.0.clone())
}

/// Serve what operators' machines ask for, and nothing else, on `listener` until the returned server is
/// stopped.
pub fn operate(
    deps: Data<Deps>,
    meters: PrometheusHandle,
    listener: TcpListener,
    stop: &Stop,
) -> anyhow::Result<Server> {
    let (meters, stop) = (Data::new(meters), Data::new(stop.clone()));
    let fallback = Fallback::new(&document());
    let server = HttpServer::new(move || {
        App::new()
            .into_utoipa_app()
            .configure(health::configure)
            .into_app()
            .app_data(deps.clone())
            .app_data(meters.clone())
            .app_data(stop.clone())
            .default_service(fallback.route())
    })
    .workers(1)
    .client_request_timeout(SLOWEST_HEAD)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}

/// Serve on `listener` until the returned server is stopped. Not ready any more once `stop` says so.
pub fn serve(
    deps: Data<Deps>,
    meters: PrometheusHandle,
    listener: TcpListener,
    listening: Listening,
    stop: &Stop,
) -> anyhow::Result<Server> {
    let document = document();
    let fallback = Fallback::new(&document);
    let text = Data::new(DocumentText(document_yaml()?.into()));
    let meters = listening.tells_meters.then(|| Data::new(meters));
    let stop = Data::new(stop.clone());
    let counts = Verifications::new(Arc::clone(&deps.clock), listening.verifications);
    let counts = Data::new(counts);
    let patterns: Vec<String> = document.paths.paths.keys().cloned().collect();
    let edge = Edge::new(Arc::clone(&deps.entropy), &patterns, listening.https)
        .with_shortcut(Arc::new(health_code::Express::new(
            deps.clone().into_inner(),
        )))
        .with_lane(Arc::new(visits::Express::new(deps.clone().into_inner())))
        .with_admission(Arc::clone(&deps.admission));
    let proxies = Data::new(listening.proxies);
    credentials::qr::linear::prepare();

    let server = HttpServer::new(move || {
        let browsable = SwaggerUi::new("/docs/{_:.*}")
            .config(utoipa_swagger_ui::Config::default().validator_url("none"))
            .url("/openapi.json", document.clone());
        let app = App::new().into_utoipa_app().configure(routes).into_app();
        let app = match &meters {
            Some(meters) => app.app_data(meters.clone()),
            None => app,
        };
        app.app_data(deps.clone())
            .app_data(stop.clone())
            .app_data(counts.clone())
            .app_data(proxies.clone())
            .app_data(body::Slowest(listening.slowest))
            .app_data(text.clone())
            .service(openapi_yaml)
            .service(browsable)
            .configure(venues::page)
            .default_service(fallback.route())
            .wrap(from_fn(organisations::gate))
            .wrap(from_fn(staff::gate))
            .wrap(edge.clone())
    })
    .workers(listening.workers)
    .max_connections(listening.max_connections)
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(listening.slowest)
    .shutdown_timeout(listening.drain.as_secs())
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}
