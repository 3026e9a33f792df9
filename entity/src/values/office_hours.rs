//! Hours in which an office works.

use std::{fmt, str::FromStr};

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

/// The parts of a working day in which an office works, in local time. Never empty, in order, and
/// apart from each other. Written `09:00-12:00, 13:00-17:00`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OfficeHours(Vec<(NaiveTime, NaiveTime)>);

/// Not the hours of an office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not hours such as 09:00-12:00, 13:00-17:00")]
pub struct OfficeHoursError;

impl OfficeHours {
    /// Beginning and end of each part.
    #[must_use]
    pub fn parts(&self) -> &[(NaiveTime, NaiveTime)] {
        &self.0
    }
}

impl Default for OfficeHours {
    /// Nine to noon and one to five.
    fn default() -> Self {
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        Self(vec![(hour(9), hour(12)), (hour(13), hour(17))])
    }
}

impl FromStr for OfficeHours {
    type Err = OfficeHoursError;

    fn from_str(text: &str) -> Result<Self, OfficeHoursError> {
        let parts = text.split(',').map(part).collect::<Option<Vec<_>>>();
        let parts = parts.ok_or(OfficeHoursError)?;
        let apart = parts.is_sorted_by(|(_, before), (after, _)| before < after);
        if apart && parts.iter().all(|(from, until)| from < until) {
            Ok(Self(parts))
        } else {
            Err(OfficeHoursError)
        }
    }
}

fn part(text: &str) -> Option<(NaiveTime, NaiveTime)> {
    let (from, until) = text.split_once('-')?;
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    Some((time(from)?, time(until)?))
}

impl TryFrom<String> for OfficeHours {
    type Error = OfficeHoursError;

    fn try_from(text: String) -> Result<Self, OfficeHoursError> {
        text.parse()
    }
}

impl From<OfficeHours> for String {
    fn from(hours: OfficeHours) -> Self {
        hours.to_string()
    }
}

impl fmt::Display for OfficeHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (from, until)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(
                f,
                "{comma}{}-{}",
                from.format("%H:%M"),
                until.format("%H:%M")
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_they_are_written() {
        let text = "09:00-12:00, 13:00-17:00";
        let hours: OfficeHours = text.parse().unwrap();
        assert_eq!(hours, OfficeHours::default());
        assert_eq!(hours.to_string(), text);
    }

    #[test]
    fn hours_that_overlap_or_run_backwards_are_refused() {
        for text in [
            "",
            "09:00",
            "09:00-09:00",
            "12:00-09:00",
            "09:00-12:00, 11:00-17:00",
            "09:00-12:00, 12:00-17:00",
            "13:00-17:00, 09:00-12:00",
            "09:00-24:00",
            "09:00-12:00,",
        ] {
            assert_eq!(
                text.parse::<OfficeHours>(),
                Err(OfficeHoursError),
                "{text:?}"
            );
        }
    }
}
