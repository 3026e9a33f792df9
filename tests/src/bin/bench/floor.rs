//! The floor: one route for each component that a request cannot do without, and nothing else.
//!
//! It runs as a process of its own, with as many workers and the same allocator as the service.
//! A change to a route here changes what the targets mean: make it on its own.

use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::atomic::{AtomicI32, Ordering},
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    error::{ErrorBadRequest, ErrorInternalServerError, ErrorUnauthorized},
    http::header::AUTHORIZATION,
    web::{self, Bytes, Data},
};
use anyhow::Result;
use api::{
    credentials::personal_code::PREFIX,
    platform::{Clock, Entropy, OsEntropy, SystemClock, clock::local_date},
};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, ParsedPublicKey};
use chrono::{DateTime, Utc};
use entity::{
    assessment,
    values::{Assurance, Colour, PersonId, VenueId, VisitWay},
    venue, visit,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use redis::{AsyncCommands, Client, aio::MultiplexedConnection};
use sea_orm::{ActiveValue::Set, DatabaseConnection, EntityTrait};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// The hidden subcommand that runs the floor.
pub(crate) const SUBCOMMAND: &str = "floor";

/// Workers of the floor and of the service.
pub(crate) const WORKERS: usize = 2;

/// Pixels of a picture's side.
const PIXELS: u32 = 256;

/// Bytes of a personal code before the signature.
const CODE_HEAD: usize = 52;

/// What a bearer token of the floor says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// Whose: a number that Redis knows.
    pub(crate) sub: u32,
    /// Until when, in seconds since 1970.
    pub(crate) exp: i64,
}

/// What a floor process is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Setup {
    /// Where it listens, on the loopback interface.
    pub(crate) port: u16,
    /// Its Redis.
    pub(crate) redis_url: String,
    /// The secret of its HS256 tokens, in hexadecimal.
    pub(crate) secret: String,
    /// The public key of its Ed25519 tokens, in hexadecimal.
    pub(crate) session_key: String,
    /// The public key that personal codes verify under, in hexadecimal.
    pub(crate) code_key: String,
    /// The gateway that short messages go to.
    pub(crate) gateway_url: String,
    /// The database.
    pub(crate) postgres_url: String,
    /// Venues that people come to, the first at the first place of `codes`.
    pub(crate) venues: Vec<Uuid>,
    /// What stands on the doors.
    pub(crate) codes: Vec<String>,
    /// People who come: those of the first numbers.
    pub(crate) people: Vec<Uuid>,
}

/// What Redis holds for `person`: sixteen bytes, as long as a snapshot needs to be.
pub(crate) fn person_key(person: u32) -> String {
    format!("floor:{person}")
}

/// How many people the floor's Redis knows.
pub(crate) const PEOPLE: u32 = 100_000;

/// One worker's means.
struct Worker {
    client: Client,
    redis: OnceCell<MultiplexedConnection>,
    secret: DecodingKey,
    session_key: DecodingKey,
    code_key: ParsedPublicKey,
    signer: Ed25519KeyPair,
    http: reqwest::Client,
    gateway_url: String,
    db: OnceCell<DatabaseConnection>,
    postgres_url: String,
    venues: HashMap<String, Uuid>,
    people: Vec<Uuid>,
}

impl Worker {
    fn new(setup: &Setup) -> Result<Self> {
        let bytes = hex::decode(&setup.code_key)?;
        Ok(Self {
            client: Client::open(setup.redis_url.as_str())?,
            redis: OnceCell::new(),
            secret: DecodingKey::from_secret(&hex::decode(&setup.secret)?),
            session_key: DecodingKey::from_ed_der(&hex::decode(&setup.session_key)?),
            code_key: ParsedPublicKey::new(&ED25519, bytes)?,
            signer: Ed25519KeyPair::generate()?,
            http: reqwest::Client::builder().no_proxy().build()?,
            gateway_url: setup.gateway_url.clone(),
            db: OnceCell::new(),
            postgres_url: setup.postgres_url.clone(),
            venues: setup
                .codes
                .iter()
                .cloned()
                .zip(setup.venues.iter().copied())
                .collect(),
            people: setup.people.clone(),
        })
    }

    async fn redis(&self) -> actix_web::Result<MultiplexedConnection> {
        self.redis
            .get_or_try_init(|| self.client.get_multiplexed_async_connection())
            .await
            .cloned()
            .map_err(ErrorInternalServerError)
    }

    /// A pool as its documentation opens one.
    async fn db(&self) -> actix_web::Result<&DatabaseConnection> {
        self.db
            .get_or_try_init(|| sea_orm::Database::connect(&self.postgres_url))
            .await
            .map_err(ErrorInternalServerError)
    }

    async fn look_up(&self, person: u32) -> actix_web::Result<Vec<u8>> {
        let found: Option<Vec<u8>> = self
            .redis()
            .await?
            .get(person_key(person))
            .await
            .map_err(ErrorInternalServerError)?;
        found.ok_or_else(|| ErrorBadRequest("nobody"))
    }

