//! Which declared stays fell into a place's time with a level.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::values::{Division, RiskAreaId, RiskLevel};

use super::super::dossier::RiskStay;
use crate::platform::clock::midnight;

/// A stay, as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::facts) struct Stay {
    /// Where.
    pub division: Division,
    /// The first local day.
    pub first_day: NaiveDate,
    /// The last local day. None for the place where the person lives.
    pub last_day: Option<NaiveDate>,
    /// When it was declared.
    pub declared_at: DateTime<Utc>,
    /// When another declaration took its place, if one did.
    pub replaced_at: Option<DateTime<Utc>>,
}

/// A place with a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::facts) struct Area {
    /// Which.
    pub id: RiskAreaId,
    /// The place.
    pub division: Division,
    /// Its level.
    pub level: RiskLevel,
    /// Since when.
    pub starts_at: DateTime<Utc>,
    /// Until when, if that is known: it was lifted, or ends by itself.
    pub ends_at: Option<DateTime<Utc>>,
    /// Since when it is known here.
    pub recorded_at: DateTime<Utc>,
}

/// The part of `stays` that lies in `areas`, in place and time: one for each area, the one that began
/// first first.
///
/// A stay is in an area that contains its place. It is also in one that lies in its place: whoever
/// declares no more than a prefecture may have been in any of its counties, until they say which.
#[must_use]
pub(in crate::facts) fn risk_stays(stays: &[Stay], areas: &[Area]) -> Vec<RiskStay> {
    let mut found: BTreeMap<RiskAreaId, RiskStay> = BTreeMap::new();
    for area in areas {
        for meeting in stays.iter().filter_map(|stay| meeting(stay, area)) {
            found
                .entry(area.id)
                .and_modify(|known| extend(known, &meeting))
                .or_insert(meeting);
        }
    }
    let mut found: Vec<RiskStay> = found.into_values().collect();
    found.sort_by_key(|stay| (stay.from, stay.area));
    found
}

fn meeting(stay: &Stay, area: &Area) -> Option<RiskStay> {
    let touches = area.division.contains(&stay.division) || stay.division.contains(&area.division);
    if !touches {
        return None;
    }
    let left_at = stay
        .last_day
        .map(|day| midnight(day.succ_opt().unwrap_or(NaiveDate::MAX)));
    let from = area.starts_at.max(midnight(stay.first_day));
    let ends = [left_at, stay.replaced_at, area.ends_at];
    let until = ends.into_iter().flatten().min();
    let meet = until.is_none_or(|until| from < until);
    meet.then(|| RiskStay {
        area: area.id,
        level: area.level,
        division: area.division.clone(),
        from,
        until,
        lifted_at: area.ends_at,
        recorded_at: area.recorded_at.max(stay.declared_at),
    })
}

fn extend(known: &mut RiskStay, other: &RiskStay) {
    known.from = known.from.min(other.from);
    known.until = known
        .until
        .zip(other.until)
        .map(|(one, other)| one.max(other));
    known.recorded_at = known.recorded_at.max(other.recorded_at);
}
