//! What a gate does with a vehicle by its pass (T4, T7). The same with and without a network. Pure.

use chrono::{DateTime, Utc};
use entity::values::{GateDecision, GateReason, SectionCode};
use serde::{Deserialize, Serialize};

use crate::{
    roads::{Hours, Route},
    vehicle_passes::Mark,
};

/// Where and when a pass is good, and for how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// How many it names, the driver included.
    pub aboard: u8,
    /// Where.
    pub route: Route,
    /// When.
    pub hours: Hours,
    /// The vehicle's own number, where it has no plate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vin: Option<String>,
}

/// What is seen of a vehicle.
#[derive(Debug, Clone, Copy)]
pub struct Vehicle<'a> {
    /// What its plate says, as somebody wrote it; or, where it has none, its temporary number or its own. None
    /// if nobody read it.
    pub plate: Option<&'a str>,
    /// Where it is, if that takes a pass.
    pub section: Option<&'a SectionCode>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What is known of the pass that was shown.
#[derive(Debug, Clone, Copy)]
pub struct Pass<'a> {
    /// Whose plate it is for; or the temporary number of a vehicle that has none yet.
    pub plate: Option<&'a str>,
    /// Whether it counts.
    pub counts: bool,
    /// Where and when. None if that cannot be looked up.
    pub way: Option<&'a Way>,
}

/// What a gate does with `vehicle`, whose people showed `pass`: the first that is wrong, the worst first.
///
/// A plate that cannot be read is one that nobody read: somebody has to look.
#[must_use]
pub fn decide(vehicle: Vehicle<'_>, pass: Pass<'_>) -> (GateDecision, GateReason) {
    use GateDecision::{LookAgain, Pass as Through, Stop};
    let own = pass.way.and_then(|way| way.vin.as_deref());
    let named: Vec<Mark> = pass
        .plate
        .into_iter()
        .chain(own)
        .filter_map(Mark::read)
        .collect();
    let seen = vehicle.plate.and_then(Mark::read);
    let is_its_own = seen.and_then(|seen| seen.is_that_of(&named));
    if is_its_own == Some(false) {
        return (Stop, GateReason::OtherVehicle);
    }
    if !pass.counts {
        return (Stop, GateReason::PassNotGood);
    }
    let Some(way) = pass.way else {
        return (LookAgain, GateReason::OnlineOnly);
    };
    if vehicle
        .section
        .is_some_and(|section| !leads_over(&way.route, section))
    {
        return (Stop, GateReason::OtherSection);
    }
    if !way.hours.hold_at(vehicle.at) {
        return (Stop, GateReason::OtherHour);
    }
    if is_its_own.is_none() {
        return (LookAgain, GateReason::VehicleToCompare);
    }
    (Through, GateReason::VehiclePass)
}

/// Whether whoever drives `route` comes over `section`. Freight takes any way between its counties.
fn leads_over(route: &Route, section: &SectionCode) -> bool {
    match route {
        Route::Sections { sections } => sections.contains(section),
        Route::Freight { .. } => true,
    }
}

/// What a gate does about those in a vehicle whose pass names `aboard` people, of whom so many `showed`
/// something, where nobody can be asked who they are. None if the numbers fit.
#[must_use]
pub fn counted(aboard: u8, showed: usize) -> Option<(GateDecision, GateReason)> {
    match showed.cmp(&usize::from(aboard)) {
        std::cmp::Ordering::Less => Some((GateDecision::LookAgain, GateReason::SomebodyMissing)),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some((GateDecision::Stop, GateReason::StrangerAboard)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SECTION: &str = "120102-0007";

    fn way() -> Way {
        serde_json::from_value(json!({
            "aboard": 2,
            "route": {"kind": "sections", "sections": [SECTION]},
            "hours": {
                "weekdays": ["mon"], "from": "22:00", "until": "05:00",
                "first": "2026-03-02", "last": "2026-03-31",
            },
        }))
        .unwrap()
    }

    #[test]
    fn the_worst_that_is_wrong_is_said() {
        let way = way();
        let (here, elsewhere) = (SECTION.parse().unwrap(), "120102-0008".parse().unwrap());
        // Three in the morning of a Tuesday belongs to Monday's night.
        let night: DateTime<Utc> = "2026-03-02T19:00:00Z".parse().unwrap();
        let noon: DateTime<Utc> = "2026-03-02T04:00:00Z".parse().unwrap();
        let own = Some("津A12345");
        for (plate, section, at, counts, known, said) in [
            (own, &here, night, true, true, GateReason::VehiclePass),
            (
                Some("津Ａ·12345"),
                &here,
                night,
                true,
                true,
                GateReason::VehiclePass,
            ),
            (None, &here, night, true, true, GateReason::VehicleToCompare),
            (
                Some("???"),
                &here,
                night,
                true,
                true,
                GateReason::VehicleToCompare,
            ),
            (own, &here, noon, true, true, GateReason::OtherHour),
            (own, &elsewhere, noon, true, true, GateReason::OtherSection),
            (own, &elsewhere, noon, true, false, GateReason::OnlineOnly),
            (own, &elsewhere, noon, false, true, GateReason::PassNotGood),
            (
                Some("津A54321"),
                &elsewhere,
                noon,
                false,
                true,
                GateReason::OtherVehicle,
            ),
        ] {
            let vehicle = Vehicle {
                plate,
                section: Some(section),
                at,
            };
            let pass = Pass {
                plate: Some("津A12345"),
                counts,
                way: known.then_some(&way),
            };
            let (decision, reason) = decide(vehicle, pass);
            assert_eq!(reason, said, "{plate:?} {section} {at}");
            let through = said == GateReason::VehiclePass;
            assert_eq!(decision == GateDecision::Pass, through);
        }
    }

    #[test]
    fn a_vehicle_without_a_plate_is_compared_by_hand_and_freight_takes_any_way() {
        let mut way = way();
        way.route = serde_json::from_value(
            json!({"kind": "freight", "origin": "120102", "destination": "310115"}),
        )
        .unwrap();
        let section = "130102-0001".parse().unwrap();
        let vehicle = Vehicle {
            plate: Some("津A12345"),
            section: Some(&section),
            at: "2026-03-02T19:00:00Z".parse().unwrap(),
        };
        let pass = |plate| Pass {
            plate,
            counts: true,
            way: Some(&way),
        };
        assert_eq!(
            decide(vehicle, pass(Some("津A12345"))).1,
            GateReason::VehiclePass
        );
        assert_eq!(decide(vehicle, pass(None)).1, GateReason::VehicleToCompare);
    }

    #[test]
    fn whoever_is_too_many_or_too_few_is_noticed() {
        assert_eq!(counted(2, 2), None);
        assert_eq!(counted(2, 1).unwrap().1, GateReason::SomebodyMissing);
        assert_eq!(counted(2, 3).unwrap().1, GateReason::StrangerAboard);
        // A stranger counts for more than somebody who is missing.
        assert!(counted(2, 3) > counted(2, 1));
    }
}
