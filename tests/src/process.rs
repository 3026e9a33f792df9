//! Processes that end with the benchmark.

use std::{
    fs::{self, File},
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// How long a process may take to end when asked.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a process is asked to end.
#[derive(Debug, Clone, Copy)]
pub enum Ending {
    /// SIGTERM.
    Terminate,
    /// SIGINT, which PostgreSQL takes as "do not wait for clients".
    Interrupt,
}

impl Ending {
    fn option(self) -> &'static str {
        match self {
            Self::Terminate => "-TERM",
            Self::Interrupt => "-INT",
        }
    }
}

/// A process that is ended when this goes away.
#[derive(Debug)]
pub struct Running {
    name: &'static str,
    child: Child,
    ending: Ending,
    log: PathBuf,
}

impl Running {
    /// Start `command`, with all that it says in `log`.
    pub fn start(
        name: &'static str,
        command: &mut Command,
        log: PathBuf,
        ending: Ending,
    ) -> Result<Self> {
        let output = File::create(&log).with_context(|| format!("no log for {name}"))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("{name} does not start"))?;
        Ok(Self {
            name,
            child,
            ending,
            log,
        })
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// An error with what it said last, if it has ended.
    pub fn still_runs(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended: {status}\n{}", self.name, self.last_words()),
        }
    }

    /// The end of its log.
    #[must_use]
    pub fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines
            .get(lines.len().saturating_sub(20)..)
            .unwrap_or_default()
            .join("\n")
    }

    /// End it as a power cut would: SIGKILL, and it is gone.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(|_| ())
    }

    /// Let it stand still, as a process does whose machine swaps: SIGSTOP.
    pub fn hold(&self) -> io::Result<()> {
        self.signal("-STOP")
    }

    /// Let it go on: SIGCONT.
    pub fn go_on(&self) -> io::Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, option: &str) -> io::Result<()> {
        let pid = self.child.id().to_string();
        Command::new("kill")
            .args([option, &pid])
            .status()
            .map(|_| ())
    }

    fn end(&mut self) -> io::Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        self.signal(self.ending.option())?;
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.child.kill()?;
        self.child.wait().map(|_| ())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            eprintln!("{} does not end: {error}", self.name);
        }
    }
}

/// Who runs the servers. PostgreSQL refuses to run as root.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    nobody: Option<(u32, u32)>,
}

impl Account {
    /// Whoever runs this, or `nobody` in place of root.
    pub fn ordinary() -> Result<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        let is_root = status
            .lines()
            .find_map(|line| line.strip_prefix("Uid:"))
            .and_then(|ids| ids.split_whitespace().nth(1))
            .is_some_and(|effective| effective == "0");
        let nobody = if is_root { Some(nobody()?) } else { None };
        Ok(Self { nobody })
    }

    /// `program`, to be run by this account.
    pub fn command(self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        if let Some((user, group)) = self.nobody {
            // The standard library also drops root's supplementary groups.
            command.uid(user).gid(group);
        }
        command
    }

    /// Make `folder` this account's.
    pub fn give(self, folder: &Path) -> io::Result<()> {
        match self.nobody {
            Some((user, group)) => std::os::unix::fs::chown(folder, Some(user), Some(group)),
            None => Ok(()),
        }
    }
}

fn nobody() -> Result<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd")?;
    let account = accounts
        .lines()
        .find(|line| line.starts_with("nobody:"))
        .context("run this as an ordinary user: there is no account `nobody` here")?;
    let mut fields = account.split(':').skip(2);
    let mut id = || fields.next().and_then(|field| field.parse().ok());
    id().zip(id()).context("the account `nobody` has no ids")
}
