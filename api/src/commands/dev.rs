//! `tongxing dev`: everything on one machine, with the outside world played by `miniapp-mock`.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
};

use actix_web::web::Data;
use anyhow::Context;
use metrics_exporter_prometheus::PrometheusHandle;
use miniapp_mock::{Mock, MockConfig};

use crate::{
    assembly::assemble,
    config::{Config, Platforms},
    credentials::{self, cose::Kid, cose::PUBLIC_KEY_BYTES},
    deps::Deps,
    http::client::TrustedProxies,
    jobs::{self, Nudges},
    notifications::templates,
    platform::{
        Clock, Entropy, OsEntropy, Secret, SystemClock, db,
        lifecycle::{self, Stop, Stopper},
    },
    server::{self, Listening},
};

/// Where the root key of a development deployment is kept, in the folder of the data.
const ROOT_KEY: &str = "root.key";

/// Where the mock listens, if the port is free.
const MOCK: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 18080);

/// A service that runs in this process, with its mock beside it.
pub struct Running {
    /// Where it is reached.
    pub base_url: String,
    /// The outside world.
    pub mock: Mock,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    deps: Data<Deps>,
    stopper: Stopper,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
    working: tokio::task::JoinHandle<()>,
}

/// Start a development deployment with its data in `folder`.
pub async fn start(
    mut config: Config,
    folder: &Path,
    mock: MockConfig,
    meters: PrometheusHandle,
) -> anyhow::Result<Running> {
    tokio::fs::create_dir_all(folder)
        .await
        .context("making the folder of the data")?;
    let mock = miniapp_mock::start(mock).await?;
    config.platforms = Platforms::mocked(mock.base_url());
    if config.keys.root_key.is_none() {
        config.keys.root_key = Some(root_key(folder).await?);
    }
    db::migrate(&config.database.settings())
        .await
        .context("bringing the schema up to date")?;

    let listener = TcpListener::bind(config.server.listen)
        .with_context(|| format!("listening on {}", config.server.listen))?;
    let base_url = format!("http://{}", listener.local_addr()?);
    let jobs = jobs::all();
    let nudges = Nudges::of(&jobs);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let deps =
        Data::new(assemble(&config, Arc::clone(&clock), Arc::new(OsEntropy), &nudges).await?);

    templates::save(&deps, templates::DEVELOPMENT)
        .await
        .context("saving the templates of the development set")?;

    let (stopper, stop) = lifecycle::pair();
    let server = server::serve(deps.clone(), meters, listener, listening(&config), &stop)?;
    let leave = config.server.leave();
    let serving = tokio::spawn({
        let (deps, stop) = (Arc::clone(&deps), stop.clone());
        async move {
            let ended = lifecycle::serve(server, &stop, leave).await;
            deps.visits.drain().await;
            ended
        }
    });
    let working = tokio::spawn({
        let (deps, stop) = (Arc::clone(&deps), stop.clone());
        async move { jobs::run(jobs, deps, &nudges, &OsEntropy, &stop).await }
    });
    Ok(Running {
        base_url,
        mock,
        clock,
        deps,
        stopper,
        serving,
        working,
    })
}

/// How the server listens by `config`.
#[must_use]
pub fn listening(config: &Config) -> Listening {
    Listening {
        workers: config.server.worker_threads(),
        max_connections: config.server.max_connections,
        slowest: config.server.slowest(),
        drain: config.server.grace(),
        https: config.server.is_https(),
        proxies: TrustedProxies(config.server.trusted_proxy_hops.into()),
        verifications: config.server.verifications_per_address,
        tells_meters: config.server.metrics_listen.is_none(),
    }
}

/// The configuration of the mock that `cargo run` starts: on its usual port, or on any if that is taken.
#[must_use]
pub fn mock_on_its_port() -> MockConfig {
    let config = MockConfig::default();
    match TcpListener::bind(MOCK) {
        Ok(_) => MockConfig {
            listen: MOCK,
            ..config
        },
        Err(_) => config,
    }
}

impl Running {
    /// Name and public half of the root key, which verifiers pin.
    #[must_use]
    pub fn root_public_key(&self) -> Option<(Kid, [u8; PUBLIC_KEY_BYTES])> {
        self.deps
            .keyring
            .root()
            .map(|root| (root.kid(), root.public_key()))
    }

    /// What its use cases reach.
    #[must_use]
    pub fn deps(&self) -> &Deps {
        &self.deps
    }

    /// Finish what was accepted, and stop.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stopper.soft();
        self.serving.await??;
        self.working.await?;
        self.mock.stop().await;
        Ok(())
    }

    /// Wait for `stop`, and then stop.
    pub async fn until(self, stop: &Stop) -> anyhow::Result<()> {
        stop.soft().await;
        self.stop().await
    }
}

/// The root key in `folder`: made the first time, for its owner's eyes only.
async fn root_key(folder: &Path) -> anyhow::Result<Secret> {
    let path = folder.join(ROOT_KEY);
    if !tokio::fs::try_exists(&path).await? {
        super::keys::init_root(&path, &OsEntropy as &dyn Entropy).await?;
    }
    let text = tokio::fs::read_to_string(&path)
        .await
        .context("reading the root key")?;
    credentials::read_root(&text)?;
    Ok(Secret::new(text))
}
