//! `tongxing verify-log`: whether the log only ever grew, whether it holds an entry, and whether what is told of a
//! day is what was signed.
//!
//! With what somebody kept and what they fetched: with files alone, nobody is asked.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;

use super::verify;
use crate::{
    credentials::{
        cose::VerifyingKey,
        day_note::DayNote,
        key_list::KeyList,
        note::{self, Checkpoint, LONGEST_NOTE},
    },
    daily_counts,
    transparency::{
        offline::{self, Proof},
        tree::{TILE_WIDTH, TileAt, Tiles},
    },
};

/// Bytes of a proof, at the most.
const LONGEST_PROOF: usize = 64 * 1024;

/// Bytes of what is told of a day, at the most.
const LONGEST_DAY: usize = 16 * 1024 * 1024;

/// Bytes of a full tile.
const TILE_BYTES: usize = 8_192;

/// What is verified.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// The list of public keys: a file or an address.
    pub keys: String,
    /// Files with checkpoints, the oldest first: two at the most.
    pub checkpoints: Vec<PathBuf>,
    /// The folder or the address below which the tiles lie.
    pub tiles: Option<String>,
    /// A file with the proof of an entry.
    pub proof: Option<PathBuf>,
    /// A file with what is told of a day.
    pub day: Option<PathBuf>,
}

/// What the log proves, in words. An error if it does not.
pub async fn run(
    asked: &Arguments,
    root: &VerifyingKey,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let keys = KeyList::verify(&verify::list_at(&asked.keys).await?, root, now, 0)
        .context("the list of keys is not believed")?;
    let mut said = Vec::new();
    let mut checkpoints = Vec::new();
    for path in &asked.checkpoints {
        let (checkpoint, key) = believed(path, &keys, now).await?;
        said.push(format!(
            "checkpoint  {} entries, signed by {key}",
            checkpoint.size
        ));
        checkpoints.push(checkpoint);
    }
    match (checkpoints.as_slice(), &asked.tiles) {
        ([], _) | ([_], None) => {}
        ([only], Some(place)) => {
            let tiles = fetched(place, None, only).await?;
            offline::has_root(only, &tiles)?;
            said.push("tiles       are those of the checkpoint".into());
        }
        ([older, newer], Some(place)) => {
            let tiles = fetched(place, Some(older), newer).await?;
            offline::follows(older, newer, &tiles)?;
            let added = newer.size - older.size;
            said.push(format!(
                "consistent  {added} entries were added, and none changed"
            ));
        }
        ([older, newer], None) if older == newer => {}
        ([_, _], None) => bail!("say where the tiles are that prove it: --tiles"),
        _ => bail!("compare two checkpoints at a time"),
    }
    let day = match &asked.day {
        Some(path) => {
            let answer = serde_json::from_slice(&read(path, LONGEST_DAY).await?);
            let answer = answer.context("not what is told of a day")?;
            let told = daily_counts::offline::verified(&answer, &keys, now)?;
            said.push(format!(
                "day         {} is as {} signed it",
                told.day, told.name
            ));
            Some(told)
        }
        None => None,
    };
    if let Some(path) = &asked.proof {
        let text = read(path, LONGEST_PROOF).await?;
        let proof: Proof = serde_json::from_slice(&text).context("not a proof")?;
        let (entry, checkpoint) = offline::proved(&proof, &keys, now)?;
        said.push(format!(
            "included    entry {} of {}",
            proof.index, checkpoint.size
        ));
        if day.is_some_and(|told| !says(&entry, &told)) {
            bail!("the entry does not say what is told of the day");
        }
        let entry: String = entry.chars().filter(|it| !it.is_control()).collect();
        said.push(format!("entry       {entry}"));
    }
    if said.is_empty() {
        bail!("say what to verify: --checkpoint, --proof, or --day");
    }
    Ok(said.join("\n"))
}

/// Whether `entry` says the digest of what is told of the day.
fn says(entry: &str, told: &DayNote) -> bool {
    let entry: Value = serde_json::from_str(entry).unwrap_or_default();
    let detail = json!({"day": told.day, "sha256": hex::encode(told.digest)});
    entry.get("event").and_then(Value::as_str) == Some("daily_counts_published")
        && entry.get("detail") == Some(&detail)
}

async fn believed(
    path: &Path,
    keys: &KeyList,
    now: DateTime<Utc>,
) -> anyhow::Result<(Checkpoint, String)> {
    let text = String::from_utf8(read(path, LONGEST_NOTE).await?)?;
    let believed = note::believe(&text, keys, now);
    believed.with_context(|| format!("{} is not believed", path.display()))
}

async fn read(path: &Path, most: usize) -> anyhow::Result<Vec<u8>> {
    let bytes = tokio::fs::read(path)
        .await
        .with_context(|| format!("reading {}", path.display()))?;
    if bytes.len() > most {
        bail!("{} is too long", path.display());
    }
    Ok(bytes)
}

/// The tiles below `place` that prove that `newer` follows `older`.
async fn fetched(
    place: &str,
    older: Option<&Checkpoint>,
    newer: &Checkpoint,
) -> anyhow::Result<Tiles> {
    let before = older.map(|it| it.size).filter(|size| *size <= newer.size);
    let mut tiles = Tiles::default();
    for (at, width) in offline::needed(before, newer.size) {
        let bytes = tile(place, at, width).await?;
        let hashes = offline::read_tile(&bytes, width);
        tiles.insert(at, hashes.with_context(|| at.path(width))?);
    }
    Ok(tiles)
}

/// The tile `at` as it was when it had `width` hashes, or as it is now that it is full.
async fn tile(place: &str, at: TileAt, width: u64) -> anyhow::Result<Vec<u8>> {
    let mut paths = vec![at.path(width)];
    if width < TILE_WIDTH {
        paths.push(at.path(TILE_WIDTH));
    }
    let mut outcome = Ok(Vec::new());
    for path in paths {
        outcome = part(place, &path).await;
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

async fn part(place: &str, path: &str) -> anyhow::Result<Vec<u8>> {
    match Url::parse(place) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            let url = Url::parse(&format!("{}/{path}", place.trim_end_matches('/')))?;
            verify::fetch(url, TILE_BYTES).await
        }
        _ => read(&Path::new(place).join(path), TILE_BYTES).await,
    }
}
