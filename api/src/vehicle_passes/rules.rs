//! Whether a pass counts, and whether it is for what drives by.

mod mark;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::values::{Colour, VehiclePassVoid};
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::clock::local_date;

pub(super) use mark::temporary_number;
pub use mark::{Mark, vin};

/// How long before its end a pass may be renewed.
pub(super) const RENEWED_WITHIN: TimeDelta = TimeDelta::days(7);
/// How far ahead a pass may begin, in days.
pub(super) const FARTHEST_BEGINNING: u64 = 30;
/// How long somebody who was asked aboard may take to agree.
pub(super) const ASKED: TimeDelta = TimeDelta::days(7);
/// Applications of one applicant that are not decided, at the most.
pub(super) const MOST_OPEN: u64 = 200;

/// How a pass stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VehiclePassStanding)]
pub enum Standing {
    /// It counts.
    Good,
    /// Its days have not begun.
    NotYet,
    /// It does not count for now.
    Suspended,
    /// Its days are over.
    Expired,
    /// The authority took it back.
    Revoked,
    /// Its holder gave it up.
    Cancelled,
    /// A later pass is in its place.
    Superseded,
}

/// What suspends a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VehiclePassCause)]
pub enum Cause {
    /// The code of somebody aboard is not green (T4).
    Colour,
    /// The vehicle's annual inspection is over (T8).
    Inspection,
    /// No driver is left who agreed.
    Driver,
}

/// What is on record of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnRecord {
    /// The first moment that it is good.
    pub valid_from: DateTime<Utc>,
    /// The first moment that it is not good any more.
    pub valid_until: DateTime<Utc>,
    /// How it ended before its time, and from when on.
    pub void: Option<(VehiclePassVoid, DateTime<Utc>)>,
    /// The last day for which the vehicle is inspected, where that matters.
    pub inspected_until: Option<NaiveDate>,
}

/// Who is aboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rider {
    /// Whether they drive.
    pub drives: bool,
    /// What their code shows.
    pub colour: Colour,
}

/// How a pass stands at `now`, and what suspends it.
///
/// What has ended does not come back, whatever anybody shows. One more who is not green never makes a pass
/// good.
#[must_use]
pub fn standing(
    record: &OnRecord,
    riders: &[Rider],
    now: DateTime<Utc>,
) -> (Standing, Option<Cause>) {
    if let Some((void, from)) = record.void
        && from <= now
    {
        let ended = match void {
            VehiclePassVoid::Cancelled => Standing::Cancelled,
            VehiclePassVoid::Revoked => Standing::Revoked,
            VehiclePassVoid::Superseded => Standing::Superseded,
        };
        return (ended, None);
    }
    if record.valid_until <= now {
        return (Standing::Expired, None);
    }
    match suspended_by(record, riders, now) {
        Some(cause) => (Standing::Suspended, Some(cause)),
        None if now < record.valid_from => (Standing::NotYet, None),
        None => (Standing::Good, None),
    }
}

fn suspended_by(record: &OnRecord, riders: &[Rider], now: DateTime<Utc>) -> Option<Cause> {
    let today = local_date(now);
    if record.inspected_until.is_some_and(|last| last < today) {
        return Some(Cause::Inspection);
    }
    if !riders.iter().any(|rider| rider.drives) {
        return Some(Cause::Driver);
    }
    let green = |rider: &Rider| rider.colour == Colour::Green;
    (!riders.iter().all(green)).then_some(Cause::Colour)
}

/// What somebody on the road is told of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VehiclePassVerdict)]
pub enum Verdict {
    /// This vehicle may drive here, now, with those people.
    Ok,
    /// The pass does not count now.
    PassNotGood,
    /// The pass is another vehicle's.
    OtherVehicle,
    /// The pass is not for this section.
    OtherSection,
    /// The pass is not for this hour.
    OtherHour,
}

/// How what is asked compares with a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compared {
    /// Whether it is the vehicle's. None: nobody looked.
    pub vehicle: Option<bool>,
    /// Whether the section is on its way. None: nobody asked.
    pub section: Option<bool>,
    /// Whether it is for this hour.
    pub hour: bool,
}

/// What is said of a pass that stands so: the first that is wrong, the worst first.
#[must_use]
pub fn verdict(standing: Standing, compared: Compared) -> Verdict {
    if compared.vehicle == Some(false) {
        Verdict::OtherVehicle
    } else if standing != Standing::Good {
        Verdict::PassNotGood
    } else if compared.section == Some(false) {
        Verdict::OtherSection
    } else if compared.hour {
        Verdict::Ok
    } else {
        Verdict::OtherHour
    }
}

#[cfg(test)]
mod tests;
