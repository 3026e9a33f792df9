//! Use case: take what a device kept while it had no network (C3, R16): each record once, in any order,
//! and a bad one alone is refused.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use entity::values::{Colour, Document, DocumentKind, GateMeans, PassCardId, PersonId};
use sea_orm::DatabaseTransaction;
use serde_json::Value;
use uuid::Uuid;

use super::{
    error::Error,
    known::{Device, Place},
    recording::{self, Content, Entry, Passage},
    records::{MOST_PEOPLE, Signed, Told, ToldPerson},
    rules, store,
    views::{
        Delivered, DeliveredView, DeliveryView, MissingParams, MissingView, RecordFault,
        StretchView,
    },
};
use crate::{
    credentials::PermitKind,
    deps::Deps,
    identity, pass_cards,
    platform::{clock::local_date, db::begin_write},
};

/// Records of a batch, at the most.
const MOST: usize = 1_000;

/// How far a device may be ahead of us.
const AHEAD: TimeDelta = TimeDelta::seconds(30);

/// Characters of a plate, or of a vehicle's own number.
const LONGEST_PLATE: usize = 17;

/// Numbers that are looked at in one go.
const LOOKED_AT: i64 = 100_000;

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
    let Stored { mut new, taken } = store_all(deps, device, &good).await?;
    let is_another = |told: &Told| {
        let first = first.get(&told.seq);
        taken.contains(&told.seq) || first.is_some_and(|(first, _)| first != told)
    };
    let records = seqs.into_iter().zip(&judged).map(|(seq, judged)| {
        let (outcome, fault) = match judged {
            Err(fault) => (Delivered::Refused, Some(*fault)),
            Ok((told, _)) if is_another(told) => (Delivered::Refused, Some(RecordFault::Conflict)),
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

/// Whether `record` is the device's own, whole, and of the past.
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
    if at > now + AHEAD {
        return Err(RecordFault::Future);
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
}

/// Write `records`, each with a number of its own, down in one transaction.
async fn store_all(
    deps: &Deps,
    device: &Device,
    records: &[&(Told, DateTime<Utc>)],
) -> Result<Stored, Error> {
    if records.is_empty() {
        return Ok(Stored::default());
    }
    let people = People::find(deps, records).await?;
    let entries = records.iter().map(|(told, at)| entry(told, *at, &people));
    let entries: Vec<Entry> = entries.collect();
    let tx = begin_write(&deps.db).await?;
    let own: Vec<_> = entries.iter().map(|entry| (device, entry)).collect();
    let written = recording::rows(&tx, deps, &own).await?;
    let taken = written.taken.iter().filter_map(|at| entries.get(*at));
    let taken: BTreeSet<i64> = taken.map(|entry| entry.seq).collect();
    let new: BTreeSet<i64> = written.new.into_iter().map(|(_, seq, _)| seq).collect();
    visits(&tx, deps, device, entries, &new).await?;
    tx.commit().await?;
    deps.outbox.wake();
    Ok(Stored { new, taken })
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

fn entry(told: &Told, at: DateTime<Utc>, people: &People) -> Entry {
    let passages = (0..).zip(&told.people).map(|(place, person)| {
        let (who, colour) = people.behind(person);
        Passage {
            place,
            person: who,
            means: person.means,
            decision: person.decision,
            reason: person.reason,
            colour,
            temperature: person.temperature_tenths,
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

/// Who stands behind what was shown, as far as it can still be told.
struct People {
    /// By the text or the number that was read.
    found: BTreeMap<String, (PersonId, Option<Colour>)>,
}

impl People {
    /// Ask about all of `records` at once.
    async fn find(deps: &Deps, records: &[&(Told, DateTime<Utc>)]) -> Result<Self, Error> {
        let (mut numbers, mut found) = (BTreeMap::new(), BTreeMap::new());
        for (told, at) in records {
            for person in &told.people {
                match (person.means, &person.text, &person.document_number) {
                    // What is shown again and again is read once.
                    (GateMeans::Code, Some(text), _) if numbers.contains_key(text) => {}
                    (
                        GateMeans::PassCard | GateMeans::Paper | GateMeans::WorkPermit,
                        Some(text),
                        _,
                    )
                    | (GateMeans::IdCard, _, Some(text))
                        if found.contains_key(text) => {}
                    (GateMeans::Code, Some(text), _) => {
                        if let Ok(read) = deps.keyring.read_past(text, *at) {
                            numbers.insert(text.clone(), read);
                        }
                    }
                    (
                        GateMeans::PassCard | GateMeans::Paper | GateMeans::WorkPermit,
                        Some(text),
                        _,
                    ) => {
                        if let Some(holder) = holder(deps, text, *at).await? {
                            found.insert(text.clone(), (holder, None));
                        }
                    }
                    (GateMeans::IdCard, _, Some(number)) => {
                        if let Some(person) = on_id_card(deps, number, *at).await? {
                            found.insert(number.clone(), (person, None));
                        }
                    }
                    _ => {}
                }
            }
        }
        let asked: Vec<i64> = numbers.values().map(|(number, _)| *number).collect();
        let people = identity::people_with_numbers(&deps.db, &asked).await?;
        for (text, (number, colour)) in numbers {
            if let Some(person) = people.get(&number) {
                found.insert(text, (*person, Some(colour)));
            }
        }
        Ok(Self { found })
    }

    fn behind(&self, person: &ToldPerson) -> (Option<PersonId>, Option<Colour>) {
        let read = match person.means {
            GateMeans::IdCard => &person.document_number,
            _ => &person.text,
        };
        let found = read.as_ref().and_then(|read| self.found.get(read));
        found.map_or((None, None), |(person, colour)| (Some(*person), *colour))
    }
}

/// Who holds the card, or the permit to work, whose text was read at `at`.
async fn holder(deps: &Deps, text: &str, at: DateTime<Utc>) -> Result<Option<PersonId>, Error> {
    let Ok(permit) = deps.keyring.read_past_permit(text, at) else {
        return Ok(None);
    };
    let record = Uuid::from_bytes(permit.id);
    match permit.kind {
        PermitKind::PassCard => {
            let card = pass_cards::card(&deps.db, PassCardId(record)).await?;
            Ok(card.map(|card| card.person_id))
        }
        PermitKind::Work => {
            let Some(records) = deps.permits.of(PermitKind::Work) else {
                return Ok(None);
            };
            let standing = records.standing(deps, record, deps.clock.now()).await?;
            Ok(standing.and_then(|standing| standing.people.first().copied()))
        }
        // The pass of a vehicle is nobody.
        PermitKind::Vehicle => Ok(None),
    }
}

async fn on_id_card(
    deps: &Deps,
    number: &str,
    at: DateTime<Utc>,
) -> Result<Option<PersonId>, Error> {
    let document = Document::parse(DocumentKind::ResidentCard, number, local_date(at));
    let Ok(document) = document else {
        return Ok(None);
    };
    Ok(identity::person_with_document(&deps.db, deps, &document).await?)
}

/// Which numbers of `device` are not on record, of those that are asked for.
pub(super) async fn missing(
    deps: &Deps,
    device: &Device,
    asked: &MissingParams,
) -> Result<MissingView, Error> {
    let upto = asked.upto.min(asked.from.saturating_add(LOOKED_AT - 1));
    let recorded = store::recorded(&deps.db, device.id, asked.from, upto).await?;
    Ok(MissingView {
        missing: gaps(asked.from, upto, &recorded),
        upto,
    })
}

/// The stretches between `from` and `upto` that `there`, which is in order, leaves out.
fn gaps(from: i64, upto: i64, there: &[i64]) -> Vec<StretchView> {
    let mut missing = Vec::new();
    let mut next = from;
    for seq in there.iter().copied().chain([upto.saturating_add(1)]) {
        if next < seq {
            missing.push(StretchView {
                from: next,
                upto: seq - 1,
            });
        }
        next = seq.saturating_add(1);
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_in_stretches() {
        let stretches = |there: &[i64]| -> Vec<(i64, i64)> {
            let gaps = gaps(3, 9, there);
            gaps.into_iter().map(|it| (it.from, it.upto)).collect()
        };
        assert_eq!(stretches(&[]), [(3, 9)]);
        assert_eq!(stretches(&[3, 4, 5, 6, 7, 8, 9]), []);
        assert_eq!(stretches(&[4, 5, 8]), [(3, 3), (6, 7), (9, 9)]);
        assert_eq!(gaps(9, 3, &[]), []);
    }
}
