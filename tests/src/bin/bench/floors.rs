//! The floor's process, its data, and requests for each of its routes.

use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use api::platform::{Clock, OsEntropy, SystemClock, entropy};
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    signature::{Ed25519KeyPair, KeyPair},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use uuid::Uuid;

use crate::{
    floor::{Claims, PEOPLE, SUBCOMMAND, Setup, person_key},
    gateway::Gateway,
    load::{self, Requests, Sample},
    process::{Ending, Running},
    rounds::Contender,
    world::{World, free_port, loopback},
};

/// How long the floor may take until it answers.
const START: Duration = Duration::from_secs(10);

/// Life of its bearer tokens, in seconds.
const TOKEN_LIFE: i64 = 3600;

/// People put into Redis at a time.
const BATCH: usize = 10_000;

/// Venues, and people who come to them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    /// The venues.
    pub(crate) venues: Vec<Uuid>,
    /// What stands on their doors.
    pub(crate) codes: Vec<String>,
    /// The people.
    pub(crate) people: Vec<Uuid>,
}

/// A running floor.
#[derive(Debug)]
pub(crate) struct Floor {
    process: Running,
    servers: [u32; 2],
    address: SocketAddr,
    secret: [u8; 32],
    session_key: Vec<u8>,
}

impl Floor {
    /// Start the floor, which believes personal codes that `code_key` signed and sends short messages to
    /// `gateway`.
    pub(crate) async fn start(world: &World, code_key: &[u8], gateway: &Gateway) -> Result<Self> {
        Self::start_with(world, code_key, gateway, &Places::default()).await
    }

    /// The same, with `places` that people come to.
    pub(crate) async fn start_with(
        world: &World,
        code_key: &[u8],
        gateway: &Gateway,
        places: &Places,
    ) -> Result<Self> {
        let secret = entropy::bytes(&OsEntropy);
        let session = Ed25519KeyPair::generate()?;
        let session_key = AsDer::<Pkcs8V1Der<'_>>::as_der(&session)?.as_ref().to_vec();
        remember_people(world).await?;
        for _ in 0..5 {
            let setup = Setup {
                port: free_port()?,
                redis_url: world.redis_url.clone(),
                secret: hex::encode(secret),
                session_key: hex::encode(session.public_key()),
                code_key: hex::encode(code_key),
                gateway_url: gateway.base_url(),
                postgres_url: world.postgres_url.clone(),
                venues: places.venues.clone(),
                codes: places.codes.clone(),
                people: places.people.clone(),
            };
            let process = launch(world, &setup)?;
            let mut floor = Self {
                process,
                servers: world.server_pids(),
                address: loopback(setup.port),
                secret,
                session_key: session_key.clone(),
            };
            if floor.answers().await {
                return Ok(floor);
            }
            eprintln!("{}", floor.process.last_words());
        }
        bail!("the floor does not start")
    }

    async fn answers(&mut self) -> bool {
        let started = Instant::now();
        while started.elapsed() < START && self.process.still_runs().is_ok() {
            if load::ask(self.address, &load::get("/plain", None))
                .await
                .is_ok()
            {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    }

    /// A bare route.
    pub(crate) fn plain(&self) -> Contender<'_> {
        self.contender("plain", Requests::cycle(vec![load::get("/plain", None)]), 2)
    }

    /// HS256, Redis, signature; every person in turn.
    pub(crate) fn display(&self) -> Result<Contender<'_>> {
        let key = EncodingKey::from_secret(&self.secret);
        let requests = bearers("/display", Algorithm::HS256, &key)?;
        Ok(self.contender("hs256+redis+sign", requests, 128))
    }

