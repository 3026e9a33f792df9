//! `import`: a file of test results, signed, validated, deduplicated, indexed and shown, beside the
//! database's own `COPY` of the same file into a table that is neither logged nor indexed.

mod people;
mod rows;

use std::{
    fs,
    path::PathBuf,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use api::{
    facts::import::{Kind, signed_bytes},
    platform::{Entropy, OsEntropy},
};
use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{Ed25519KeyPair, KeyPair},
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

pub(super) use self::rows::HEADER;
use self::{people::Crowd, rows::File};
use crate::{report, rounds, stage::Stage};

/// Rows, unless the case is told another number. There are as many people.
const ROWS: u32 = 1_000_000;

/// Rows that are compared with a naive reading.
const COMPARED: usize = 10_000;

/// Rounds that are measured, after one that is not.
const ROUNDS: usize = 3;

/// How often an import is killed.
const KILLS: u32 = 3;

/// The least part of the floor's speed, by processor time.
const TARGET: f64 = 0.60;

/// Between two looks at an import that is under way.
const LOOK: Duration = Duration::from_millis(20);

/// The source that signs.
const SOURCE: &str = "lab-one";

/// What one round took: processor time, of it PostgreSQL's and Redis's, and by the clock.
#[derive(Debug, Clone, Copy)]
struct Took {
    cpu: Duration,
    postgres: Duration,
    redis: Duration,
    wall: Duration,
}

/// What is in the tables, but for when it came to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Contents {
    results: String,
    findings: String,
    counts: String,
}

/// Floor and import in turn, then imports that are killed.
pub(crate) async fn run(stage: &Stage, rows: Option<u32>) -> Result<()> {
    let rows = rows.unwrap_or(ROWS);
    let crowd = Crowd::settle(stage, rows).await?;
    let place = Place::make(stage).await?;
    let file = File::of(&crowd, rows);
    let small = place.keep("small.csv", &file.first(COMPARED))?;
    compare_with_naive(stage, &place, &small, &file, &crowd).await?;
    let half = rows / 2;
    let halved = place.keep("half.csv", &file.first(usize::try_from(half)?))?;
    empty(stage).await?;
    let (_, peak_of_half) = place.import(stage, &halved).await?;
    let large = place.keep("large.csv", &file.text)?;

    let (mut floors, mut imports, mut peak) = (Vec::new(), Vec::new(), 0);
    for round in 0..=ROUNDS {
        for floor_turn in [round % 2 == 0, round % 2 == 1] {
            if floor_turn {
                floors.push(place.floor(stage, &large).await?);
            } else {
                empty(stage).await?;
                let (took, memory) = place.import(stage, &large).await?;
                imports.push(took);
                peak = peak.max(memory);
                file.check_counts(&counts(stage).await?)?;
            }
        }
    }
    let undisturbed = contents(stage).await?;
    place.import_with_kills(stage, &large, rows).await?;
    let killed = contents(stage).await?;
    ensure!(
        killed == undisturbed,
        "an import that was killed ends as {killed:?}, not as {undisturbed:?}"
    );
    println!("  killed {KILLS} times at random rows and resumed: ends as an undisturbed one");
    println!("  peak of memory: {peak_of_half} KiB for {half} rows, {peak} KiB for {rows}");
    conclude(&floors, &imports, rows);
    Ok(())
}

fn conclude(floors: &[Took], imports: &[Took], rows: u32) {
    let per_row = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(rows);
    let median = |took: &[Took], of: fn(&Took) -> Duration| {
        // The first round warms everything up.
        rounds::median(took.iter().skip(1).map(|took| per_row(of(took))).collect())
    };
    let (floor_cpu, cpu) = (
        median(floors, |took| took.cpu),
        median(imports, |took| took.cpu),
    );
    let (floor_wall, wall) = (
        median(floors, |took| took.wall),
        median(imports, |took| took.wall),
    );
    println!("  floor   {floor_cpu:.2} us of processor, {floor_wall:.2} us by the clock a row");
    println!("  import  {cpu:.2} us of processor, {wall:.2} us by the clock a row");
    let postgres = median(imports, |took| took.postgres);
    let redis = median(imports, |took| took.redis);
    println!(
        "    of it {postgres:.2} us PostgreSQL, {redis:.2} us Redis, {:.2} us the process",
        cpu - postgres - redis
    );
    println!("  ratio by the clock {:.2}", floor_wall / wall);
    let ratio = floor_cpu / cpu;
    report::end("import", ratio, cpu, TARGET, ratio >= TARGET);
}

