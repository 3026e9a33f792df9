//! Which sections take a pass, of whom and when.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::values::{Division, PlateClass, SectionCode};

use super::{
    hours::Hours,
    route::{MOST_SECTIONS, Route, RouteFinding},
    week::Week,
};

/// What was decided of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The date from which on it holds.
    pub valid_from: NaiveDate,
    /// Whether the section is no more in the catalogue.
    pub ended: bool,
    /// When it is restricted. Empty of an open road.
    pub restricted: Vec<Week>,
    /// The plates that it is restricted for. Empty for all.
    pub classes: Vec<PlateClass>,
    /// Sections that lead to the same place.
    pub ways_around: Vec<SectionCode>,
}

/// Everything that was decided, by section, in the order in which it was.
pub type Sections = BTreeMap<SectionCode, Vec<Version>>;

/// Whether a section takes a pass of some vehicle at some hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judged {
    /// There is no such section, on one of the dates at least.
    Unknown,
    /// Nobody needs one.
    NotRestricted,
    /// Such vehicles need none.
    NotForThisVehicle,
    /// Nobody needs one at these hours.
    NotAtTheseHours,
    /// It does, at one hour at least.
    Restricted,
}

impl Judged {
    fn is_open(self) -> bool {
        match self {
            Self::NotRestricted | Self::NotForThisVehicle | Self::NotAtTheseHours => true,
            Self::Unknown | Self::Restricted => false,
        }
    }
}

impl Version {
    fn is_for(&self, class: PlateClass) -> bool {
        self.classes.is_empty() || self.classes.contains(&class)
    }
}

/// What holds of a section on `day`. Of what holds from that day on or from an earlier one, the last that
/// was decided counts. None before the section was in the catalogue, and after.
#[must_use]
pub fn holding_on(versions: &[Version], day: NaiveDate) -> Option<&Version> {
    let decided = versions.iter().rev().find(|it| it.valid_from <= day);
    decided.filter(|version| !version.ended)
}

/// What holds between two dates, piece by piece.
fn pieces<'a>(
    versions: &'a [Version],
    hours: &Hours,
) -> Vec<(Option<&'a Version>, NaiveDate, NaiveDate)> {
    let changes = versions.iter().map(|version| version.valid_from);
    let within = changes.filter(|day| (hours.first()..=hours.last()).contains(day));
    let begins: BTreeSet<NaiveDate> = within.chain([hours.first()]).collect();
    let ends = begins.iter().skip(1).filter_map(NaiveDate::pred_opt);
    let ends: Vec<NaiveDate> = ends.chain([hours.last()]).collect();
    begins
        .into_iter()
        .zip(ends)
        .map(|(first, last)| (holding_on(versions, first), first, last))
        .collect()
}

fn judge_one(versions: &[Version], hours: &Hours, class: PlateClass) -> Judged {
    let pieces = pieces(versions, hours);
    let known: Option<Vec<_>> = pieces
        .into_iter()
        .map(|(version, first, last)| Some((version?, first, last)))
        .collect();
    let Some(known) = known else {
        return Judged::Unknown;
    };
    let mut restricted = known
        .into_iter()
        .filter(|(version, ..)| !version.restricted.is_empty())
        .peekable();
    if restricted.peek().is_none() {
        return Judged::NotRestricted;
    }
    let mut concerned = restricted
        .filter(|(version, ..)| version.is_for(class))
        .peekable();
    if concerned.peek().is_none() {
        return Judged::NotForThisVehicle;
    }
    let mut weeks = concerned.flat_map(|(version, first, last)| {
        let weeks = version.restricted.iter().cloned();
        weeks.filter_map(move |week| Hours::new(week, first, last).ok())
    });
    if weeks.any(|restricted| restricted.overlap(hours)) {
        Judged::Restricted
    } else {
        Judged::NotAtTheseHours
    }
}

/// Everything that speaks against `route` for a vehicle with a plate of `class` at `hours`, where the
/// catalogue says `sections` and `is_county` tells which divisions are counties or districts in force.
///
/// Nothing is found where every section takes a pass of this vehicle at one of these hours at least, and
/// none of its ways around is open at all of them (S4).
#[must_use]
pub fn judged(
    route: &Route,
    hours: &Hours,
    class: PlateClass,
    sections: &Sections,
    is_county: impl Fn(&Division) -> bool,
) -> Vec<RouteFinding> {
    match route {
        Route::Sections { sections: named } => over(named, hours, class, sections),
        Route::Freight {
            origin,
            destination,
        } => {
            let mut findings = Vec::new();
            for division in [origin, destination] {
                if !is_county(division) {
                    let division = division.clone();
                    findings.push(RouteFinding::UnknownDivision { division });
                }
            }
            if origin == destination {
                findings.truncate(1);
                findings.push(RouteFinding::SameEnds);
            }
            findings
        }
    }
}

