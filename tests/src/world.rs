//! The world of a benchmark: PostgreSQL and Redis of its own, in a folder that goes away with it.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use api::platform::{
    Entropy, OsEntropy,
    db::{self, DatabaseSettings},
};
use redis::{AsyncConnectionConfig, aio::MultiplexedConnection};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use crate::process::{Account, Ending, Running};

/// Ports to choose from: above the well-known ones, below those that the kernel gives to clients.
const PORTS: std::ops::Range<u32> = 20_001..32_768;

/// How long a server may take until it answers.
const START: Duration = Duration::from_secs(30);

/// Where PostgreSQL's programs are when they are not in the PATH.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Every connection that a case can want, with room.
const MAX_CONNECTIONS: u32 = 1500;

/// What makes an acknowledged write one that survives.
const DURABILITY: [&str; 3] = ["fsync", "synchronous_commit", "full_page_writes"];

/// The servers, and the folder that they live in. Declared in the order in which they end.
#[derive(Debug)]
pub struct World {
    postgres: Running,
    redis: Running,
    /// The address of an empty database, with its password.
    pub postgres_url: String,
    /// The address of the Redis.
    pub redis_url: String,
    ports: Ports,
    account: Account,
    place: Place,
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    postgres: u16,
    redis: u16,
}

impl World {
    /// Start everything.
    pub async fn start() -> Result<Self> {
        let account = Account::ordinary()?;
        let place = Place::new(account)?;
        let (postgres, postgres_url, postgres_port) = start_postgres(account, &place).await?;
        let (redis, redis_port) = start_redis(account, &place).await?;
        let world = Self {
            postgres,
            redis,
            postgres_url,
            redis_url: redis_url(redis_port),
            ports: Ports {
                postgres: postgres_port,
                redis: redis_port,
            },
            account,
            place,
        };
        world.assert_durable().await?;
        Ok(world)
    }

    /// A path in the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.place.0.join(name)
    }

    /// One of PostgreSQL's programs.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        postgres_programs().join(name)
    }

    /// A connection pool of the benchmark's own.
    pub async fn database(&self) -> Result<DatabaseConnection> {
        let settings = DatabaseSettings {
            statement_timeout: None,
            acquire_timeout: START,
            ..DatabaseSettings::new(&self.postgres_url)
        };
        Ok(db::connect(&settings).await?)
    }

    /// A connection of the benchmark's own.
    pub async fn redis(&self) -> Result<MultiplexedConnection> {
        connect_redis(&self.redis_url).await
    }

    /// The processes that work for whichever service is measured.
    #[must_use]
    pub fn server_pids(&self) -> [u32; 2] {
        [self.postgres.pid(), self.redis.pid()]
    }

    /// PostgreSQL is gone from one moment to the next: every process of it, by SIGKILL.
    pub fn kill_postgres(&mut self) -> Result<()> {
        Ok(self.postgres.kill()?)
    }

    /// PostgreSQL again, on the same port, with what it had written.
    pub async fn restart_postgres(&mut self) -> Result<()> {
        let data = self.place.0.join("postgres");
        let started = Instant::now();
        // What the killed server left behind ends a moment after it, and is in the way until then.
        while started.elapsed() < START {
            let command = &mut postgres_command(self.account, &self.place, self.ports.postgres);
            let log = self.place.0.join("postgres.log");
            let mut postgres = Running::start("postgres", command, log, Ending::Interrupt)?;
            let url = &self.postgres_url;
            if answers(&mut postgres, || is_postgres(url, &data)).await {
                self.postgres = postgres;
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("PostgreSQL does not come back")
    }

    /// Redis is gone from one moment to the next.
    pub fn kill_redis(&mut self) -> Result<()> {
        Ok(self.redis.kill()?)
    }

    /// Redis again, on the same port, empty.
    pub async fn restart_redis(&mut self) -> Result<()> {
        let mut redis = redis_on(self.account, &self.place, self.ports.redis)?;
        let (url, pid) = (redis_url(self.ports.redis), redis.pid());
        ensure!(
            answers(&mut redis, || is_redis(&url, pid)).await,
            "Redis does not come back"
        );
        self.redis = redis;
        Ok(())
    }

    /// Redis takes what it is sent and does not answer.
    pub fn hang_redis(&self) -> Result<()> {
        Ok(self.redis.hold()?)
    }

    /// Redis answers again.
    pub fn wake_redis(&self) -> Result<()> {
        Ok(self.redis.go_on()?)
    }

    async fn assert_durable(&self) -> Result<()> {
        let db = self.database().await?;
        for setting in DURABILITY {
            let value = show(&db, setting).await?;
            ensure!(value == "on", "{setting} is {value}: no figure would count");
        }
        db.close().await?;
        Ok(())
    }
}

/// A port of the loopback interface that nothing listens on. Another process may be quicker to take
/// it: whoever starts a server there tries again.
pub fn free_port() -> Result<u16> {
    for _ in 0..100 {
        let port = PORTS.start + OsEntropy.below(PORTS.end - PORTS.start);
        let port = u16::try_from(port)?;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port in {PORTS:?}")
}

/// `port` of the loopback interface.
#[must_use]
pub fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// A temporary folder.
#[derive(Debug)]
struct Place(PathBuf);

impl Place {
    fn new(account: Account) -> Result<Self> {
        let name = format!("tongxing-bench.{}", OsEntropy.id().simple());
        let place = Self(std::env::temp_dir().join(name));
        fs::create_dir(&place.0)?;
        account.give(&place.0)?;
        fs::set_permissions(&place.0, fs::Permissions::from_mode(0o700))?;
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} stays behind: {error}", self.0.display());
        }
    }
}

