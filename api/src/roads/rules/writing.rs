//! What may be decided of a section.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};
use entity::values::{PlateClass, SectionCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    section::Version,
    week::{Week, WeekRequest},
};
use crate::http::problem::{FieldFault, Text};

/// Characters of a name, at the most.
const LONGEST_NAME: usize = 64;

/// Parts of a week in which a section is restricted, at the most.
const MOST_WEEKS: usize = 20;

/// Sections that lead around one, at the most.
const MOST_WAYS: usize = 20;

/// How far ahead a decision may be made.
const FURTHEST: Months = Months::new(24);

/// What is decided of a section, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SectionRequest {
    /// What it is called in Chinese.
    #[schema(min_length = 1, max_length = 64, example = "南京路（营口道至多伦道）")]
    pub name_zh: String,
    /// What it is called in English.
    #[schema(
        min_length = 1,
        max_length = 64,
        example = "Nanjing Road, Yingkou Road to Duolun Road"
    )]
    pub name_en: String,
    /// The date from which on this holds: today or later.
    pub valid_from: NaiveDate,
    /// When vehicles need a pass for it. Empty of an open road.
    #[validate(length(max = 20), nested)]
    #[schema(max_items = 20)]
    pub restricted: Vec<WeekRequest>,
    /// The classes of plates that need one. Empty for all.
    #[validate(length(max = 10))]
    #[serde(default)]
    #[schema(max_items = 10)]
    pub classes: Vec<PlateClass>,
    /// Sections of the catalogue each of which leads to the same place. Empty if there is no other way.
    #[validate(length(max = 20))]
    #[serde(default)]
    #[schema(max_items = 20)]
    pub ways_around: Vec<SectionCode>,
}

/// A decision that holds together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What the section is called in Chinese.
    pub name_zh: String,
    /// What it is called in English.
    pub name_en: String,
    /// What holds of it.
    pub version: Version,
}

/// Everything that is wrong with what is decided of `section` on `today`; whether its ways around are in a
/// catalogue, nobody looked.
pub fn check(
    section: &SectionCode,
    request: SectionRequest,
    today: NaiveDate,
) -> Result<Decision, Vec<FieldFault>> {
    let mut faults = Vec::new();
    for (field, name) in [("name_zh", &request.name_zh), ("name_en", &request.name_en)] {
        faults.extend(name_fault(field, name));
    }
    faults.extend(date_fault(request.valid_from, today));
    if request.restricted.len() > MOST_WEEKS {
        faults.push(too_many("restricted"));
    }
    let mut restricted: Vec<Week> = Vec::new();
    for (at, week) in request.restricted.into_iter().enumerate() {
        match week.read() {
            Ok(week) => restricted.push(week),
            Err(error) => faults.push(error.fault(&format!("restricted[{at}]"))),
        }
    }
    let mut classes = request.classes;
    classes.sort_unstable();
    classes.dedup();
    faults.extend(way_faults(section, &request.ways_around));
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Decision {
        name_zh: request.name_zh.trim().to_owned(),
        name_en: request.name_en.trim().to_owned(),
        version: Version {
            valid_from: request.valid_from,
            ended: false,
            restricted,
            classes,
            ways_around: request.ways_around,
        },
    })
}

/// What is wrong with `day`, on `today`, as the date from which on something holds.
#[must_use]
pub fn date_fault(day: NaiveDate, today: NaiveDate) -> Option<FieldFault> {
    let (code, message) = if day < today {
        (
            "past",
            Text::new("不能早于今天", "must not be before today"),
        )
    } else if today
        .checked_add_months(FURTHEST)
        .is_some_and(|furthest| day > furthest)
    {
        (
            "far",
            Text::new("不能晚于两年后", "must not be more than two years ahead"),
        )
    } else {
        return None;
    };
    Some(FieldFault::new("valid_from", code, message))
}

/// That the way at `at` of those around a section is in no catalogue.
#[must_use]
pub fn unknown_way(at: usize) -> FieldFault {
    let message = Text::new("路段目录中没有该路段", "is in no catalogue of sections");
    FieldFault::new(format!("ways_around[{at}]"), "unknown_section", message)
}

fn name_fault(field: &'static str, name: &str) -> Option<FieldFault> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        let message = Text::new("为空或过长", "is blank or too long");
        return Some(FieldFault::new(field, "length", message));
    }
    let message = Text::new("含有不可见字符", "has characters that nobody sees");
    name.chars()
        .any(char::is_control)
        .then(|| FieldFault::new(field, "characters", message))
}

fn too_many(field: &'static str) -> FieldFault {
    FieldFault::new(field, "length", Text::new("过多", "are too many"))
}

fn way_faults(section: &SectionCode, ways: &[SectionCode]) -> Vec<FieldFault> {
    let mut faults = Vec::new();
    if ways.len() > MOST_WAYS {
        faults.push(too_many("ways_around"));
    }
    let mut seen = BTreeSet::new();
    for (at, way) in ways.iter().enumerate() {
        let (code, message) = if way == section {
            (
                "itself",
                Text::new("不能是本路段", "must not be the section itself"),
            )
        } else if !seen.insert(way) {
            ("twice", Text::new("重复的路段", "is named twice"))
        } else {
            continue;
        };
        faults.push(FieldFault::new(format!("ways_around[{at}]"), code, message));
    }
    faults
}
