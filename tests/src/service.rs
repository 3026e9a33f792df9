//! The release binary of the service, running against the servers of a [`World`].

use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use api::{
    credentials,
    platform::{
        OsEntropy, Vault, entropy,
        vault::{KEY_BYTES, VaultKeys},
    },
};
use base64::{Engine, prelude::BASE64_STANDARD};
use zeroize::Zeroizing;

use crate::{
    load,
    process::{Ending, Running},
    world::{World, free_port, loopback},
};

/// How long the service may take until it is ready.
const START: Duration = Duration::from_secs(30);

/// What the service's configuration keeps secret.
#[derive(Debug)]
pub struct Secrets {
    encryption: [u8; KEY_BYTES],
    index: [u8; KEY_BYTES],
    /// The root key, as the configuration has it.
    pub root: Zeroizing<String>,
}

impl Secrets {
    /// New ones.
    pub fn new() -> Result<Self> {
        Ok(Self {
            encryption: entropy::bytes(&OsEntropy),
            index: entropy::bytes(&OsEntropy),
            root: credentials::create_root(&OsEntropy)?,
        })
    }

    /// The service's vault.
    pub fn vault(&self) -> Result<Vault> {
        let keys = VaultKeys {
            encryption: [(1, Zeroizing::new(self.encryption))].into(),
            index: [(1, Zeroizing::new(self.index))].into(),
        };
        Ok(Vault::new(&keys)?)
    }

    /// The keys in a configuration.
    #[must_use]
    pub fn config(&self) -> String {
        format!(
            r#"
            [secrets.encryption_keys]
            1 = "{}"

            [secrets.index_keys]
            1 = "{}"

            [keys]
            root_key = "{}"
            "#,
            BASE64_STANDARD.encode(self.encryption),
            BASE64_STANDARD.encode(self.index),
            *self.root,
        )
    }
}

/// A running service.
#[derive(Debug)]
pub struct Service {
    process: Running,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Service {
    /// Start `program`, configured with what `config` says for its port, and wait until it is ready.
    pub async fn start(
        world: &World,
        program: &PathBuf,
        config: impl Fn(u16) -> String,
    ) -> Result<Self> {
        for _ in 0..5 {
            let port = free_port()?;
            let path = world.path("service.toml");
            fs::write(&path, config(port))?;
            let mut command = Command::new(program);
            command.args(["serve", "--with-work", "--config"]).arg(path);
            let log = world.path("service.log");
            let process = Running::start("tongxing", &mut command, log, Ending::Terminate)?;
            let mut service = Self {
                process,
                address: loopback(port),
            };
            if service.is_ready().await {
                return Ok(service);
            }
            eprintln!("{}", service.process.last_words());
        }
        bail!("the service does not start")
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// It is gone from one moment to the next.
    pub fn kill(&mut self) -> Result<()> {
        Ok(self.process.kill()?)
    }

    /// Wait until it says that it is ready. Whether it did in time.
    pub async fn is_ready(&mut self) -> bool {
        let started = Instant::now();
        let question = load::get("/readyz", None);
        while started.elapsed() < START && self.process.still_runs().is_ok() {
            let answer = load::ask(self.address, &question).await;
            if answer.is_ok_and(|answer| answer.status == 200) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }
}

/// The release binary of the service, beside this program, brought up to date.
pub fn program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().context("this program is nowhere")?;
    let program = folder.join("tongxing");
    let built = Command::new("cargo")
        .args(["build", "--quiet", "--locked", "--release", "-p", "api"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    ensure!(built.success(), "the service does not build");
    ensure!(program.exists(), "{} is missing", program.display());
    Ok(program)
}