    /// Ed25519 verification, Redis, signature; every person in turn.
    pub(crate) fn display_cold(&self) -> Result<Contender<'_>> {
        let key = EncodingKey::from_ed_der(&self.session_key);
        let requests = bearers("/display-cold", Algorithm::EdDSA, &key)?;
        Ok(self.contender("ed25519+redis+sign", requests, 128))
    }

    /// A picture, the idiomatic way.
    pub(crate) fn png(&self) -> Contender<'_> {
        self.contender(
            "qrcode+image",
            Requests::cycle(vec![load::get("/png", None)]),
            500,
        )
    }

    /// Ed25519 verification and Redis, for requests with codes to `/verify`.
    pub(crate) fn verify<'a>(
        &'a self,
        requests: impl FnMut() -> Result<Arc<Requests>> + 'a,
    ) -> Contender<'a> {
        Contender {
            requests: Box::new(requests),
            ..self.contender("ed25519-verify+redis", Requests::once(Vec::new()), 16)
        }
    }

    /// `INCR` and `EXPIRE` for requests with numbers to `/otp`.
    pub(crate) fn otp<'a>(
        &'a self,
        requests: impl FnMut() -> Result<Arc<Requests>> + 'a,
    ) -> Contender<'a> {
        Contender {
            requests: Box::new(requests),
            ..self.contender("incr+expire", Requests::once(Vec::new()), 0)
        }
    }

    /// The same with a call to the gateway, for requests with numbers to `/otp-and-call`.
    pub(crate) fn otp_and_call<'a>(
        &'a self,
        requests: impl FnMut() -> Result<Arc<Requests>> + 'a,
    ) -> Contender<'a> {
        Contender {
            requests: Box::new(requests),
            ..self.contender("incr+expire, http call", Requests::once(Vec::new()), 0)
        }
    }

    /// HS256 and memory, and nothing written down, for requests to `/scan`.
    pub(crate) fn scan<'a>(
        &'a self,
        requests: impl FnMut() -> Result<Arc<Requests>> + 'a,
    ) -> Contender<'a> {
        Contender {
            requests: Box::new(requests),
            ..self.contender("without insert", Requests::once(Vec::new()), 256)
        }
    }

    /// The same with two look-ups and an insert by SeaORM, for requests to `/scan-orm`.
    pub(crate) fn scan_orm<'a>(
        &'a self,
        requests: impl FnMut() -> Result<Arc<Requests>> + 'a,
    ) -> Contender<'a> {
        Contender {
            requests: Box::new(requests),
            ..self.contender("seaorm", Requests::once(Vec::new()), 256)
        }
    }

    /// Bearer tokens of the first `count` people.
    pub(crate) fn tokens(&self, count: u32) -> Result<Vec<String>> {
        let key = EncodingKey::from_secret(&self.secret);
        let exp = SystemClock.now().timestamp() + TOKEN_LIFE;
        let token = |sub| {
            let claims = Claims { sub, exp };
            Ok(jsonwebtoken::encode(
                &Header::new(Algorithm::HS256),
                &claims,
                &key,
            )?)
        };
        (0..count).map(token).collect()
    }

    /// Asked for `requests`, with answers of at least `shortest` bytes.
    fn contender(
        &self,
        name: &'static str,
        requests: Arc<Requests>,
        shortest: usize,
    ) -> Contender<'_> {
        let [postgres, redis] = self.servers;
        Contender {
            name,
            address: self.address,
            pids: [self.process.pid(), postgres, redis],
            requests: Box::new(move || Ok(Arc::clone(&requests))),
            check: Box::new(move |samples| at_least(samples, shortest)),
        }
    }
}

fn at_least(samples: &[Sample], bytes: usize) -> Result<()> {
    let shortest = samples.iter().map(|sample| sample.body.len()).min();
    ensure!(
        shortest.is_some_and(|shortest| shortest >= bytes),
        "an answer of {shortest:?} bytes instead of {bytes}"
    );
    Ok(())
}

fn launch(world: &World, setup: &Setup) -> Result<Running> {
    let file: PathBuf = world.path("floor.json");
    fs::write(&file, serde_json::to_vec(setup)?)?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(SUBCOMMAND).arg(&file);
    Running::start(
        "floor",
        &mut command,
        world.path("floor.log"),
        Ending::Terminate,
    )
}

async fn remember_people(world: &World) -> Result<()> {
    let mut redis = world.redis().await?;
    let people: Vec<u32> = (0..PEOPLE).collect();
    for batch in people.chunks(BATCH) {
        let mut pipeline = redis::pipe();
        for person in batch {
            let status = u128::from(*person).to_be_bytes();
            pipeline.set(person_key(*person), &status).ignore();
        }
        let () = pipeline.query_async(&mut redis).await?;
    }
    Ok(())
}

fn bearers(path: &str, algorithm: Algorithm, key: &EncodingKey) -> Result<Arc<Requests>> {
    let header = Header::new(algorithm);
    let exp = SystemClock.now().timestamp() + TOKEN_LIFE;
    let requests = (0..PEOPLE)
        .map(|sub| {
            let token = jsonwebtoken::encode(&header, &Claims { sub, exp }, key)?;
            Ok(load::get(path, Some(&token)))
        })
        .collect::<Result<_>>()?;
    Ok(Requests::cycle(requests))
}
