//! `tongxing verify --bundle`: what a gate without a network does, and the record that it keeps of it.
//!
//! Beside the bundle it remembers the highest version that it believed, when it answered last, and what:
//! `BUNDLE.state`. Beside the queue it remembers the number of the next record, which goes on when what was
//! delivered is removed: `QUEUE.next`. Both are for one process at a time.

mod beside;

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::PathBuf,
};

use anyhow::{Context, bail, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use entity::values::{DeviceId, SectionCode};
use serde::{Deserialize, Serialize};

use beside::Beside;

use crate::{
    checkpoints::{
        DeviceKey,
        offline::{Answers, Gate, Held, decide_all},
        records::{MOST_PEOPLE, Signed, Told, ToldPerson},
        roadside::Vehicle,
        rules,
        ways::Ways,
    },
    credentials::{bundle::Bundle, cose::VerifyingKey},
};

/// How far the clock may have been ahead when the last record was kept, or the last answer given.
const SKEW: TimeDelta = TimeDelta::seconds(30);

/// The same that is held before the gate again within this time is held there once.
const DOUBLE: TimeDelta = TimeDelta::seconds(10);

/// Bytes of the longest line of a queue.
const LONGEST_LINE: i64 = 256 * 1024;

/// What a gate is given.
#[derive(Debug)]
pub struct Arguments {
    /// Where the bundle is.
    pub bundle: PathBuf,
    /// The texts that were scanned: of one person, or of a vehicle its pass and a code of each aboard.
    pub tokens: Vec<String>,
    /// What the plate of the vehicle says.
    pub plate: Option<String>,
    /// The section of road that the gate watches.
    pub section: Option<SectionCode>,
    /// The last four characters of the document that is shown with a card on paper.
    pub document_last4: Option<String>,
    /// The temperature in degrees Celsius.
    pub temperature: Option<f64>,
    /// Where to keep a record, and who signs it.
    pub queue: Option<Queue>,
}

/// Where records are kept until they are delivered.
#[derive(Debug)]
pub struct Queue {
    /// The file: a record a line.
    pub file: PathBuf,
    /// Which device this is.
    pub device: DeviceId,
    /// The file with its key.
    pub key: PathBuf,
}

/// What a gate remembers of the bundles that it went by, and of its answers.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    /// The highest version that it believed.
    version: u64,
    /// When it answered last.
    at: Option<DateTime<Utc>>,
    /// What it answered a moment ago.
    answers: Vec<Answered>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Answered {
    /// The digest of what was held before the gate.
    held: String,
    at: DateTime<Utc>,
    said: String,
}

/// The numbers of a queue's records.
#[derive(Debug, Serialize, Deserialize)]
struct Numbers {
    next: i64,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { next: 1 }
    }
}

/// What to do at `now` with what is held before the gate, in words; kept in the queue, if there is one,
/// before it is answered.
pub async fn run(
    arguments: &Arguments,
    root: &VerifyingKey,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let bytes = tokio::fs::read(&arguments.bundle).await;
    let bytes = bytes.with_context(|| format!("reading {}", arguments.bundle.display()))?;
    let beside = Beside::lock(&arguments.bundle, "state")?;
    let mut memory: Memory = beside.read()?;
    ensure!(
        memory.at.is_none_or(|last| last <= now + SKEW),
        "the clock was set back since the last answer"
    );
    let bundle = Bundle::verify(&bytes, root, now, memory.version);
    let bundle = bundle.context("the bundle is not believed")?;
    let temperature_tenths = match arguments.temperature {
        Some(degrees) => {
            let read = rules::reading(degrees);
            Some(read.context("no person has this temperature: take it again")?)
        }
        None => None,
    };
    // A family code has a code a line.
    let texts = arguments.tokens.iter().flat_map(|token| token.lines());
    let held: Vec<Held<'_>> = texts
        .map(|text| Held {
            text,
            document_last4: arguments.document_last4.as_deref(),
            temperature_tenths,
        })
        .collect();
    ensure!(held.len() <= MOST_PEOPLE, "more people than fit in a coach");
    memory
        .answers
        .retain(|before| (now - before.at).abs() <= DOUBLE);
    let asked = digest_of(arguments, &held);
    let before = memory.answers.iter().find(|before| before.held == asked);
    if let Some(before) = before {
        return Ok(before.said.clone());
    }
    let ways = Ways::unpacked(&bundle.contents.ways);
    let ways = ways.context("the bundle does not say where passes of vehicles are good")?;
    let vehicle = Vehicle {
        plate: arguments.plate.as_deref(),
        section: arguments.section.as_ref(),
        at: now,
    };
    let queue = arguments.queue.as_ref();
    let gate = Gate {
        bundle: &bundle,
        ways: &ways,
        device: queue.map(|queue| queue.device),
    };
    let answers = decide_all(gate, &held, vehicle);
    let answers = answers.context("nothing was scanned")?;
    let people = || answers.each.iter().zip(&held);
    let kept = queue.map(|queue| {
        let people = people().map(|(answer, held)| answer.told(*held)).collect();
        keep(queue, people, arguments.plate.clone(), now)
    });
    let said = describe(&answers, kept.transpose()?)?;
    memory.version = bundle.contents.version;
    memory.at = memory.at.max(Some(now));
    memory.answers.push(Answered {
        held: asked,
        at: now,
        said: said.clone(),
    });
    beside.write(&memory)?;
    Ok(said)
}

