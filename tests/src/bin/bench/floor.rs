//! The floor: one route for each component that a request cannot do without, and nothing else.
//!
//! It runs as a process of its own, with as many workers and the same allocator as the service.
//! A change to a route here changes what the targets mean: make it on its own.

use std::{fs, path::Path, time::Duration};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    error::{ErrorBadRequest, ErrorInternalServerError, ErrorUnauthorized},
    http::header::AUTHORIZATION,
    web::{self, Bytes, Data},
};
use anyhow::Result;
use api::{
    credentials::personal_code::PREFIX,
    platform::{Entropy, OsEntropy},
};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, ParsedPublicKey};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use redis::{AsyncCommands, Client, aio::MultiplexedConnection};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

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
        })
    }

    async fn redis(&self) -> actix_web::Result<MultiplexedConnection> {
        self.redis
            .get_or_try_init(|| self.client.get_multiplexed_async_connection())
            .await
            .cloned()
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
