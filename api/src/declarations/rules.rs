//! What follows from a report, and which reports cannot be.

use chrono::{DateTime, Days, NaiveDate, Timelike, Utc};
use serde::Serialize;

use super::report::{DeclarationReport, Health, Place, Stay};
use crate::platform::clock::CHINA;

mod stays;

pub use stays::{DeclaredStay, stays_of};

/// The fever line: 37.3 °C, in tenths.
pub const FEVER_TENTHS: u16 = 373;

/// Days of residence history that a declaration covers.
pub const HISTORY_DAYS: u64 = 14;

/// The facts of a declaration that a colour is decided from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DeclaredFacts {
    /// Fever or a symptom.
    pub unwell: bool,
    /// The day of arrival from outside the province within the last 14 days, if there was one.
    pub arrived_on: Option<NaiveDate>,
}

/// A report that cannot be true, and the field that shows it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// A stay ends after today.
    #[error("stay {0} ends in the future")]
    StayInFuture(usize),
    /// Two stays have more than a day of change-over in common.
    #[error("stay {0} overlaps another")]
    StaysOverlap(usize),
}

/// Whether the person has fever or any symptom.
#[must_use]
pub fn unwell(health: &Health) -> bool {
    health.temperature.tenths() >= FEVER_TENTHS || !health.symptoms.is_empty()
}

/// What `declaration`, made on `today` within `province`, says about the colour.
///
/// Whoever left a place outside the province within the last 14 days, and lives in the province
/// now, arrived on the last day there.
#[must_use]
pub fn facts_of(
    declaration: &DeclarationReport,
    province: &str,
    today: NaiveDate,
) -> DeclaredFacts {
    let oldest = today
        .checked_sub_days(Days::new(HISTORY_DAYS))
        .unwrap_or(NaiveDate::MIN);
    let arrived_on = declaration
        .residence
        .iter()
        .filter(|stay| is_outside(&stay.place, province) && stay.until > oldest)
        .map(|stay| stay.until)
        .max()
        .filter(|_| declaration.division.province() == province);
    DeclaredFacts {
        unwell: unwell(&declaration.health),
        arrived_on,
    }
}

/// Whether the stays could have happened: none in the future, and nobody in two places at once but
/// on a day of moving.
pub fn possible(stays: &[Stay], today: NaiveDate) -> Result<(), Impossible> {
    if let Some(at) = stays.iter().position(|stay| stay.until > today) {
        return Err(Impossible::StayInFuture(at));
    }
    let mut in_order: Vec<_> = stays.iter().enumerate().collect();
    in_order.sort_by_key(|(_, stay)| (stay.from, stay.until));
    let mut last_day: Option<NaiveDate> = None;
    for (at, stay) in in_order {
        if last_day.is_some_and(|last| stay.from < last) {
            return Err(Impossible::StaysOverlap(at));
        }
        last_day = last_day.max(Some(stay.until));
    }
    Ok(())
}

/// Whether people are reminded at `now` of what they have not done today: from the full hour `from` on,
/// until `until`, in Asia/Shanghai.
#[must_use]
pub fn is_time_to_remind(now: DateTime<Utc>, from: u8, until: u8) -> bool {
    let hour = now.with_timezone(&CHINA).hour();
    (u32::from(from)..u32::from(until)).contains(&hour)
}

fn is_outside(place: &Place, province: &str) -> bool {
    match place {
        Place::Division(division) => division.province() != province,
        Place::Abroad => true,
    }
}

#[cfg(test)]
mod tests {
    use entity::values::Division;

    use super::*;
    use crate::declarations::{
        Symptom,
        report::{Contact, Temperature},
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn division(code: &str) -> Division {
        Division::try_from(code.to_owned()).unwrap()
    }

    fn stay(code: &str, from: &str, until: &str) -> Stay {
        Stay {
            place: Place::Division(division(code)),
            from: day(from),
            until: day(until),
        }
    }

    fn declaration(residence: Vec<Stay>) -> DeclarationReport {
        DeclarationReport {
            division: division("310101"),
            address: "人民大道1号".into(),
            health: Health {
                temperature: Temperature::from_tenths(365),
                symptoms: Vec::new(),
            },
            residence,
            contact: Contact {
                with_case: false,
                with_risk_area: false,
            },
            confirmed_true: true,
        }
    }

    #[test]
    fn fever_begins_at_37_3() {
        let with = |tenths| Health {
            temperature: Temperature::from_tenths(tenths),
            symptoms: Vec::new(),
        };
        assert!(!unwell(&with(372)));
        assert!(unwell(&with(373)));
        assert!(unwell(&Health {
            symptoms: vec![Symptom::Cough],
            ..with(365)
        }));
    }

    #[test]
    fn the_last_day_outside_the_province_is_the_day_of_arrival() {
        let facts = facts_of(
            &declaration(vec![
                stay("420106", "2020-02-25", "2020-03-08"),
                stay("330102", "2020-03-08", "2020-03-09"),
                stay("310101", "2020-03-09", "2020-03-10"),
            ]),
            "31",
            day("2020-03-10"),
        );
        assert_eq!(facts.arrived_on, Some(day("2020-03-09")));
    }

    #[test]
    fn an_arrival_counts_for_fourteen_days_and_only_in_this_province() {
        let left = |until| {
            facts_of(
                &declaration(vec![stay("420106", "2020-02-01", until)]),
                "31",
                day("2020-03-15"),
            )
        };
        assert_eq!(left("2020-03-02").arrived_on, Some(day("2020-03-02")));
        assert_eq!(left("2020-03-01").arrived_on, None);

        let elsewhere = DeclarationReport {
            division: division("420106"),
            ..declaration(vec![stay("420106", "2020-03-01", "2020-03-10")])
        };
        assert_eq!(
            facts_of(&elsewhere, "31", day("2020-03-10")).arrived_on,
            None
        );
    }

    #[test]
    fn nobody_is_in_two_places_or_in_the_future() {
        let today = day("2020-03-10");
        let moving_day = [
            stay("310101", "2020-03-01", "2020-03-05"),
            stay("330102", "2020-03-05", "2020-03-10"),
        ];
        assert_eq!(possible(&moving_day, today), Ok(()));

        let overlap = [
            stay("330102", "2020-03-04", "2020-03-10"),
            stay("310101", "2020-03-01", "2020-03-05"),
        ];
        assert_eq!(possible(&overlap, today), Err(Impossible::StaysOverlap(0)));

        let future = [stay("310101", "2020-03-01", "2020-03-11")];
        assert_eq!(possible(&future, today), Err(Impossible::StayInFuture(0)));
    }
}
