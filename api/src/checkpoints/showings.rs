//! Where a code was shown before, and where its holder was (live relay, replay). A hint for whoever stands at
//! the gate: while the short-lived store is away nobody waits for it, and what was not compared is marked.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::GateReason;

use super::{
    known::{Device, Place},
    travel::{self, Bounds, Position},
};
use crate::{credentials::handle::Handle, deps::Deps, platform::vault::Column};

/// Twice read within this time at one place is once read.
const DOUBLE: TimeDelta = TimeDelta::seconds(10);

/// How long it is remembered where a code was shown: longer than one is good.
const SHOWN: Duration = Duration::from_secs(90);

/// How long it is remembered where somebody was: in that time one comes to most places.
const SEEN: Duration = Duration::from_hours(2);

/// Where somebody was last, sealed: nobody who reads the short-lived store learns it.
const LAST: Column = Column("gate.last");

/// Where a code was shown before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// Nowhere, or it is not on record.
    Never,
    /// Here, a moment ago: it was read twice, and is on record for the reason with this mark.
    JustNow(u8),
    /// At another place, within its minute.
    Elsewhere,
    /// Nobody knows.
    Unknown,
}

/// Where the holder of a code comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// From where one comes here, or nobody saw them.
    Possibly,
    /// From so far away that nobody comes here from there so soon.
    FromAfar,
    /// Nobody knows.
    Unknown,
}

/// The mark of a code that was read and is not on record yet.
const UNRECORDED: u8 = 0;

pub(super) const fn mark_of(reason: GateReason) -> u8 {
    reason as u8 + 1
}

fn shown_key(handle: Handle) -> String {
    format!("gate:shown:{}", hex::encode(handle.0))
}

fn shown_at(place: Place, now: DateTime<Utc>, mark: u8) -> Vec<u8> {
    let at = now.timestamp_millis().to_be_bytes();
    [&place.id().into_bytes()[..], &at, &[mark]].concat()
}

/// Where the code with `handle` was read before, and that it was read here now.
pub(super) async fn shown_before(
    deps: &Deps,
    place: Place,
    handle: Handle,
    now: DateTime<Utc>,
) -> Before {
    let key = shown_key(handle);
    let here = shown_at(place, now, UNRECORDED);
    match deps.ephemeral.put_new(&key, &here, SHOWN).await {
        Ok(true) => return Before::Never,
        Ok(false) => {}
        Err(_) => return Before::Unknown,
    }
    let Ok(before) = deps.ephemeral.get(&[&key]).await else {
        return Before::Unknown;
    };
    let before = before.into_iter().next().flatten();
    let read = before.as_deref().and_then(|before| {
        let (place, rest) = before.split_first_chunk::<16>()?;
        let (at, mark) = rest.split_first_chunk::<8>()?;
        Some((place, i64::from_be_bytes(*at), *mark.first()?))
    });
    let Some((where_, at, mark)) = read else {
        return Before::Never;
    };
    if *where_ != place.id().into_bytes() {
        Before::Elsewhere
    } else if mark != UNRECORDED && now.timestamp_millis() - at <= DOUBLE.num_milliseconds() {
        Before::JustNow(mark)
    } else {
        Before::Never
    }
}

/// The code with `handle` is on record for `reason`: who reads it here again in a moment reads it twice. Where
/// that is not remembered it is written down twice.
pub(super) async fn remember_code(
    deps: &Deps,
    place: Place,
    handle: Handle,
    reason: GateReason,
    now: DateTime<Utc>,
) {
    let here = shown_at(place, now, mark_of(reason));
    let put = deps.ephemeral.put(&shown_key(handle), &here, SHOWN).await;
    if let Err(error) = put {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "it was not remembered where a code was shown");
    }
}

fn last_key(number: i64) -> String {
    format!("gate:last:{number:x}")
}

/// Whether the person with `number` can have come to `device` from where they were last.
pub(super) async fn came_from(
    deps: &Deps,
    device: &Device,
    number: i64,
    now: DateTime<Utc>,
) -> Came {
    let Some(here) = device.position else {
        return Came::Possibly;
    };
    let key = last_key(number);
    let Ok(last) = deps.ephemeral.get(&[&key]).await else {
        return Came::Unknown;
    };
    let last = last.into_iter().next().flatten();
    let Some((there, at)) = last.and_then(|last| opened(deps, number, &last)) else {
        return Came::Possibly;
    };
    let bounds = Bounds {
        near_km: deps.gating.near_km,
        fastest_kmh: deps.gating.fastest_kmh,
    };
    if travel::is_possible(there.metres_to(here), now - at, bounds) {
        Came::Possibly
    } else {
        Came::FromAfar
    }
}

fn opened(deps: &Deps, number: i64, sealed: &[u8]) -> Option<(Position, DateTime<Utc>)> {
    let number = number.to_be_bytes();
    let last = deps.vault.open(LAST.owned_by(&number), sealed).ok()?;
    let (longitude, rest) = last.split_first_chunk::<4>()?;
    let (latitude, rest) = rest.split_first_chunk::<4>()?;
    let at = i64::from_be_bytes(rest.try_into().ok()?);
    let position = Position {
        longitude_e6: i32::from_be_bytes(*longitude),
        latitude_e6: i32::from_be_bytes(*latitude),
    };
    Some((position, DateTime::from_timestamp_millis(at)?))
}

/// The person with `number` is at `device` now.
pub(super) async fn remember_place(deps: &Deps, device: &Device, number: i64, now: DateTime<Utc>) {
    let Some(here) = device.position else {
        return;
    };
    let last = [
        &here.longitude_e6.to_be_bytes()[..],
        &here.latitude_e6.to_be_bytes(),
        &now.timestamp_millis().to_be_bytes(),
    ]
    .concat();
    let owner = number.to_be_bytes();
    let Ok(sealed) = deps
        .vault
        .seal(LAST.owned_by(&owner), &last, &*deps.entropy)
    else {
        return;
    };
    let put = deps.ephemeral.put(&last_key(number), &sealed, SEEN).await;
    if let Err(error) = put {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "it was not remembered where somebody was");
    }
}
