//! What was verified is written down: the one way, for a call as for a batch.
//!
//! A post's passages are rows of their own. A venue's are visits, which a sentinel vouches for; what
//! somebody was stopped for there is a row as well. A row is known by its device, the device's own number
//! and a place, so it is there once however often it is delivered, and what else follows from it follows
//! from the first delivery alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    gate_record,
    values::{
        Assurance, Colour, DeviceId, GateDecision, GateMark, GateMeans, GateReason, PersonId,
        RefusalReason, VenueId, VisitWay,
    },
};
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    known::{Device, Place},
    rules, store,
};
use crate::{
    control_actions::{self, Report, Reporter},
    deps::Deps,
    platform::vault::Column,
    venues::{self, Door},
    visits::{self, Arrival, Visitor},
};

pub(super) const PLATE: Column = Column("gate_record.plate");

/// Whom a gate stopped longer ago, nobody meets there any more: the headquarters is not told.
const REPORTED_WITHIN: TimeDelta = TimeDelta::hours(2);

/// What the blind indexes of what devices said are made for.
const SAID: &str = "gate_record.digest";

/// All that a device said with one number, as it said it: another text is something else.
#[derive(Clone)]
pub(super) struct Content(pub(super) String);

/// It says who somebody is.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Content(***)")
    }
}

/// Something that happened at a gate.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The device's own number of it.
    pub(super) seq: i64,
    pub(super) captured_at: DateTime<Utc>,
    pub(super) plate: Option<String>,
    pub(super) people: Vec<Passage>,
    /// Whether the device decided by itself.
    pub(super) offline: bool,
    pub(super) content: Content,
}

/// One person of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passage {
    /// Which of its people.
    pub(super) place: i32,
    pub(super) person: Option<PersonId>,
    pub(super) means: GateMeans,
    pub(super) decision: GateDecision,
    pub(super) reason: GateReason,
    pub(super) colour: Option<Colour>,
    pub(super) temperature: Option<u16>,
    /// What makes it worth another look.
    pub(super) mark: Option<GateMark>,
}

impl Entry {
    /// Whether the headquarters is told of somebody in it.
    pub(super) fn is_reported(&self) -> bool {
        self.people.iter().any(Passage::is_reported)
    }
}

impl Passage {
    /// Also of somebody whom nobody knows: a fever has no name.
    fn is_reported(&self) -> bool {
        self.decision == GateDecision::Stop && rules::is_reported(self.reason)
    }
}

/// A row: a device, its number and a place.
type Key = (DeviceId, i64, i32);

/// What became of entries.
#[derive(Debug)]
pub(super) struct Written {
    /// Which rows were not there before.
    pub(super) new: BTreeSet<Key>,
    /// Which of the entries, by where they stand among them, are not on record: something else of their
    /// devices has their numbers.
    pub(super) taken: BTreeSet<usize>,
}

/// Write `entries`, each of a device, down as rows, within `tx`, with the reports to the headquarters that
/// follow.
pub(super) async fn rows(
    tx: &DatabaseTransaction,
    deps: &Deps,
    entries: &[(&Device, &Entry)],
) -> Result<Written, Error> {
    let now = deps.clock.now();
    let mut rows = Vec::new();
    for (device, entry) in entries {
        let plate = sealed(deps, device, entry)?;
        let digest = deps.vault.index(SAID, &entry.content.0);
        for passage in &entry.people {
            let mut row = row(device, entry, passage, now);
            row.plate.clone_from(&plate);
            row.digest.clone_from(&digest);
            rows.push(row);
        }
    }
    let mut new = store::insert_records(tx, rows).await?;
    let taken = taken(tx, deps, entries, &mut new).await?;
    for (at, (device, entry)) in entries.iter().enumerate() {
        if taken.contains(&at) || now - entry.captured_at >= REPORTED_WITHIN {
            continue;
        }
        for passage in entry.people.iter().filter(|passage| passage.is_reported()) {
            if new.contains(&(device.id, entry.seq, passage.place)) {
                report(tx, deps, device, passage).await?;
            }
        }
    }
    Ok(Written { new, taken })
}