/// Where the files lie, and who signs them.
pub(super) struct Place {
    folder: PathBuf,
    key: Ed25519KeyPair,
}

/// A file, and its signature.
pub(super) struct Signed {
    file: PathBuf,
    signature: PathBuf,
}

impl Place {
    pub(super) async fn make(stage: &Stage) -> Result<Self> {
        let folder = stage.world.path("files");
        fs::create_dir_all(&folder)?;
        let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32])?;
        let public = hex::encode(key.public_key());
        run_sql(
            stage,
            &format!(
                "INSERT INTO fact_source (id, name, division, kinds, public_key, created_at, approved_at)
                 VALUES ('{SOURCE}', '{SOURCE}', '310000', '[\"nucleic_acid_test\"]', '\\x{public}', now(), now())
                 ON CONFLICT DO NOTHING;
                 CREATE UNLOGGED TABLE IF NOT EXISTS floor (document_kind text, document_number text, lab text,
                     tube text, tube_size smallint, sampled_at timestamptz,
                     reported_at timestamptz, result text)"
            ),
        )
        .await?;
        Ok(Self { folder, key })
    }

    pub(super) fn keep(&self, name: &str, text: &str) -> Result<Signed> {
        let file = self.folder.join(name);
        fs::write(&file, text)?;
        let digest = digest(&SHA256, text.as_bytes());
        let signature = file.with_extension("sig");
        let digest = digest.as_ref().try_into()?;
        let signed = signed_bytes(SOURCE, Kind::NucleicAcidTest, digest);
        fs::write(&signature, self.key.sign(&signed))?;
        Ok(Signed { file, signature })
    }

    async fn floor(&self, stage: &Stage, signed: &Signed) -> Result<Took> {
        run_sql(stage, "TRUNCATE floor; CHECKPOINT").await?;
        let text = fs::read(&signed.file)?;
        let pool = stage.db.get_postgres_connection_pool();
        let mut connection = pool.acquire().await?;
        let before = Measured::now(stage)?;
        let mut copy = connection
            .copy_in_raw("COPY floor FROM STDIN (FORMAT csv, HEADER)")
            .await?;
        for part in text.chunks(256 * 1024) {
            copy.send(part).await?;
        }
        copy.finish().await?;
        before.until_now(stage)
    }

    pub(super) fn start(&self, stage: &Stage, signed: &Signed, take_over: bool) -> Result<Child> {
        let file = signed.file.to_str().context("a path")?;
        let signature = signed.signature.to_str().context("a path")?;
        let mut arguments = vec!["import", "--source", SOURCE, "--kind", "nucleic_acid_test"];
        arguments.extend(["--signature", signature, file]);
        if take_over {
            arguments.push("--take-over");
        }
        let log = fs::File::create(self.folder.join("import.log"))?;
        let mut command = stage.command(&arguments)?;
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        Ok(command.spawn()?)
    }

    /// What an import took, and the most memory it had, in KiB.
    async fn import(&self, stage: &Stage, signed: &Signed) -> Result<(Took, u64)> {
        let before = Measured::now(stage)?;
        let mut child = self.start(stage, signed, false)?;
        let mut peak = 0;
        let status = loop {
            peak = memory_of(child.id()).unwrap_or(peak);
            if let Some(status) = child.try_wait()? {
                break status;
            }
            tokio::time::sleep(LOOK).await;
        };
        let took = before.until_now(stage)?;
        if !status.success() {
            let log = fs::read_to_string(self.folder.join("import.log"))?;
            bail!("the import failed: {log}");
        }
        Ok((took, peak))
    }

    async fn import_with_kills(&self, stage: &Stage, signed: &Signed, rows: u32) -> Result<()> {
        empty(stage).await?;
        for kill in 0..KILLS {
            let part = rows / (KILLS + 1);
            let at = i64::from(part * kill + 1 + OsEntropy.below(part));
            let mut child = self.start(stage, signed, true)?;
            while next_row(stage).await? < at {
                ensure!(child.try_wait()?.is_none(), "it ended before it was killed");
                tokio::time::sleep(LOOK).await;
            }
            // Somewhere within the next chunk.
            let more = Duration::from_millis(OsEntropy.below(100).into());
            tokio::time::sleep(more).await;
            child.kill()?;
            child.wait()?;
            let reached = next_row(stage).await?;
            ensure!(
                reached < i64::from(rows),
                "it was through before it was killed"
            );
            println!("  killed behind row {reached}");
        }
        let status = self.start(stage, signed, true)?.wait()?;
        ensure!(status.success(), "what was killed does not go on");
        Ok(())
    }
}

