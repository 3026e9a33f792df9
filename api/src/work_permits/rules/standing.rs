//! How a permit stands at a moment: derived, never kept.

use chrono::{DateTime, Utc};
use entity::values::WorkEnding;
use serde::Serialize;
use utoipa::ToSchema;

/// What is on record of a permit and of those whom it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnRecord {
    /// Since when it is good.
    pub valid_from: DateTime<Utc>,
    /// When it stops being good.
    pub valid_until: DateTime<Utc>,
    /// Why it was ended before.
    pub ending: Option<WorkEnding>,
    /// Whether its enterprise is on the white list.
    pub listed: bool,
    /// Whether its worker shows a green code.
    pub green: bool,
}

/// How a permit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WorkPermitStanding)]
pub enum PermitStanding {
    /// It counts.
    Valid,
    /// Its days have not begun.
    NotYet,
    /// The worker's code is not green. It counts again once it is.
    Suspended,
    /// Its enterprise is not on the white list for now.
    EnterpriseOff,
    /// Its days are over: there is a new application.
    Expired,
    /// It was ended before its time.
    Ended,
}

impl PermitStanding {
    /// Whether it counts.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Valid)
    }
}

/// How a permit stands at `now`. What is for good goes before what may change.
#[must_use]
pub fn standing(of: OnRecord, now: DateTime<Utc>) -> PermitStanding {
    if of.ending.is_some() {
        PermitStanding::Ended
    } else if now >= of.valid_until {
        PermitStanding::Expired
    } else if now < of.valid_from {
        PermitStanding::NotYet
    } else if !of.listed {
        PermitStanding::EnterpriseOff
    } else if of.green {
        PermitStanding::Valid
    } else {
        PermitStanding::Suspended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_permit_counts_in_its_days_while_it_is_not_ended_listed_and_green() {
        let from: DateTime<Utc> = "2026-03-02T04:00:00Z".parse().unwrap();
        let until = from + super::super::GOOD_FOR;
        let good = OnRecord {
            valid_from: from,
            valid_until: until,
            ending: None,
            listed: true,
            green: true,
        };
        assert_eq!(standing(good, from), PermitStanding::Valid);
        let before = from - TimeDelta::seconds(1);
        assert_eq!(standing(good, before), PermitStanding::NotYet);
        assert_eq!(standing(good, until), PermitStanding::Expired);
        let yellow = OnRecord {
            green: false,
            ..good
        };
        assert_eq!(standing(yellow, from), PermitStanding::Suspended);
        let off = OnRecord {
            listed: false,
            ..yellow
        };
        assert_eq!(standing(off, from), PermitStanding::EnterpriseOff);
        let ended = OnRecord {
            ending: Some(WorkEnding::Withdrawn),
            ..off
        };
        assert_eq!(standing(ended, from), PermitStanding::Ended);
        assert!(standing(good, from).counts() && !standing(yellow, from).counts());
    }
}