/// Which of `entries` have the number of something else, none of which stays among the rows, nor in `new`.
async fn taken(
    tx: &DatabaseTransaction,
    deps: &Deps,
    entries: &[(&Device, &Entry)],
    new: &mut BTreeSet<Key>,
) -> Result<BTreeSet<usize>, Error> {
    let mut claimed = BTreeSet::new();
    let mut doubtful = BTreeMap::<DeviceId, BTreeSet<i64>>::new();
    for (device, entry) in entries {
        for passage in &entry.people {
            let key = (device.id, entry.seq, passage.place);
            if !claimed.insert(key) || !new.contains(&key) {
                doubtful.entry(device.id).or_default().insert(entry.seq);
            }
        }
    }
    let mut taken = BTreeSet::new();
    if doubtful.is_empty() {
        return Ok(taken);
    }
    let stored = store::digests(tx, &doubtful).await?;
    let mut misplaced = BTreeSet::new();
    for (at, (device, entry)) in entries.iter().enumerate() {
        let Some(rows) = stored.get(&(device.id, entry.seq)) else {
            continue;
        };
        let own = deps.vault.indexes(SAID, &entry.content.0);
        if rows.iter().all(|(_, digest)| own.contains(digest)) {
            continue;
        }
        taken.insert(at);
        let own = rows.iter().filter(|(_, digest)| own.contains(digest));
        let own = own.map(|(place, _)| (device.id, entry.seq, *place));
        misplaced.extend(own.filter(|key| new.contains(key)));
    }
    new.retain(|key| !misplaced.contains(key));
    store::remove(tx, misplaced.into_iter().collect()).await?;
    Ok(taken)
}

fn sealed(deps: &Deps, device: &Device, entry: &Entry) -> Result<Option<Vec<u8>>, Error> {
    let Some(plate) = &entry.plate else {
        return Ok(None);
    };
    let owned = PLATE.owned_by(device.id.0.as_bytes());
    let sealed = deps.vault.seal(owned, plate.as_bytes(), &*deps.entropy)?;
    Ok(Some(sealed))
}

fn row(
    device: &Device,
    entry: &Entry,
    passage: &Passage,
    now: DateTime<Utc>,
) -> gate_record::Model {
    gate_record::Model {
        device_id: device.id,
        seq: entry.seq,
        place: passage.place,
        captured_at: entry.captured_at,
        received_at: now,
        checkpoint_id: match device.place {
            Place::Post(post) => Some(post),
            Place::Venue(_) => None,
        },
        person_id: passage.person,
        means: passage.means,
        decision: passage.decision,
        reason: passage.reason,
        colour: passage.colour,
        temperature: passage.temperature.map(i32::from),
        plate: None,
        offline: entry.offline,
        digest: Vec::new(),
        mark: passage.mark,
    }
}

/// Tell the headquarters of whoever was stopped (V9).
async fn report(
    tx: &DatabaseTransaction,
    deps: &Deps,
    device: &Device,
    passage: &Passage,
) -> Result<(), Error> {
    let (at_venue, at_checkpoint) = match device.place {
        Place::Venue(venue) => (Some(venue), None),
        Place::Post(post) => (None, Some(post)),
    };
    let reason = match passage.reason {
        GateReason::Red => RefusalReason::RedCode,
        GateReason::Yellow => RefusalReason::YellowCode,
        _ => RefusalReason::Fever,
    };
    let report = Report {
        person: passage.person,
        at_venue,
        at_checkpoint,
        division: device.division.clone(),
        reason,
        words: None,
        by: Reporter::Device(device.id),
    };
    control_actions::report(tx, deps, report).await?;
    Ok(())
}

/// The visits that those of `entries` are who were let through at `door`, as far as they are known. A device that
/// contradicts itself or the rules vouches for nobody's.
pub(super) fn arrivals(device: &Device, door: &Arc<Door>, entries: &[Entry]) -> Vec<Arrival> {
    let let_through = entries.iter().flat_map(|entry| {
        let passed = |passage: &&Passage| {
            passage.decision == GateDecision::Pass && passage.mark != Some(GateMark::Contradictory)
        };
        entry.people.iter().filter(passed).filter_map(|passage| {
            Some(Arrival {
                door: Arc::clone(door),
                visitor: Visitor::Person(passage.person?),
                at: entry.captured_at,
                colour: passage.colour.unwrap_or(Colour::Green),
                assurance: Assurance::Sentinel,
                way: VisitWay::Device,
                by: Some(device.id.0),
            })
        })
    });
    let_through.collect()
}

/// The door of `venue`, however it stands now: what happened there is written down all the same.
pub(super) async fn door_of(deps: &Deps, venue: VenueId) -> Result<Arc<Door>, Error> {
    let door = venues::door(deps, venue).await?;
    door.ok_or(Error::VenueNotActive)
}

/// Write the visits of whoever came to a venue down, within `tx`. Those of longer ago than visits are kept
/// are none any more.
pub(super) async fn visits_in(
    tx: &DatabaseTransaction,
    deps: &Deps,
    mut arrivals: Vec<Arrival>,
) -> Result<(), Error> {
    let oldest = deps.clock.now() - deps.visiting.kept();
    arrivals.retain(|arrival| arrival.at > oldest);
    visits::register_in(tx, deps, &arrivals).await?;
    Ok(())
}
