//! Who was at a venue at the same time: what can count against somebody, and what can only inform them.
//!
//! A picture of a printed code can be scanned from anywhere, and was. So what a printed code alone vouches
//! for is a [`Hint`], and whatever may come to worsen a colour takes a [`Presence`], of which there is
//! none without somebody or something at the door (S25).

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    values::{Assurance, PersonId, VenueId},
    visit,
};

use super::{error::Error, store};
use crate::{
    deps::Deps,
    platform::clock::local_date,
    venues::{self, rules::default_stay},
};

/// The longest that anybody is taken to have stayed.
const LONGEST_STAY: TimeDelta = TimeDelta::hours(24);

/// What vouches for it that somebody was there. A printed code is not among it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voucher {
    /// The code of the moment, from the venue's own screen.
    Rotating,
    /// The venue's staff.
    Staff,
    /// A device at the door.
    Sentinel,
}

impl Voucher {
    /// What vouches for a visit of that assurance, if anything does.
    #[must_use]
    pub const fn of(assurance: Assurance) -> Option<Self> {
        match assurance {
            Assurance::StaticOnly => None,
            Assurance::Rotating => Some(Self::Rotating),
            Assurance::Staff => Some(Self::Staff),
            Assurance::Sentinel => Some(Self::Sentinel),
        }
    }
}

/// A stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stay {
    /// A person, or a guest of the day.
    subject: uuid::Uuid,
    venue: VenueId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// Somebody was there, and something vouches for it. There is no way to make one but from a visit that
/// has a [`Voucher`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    stay: Stay,
    voucher: Voucher,
}

/// Somebody may have been there: a printed code was scanned. It is good for telling them, and for nothing
/// else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint(Stay);

macro_rules! stay {
    ($of:ident, $stay:tt) => {
        impl $of {
            /// Who. Guests are nobody's id.
            #[must_use]
            pub fn person(&self) -> PersonId {
                PersonId(self.$stay.subject)
            }

            /// Where.
            #[must_use]
            pub fn venue(&self) -> VenueId {
                self.$stay.venue
            }

            /// Since when.
            #[must_use]
            pub fn from(&self) -> DateTime<Utc> {
                self.$stay.from
            }

            /// Until when: as they said, or as is usual in a venue of its kind.
            #[must_use]
            pub fn until(&self) -> DateTime<Utc> {
                self.$stay.until
            }
        }
    };
}

stay!(Presence, stay);
stay!(Hint, 0);

impl Presence {
    /// What vouches for it.
    #[must_use]
    pub fn voucher(&self) -> Voucher {
        self.voucher
    }
}

/// Those whose stays overlap a time.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Overlaps {
    /// Who was there.
    pub present: Vec<Presence>,
    /// Who may have been.
    pub hinted: Vec<Hint>,
}

/// Whose stay at `venue` overlaps the time from `from` until `until`, in the order in which they came. By
/// time, not by day: who had left before is not among them.
pub async fn overlaps(
    deps: &Deps,
    venue: VenueId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Overlaps, Error> {
    let door = venues::door(deps, venue).await?.ok_or(Error::NotFound)?;
    let usual = default_stay(door.category);
    let earliest = from - LONGEST_STAY;
    let days = local_date(earliest)..=local_date(until);
    let mut found = Overlaps::default();
    for visit in store::visits_of(&deps.db, venue, days, earliest, until).await? {
        let stay = stay_of(&visit, usual);
        if stay.until < from {
            continue;
        }
        match Voucher::of(visit.assurance) {
            Some(voucher) => found.present.push(Presence { stay, voucher }),
            None => found.hinted.push(Hint(stay)),
        }
    }
    Ok(found)
}

fn stay_of(visit: &visit::Model, usual: TimeDelta) -> Stay {
    Stay {
        subject: visit.subject,
        venue: visit.venue_id,
        from: visit.at,
        until: visit.left_at.unwrap_or(visit.at + usual),
    }
}