async fn start_postgres(account: Account, place: &Place) -> Result<(Running, String, u16)> {
    let programs = postgres_programs();
    let data = place.0.join("postgres");
    let password = OsEntropy.id().simple().to_string();
    init_postgres(account, place, &programs, &data, &password)?;
    for _ in 0..5 {
        let port = free_port()?;
        let mut command = postgres_command(account, place, port);
        let log = place.0.join("postgres.log");
        let mut postgres = Running::start("postgres", &mut command, log, Ending::Interrupt)?;
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        if answers(&mut postgres, || is_postgres(&url, &data)).await {
            return Ok((postgres, url, port));
        }
        eprintln!("{}", postgres.last_words());
    }
    bail!("PostgreSQL does not start")
}

fn postgres_command(account: Account, place: &Place, port: u16) -> Command {
    let mut command = account.command(postgres_programs().join("postgres"));
    command
        .current_dir(&place.0)
        .arg("-D")
        .arg(place.0.join("postgres"))
        .args(["-p", &port.to_string()])
        .args(["-c", "listen_addresses=127.0.0.1"])
        .args(["-c", "unix_socket_directories="])
        .args(["-c", &format!("max_connections={MAX_CONNECTIONS}")])
        .args(["-c", "max_wal_size=4GB"]);
    command
}

fn init_postgres(
    account: Account,
    place: &Place,
    programs: &Path,
    data: &Path,
    password: &str,
) -> Result<()> {
    let password_file = place.0.join("password");
    fs::write(&password_file, password)?;
    fs::set_permissions(&password_file, fs::Permissions::from_mode(0o600))?;
    account.give(&password_file)?;
    let made = account
        .command(programs.join("initdb"))
        .current_dir(&place.0)
        .arg("-D")
        .arg(data)
        .args(["-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8"])
        .args(["--locale=C.UTF-8", "--no-sync"])
        .arg(format!("--pwfile={}", password_file.display()))
        .output()
        .context("initdb is missing: install the PostgreSQL server, package `postgresql`")?;
    let said = String::from_utf8_lossy(&made.stderr);
    ensure!(made.status.success(), "initdb failed: {said}");
    Ok(())
}

/// The folder of the newest PostgreSQL here; empty for the PATH. Debian keeps the server's programs
/// out of the PATH.
fn postgres_programs() -> PathBuf {
    let version = |folder: &PathBuf| -> Option<u32> { folder.file_name()?.to_str()?.parse().ok() };
    fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| folder.join("bin/postgres").exists())
        .max_by_key(version)
        .map(|folder| folder.join("bin"))
        .unwrap_or_default()
}

async fn start_redis(account: Account, place: &Place) -> Result<(Running, u16)> {
    for _ in 0..5 {
        let port = free_port()?;
        let mut redis = redis_on(account, place, port)?;
        let (url, pid) = (redis_url(port), redis.pid());
        if answers(&mut redis, || is_redis(&url, pid)).await {
            return Ok((redis, port));
        }
        eprintln!("{}", redis.last_words());
    }
    bail!("Redis does not start")
}

fn redis_on(account: Account, place: &Place, port: u16) -> Result<Running> {
    let mut command = account.command("redis-server");
    command
        .current_dir(&place.0)
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--daemonize", "no", "--save", "", "--appendonly", "no"]);
    let log = place.0.join("redis.log");
    Running::start("redis-server", &mut command, log, Ending::Terminate)
        .context("redis-server is missing: install package `redis-server`")
}

fn redis_url(port: u16) -> String {
    format!("redis://127.0.0.1:{port}/")
}

/// Whether `server` answers in time, rather than another one on its port, or none.
async fn answers(server: &mut Running, mut it_is: impl AsyncFnMut() -> Result<bool>) -> bool {
    let started = Instant::now();
    while started.elapsed() < START && server.still_runs().is_ok() {
        match it_is().await {
            Ok(is_it) => return is_it,
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    false
}

async fn is_postgres(url: &str, data: &Path) -> Result<bool> {
    let db = db::connect(&DatabaseSettings::new(url)).await?;
    let folder = show(&db, "data_directory").await?;
    db.close().await?;
    Ok(Path::new(&folder) == data)
}

async fn show(db: &DatabaseConnection, setting: &str) -> Result<String> {
    let query = Statement::from_string(db.get_database_backend(), format!("SHOW {setting}"));
    let row = db.query_one_raw(query).await?.context("no such setting")?;
    Ok(row.try_get_by_index(0)?)
}

async fn is_redis(url: &str, pid: u32) -> Result<bool> {
    let mut connection = connect_redis(url).await?;
    let info: String = redis::cmd("INFO")
        .arg("server")
        .query_async(&mut connection)
        .await?;
    let own = format!("process_id:{pid}");
    Ok(info.lines().any(|line| line.trim_end() == own))
}

async fn connect_redis(url: &str) -> Result<MultiplexedConnection> {
    // Emptying a full Redis takes longer than the half second that the client would wait.
    let patient = AsyncConnectionConfig::new().set_response_timeout(Some(START));
    let client = redis::Client::open(url)?;
    Ok(client
        .get_multiplexed_async_connection_with_config(&patient)
        .await?)
}