fn over(
    named: &[SectionCode],
    hours: &Hours,
    class: PlateClass,
    sections: &Sections,
) -> Vec<RouteFinding> {
    if named.is_empty() {
        return vec![RouteFinding::NoSection];
    }
    if named.len() > MOST_SECTIONS {
        return vec![RouteFinding::TooManySections];
    }
    let decided = |code| sections.get(code).map_or(&[][..], Vec::as_slice);
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for section in named {
        if !seen.insert(section) {
            let section = section.clone();
            findings.push(RouteFinding::Repeated { section });
            continue;
        }
        let versions = decided(section);
        let section = section.clone();
        findings.extend(match judge_one(versions, hours, class) {
            Judged::Unknown => Some(RouteFinding::Unknown { section }),
            Judged::NotRestricted => Some(RouteFinding::NotRestricted { section }),
            Judged::NotForThisVehicle => Some(RouteFinding::NotForThisVehicle { section }),
            Judged::NotAtTheseHours => Some(RouteFinding::NotAtTheseHours { section }),
            Judged::Restricted => ways_around(versions, hours)
                .into_iter()
                .find(|way| judge_one(decided(way), hours, class).is_open())
                .map(|way| RouteFinding::OtherWay {
                    section,
                    by: way.clone(),
                }),
        });
    }
    findings
}

