//! What a correction is about, who may decide on it, and until when.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::values::{FactId, Refusal};
use uuid::Uuid;

use crate::platform::clock::midnight;

/// Working days in which a correction is decided, the day of filing not counted.
pub const WORKING_DAYS: u16 = 2;

/// A record that somebody may say is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A fact.
    Fact(FactId),
    /// A sample of a nucleic-acid test, as `laboratory/tube`.
    Test(String),
}

/// Not the name of a record that can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a record that can be taken back")]
pub struct NoRecord;

impl FromStr for Record {
    type Err = NoRecord;

    fn from_str(text: &str) -> Result<Self, NoRecord> {
        match text.split_once('/') {
            Some(("fact", id)) => {
                let id: Uuid = id.parse().map_err(|_| NoRecord)?;
                let record = Self::Fact(FactId(id));
                // One record has one name, so that nobody files about it twice.
                (record.to_string() == text)
                    .then_some(record)
                    .ok_or(NoRecord)
            }
            Some(("test", sample)) if !sample.is_empty() => Ok(Self::Test(sample.to_owned())),
            _ => Err(NoRecord),
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fact(id) => write!(f, "fact/{id}"),
            Self::Test(sample) => write!(f, "test/{sample}"),
        }
    }
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The record is wrong and is taken back.
    Upheld,
    /// The record stands.
    Refused(Refusal),
}

/// Only the region whose data it is decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("only the region whose data it is decides")]
pub struct NotTheirs;

/// Whether somebody may decide so. Whoever does not act for the origin of a record may do one thing:
/// refuse because the origin decides.
pub fn may_decide(acts_for_origin: bool, verdict: Verdict) -> Result<(), NotTheirs> {
    match verdict {
        Verdict::Refused(Refusal::OriginDecides) => Ok(()),
        _ if acts_for_origin => Ok(()),
        Verdict::Upheld | Verdict::Refused(_) => Err(NotTheirs),
    }
}

/// When the last working day is over.
#[must_use]
pub fn end_of(last_day: NaiveDate) -> DateTime<Utc> {
    let after = last_day.checked_add_days(Days::new(1));
    midnight(after.unwrap_or(last_day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_one_name() {
        let fact = "fact/0195a1b2-0000-4000-8000-00000000000a";
        for text in [fact, "test/lab-1/T-7"] {
            let record: Record = text.parse().unwrap();
            assert_eq!(record.to_string(), text);
        }
        for text in [
            "",
            "fact",
            "fact/",
            "fact/7",
            "fact/0195A1B2-0000-4000-8000-00000000000A",
            "fact/0195a1b2000040008000000000000000",
            "test/",
            "declaration/0195a1b2-0000-4000-8000-00000000000a",
            "check_in/0195a1b2-0000-4000-8000-00000000000a",
            "risk_area/0195a1b2-0000-4000-8000-00000000000a",
        ] {
            assert_eq!(text.parse::<Record>(), Err(NoRecord), "{text}");
        }
    }

    #[test]
    fn only_the_origin_decides_and_others_may_say_so() {
        for verdict in [
            Verdict::Upheld,
            Verdict::Refused(Refusal::RecordIsRight),
            Verdict::Refused(Refusal::Other),
        ] {
            assert_eq!(may_decide(true, verdict), Ok(()));
            assert_eq!(may_decide(false, verdict), Err(NotTheirs));
        }
        let sent_on = Verdict::Refused(Refusal::OriginDecides);
        assert_eq!(may_decide(false, sent_on), Ok(()));
    }

    #[test]
    fn the_last_day_counts_to_its_end() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 4).unwrap();
        assert_eq!(end_of(day).to_rfc3339(), "2026-03-04T16:00:00+00:00");
        assert_eq!(end_of(NaiveDate::MAX), midnight(NaiveDate::MAX));
    }
}
