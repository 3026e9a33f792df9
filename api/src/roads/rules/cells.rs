//! Cells of a file of sections.

use entity::values::{PlateClass, SectionCode};
use serde::de::{
    DeserializeOwned, IntoDeserializer,
    value::{Error as Unnamed, StrDeserializer},
};

use super::week::{WeekRequest, Weekday};
use crate::http::problem::{FieldFault, Text};

/// The parts of a cell: what stands between semicolons.
fn parts(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

fn read<T>(
    cell: &str,
    field: &'static str,
    message: Text,
    one: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, FieldFault> {
    let all: Option<Vec<T>> = parts(cell).map(one).collect();
    all.ok_or_else(|| FieldFault::new(field, "form", message))
}

/// Hours of the week: `mon-fri 07:00-09:00; sat/sun 22:00-06:00; daily 11:00-13:00`. Nothing of an open
/// road.
pub(in crate::roads) fn restricted(cell: &str) -> Result<Vec<WeekRequest>, FieldFault> {
    let message = Text::new(
        "须如 mon-fri 07:00-09:00; daily 22:00-06:00",
        "must be like mon-fri 07:00-09:00; daily 22:00-06:00",
    );
    read(cell, "restricted", message, week)
}

fn week(part: &str) -> Option<WeekRequest> {
    let (days, times) = part.split_once(char::is_whitespace)?;
    let (from, until) = times.trim().split_once('-')?;
    Some(WeekRequest {
        weekdays: weekdays(days)?,
        from: from.trim().to_owned(),
        until: until.trim().to_owned(),
    })
}

fn weekdays(days: &str) -> Option<Vec<Weekday>> {
    if days == "daily" {
        return Some(Weekday::ALL.to_vec());
    }
    let spans: Option<Vec<Vec<Weekday>>> = days
        .split('/')
        .map(|span| {
            let (first, last) = span.split_once('-').unwrap_or((span, span));
            let (first, last) = (named(first)?, named(last)?);
            let within = |day: &Weekday| (first..=last).contains(day);
            (first <= last).then(|| Weekday::ALL.into_iter().filter(within).collect())
        })
        .collect();
    Some(spans?.concat())
}

/// The value that is called `name` wherever values are called by their names.
fn named<T: DeserializeOwned>(name: &str) -> Option<T> {
    let name: StrDeserializer<'_, Unnamed> = name.into_deserializer();
    T::deserialize(name).ok()
}

/// Classes of plates: `ordinary; new_energy_large`. Nothing for all.
pub(in crate::roads) fn classes(cell: &str) -> Result<Vec<PlateClass>, FieldFault> {
    let message = Text::new("没有这类号牌", "is no class of plates");
    read(cell, "classes", message, named)
}

/// Codes of sections: `120102-0002; 120102-0003`.
pub(in crate::roads) fn ways_around(cell: &str) -> Result<Vec<SectionCode>, FieldFault> {
    let message = Text::new("须为路段编码", "must be codes of sections");
    read(cell, "ways_around", message, |part| part.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_of_a_cell_are_read_part_by_part() {
        let read = restricted("mon-wed/fri 07:00-09:00; daily 22:00 - 06:00;").unwrap();
        assert_eq!(
            read[0].weekdays,
            [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Fri]
        );
        assert_eq!(
            (read[0].from.as_str(), read[0].until.as_str()),
            ("07:00", "09:00")
        );
        assert_eq!(read[1].weekdays, Weekday::ALL);
        assert_eq!(read[1].until, "06:00");
        assert_eq!(restricted(" "), Ok(Vec::new()));
        for cell in [
            "mon",
            "fri-mon 07:00-09:00",
            "monday 07:00-09:00",
            "mon 07:00",
        ] {
            assert_eq!(restricted(cell).unwrap_err().field, "restricted", "{cell}");
        }
    }

    #[test]
    fn classes_and_ways_are_called_by_their_names() {
        let read = classes("ordinary; new_energy_large").unwrap();
        assert_eq!(read, [PlateClass::Ordinary, PlateClass::NewEnergyLarge]);
        assert!(classes("truck").is_err());
        let read = ways_around("120102-0002;120102-0003").unwrap();
        assert_eq!(read.len(), 2);
        assert!(ways_around("120102").is_err());
    }
}