    async fn count(&self, body: &[u8]) -> actix_web::Result<()> {
        let asking: Asking<'_> = serde_json::from_slice(body)?;
        let key = format!("floor:otp:{}", asking.phone);
        let (_count,): (u64,) = redis::pipe()
            .incr(&key, 1)
            .expire(&key, 60)
            .ignore()
            .query_async(&mut self.redis().await?)
            .await
            .map_err(ErrorInternalServerError)?;
        Ok(())
    }

    fn sign(&self, status: &[u8]) -> String {
        hex::encode(self.signer.sign(status))
    }

    /// A text as long and as random as a personal code.
    fn code(&self) -> String {
        let mut code = [0; CODE_HEAD];
        OsEntropy.fill(&mut code);
        let signature = self.signer.sign(&code);
        PREFIX.to_owned() + &base45::encode([&code, signature.as_ref()].concat())
    }
}

/// Run a floor as the file `setup` says.
pub(crate) fn serve(setup: &Path) -> Result<()> {
    let setup: Setup = serde_json::from_slice(&fs::read(setup)?)?;
    let port = setup.port;
    api::clients::install_tls();
    // What cannot be read fails here rather than in a worker.
    Worker::new(&setup)?;
    actix_web::rt::System::new().block_on(async move {
        HttpServer::new(move || {
            let app = App::new()
                .route("/plain", web::get().to(plain))
                .route("/display", web::get().to(display))
                .route("/display-cold", web::get().to(display_cold))
                .route("/png", web::get().to(png))
                .route("/verify", web::post().to(verify))
                .route("/scan", web::post().to(scan))
                .route("/scan-orm", web::post().to(scan_orm))
                .route("/otp", web::post().to(otp))
                .route("/otp-and-call", web::post().to(otp_and_call));
            match Worker::new(&setup) {
                Ok(worker) => app.app_data(Data::new(worker)),
                Err(_) => app,
            }
        })
        .workers(WORKERS)
        .keep_alive(Duration::from_mins(1))
        .bind(("127.0.0.1", port))?
        .run()
        .await?;
        Ok(())
    })
}

async fn plain() -> &'static str {
    "ok"
}

/// HS256, Redis `GET`, Ed25519 signature.
async fn display(request: HttpRequest, worker: Data<Worker>) -> actix_web::Result<String> {
    let person = bearer(&request, &worker.secret, Algorithm::HS256)?;
    Ok(worker.sign(&worker.look_up(person).await?))
}

/// Ed25519 verification, Redis `GET`, Ed25519 signature.
async fn display_cold(request: HttpRequest, worker: Data<Worker>) -> actix_web::Result<String> {
    let person = bearer(&request, &worker.session_key, Algorithm::EdDSA)?;
    Ok(worker.sign(&worker.look_up(person).await?))
}

/// A code as a picture, the way the crates' documentation draws one.
async fn png(worker: Data<Worker>) -> actix_web::Result<HttpResponse> {
    let symbol = qrcode::QrCode::new(worker.code()).map_err(ErrorInternalServerError)?;
    let picture = symbol
        .render::<image::Luma<u8>>()
        .min_dimensions(PIXELS, PIXELS)
        .build();
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .map_err(ErrorInternalServerError)?;
    Ok(HttpResponse::Ok()
        .content_type("image/png")
        .body(bytes.into_inner()))
}

#[derive(Deserialize)]
struct Shown<'a> {
    #[serde(borrow)]
    token: std::borrow::Cow<'a, str>,
}

/// Ed25519 verification of a personal code, Redis `GET`.
async fn verify(body: Bytes, worker: Data<Worker>) -> actix_web::Result<Vec<u8>> {
    let shown: Shown<'_> = serde_json::from_slice(&body)?;
    let text = shown.token.strip_prefix(PREFIX).unwrap_or_default();
    let token = base45::decode(text).map_err(|_| ErrorBadRequest("not a code"))?;
    let handle = signed_handle(&token, &worker.code_key).ok_or_else(|| ErrorBadRequest("bad"))?;
    worker.look_up(handle % PEOPLE).await
}

/// The first bytes of the handle in a code whose signature is good.
fn signed_handle(token: &[u8], key: &ParsedPublicKey) -> Option<u32> {
    // What is signed: "Signature1", the protected header, no external data, and the claims.
    let protected = token.get(3..10)?;
    let claims = token.get(11..50)?;
    let signature = token.get(52..)?;
    let signed = [
        b"\x84\x6aSignature1\x47".as_slice(),
        protected,
        b"\x40",
        claims,
    ]
    .concat();
    key.verify_sig(&signed, signature).ok()?;
    Some(u32::from_be_bytes(claims.get(17..21)?.try_into().ok()?))
}

