//! Use case: take what a device kept while it had no network (C3, R16): each record once, in any order,
//! and a bad one alone is refused.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use entity::values::{GateDecision, GateMark, GateMeans};
use sea_orm::DatabaseTransaction;
use serde_json::Value;

use super::{
    behind::People,
    error::Error,
    known::{Device, Place},
    recording::{self, Content, Entry, Passage},
    records::{MOST_PEOPLE, Signed, Told, ToldPerson},
    rules::{self, FEVER_TENTHS, Temperature},
    store,
    views::{Delivered, DeliveredView, DeliveryView, RecordFault},
};
use crate::{deps::Deps, platform::db::begin_write};

/// Records of a batch, at the most.
const MOST: usize = 1_000;

/// How far the clock of a device may be off: ahead of ours, and behind its own.
const SKEW: TimeDelta = TimeDelta::seconds(30);

/// Numbers before and behind a batch whose times it is compared with.
const AROUND: i64 = 1_000;

/// Characters of a plate, or of a vehicle's own number.
const LONGEST_PLATE: usize = 17;

/// A record that is believed, or why it is not.
type Judged = Result<(Told, DateTime<Utc>), RecordFault>;

/// Take the records in `body`, which is an array of them or has one a line.
pub(super) async fn deliver(
    deps: &Deps,
    device: &Device,
    body: &[u8],
) -> Result<DeliveryView, Error> {
    let now = deps.clock.now();
    let records = split(body)?;
    let mut seqs = Vec::with_capacity(records.len());
    let judged: Vec<Judged> = records
        .into_iter()
        .map(|record| {
            seqs.push(record.as_ref().and_then(|it| it.get("seq")?.as_i64()));
            judge(device, record, now)
        })
        .collect();
    let mut first: BTreeMap<i64, &(Told, DateTime<Utc>)> = BTreeMap::new();
    for record in judged.iter().flatten() {
        first.entry(record.0.seq).or_insert(record);
    }
    let good: Vec<_> = first.values().copied().collect();
    let stored = store_all(deps, device, &good).await?;
    let Stored {
        mut new,
        taken,
        out_of_order,
    } = stored;
    let is_another = |told: &Told| {
        let first = first.get(&told.seq);
        taken.contains(&told.seq) || first.is_some_and(|(first, _)| first != told)
    };
    let records = seqs.into_iter().zip(&judged).map(|(seq, judged)| {
        let (outcome, fault) = match judged {
            Err(fault) => (Delivered::Refused, Some(*fault)),
            Ok((told, _)) if is_another(told) => (Delivered::Refused, Some(RecordFault::Conflict)),
            Ok((told, _)) if out_of_order.contains(&told.seq) => {
                (Delivered::Refused, Some(RecordFault::OutOfOrder))
            }
            // Twice in one batch: it is the first that was stored.
            Ok((told, _)) if new.remove(&told.seq) => (Delivered::Stored, None),
            Ok(_) => (Delivered::Known, None),
        };
        DeliveredView {
            seq,
            outcome,
            fault,
        }
    });
    Ok(told(records.collect()))
}

fn told(records: Vec<DeliveredView>) -> DeliveryView {
    let count = |outcome| records.iter().filter(|it| it.outcome == outcome).count();
    DeliveryView {
        stored: count(Delivered::Stored),
        known: count(Delivered::Known),
        refused: count(Delivered::Refused),
        records,
    }
}

/// The records of a batch; none where one is no JSON.
fn split(body: &[u8]) -> Result<Vec<Option<Value>>, Error> {
    let start = body.trim_ascii_start();
    let records: Vec<Option<Value>> = if start.first() == Some(&b'[') {
        let array: Vec<Value> = serde_json::from_slice(start).map_err(|_| Error::NoBatch)?;
        array.into_iter().map(Some).collect()
    } else {
        let lines = start.split(|byte| *byte == b'\n');
        let lines = lines
            .map(<[u8]>::trim_ascii)
            .filter(|line| !line.is_empty());
        let lines = lines.take(MOST + 1);
        lines
            .map(|line| serde_json::from_slice(line).ok())
            .collect()
    };
    match records.len() {
        0 => Err(Error::NoBatch),
        1..=MOST => Ok(records),
        _ => Err(Error::Batch),
    }
}