/// What leads around a section on every date of `hours`.
fn ways_around<'a>(versions: &'a [Version], hours: &Hours) -> Vec<&'a SectionCode> {
    let pieces = pieces(versions, hours);
    let mut holding = pieces.into_iter().filter_map(|(version, ..)| version);
    let first = holding
        .next()
        .map_or(&[][..], |version| &version.ways_around);
    let rest: Vec<&Version> = holding.collect();
    let always = |way: &&SectionCode| rest.iter().all(|it| it.ways_around.contains(way));
    first.iter().filter(always).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::week::WeekRequest, *};
    use crate::roads::rules::Weekday;

    const DAYS: [Weekday; 5] = [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
    ];

    fn code(text: &str) -> SectionCode {
        text.parse().unwrap()
    }

    fn week(from: &str, until: &str) -> Week {
        let request = WeekRequest {
            weekdays: DAYS.to_vec(),
            from: from.into(),
            until: until.into(),
        };
        request.read().unwrap()
    }

    fn hours(from: &str, until: &str, first: &str, last: &str) -> Hours {
        let (first, last) = (first.parse().unwrap(), last.parse().unwrap());
        Hours::new(week(from, until), first, last).unwrap()
    }

    fn version(from: &str, restricted: &[(&str, &str)]) -> Version {
        Version {
            valid_from: from.parse().unwrap(),
            ended: false,
            restricted: restricted.iter().map(|(a, b)| week(a, b)).collect(),
            classes: Vec::new(),
            ways_around: Vec::new(),
        }
    }

    fn ended(from: &str) -> Version {
        Version {
            ended: true,
            ..version(from, &[])
        }
    }

    fn found(named: &[&str], hours: &Hours, sections: &Sections) -> Vec<RouteFinding> {
        let route = Route::Sections {
            sections: named.iter().map(|text| code(text)).collect(),
        };
        judged(&route, hours, PlateClass::Ordinary, sections, |_| true)
    }

    const PEAKS: [(&str, &str); 2] = [("07:00", "09:00"), ("17:00", "19:00")];

    #[test]
    fn a_route_holds_where_every_section_takes_a_pass_at_these_hours() {
        let (a, open, trucks) = ("120102-0001", "120102-0002", "120102-0003");
        let sections = Sections::from([
            (code(a), vec![version("2026-01-01", &PEAKS)]),
            (code(open), vec![version("2026-01-01", &[])]),
            (
                code(trucks),
                vec![Version {
                    classes: vec![PlateClass::NewEnergyLarge],
                    ..version("2026-01-01", &PEAKS)
                }],
            ),
        ]);
        let morning = hours("08:00", "10:00", "2026-03-02", "2026-03-06");
        let noon = hours("09:00", "17:00", "2026-03-02", "2026-03-06");
        let early = hours("08:00", "10:00", "2025-12-29", "2026-01-02");
        let of = |named, hours| found(&[named], hours, &sections).pop();
        let section = code(a);
        assert_eq!(of(a, &morning), None);
        assert_eq!(
            of(a, &noon),
            Some(RouteFinding::NotAtTheseHours {
                section: section.clone()
            })
        );
        assert_eq!(
            of(a, &early),
            Some(RouteFinding::Unknown {
                section: section.clone()
            })
        );
        assert_eq!(
            of(open, &morning),
            Some(RouteFinding::NotRestricted {
                section: code(open)
            })
        );
        assert_eq!(
            of(trucks, &morning),
            Some(RouteFinding::NotForThisVehicle {
                section: code(trucks)
            })
        );
        let unknown = "120102-0009";
        assert_eq!(
            of(unknown, &morning),
            Some(RouteFinding::Unknown {
                section: code(unknown)
            })
        );
        assert_eq!(
            found(&[a, a], &morning, &sections),
            [RouteFinding::Repeated { section }]
        );
        assert_eq!(found(&[], &morning, &sections), [RouteFinding::NoSection]);
        let many = vec![a; MOST_SECTIONS + 1];
        assert_eq!(
            found(&many, &morning, &sections),
            [RouteFinding::TooManySections]
        );
    }

    #[test]
    fn another_way_is_one_that_is_open_at_all_of_these_hours() {
        let (a, way) = ("120102-0001", "120102-0002");
        let around = Version {
            ways_around: vec![code("120102-0009"), code(way)],
            ..version("2026-01-01", &PEAKS)
        };
        let morning = hours("06:00", "08:00", "2026-03-02", "2026-03-06");
        for (restricted, expected) in [
            (&[][..], true),
            (&[("09:00", "10:00")][..], true),
            (&[("07:30", "08:30")][..], false),
        ] {
            let sections = Sections::from([
                (code(a), vec![around.clone()]),
                (code(way), vec![version("2026-01-01", restricted)]),
            ]);
            let other = RouteFinding::OtherWay {
                section: code(a),
                by: code(way),
            };
            let found = found(&[a], &morning, &sections);
            assert_eq!(found == [other], expected, "{restricted:?}");
        }
    }

    #[test]
    fn of_what_holds_on_a_day_the_last_that_was_decided_counts() {
        let a = "120102-0001";
        let at_noon = [("11:00", "13:00")];
        let versions = vec![
            version("2026-01-01", &PEAKS),
            version("2026-03-04", &[]),
            version("2026-03-09", &at_noon),
            version("2026-03-02", &PEAKS),
        ];
        let day = |text: &str| holding_on(&versions, text.parse().unwrap());
        assert_eq!(day("2025-12-31"), None);
        assert_eq!(day("2026-03-10"), versions.last());
        assert_eq!(day("2026-01-05"), versions.first());

        let sections = Sections::from([(code(a), versions[..2].to_vec())]);
        let morning = |first, last| hours("08:00", "10:00", first, last);
        assert_eq!(
            found(&[a], &morning("2026-03-02", "2026-03-06"), &sections),
            []
        );
        assert_eq!(
            found(&[a], &morning("2026-03-04", "2026-03-06"), &sections),
            [RouteFinding::NotRestricted { section: code(a) }]
        );

        let sections = Sections::from([(
            code(a),
            vec![version("2026-01-01", &PEAKS), ended("2026-03-04")],
        )]);
        assert_eq!(
            found(&[a], &morning("2026-03-02", "2026-03-03"), &sections),
            []
        );
        assert_eq!(
            found(&[a], &morning("2026-03-02", "2026-03-04"), &sections),
            [RouteFinding::Unknown { section: code(a) }]
        );
    }

    #[test]
    fn freight_goes_between_counties_that_there_are() {
        let division = |text: &str| Division::try_from(text.to_owned()).unwrap();
        let found = |origin: &str, destination: &str| {
            let route = Route::Freight {
                origin: division(origin),
                destination: division(destination),
            };
            let hours = hours("08:00", "10:00", "2026-03-02", "2026-03-06");
            let is_county = |division: &Division| division.code() != "120199";
            judged(
                &route,
                &hours,
                PlateClass::Ordinary,
                &Sections::new(),
                is_county,
            )
        };
        assert_eq!(found("120102", "310115"), []);
        let unknown = RouteFinding::UnknownDivision {
            division: division("120199"),
        };
        assert_eq!(found("120102", "120199"), std::slice::from_ref(&unknown));
        assert_eq!(found("120102", "120102"), [RouteFinding::SameEnds]);
        assert_eq!(found("120199", "120199"), [unknown, RouteFinding::SameEnds]);
    }
}