#[derive(Deserialize)]
struct Scanned<'a> {
    code: &'a str,
}

/// What the service answers a scan with.
#[derive(Serialize)]
struct Visit<'a> {
    venue: Uuid,
    name: &'a str,
    category: &'a str,
    word: [&'a str; 2],
    assurance: &'a str,
    person: Uuid,
    colour: Colour,
    colour_text: &'a str,
    latest_test: Option<&'a str>,
    stale: bool,
    registered_at: DateTime<Utc>,
    repeated: bool,
    companions: [Uuid; 0],
}

impl Visit<'_> {
    fn of(venue: Uuid, person: Uuid, registered_at: DateTime<Utc>) -> Self {
        Self {
            venue,
            name: "人民广场书店",
            category: "shop",
            word: ["熊猫 茶壶", "panda teapot"],
            assurance: "static_only",
            person,
            colour: Colour::Green,
            colour_text: "绿码",
            latest_test: None,
            stale: false,
            registered_at,
            repeated: false,
            companions: [],
        }
    }
}

/// HS256, a venue and a colour from memory, and nothing written down.
async fn scan(
    request: HttpRequest,
    body: Bytes,
    worker: Data<Worker>,
) -> actix_web::Result<HttpResponse> {
    let (venue, person) = came(&request, &body, &worker)?;
    Ok(HttpResponse::Ok().json(Visit::of(venue, person, SystemClock.now())))
}

/// The same written down the way SeaORM's documentation does: the venue and the colour are found, and
/// one row is inserted.
async fn scan_orm(
    request: HttpRequest,
    body: Bytes,
    worker: Data<Worker>,
) -> actix_web::Result<HttpResponse> {
    let (venue, person) = came(&request, &body, &worker)?;
    let db = worker.db().await?;
    let found = venue::Entity::find_by_id(VenueId(venue)).one(db).await;
    let found = found.map_err(ErrorInternalServerError)?;
    let found = found.ok_or_else(|| ErrorBadRequest("no such venue"))?;
    let shown = assessment::Entity::find_by_id(PersonId(person))
        .one(db)
        .await;
    let shown = shown.map_err(ErrorInternalServerError)?;
    let shown = shown.ok_or_else(|| ErrorBadRequest("nobody"))?;
    let now = SystemClock.now();
    let visit = visit::ActiveModel {
        day: Set(local_date(now)),
        venue_id: Set(found.id),
        subject: Set(person),
        slot: Set(NEXT.fetch_sub(1, Ordering::Relaxed)),
        at: Set(now),
        left_at: Set(None),
        assurance: Set(Assurance::StaticOnly),
        way: Set(VisitWay::Scan),
        colour: Set(shown.shown),
        noted_by: Set(None),
    };
    let inserted = visit::Entity::insert(visit)
        .exec_without_returning(db)
        .await;
    inserted.map_err(ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().json(Visit::of(venue, person, now)))
}

/// Slots that no visit of the service's has, so that every row is new.
static NEXT: AtomicI32 = AtomicI32::new(-1);

/// Where and who.
fn came(request: &HttpRequest, body: &[u8], worker: &Worker) -> actix_web::Result<(Uuid, Uuid)> {
    let person = bearer(request, &worker.secret, Algorithm::HS256)?;
    let scanned: Scanned<'_> = serde_json::from_slice(body)?;
    let venue = worker.venues.get(scanned.code);
    let venue = venue.ok_or_else(|| ErrorBadRequest("no such code"))?;
    let person = usize::try_from(person).ok();
    let person = person.and_then(|person| worker.people.get(person));
    Ok((*venue, *person.ok_or_else(|| ErrorBadRequest("nobody"))?))
}

#[derive(Deserialize)]
struct Asking<'a> {
    phone: &'a str,
}

/// `INCR` and `EXPIRE` in one pipeline.
async fn otp(body: Bytes, worker: Data<Worker>) -> actix_web::Result<HttpResponse> {
    worker.count(&body).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// The same, and then a call to the gateway over HTTP: what is more than [`otp`] is the call.
async fn otp_and_call(body: Bytes, worker: Data<Worker>) -> actix_web::Result<HttpResponse> {
    worker.count(&body).await?;
    let answer = worker.http.post(&worker.gateway_url).send().await;
    let answer = answer.map_err(ErrorInternalServerError)?;
    answer.bytes().await.map_err(ErrorInternalServerError)?;
    Ok(HttpResponse::Accepted().finish())
}

fn bearer(
    request: &HttpRequest,
    key: &DecodingKey,
    algorithm: Algorithm,
) -> actix_web::Result<u32> {
    let token = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "))
        .ok_or_else(|| ErrorUnauthorized("no token"))?;
    jsonwebtoken::decode::<Claims>(token, key, &Validation::new(algorithm))
        .map(|token| token.claims.sub)
        .map_err(ErrorUnauthorized)
}
