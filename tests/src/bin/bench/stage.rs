//! What the service's cases stand on: servers, people, keys, and the service as configured for a case.

use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use api::{
    assembly::assemble,
    config::Config,
    credentials::{
        self,
        cose::{Signer, VerifyingKey},
        key_list::KeyList,
    },
    deps::Deps,
    health_code::MarkRuled,
    jobs::{Nudges, Sweep},
    platform::{
        Clock, OsEntropy, SystemClock, Vault,
        db::{self, DatabaseSettings},
    },
};
use entity::{signing_key::KeyUse, values::PersonId};
use integration_tests::service::{self, Secrets};
use miniapp_mock::{Mock, MockConfig, dev};
use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::{
    cases, codes,
    cpu::Meter,
    floor::WORKERS,
    floors::{Floor, Places},
    gateway::Gateway,
    load::{self, Requests, Sample},
    people::{People, current_key},
    rounds::Contender,
    world::{World, free_port},
};

/// How long it may take until it has published its keys.
const KEYS: Duration = Duration::from_secs(30);

/// What is remembered by the service of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Memory {
    /// As in production.
    Usual,
    /// Nothing of what codes show: Redis is asked, and a code signed, at every request.
    None,
}

impl Memory {
    fn milliseconds(self) -> (u32, u32) {
        match self {
            Self::Usual => (2_000, 10_000),
            Self::None => (0, 0),
        }
    }
}

/// Everything but the service. Declared in the order in which it ends.
pub(crate) struct Stage {
    /// The gateway that short messages go to.
    pub(crate) gateway: Gateway,
    /// WeChat, and those who use it.
    pub(crate) wechat: Mock,
    /// A pool of the benchmark's own.
    pub(crate) db: DatabaseConnection,
    /// The service's vault.
    pub(crate) vault: Vault,
    /// Who uses the service.
    pub(crate) people: People,
    /// Reads processor time.
    pub(crate) meter: Meter,
    secrets: Secrets,
    root: Signer,
    program: PathBuf,
    /// PostgreSQL and Redis.
    pub(crate) world: World,
}

impl Stage {
    /// Start the servers and put the people into them.
    pub(crate) async fn set() -> Result<Self> {
        let meter = Meter::new()?;
        let program = service::program()?;
        let world = World::start().await?;
        db::migrate(&DatabaseSettings::new(&world.postgres_url)).await?;
        let db = world.database().await?;

        let secrets = Secrets::new()?;
        let vault = secrets.vault()?;
        let people = People::settle(&db, &vault).await?;
        let stage = Self {
            gateway: Gateway::start().await?,
            wechat: miniapp_mock::start(MockConfig::default()).await?,
            root: credentials::read_root(&secrets.root)?,
            db,
            vault,
            people,
            meter,
            secrets,
            program,
            world,
        };
        Box::pin(stage.looked_at_everybody()).await?;
        Ok(stage)
    }

    /// The rules of a new deployment have come into force, and everybody was looked at by them: no case
    /// but those that are about it pays for that.
    async fn looked_at_everybody(&self) -> Result<()> {
        let deps = self.deps().await?;
        while MarkRuled::run(&deps).await? > 0 {}
        self.db.execute_unprepared("TRUNCATE recheck_mark").await?;
        Ok(())
    }

    /// What the service's use cases reach, in this process.
    pub(crate) async fn deps(&self) -> Result<Deps> {
        let mut config = self.configuration()?;
        config.database.statement_timeout_ms = 60_000;
        assemble(
            &config,
            Arc::new(SystemClock),
            Arc::new(OsEntropy),
            &Nudges::default(),
        )
        .await
        .context("the use cases do not assemble")
    }

    /// Start the service, with nothing in its memory or in Redis.
    pub(crate) async fn service(&self, memory: Memory) -> Result<Service> {
        let mut redis = self.world.redis().await?;
        let () = redis::cmd("FLUSHALL").query_async(&mut redis).await?;
        self.restarted_service(memory).await
    }

    /// Start the service, with nothing in its memory.
    pub(crate) async fn restarted_service(&self, memory: Memory) -> Result<Service> {
        let config = |port| self.config(port, memory);
        let running = service::Service::start(&self.world, &self.program, config).await?;
        let [postgres, redis] = self.world.server_pids();
        Ok(Service {
            address: running.address,
            pids: [running.pid(), postgres, redis],
            _running: running,
        })
    }

    /// The program with `arguments`, configured as the service is.
    pub(crate) fn command(&self, arguments: &[&str]) -> Result<Command> {
        let config = self.world.path("command.toml");
        fs::write(&config, self.config(free_port()?, Memory::Usual))?;
        let mut command = Command::new(&self.program);
        command.args(arguments).arg("--config").arg(config);
        Ok(command)
    }

