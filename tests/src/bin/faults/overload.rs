//! `overload`: five times as many come as the service can serve (R8, R9).
//!
//! It goes on serving about as many as it can, refuses the rest at once, takes no more memory, and
//! loses nothing that it acknowledged. How well it keeps its speed is told and no error: those who ask
//! share its processors.

use std::{
    fs,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use integration_tests::load::{Connection, get};
use tokio::task::JoinSet;

use crate::{field::Field, scanning::Scanning};

/// Requests that the service works on at a time.
const IN_FLIGHT: usize = 256;

/// How long the load lasts before and during the rush.
const TURN: Duration = Duration::from_secs(10);

/// Visits that there are to make, with room.
const VISITS: usize = 3_000_000;

/// Connections of those who come on top.
const CROWD: u32 = 1_024;

/// How many times what can be served comes on top: with those who scan, five times.
const RUSH: u32 = 4;

/// The least part of what was served before that should be served during the rush.
const GOODPUT: f64 = 0.80;

/// How long a refusal should take.
const REFUSAL: Duration = Duration::from_millis(50);

/// How much the memory may grow from the middle of the rush to its end, in percent.
const GROWTH: u64 = 10;

/// Measure what can be served, then let the rush come.
pub(crate) async fn run() -> Result<()> {
    let setting = format!("[service_level]\nin_flight = {IN_FLIGHT}\n");
    let field = Field::with(&setting).await?;
    let scanning = Scanning::of(&field, VISITS)?;
    let people = scanning.begin();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let capacity = served(&scanning).await;

    let crowd = Arc::new(Crowd::of(&field, capacity)?);
    let rushing = crowd.begin();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let memory = resident_kib(field.service.pid())?;
    let during = served(&scanning).await;
    let grown = resident_kib(field.service.pid())?;
    let rush = crowd.end(rushing).await?;
    scanning.end(people).await?;

    let goodput = during / capacity;
    let refusal = rush.per_mille(990);
    let met = goodput >= GOODPUT && refusal <= REFUSAL;
    println!("  {capacity:.0} visits a second as usual, {during:.0} in the rush");
    println!(
        "  of the crowd {} were served and {} refused, the slowest hundredth after {refusal:.2?}",
        rush.served,
        rush.refusals.len()
    );
    println!("  memory {memory} KiB in the middle of the rush, {grown} KiB at its end");
    println!(
        "goodput={goodput:.2} refusal_p99_ms={} {}",
        refusal.as_millis(),
        if met { "met" } else { "short" }
    );
    let db = field.world.database().await?;
    scanning.audit(&db).await?.conclude()?;
    ensure!(
        !rush.refusals.is_empty(),
        "nobody was refused: that was no rush"
    );
    ensure!(
        grown.saturating_mul(100) <= memory.saturating_mul(100 + GROWTH),
        "the memory grows while requests are refused"
    );
    Ok(())
}

/// Visits a second in a turn.
async fn served(scanning: &Scanning) -> f64 {
    let (before, began) = (scanning.acknowledged(), Instant::now());
    tokio::time::sleep(TURN).await;
    let visits = u32::try_from(scanning.acknowledged() - before).unwrap_or(u32::MAX);
    f64::from(visits) / began.elapsed().as_secs_f64()
}

/// Those who come on top, and ask for what can wait: each when their turn is, answered or not.
struct Crowd {
    server: SocketAddr,
    requests: Vec<Vec<u8>>,
    apart: Duration,
    stopped: AtomicBool,
}

/// What became of them.
#[derive(Debug, Default)]
struct Rush {
    served: usize,
    refusals: Vec<Duration>,
}

impl Rush {
    /// The wait that `part` of all thousand refusals did not exceed.
    fn per_mille(&self, part: usize) -> Duration {
        let rank = (self.refusals.len() * part)
            .div_ceil(1_000)
            .saturating_sub(1);
        self.refusals.get(rank).copied().unwrap_or_default()
    }
}

impl Crowd {
    fn of(field: &Field, capacity: f64) -> Result<Self> {
        let bearers = field.bearers.iter().take(usize::try_from(CROWD)?);
        Ok(Self {
            server: field.service.address,
            requests: bearers.map(|bearer| get("/v1/me", Some(bearer))).collect(),
            apart: Duration::from_secs_f64(f64::from(CROWD) / (capacity * f64::from(RUSH))),
            stopped: AtomicBool::new(false),
        })
    }

    fn begin(self: &Arc<Self>) -> JoinSet<Result<Rush>> {
        let mut people = JoinSet::new();
        for at in 0..self.requests.len() {
            people.spawn(Arc::clone(self).ask(at));
        }
        people
    }

    async fn end(&self, mut people: JoinSet<Result<Rush>>) -> Result<Rush> {
        self.stopped.store(true, Ordering::Relaxed);
        let mut whole = Rush::default();
        while let Some(part) = people.join_next().await {
            let part = part??;
            whole.served += part.served;
            whole.refusals.extend(part.refusals);
        }
        whole.refusals.sort_unstable();
        Ok(whole)
    }

    async fn ask(self: Arc<Self>, at: usize) -> Result<Rush> {
        let bytes = self.requests.get(at).context("nobody")?;
        let mut connection = Connection::open(self.server).await?;
        let mut rush = Rush::default();
        let mut due = tokio::time::interval(self.apart);
        due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        while !self.stopped.load(Ordering::Relaxed) {
            due.tick().await;
            let began = Instant::now();
            match connection.ask(bytes, false).await?.status {
                200 => rush.served += 1,
                503 => rush.refusals.push(began.elapsed()),
                other => anyhow::bail!("the crowd is answered with {other}"),
            }
        }
        Ok(rush)
    }
}

/// The memory of a process that is not swapped out.
fn resident_kib(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let digits = line.and_then(|line| line.split_whitespace().next());
    digits
        .context("no VmRSS")?
        .parse()
        .context("VmRSS is no number")
}