/// Everything used until some moment.
struct Measured {
    used: [Duration; 3],
    at: Instant,
}

impl Measured {
    /// This process's tree: the servers, the service, whatever ended, and what asks them.
    fn now(stage: &Stage) -> Result<Self> {
        let [postgres, redis] = stage.world.server_pids();
        let used = stage.meter.used_by([std::process::id(), postgres, redis])?;
        let at = Instant::now();
        Ok(Self { used, at })
    }

    fn until_now(&self, stage: &Stage) -> Result<Took> {
        let now = Self::now(stage)?;
        let [cpu, postgres, redis] = std::array::from_fn(|of| {
            let used = |measured: &Self| measured.used.get(of).copied().unwrap_or_default();
            used(&now).saturating_sub(used(self))
        });
        Ok(Took {
            cpu,
            postgres,
            redis,
            wall: now.at - self.at,
        })
    }
}

/// `VmHWM` of proc(5), in KiB.
fn memory_of(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

async fn compare_with_naive(
    stage: &Stage,
    place: &Place,
    signed: &Signed,
    file: &File,
    crowd: &Crowd,
) -> Result<()> {
    empty(stage).await?;
    place.import(stage, signed).await?;
    file.compare(COMPARED, crowd, &stage.db).await?;
    println!("  {COMPARED} rows: as a naive reading of them");
    Ok(())
}

async fn run_sql(stage: &Stage, statements: &str) -> Result<()> {
    for statement in statements.split(';') {
        stage.db.execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Tables as they were before the first import, with nothing left for the next one to clean up.
async fn empty(stage: &Stage) -> Result<()> {
    let tables = "test_result, import_batch, import_finding, recheck_mark";
    run_sql(
        stage,
        &format!("TRUNCATE {tables}; VACUUM {tables}; CHECKPOINT"),
    )
    .await
}

async fn ask(stage: &Stage, query: &str) -> Result<Option<String>> {
    let statement = Statement::from_string(DbBackend::Postgres, query);
    let row = stage.db.query_one_raw(statement).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// How far the import got.
async fn next_row(stage: &Stage) -> Result<i64> {
    let row = ask(stage, "SELECT next_row::text FROM import_batch").await?;
    Ok(row.map_or(Ok(0), |row| row.parse())?)
}

/// Applied, repeated, refused.
async fn counts(stage: &Stage) -> Result<String> {
    let counts = "SELECT concat_ws(' ', state, applied, repeated, refused) FROM import_batch";
    ask(stage, counts).await?.context("no import")
}

async fn contents(stage: &Stage) -> Result<Contents> {
    let digest = |columns: &str, table: &str| {
        format!(
            "SELECT concat_ws(' ', count(*), sum(hashtextextended(concat_ws('|', {columns}), 0)))
             FROM {table}"
        )
    };
    let results = "person_id, sampled_at, sample, reported_at, result, tube_size, source";
    let results = ask(stage, &digest(results, "test_result")).await?;
    let findings = ask(stage, &digest("line, field, code", "import_finding")).await?;
    Ok(Contents {
        results: results.context("no results")?,
        findings: findings.context("no findings")?,
        counts: counts(stage).await?,
    })
}
