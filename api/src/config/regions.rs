//! Section `[regions]`: what holds where nobody decided otherwise.

use std::collections::BTreeMap;

use entity::values::{Division, OfficeHours};
use serde::{Deserialize, Serialize};

/// Whether a region is open before anybody decides on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undecided {
    /// Everything is offered.
    #[default]
    Open,
    /// Reports are kept, and nothing is offered until the region is opened.
    Closed,
}

/// What holds where nobody decided otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Regions {
    /// Of regions without an opening of their own or around them.
    pub default: Undecided,
    /// When offices work on working days, in Asia/Shanghai.
    pub office_hours: OfficeHours,
    /// The same for one region and everything within it.
    pub office_hours_of: BTreeMap<Division, OfficeHours>,
}

impl Regions {
    /// When offices of `division` work: by its own hours, those of the nearest region around it, or
    /// the usual ones.
    #[must_use]
    pub fn office_hours_of(&self, division: &Division) -> &OfficeHours {
        let chain = division.chain();
        chain
            .iter()
            .find_map(|region| self.office_hours_of.get(region))
            .unwrap_or(&self.office_hours)
    }
}