fn digest_of(arguments: &Arguments, held: &[Held<'_>]) -> String {
    let last4 = arguments.document_last4.as_deref().unwrap_or_default();
    let plate = arguments.plate.as_deref().unwrap_or_default();
    let section = arguments.section.as_ref().map_or("", SectionCode::as_str);
    let temperature = held.first().and_then(|held| held.temperature_tenths);
    let texts: Vec<&str> = held.iter().map(|held| held.text).collect();
    let text = format!(
        "{}|{last4}|{plate}|{section}|{}",
        temperature.unwrap_or_default(),
        texts.join("\n")
    );
    hex::encode(digest(&SHA256, text.as_bytes()))
}

fn describe(answers: &Answers, kept: Option<i64>) -> anyhow::Result<String> {
    let mut lines = vec![
        format!("decision  {}", name(answers.decision)?),
        format!("reason    {}", name(answers.reason)?),
        format!("say       {} / {}", answers.say.zh, answers.say.en),
    ];
    let several = answers.each.len() > 1;
    for (number, answer) in (1..).zip(&answers.each) {
        if several {
            let (decision, reason) = (name(answer.decision)?, name(answer.reason)?);
            lines.push(format!("{number:<10}{decision}, {reason}"));
        }
        if let Some(colour) = answer.colour {
            let colour = name(colour)?;
            lines.push(format!("colour    {colour}, when the code was issued"));
        }
        if let Some(permit) = answer.permit.as_ref() {
            let face = &permit.face;
            let said = [&face.number, &face.holder, &face.mark, &face.site];
            let said: Vec<String> = said.into_iter().map(|text| shown(text)).collect();
            lines.push(format!("permit    {}", said.join(", ")));
        }
    }
    if let Some(aboard) = answers.aboard {
        lines.push(format!("aboard    {aboard}, as the pass says"));
    }
    if let Some(seq) = kept {
        lines.push(format!("kept as   {seq}"));
    }
    Ok(lines.join("\n"))
}

/// The name of a value from a closed list.
fn name(value: impl Serialize) -> anyhow::Result<String> {
    let value = serde_json::to_value(value)?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

/// Words that somebody signed are shown, never obeyed: nothing of them moves a terminal's cursor.
fn shown(text: &str) -> String {
    text.chars().filter(|it| !it.is_control()).collect()
}

/// Keep a record of `people`, in the vehicle with `plate`, signed, behind those that are in the queue. Returns its number once it is on
/// the disk.
fn keep(
    queue: &Queue,
    people: Vec<ToldPerson>,
    plate: Option<String>,
    now: DateTime<Utc>,
) -> anyhow::Result<i64> {
    let key = std::fs::read_to_string(&queue.key);
    let key = key.with_context(|| format!("reading {}", queue.key.display()))?;
    let key = DeviceKey::read(&key)?;
    let beside = Beside::lock(&queue.file, "next")?;
    let Numbers { next } = beside.read()?;
    let mut file = OpenOptions::new()
        .create(true)
        .read(true)
        .append(true)
        .open(&queue.file)
        .with_context(|| format!("opening {}", queue.file.display()))?;
    let seq = match last_of(&mut file)? {
        Some(last) => {
            ensure!(last.device == queue.device, "the queue is another device's");
            let at = last
                .at()
                .context("the last record of the queue has no time")?;
            ensure!(
                at <= now + SKEW,
                "the clock was set back since the last record"
            );
            next.max(last.seq + 1)
        }
        None => next,
    };
    beside.write(&Numbers { next: seq + 1 })?;
    let record = key.record(Told {
        captured_at: now.to_rfc3339_opts(SecondsFormat::Millis, true),
        device: queue.device,
        people,
        plate,
        seq,
    });
    let mut line = serde_json::to_vec(&record)?;
    line.push(b'\n');
    file.write_all(&line)?;
    file.sync_all()?;
    Ok(seq)
}

/// The last record of a queue. A line that broke off when the power went was answered to nobody, and is
/// ended so that the next one stands by itself.
fn last_of(file: &mut File) -> anyhow::Result<Option<Told>> {
    let length = i64::try_from(file.metadata()?.len())?;
    file.seek(SeekFrom::End(-length.min(2 * LONGEST_LINE)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    if tail.last().is_some_and(|last| *last != b'\n') {
        file.write_all(b"\n")?;
    }
    let lines = tail.split(|byte| *byte == b'\n').rev();
    let mut records = lines.filter_map(|line| serde_json::from_slice(line).ok());
    match records.find_map(|value| Signed::read(value).ok()) {
        Some(record) => Ok(Some(record.told)),
        None if length == 0 => Ok(None),
        None => bail!("no record can be read of the end of the queue"),
    }
}

#[cfg(test)]
mod tests {
    use entity::values::{GateDecision, GateMeans, GateReason};
    use uuid::Uuid;

    use super::*;
    use crate::platform::OsEntropy;

    fn person() -> ToldPerson {
        ToldPerson {
            decision: GateDecision::Pass,
            document_number: None,
            means: GateMeans::Code,
            reason: GateReason::Green,
            temperature_tenths: Some(365),
            text: Some("JK1:A".into()),
        }
    }

    fn queue(name: &str) -> (PathBuf, Queue) {
        let folder = format!("gates-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let (_, kept) = DeviceKey::create(&OsEntropy).unwrap();
        let queue = Queue {
            file: folder.join("queue"),
            device: DeviceId(Uuid::nil()),
            key: folder.join("key"),
        };
        std::fs::write(&queue.key, kept.as_bytes()).unwrap();
        (folder, queue)
    }

    #[test]
    fn records_are_numbered_on_and_a_clock_that_was_set_back_keeps_none() {
        let (folder, queue) = queue("numbers");
        let now: DateTime<Utc> = "2026-03-02T04:00:00Z".parse().unwrap();
        assert_eq!(keep(&queue, vec![person()], None, now).unwrap(), 1);
        assert_eq!(keep(&queue, vec![person()], None, now).unwrap(), 2);
        let before = now - TimeDelta::seconds(31);
        assert!(keep(&queue, vec![person()], None, before).is_err());
        // The power went while a third was written.
        let broken = std::fs::read_to_string(&queue.file).unwrap() + "{\"captured_at\":\"20";
        std::fs::write(&queue.file, broken).unwrap();
        assert_eq!(keep(&queue, vec![person()], None, now).unwrap(), 3);
        let lines = std::fs::read_to_string(&queue.file).unwrap();
        let whole = lines.lines().filter(|line| {
            let value = serde_json::from_str(line);
            value.is_ok_and(|value| Signed::read(value).is_ok())
        });
        assert_eq!(whole.count(), 3);
        // What was delivered is removed; its numbers stay used.
        std::fs::remove_file(&queue.file).unwrap();
        assert_eq!(keep(&queue, vec![person()], None, now).unwrap(), 4);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn whoever_keeps_a_record_at_the_same_time_gets_another_number() {
        let (folder, queue) = queue("lanes");
        let now: DateTime<Utc> = "2026-03-02T04:00:00Z".parse().unwrap();
        let mut numbers: Vec<i64> = std::thread::scope(|scope| {
            let lanes: Vec<_> = (0..4)
                .map(|_| {
                    let keeps = || (0..8).map(|_| keep(&queue, vec![person()], None, now).unwrap());
                    scope.spawn(move || keeps().collect::<Vec<_>>())
                })
                .collect();
            let lanes = lanes.into_iter();
            lanes.flat_map(|lane| lane.join().unwrap()).collect()
        });
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=32).collect::<Vec<_>>());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