/// Whether `record` is the device's own, whole, of the past, and not older than the device's key.
fn judge(device: &Device, record: Option<Value>, now: DateTime<Utc>) -> Judged {
    let signed = record.ok_or(RecordFault::Malformed)?;
    let Signed { told, sig } = Signed::read(signed).map_err(|_| RecordFault::Malformed)?;
    if told.device != device.id {
        return Err(RecordFault::OtherDevice);
    }
    let sig = BASE64_STANDARD.decode(sig);
    let sig = sig.map_err(|_| RecordFault::Tampered)?;
    let checked = device.key.check(&told.to_be_signed(), &sig);
    checked.map_err(|_| RecordFault::Tampered)?;
    let at = told.at().filter(|_| told.seq > 0);
    let at = at.ok_or(RecordFault::Malformed)?;
    if at > now + SKEW {
        return Err(RecordFault::Future);
    }
    if at < device.enrolled_at - SKEW {
        return Err(RecordFault::BeforeEnrolment);
    }
    if told.people.is_empty() || told.people.len() > MOST_PEOPLE {
        return Err(RecordFault::People);
    }
    let plate = told.plate.as_ref();
    if plate.is_some_and(|plate| plate.chars().count() > LONGEST_PLATE) {
        return Err(RecordFault::Malformed);
    }
    let read = |person: &ToldPerson| person.temperature_tenths.is_none_or(rules::is_reading);
    if !told.people.iter().all(read) {
        return Err(RecordFault::Temperature);
    }
    Ok((told, at))
}

/// What became of numbers.
#[derive(Default)]
struct Stored {
    /// They were not there before.
    new: BTreeSet<i64>,
    /// They are something else's.
    taken: BTreeSet<i64>,
    /// Their times do not go with their order.
    out_of_order: BTreeSet<i64>,
}

/// Write `records`, each with a number of its own, down in one transaction.
///
/// Nobody else delivers for the device meanwhile, and one that was revoked on another instance a moment ago
/// delivers nothing.
async fn store_all(
    deps: &Deps,
    device: &Device,
    records: &[&(Told, DateTime<Utc>)],
) -> Result<Stored, Error> {
    if records.is_empty() {
        return Ok(Stored::default());
    }
    let people = People::find(deps, records).await?;
    let tx = begin_write(&deps.db).await?;
    let row = store::lock(&tx, device.id).await?;
    let row = row.filter(|row| row.revoked_at.is_none());
    let row = row.ok_or(Error::Revoked)?;
    let now = deps.clock.now();
    let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
    let delivered = Some(row.delivered).filter(|_| row.delivered_in == Some(hour));
    let delivered = delivered.unwrap_or_default();
    let most = i64::from(deps.gating.records_per_hour);
    if delivered.saturating_add(i64::try_from(records.len()).unwrap_or(i64::MAX)) > most {
        let wait = (hour + TimeDelta::hours(1) - now).to_std();
        return Err(Error::TooManyRecords(
            wait.unwrap_or(Duration::from_hours(1)),
        ));
    }
    let out_of_order = out_of_order(&tx, device, records).await?;
    let entries: Vec<Entry> = records
        .iter()
        .filter(|(told, _)| !out_of_order.contains(&told.seq))
        .map(|(told, at)| entry(device, told, *at, &people))
        .collect();
    let own: Vec<_> = entries.iter().map(|entry| (device, entry)).collect();
    let written = recording::rows(&tx, deps, &own).await?;
    let taken = written.taken.iter().filter_map(|at| entries.get(*at));
    let taken: BTreeSet<i64> = taken.map(|entry| entry.seq).collect();
    let new: BTreeSet<i64> = written.new.into_iter().map(|(_, seq, _)| seq).collect();
    visits(&tx, deps, device, entries, &new).await?;
    let more = i64::try_from(new.len()).unwrap_or(i64::MAX);
    store::delivered(&tx, device.id, hour, delivered.saturating_add(more)).await?;
    tx.commit().await?;
    deps.outbox.wake();
    Ok(Stored {
        new,
        taken,
        out_of_order,
    })
}

/// Those of `records`, which are in the order of their numbers, whose times do not go with that of what is
/// there and of what comes before them.
async fn out_of_order(
    tx: &DatabaseTransaction,
    device: &Device,
    records: &[&(Told, DateTime<Utc>)],
) -> Result<BTreeSet<i64>, Error> {
    let (Some((first, _)), Some((last, _))) = (records.first(), records.last()) else {
        return Ok(BTreeSet::new());
    };
    let (from, upto) = (
        first.seq.saturating_sub(AROUND),
        last.seq.saturating_add(AROUND),
    );
    let there = store::captured(tx, device.id, from, upto).await?;
    let said: Vec<_> = records.iter().map(|(told, at)| (told.seq, *at)).collect();
    Ok(backwards(&there, &said))
}

