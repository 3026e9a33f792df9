//! Where a vehicle wants to drive.

use std::collections::BTreeSet;

use entity::values::{Division, SectionCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::problem::{FieldFault, Text};

/// Sections of a route, at the most.
pub const MOST_SECTIONS: usize = 50;

/// Where a vehicle wants to drive.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Route {
    /// Over these sections, in their order.
    Sections {
        /// The sections, in the order in which they are driven.
        #[schema(min_items = 1, max_items = 50)]
        sections: Vec<SectionCode>,
    },
    /// With freight, from one county or district to another.
    Freight {
        /// Where it is loaded: a county or district.
        origin: Division,
        /// Where it is unloaded: a county or district.
        destination: Division,
    },
}

/// What speaks against a route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum RouteFinding {
    /// It names no section.
    NoSection,
    /// It names more sections than anybody drives.
    TooManySections,
    /// It names a section twice.
    Repeated {
        /// Which.
        section: SectionCode,
    },
    /// The catalogue has no such section, on one of the dates at least.
    Unknown {
        /// Which.
        section: SectionCode,
    },
    /// Nobody needs a pass for the section.
    NotRestricted {
        /// Which.
        section: SectionCode,
    },
    /// Vehicles with such a plate need none.
    NotForThisVehicle {
        /// Which.
        section: SectionCode,
    },
    /// Nobody needs a pass for the section at these hours.
    NotAtTheseHours {
        /// Which.
        section: SectionCode,
    },
    /// There is another way, which is open to the vehicle at all of these hours.
    OtherWay {
        /// Which.
        section: SectionCode,
        /// The section that leads around it.
        by: SectionCode,
    },
    /// There is no such county or district.
    UnknownDivision {
        /// Which.
        division: Division,
    },
    /// It ends where it begins.
    SameEnds,
}

impl RouteFinding {
    /// Stable code for clients.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSection => "no_section",
            Self::TooManySections => "too_many_sections",
            Self::Repeated { .. } => "repeated_section",
            Self::Unknown { .. } => "unknown_section",
            Self::NotRestricted { .. } => "not_restricted",
            Self::NotForThisVehicle { .. } => "not_for_this_vehicle",
            Self::NotAtTheseHours { .. } => "not_at_these_hours",
            Self::OtherWay { .. } => "other_way",
            Self::UnknownDivision { .. } => "unknown_division",
            Self::SameEnds => "same_ends",
        }
    }

    /// The section that it is about.
    #[must_use]
    pub fn section(&self) -> Option<&SectionCode> {
        match self {
            Self::Repeated { section }
            | Self::Unknown { section }
            | Self::NotRestricted { section }
            | Self::NotForThisVehicle { section }
            | Self::NotAtTheseHours { section }
            | Self::OtherWay { section, .. } => Some(section),
            Self::NoSection
            | Self::TooManySections
            | Self::UnknownDivision { .. }
            | Self::SameEnds => None,
        }
    }

    /// The field of `route` at fault, within `parent`, and how.
    #[must_use]
    pub fn fault(&self, route: &Route, parent: &str) -> FieldFault {
        FieldFault::new(
            format!("{parent}.{}", self.field(route)),
            self.code(),
            self.text(),
        )
    }

    fn field(&self, route: &Route) -> String {
        match (route, self.section(), self) {
            (Route::Sections { sections }, Some(section), _) => {
                // Of a section that is named twice, the second is at fault.
                let repeated = matches!(self, Self::Repeated { .. });
                let mut places = sections.iter().zip(0..).filter(|(one, _)| *one == section);
                let (first, second) = (places.next(), places.next());
                let place = second.filter(|_| repeated).or(first);
                place.map_or_else(|| "sections".into(), |(_, at)| format!("sections[{at}]"))
            }
            (Route::Sections { .. }, ..) => "sections".into(),
            (Route::Freight { origin, .. }, _, Self::UnknownDivision { division })
                if division == origin =>
            {
                "origin".into()
            }
            (Route::Freight { .. }, ..) => "destination".into(),
        }
    }

    /// The same in words.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::NoSection => Text::new("须至少一个路段", "must be one section at least"),
            Self::TooManySections => Text::new("路段过多", "are too many sections"),
            Self::Repeated { .. } => Text::new("重复的路段", "is named twice"),
            Self::Unknown { .. } => Text::new(
                "限行路段目录中没有该路段",
                "is not in the catalogue of sections",
            ),
            Self::NotRestricted { .. } => Text::new(
                "该路段不限行，无需通行证",
                "is not restricted: no pass is needed",
            ),
            Self::NotForThisVehicle { .. } => Text::new(
                "该路段不限制此类车辆，无需通行证",
                "is not restricted for such vehicles: no pass is needed",
            ),
            Self::NotAtTheseHours { .. } => Text::new(
                "该路段在所选时段不限行，无需通行证",
                "is not restricted at these hours: no pass is needed",
            ),
            Self::OtherWay { .. } => Text::new(
                "有其他不限行的道路可以绕行",
                "can be driven around by an open road",
            ),
            Self::UnknownDivision { .. } => {
                Text::new("没有这个区县", "is no county or district in force")
            }
            Self::SameEnds => Text::new("起点与终点不能相同", "must not be where the route begins"),
        }
    }
}

