//! The holidays that were announced so far, and the files in which the next ones come.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::rules::YearDays;

const FILE: &str = include_str!("data/calendar.csv");

/// Where the years of [`FILE`] say that they come from.
const SOURCE: &str = "chinese-days 1.5.7";

/// The years 2004 to 2026. Where they come from is in `data/LICENSES.md`.
pub(super) fn years() -> Vec<YearDays> {
    let mut years: BTreeMap<i32, YearDays> = BTreeMap::new();
    for (day, working) in FILE.lines().filter_map(exception) {
        let year = years.entry(day.year()).or_insert_with(|| YearDays {
            year: day.year(),
            source: SOURCE.into(),
            holidays: [].into(),
            working_weekends: [].into(),
        });
        if working {
            year.working_weekends.insert(day);
        } else {
            year.holidays.insert(day);
        }
    }
    years.into_values().collect()
}

fn exception(line: &str) -> Option<(NaiveDate, bool)> {
    let (day, kind) = line.split_once(',')?;
    let working = match kind {
        "holiday" => false,
        "workday" => true,
        _ => return None,
    };
    Some((day.parse().ok()?, working))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_every_year_can_be_what_was_announced() {
        let years = years();
        let listed: usize = years.iter().map(|year| year.exceptions().len()).sum();
        assert_eq!(listed, FILE.lines().count());
        for year in &years {
            assert_eq!(year.check(), Ok(()), "{}", year.year);
        }
        let known: Vec<i32> = years.iter().map(|year| year.year).collect();
        assert_eq!(known, (2004..=2026).collect::<Vec<_>>());
    }
}