/// Those numbers of `said` that run backwards in time, beyond what a clock may be off, beside what is `there`
/// and what is said before. What is there is not said again. Both are in the order of their numbers.
fn backwards(there: &[(i64, DateTime<Utc>)], said: &[(i64, DateTime<Utc>)]) -> BTreeSet<i64> {
    // The earliest of what is there from each place on.
    let mut earliest: Vec<_> = there.iter().map(|(_, at)| *at).collect();
    for at in (1..earliest.len()).rev() {
        if let Ok([one, next]) = earliest.get_disjoint_mut([at - 1, at]) {
            *one = (*one).min(*next);
        }
    }
    let (mut passed, mut latest) = (0, None::<DateTime<Utc>>);
    let mut backwards = BTreeSet::new();
    for (seq, at) in said {
        while let Some((_, before)) = there.get(passed).filter(|(there, _)| there < seq) {
            latest = latest.max(Some(*before));
            passed += 1;
        }
        if there.get(passed).is_some_and(|(there, _)| there == seq) {
            continue;
        }
        let behind = latest.is_some_and(|latest| *at + SKEW < latest);
        let ahead = earliest.get(passed).is_some_and(|next| *at > *next + SKEW);
        if behind || ahead {
            backwards.insert(*seq);
        } else {
            latest = latest.max(Some(*at));
        }
    }
    backwards
}

async fn visits(
    tx: &DatabaseTransaction,
    deps: &Deps,
    device: &Device,
    mut entries: Vec<Entry>,
    new: &BTreeSet<i64>,
) -> Result<(), Error> {
    let Place::Venue(venue) = device.place else {
        return Ok(());
    };
    entries.retain(|entry| new.contains(&entry.seq));
    let door = recording::door_of(deps, venue).await?;
    let arrivals = recording::arrivals(device, &door, &entries);
    recording::visits_in(tx, deps, arrivals).await
}

fn entry(device: &Device, told: &Told, at: DateTime<Utc>, people: &People) -> Entry {
    let passages = (0..).zip(&told.people).map(|(place, person)| {
        let (who, colour) = people.behind(person);
        let contradicts = is_contradictory(device, person, people);
        Passage {
            place,
            person: who,
            means: person.means,
            decision: person.decision,
            reason: person.reason,
            colour,
            temperature: person.temperature_tenths,
            mark: contradicts.then_some(GateMark::Contradictory),
        }
    });
    Entry {
        seq: told.seq,
        captured_at: at,
        plate: told.plate.clone(),
        people: passages.collect(),
        offline: true,
        content: Content(String::from_utf8_lossy(&told.to_be_signed()).into_owned()),
    }
}

/// Whether the device says that it did something that the rules do not do with what it says it saw. How good the
/// pass of a vehicle was, it alone can say: it saw the road.
fn is_contradictory(device: &Device, person: &ToldPerson, people: &People) -> bool {
    let told = (person.decision, person.reason);
    let tenths = person.temperature_tenths;
    let temperature = Temperature::of(tenths, device.has_thermometer);
    if person.means == GateMeans::VehiclePass && people.is_vehicle_pass(person) {
        return person.decision < rules::decision_for(person.reason)
            || (temperature.is_fever(FEVER_TENTHS) && person.decision < GateDecision::Stop);
    }
    rules::is_contradictory(told, people.shown_by(person), temperature, FEVER_TENTHS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn of(there: &[(i64, i64)], said: &[(i64, i64)]) -> Vec<i64> {
        let timed = |some: &[(i64, i64)]| -> Vec<_> {
            some.iter()
                .map(|(seq, second)| (*seq, at(*second)))
                .collect()
        };
        backwards(&timed(there), &timed(said)).into_iter().collect()
    }

    #[test]
    fn numbers_and_times_go_the_same_way_but_for_what_a_clock_may_be_off() {
        assert_eq!(
            of(&[], &[(1, 0), (2, 100), (3, 70), (4, 69), (5, 100)]),
            [4]
        );
        // Beside what came before them, in any order.
        assert_eq!(of(&[(5, 100)], &[(3, 130), (4, 131)]), [4]);
        assert_eq!(of(&[(5, 100)], &[(6, 70), (7, 69)]), [7]);
        assert_eq!(of(&[(1, 0), (9, 50)], &[(4, 80), (5, 81), (6, 40)]), [5, 6]);
    }

    #[test]
    fn step_by_step_nobody_goes_back_either() {
        let steps: Vec<_> = (1..=5).map(|step| (step, -20 * step)).collect();
        assert_eq!(of(&[], &steps), [3, 4, 5]);
    }

    #[test]
    fn what_is_there_is_said_again_as_it_is() {
        assert_eq!(of(&[(1, 500), (2, 0)], &[(2, 0)]), Vec::<i64>::new());
    }
}