/// Whether whoever has a pass for one of two routes need not have one for some part of the other.
///
/// Sections overlap if they share one; freight, if it goes from the same place to the same; and freight
/// with sections, if one of these lies where it is loaded or unloaded.
#[must_use]
pub fn routes_overlap(one: &Route, other: &Route) -> bool {
    match (one, other) {
        (Route::Sections { sections }, Route::Sections { sections: others }) => {
            let known: BTreeSet<_> = sections.iter().collect();
            others.iter().any(|section| known.contains(section))
        }
        (freight @ Route::Freight { .. }, other @ Route::Freight { .. }) => freight == other,
        (
            Route::Sections { sections },
            Route::Freight {
                origin,
                destination,
            },
        )
        | (
            Route::Freight {
                origin,
                destination,
            },
            Route::Sections { sections },
        ) => {
            let ends = [origin, destination];
            sections.iter().any(|section| {
                let division = section.division();
                division.is_ok_and(|division| ends.iter().any(|end| end.contains(&division)))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections(codes: &[&str]) -> Route {
        let sections = codes.iter().map(|code| code.parse().unwrap()).collect();
        Route::Sections { sections }
    }

    fn freight(origin: &str, destination: &str) -> Route {
        let division = |code: &str| Division::try_from(code.to_owned()).unwrap();
        Route::Freight {
            origin: division(origin),
            destination: division(destination),
        }
    }

    #[test]
    fn routes_overlap_in_what_they_share() {
        let (a, b) = ("120102-0001", "120103-0001");
        for (one, other, expected) in [
            (sections(&[a, b]), sections(&[b]), true),
            (sections(&[a]), sections(&[b]), false),
            (
                freight("120102", "310115"),
                freight("120102", "310115"),
                true,
            ),
            (
                freight("120102", "310115"),
                freight("310115", "120102"),
                false,
            ),
            (freight("120102", "310115"), sections(&[a]), true),
            (freight("310115", "120102"), sections(&[b, a]), true),
            (freight("120102", "310115"), sections(&[b]), false),
        ] {
            assert_eq!(routes_overlap(&one, &other), expected, "{one:?} {other:?}");
            assert_eq!(routes_overlap(&other, &one), expected, "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_route_reads_back_as_it_was_written() {
        let route = freight("120102", "310115");
        let json = serde_json::to_value(&route).unwrap();
        assert_eq!(json["kind"], "freight");
        assert_eq!(serde_json::from_value::<Route>(json).unwrap(), route);
        let more = r#"{"kind":"sections","sections":[],"via":"x"}"#;
        assert!(serde_json::from_str::<Route>(more).is_err());
    }

    #[test]
    fn a_finding_names_the_field_of_the_section() {
        let code = |code: &str| code.parse::<SectionCode>().unwrap();
        let route = sections(&["120102-0001", "120102-0002", "120102-0002"]);
        let field = |finding: RouteFinding| finding.fault(&route, "route").field.into_owned();
        let section = code("120102-0002");
        assert_eq!(
            field(RouteFinding::Unknown {
                section: section.clone()
            }),
            "route.sections[1]"
        );
        assert_eq!(
            field(RouteFinding::Repeated { section }),
            "route.sections[2]"
        );
        assert_eq!(field(RouteFinding::NoSection), "route.sections");
        let route = freight("120102", "120199");
        let division = Division::try_from("120199".to_owned()).unwrap();
        let fault = RouteFinding::UnknownDivision { division }.fault(&route, "route");
        assert_eq!(fault.field, "route.destination");
    }
}
