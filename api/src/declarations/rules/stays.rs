//! Where a declaration says that somebody was, day by day.

use chrono::{Days, NaiveDate};
use entity::values::Division;

use super::{
    super::report::{DeclarationReport, Place},
    HISTORY_DAYS,
};

/// A stay in one division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredStay {
    /// Where.
    pub division: Division,
    /// The first day, none before the days that a declaration covers.
    pub first_day: NaiveDate,
    /// The last day. None for the place where the person lives.
    pub last_day: Option<NaiveDate>,
}

/// Where `report`, made on `today`, says that the person was in the last [`HISTORY_DAYS`] days, and
/// where they live since.
///
/// The place where they live needs no entry of its own, so they were there on each day that no entry
/// speaks of. On a day of moving they were in both places. What lies abroad or before those days is
/// left out.
#[must_use]
pub fn stays_of(report: &DeclarationReport, today: NaiveDate) -> Vec<DeclaredStay> {
    let oldest = today
        .checked_sub_days(Days::new(HISTORY_DAYS))
        .unwrap_or(NaiveDate::MIN);
    let mut entries: Vec<_> = report.residence.iter().collect();
    entries.retain(|stay| stay.until >= oldest);
    entries.sort_by_key(|stay| (stay.from, stay.until));

    let at_home = |first_day, last_day| DeclaredStay {
        division: report.division.clone(),
        first_day,
        last_day,
    };
    let mut stays = Vec::new();
    let mut told_until = oldest;
    for entry in entries {
        let first_day = entry.from.max(oldest);
        if first_day > told_until {
            stays.push(at_home(told_until, Some(first_day)));
        }
        if let Place::Division(division) = &entry.place {
            stays.push(DeclaredStay {
                division: division.clone(),
                first_day,
                last_day: Some(entry.until),
            });
        }
        told_until = told_until.max(entry.until);
    }
    stays.push(at_home(told_until, None));
    stays
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declarations::report::{Contact, Health, Stay, Temperature};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn division(code: &str) -> Division {
        Division::try_from(code.to_owned()).unwrap()
    }

    fn declared(residence: &[(Option<&str>, &str, &str)]) -> Vec<(String, String, Option<String>)> {
        let entry = |(code, from, until): &(Option<&str>, &str, &str)| Stay {
            place: code.map_or(Place::Abroad, |code| Place::Division(division(code))),
            from: day(from),
            until: day(until),
        };
        let report = DeclarationReport {
            division: division("310101"),
            address: "人民大道1号".into(),
            health: Health {
                temperature: Temperature::from_tenths(365),
                symptoms: Vec::new(),
            },
            residence: residence.iter().map(entry).collect(),
            contact: Contact {
                with_case: false,
                with_risk_area: false,
            },
            confirmed_true: true,
        };
        let told = stays_of(&report, day("2020-03-15")).into_iter();
        told.map(|stay| {
            let last_day = stay.last_day.map(|day| day.to_string());
            (stay.division.into(), stay.first_day.to_string(), last_day)
        })
        .collect()
    }

    fn stay(code: &str, from: &str, until: &str) -> (String, String, Option<String>) {
        let until = (!until.is_empty()).then(|| until.to_owned());
        (code.into(), from.into(), until)
    }

    #[test]
    fn whoever_tells_of_no_stay_was_at_home_and_is_there_still() {
        assert_eq!(declared(&[]), [stay("310101", "2020-03-01", "")]);
    }

    #[test]
    fn before_between_and_after_other_stays_people_are_at_home() {
        let told = declared(&[
            (None, "2020-03-09", "2020-03-11"),
            (Some("420106"), "2020-03-03", "2020-03-05"),
        ]);
        assert_eq!(
            told,
            [
                stay("310101", "2020-03-01", "2020-03-03"),
                stay("420106", "2020-03-03", "2020-03-05"),
                stay("310101", "2020-03-05", "2020-03-09"),
                stay("310101", "2020-03-11", ""),
            ]
        );
    }

    #[test]
    fn what_happened_before_the_days_asked_for_is_left_out() {
        let told = declared(&[
            (Some("420106"), "0001-01-01", "2020-02-29"),
            (Some("330102"), "-9999-01-01", "2020-03-01"),
        ]);
        assert_eq!(
            told,
            [
                stay("330102", "2020-03-01", "2020-03-01"),
                stay("310101", "2020-03-01", ""),
            ]
        );
    }
}