    /// Start a floor that believes the service's codes.
    pub(crate) async fn floor(&self) -> Result<Floor> {
        let key = current_key(&self.db, KeyUse::Code, SystemClock.now()).await?;
        Floor::start(&self.world, &key.public_key, &self.gateway).await
    }

    /// The same, with `places` that people come to.
    pub(crate) async fn floor_with(&self, places: &Places) -> Result<Floor> {
        let key = current_key(&self.db, KeyUse::Code, SystemClock.now()).await?;
        Floor::start_with(&self.world, &key.public_key, &self.gateway, places).await
    }

    /// How the service is configured.
    pub(crate) fn configuration(&self) -> Result<Config> {
        let file = self.world.path("read.toml");
        fs::write(&file, self.config(free_port()?, Memory::Usual))?;
        Ok(Config::load(Some(&file), std::iter::empty())?)
    }

    /// Requests for `path` by the first `count` people, each with a token of their own.
    pub(crate) async fn requests(
        &self,
        count: usize,
        path: impl Fn(PersonId) -> String,
    ) -> Result<Vec<Vec<u8>>> {
        self.requests_of(count, 0, path).await
    }

    /// The same with tokens of another `generation`: no token is one of two generations.
    pub(crate) async fn requests_of(
        &self,
        count: usize,
        generation: i64,
        path: impl Fn(PersonId) -> String,
    ) -> Result<Vec<Vec<u8>>> {
        let bearers = self
            .people
            .bearers(&self.db, &self.vault, 0..count, generation);
        Ok(self
            .people
            .all
            .iter()
            .zip(bearers.await?)
            .map(|(person, bearer)| load::get(&path(person.id), Some(&bearer)))
            .collect())
    }

    /// Let Redis know everybody's session and snapshot.
    pub(crate) async fn share(&self, service: &Service) -> Result<()> {
        let first = self.requests(1, cases::path).await?;
        codes::fetch(service, &first).await?;
        let mut redis = self.world.redis().await?;
        self.people.share(&self.vault, &mut redis).await
    }

    /// The keys that verify codes, as verifiers fetch and check them.
    pub(crate) async fn key_list(&self, service: &Service) -> Result<KeyList> {
        let root = VerifyingKey::new(self.root.kid(), self.root.public_key())?;
        let started = Instant::now();
        loop {
            let answer = load::ask(service.address, &load::get("/v1/keys", None)).await?;
            if answer.status == 200 {
                return Ok(KeyList::verify(&answer.body, &root, SystemClock.now(), 0)?);
            }
            ensure!(started.elapsed() < KEYS, "no key list is published");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Production's, except for whom it meets and how much one address may ask for.
    pub(crate) fn config(&self, port: u16, memory: Memory) -> String {
        let (remember_ms, reuse_token_ms) = memory.milliseconds();
        let no_limit = format!("{{ count = {}, seconds = 3600 }}", u32::MAX);
        format!(
            r#"
            [server]
            listen = "127.0.0.1:{port}"
            workers = {WORKERS}
            shutdown_seconds = 3
            verifications_per_address = {no_limit}

            [database]
            url = "{postgres}"

            [ephemeral]
            kind = "redis"
            urls = ["{redis}"]

            {secrets}

            [login]
            per_address = {no_limit}
            per_subnet = {no_limit}
            budget = {no_limit}

            [display]
            remember_ms = {remember_ms}
            reuse_token_ms = {reuse_token_ms}

            [platforms.sms]
            order = ["aliyun"]

            [platforms.sms.aliyun]
            base_url = "{gateway}"
            access_key_id = "bench"
            access_key_secret = "bench"
            sign_name = "通行"
            template_code = "SMS_1"

            [platforms.wechat]
            base_url = "{wechat}"

            [[platforms.wechat.apps]]
            app_id = "{wechat_app}"
            secret = "{wechat_secret}"
            "#,
            postgres = self.world.postgres_url,
            redis = self.world.redis_url,
            secrets = self.secrets.config(),
            gateway = self.gateway.base_url(),
            wechat = self.wechat.base_url(),
            wechat_app = dev::WECHAT_APP_ID,
            wechat_secret = dev::WECHAT_SECRET,
        )
    }
}

/// A running service.
#[derive(Debug)]
pub(crate) struct Service {
    _running: service::Service,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    pids: [u32; 3],
}

impl Service {
    /// Processor time so far of the service, PostgreSQL and Redis together.
    pub(crate) fn used(&self, meter: Meter) -> Result<Duration> {
        Ok(meter.used_by(self.pids)?.into_iter().sum())
    }

    /// Measured as it answers what `requests` prepares.
    pub(crate) fn contender<'a>(
        &self,
        name: &'static str,
        requests: impl FnMut() -> Result<Arc<Requests>> + 'a,
        check: impl FnMut(&[Sample]) -> Result<()> + 'a,
    ) -> Contender<'a> {
        Contender {
            name,
            address: self.address,
            pids: self.pids,
            requests: Box::new(requests),
            check: Box::new(check),
        }
    }
}
