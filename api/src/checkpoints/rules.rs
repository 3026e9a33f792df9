//! What a gate does. The same with and without a network.

use entity::values::{Colour, GateDecision, GateReason};

/// The lowest temperature that is a fever, in tenths of a degree Celsius.
pub const FEVER_TENTHS: u16 = 373;

/// The lowest and the highest that a thermometer at a gate reads of a person, in tenths of a degree: a
/// forehead in winter, and a fever. Everything else is a reading that went wrong.
const READINGS: std::ops::RangeInclusive<u16> = 300..=450;

/// What somebody showed, as far as it is known what it is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Something that names a person with this colour.
    Person(Colour),
    /// A pass card, and whether it counts.
    Card {
        /// Whether it counts.
        counts: bool,
    },
    /// No code or card of ours, or one whose time is over.
    NotValid,
    /// A code that was shown at another place a moment ago, and names a person with this colour.
    Elsewhere(Colour),
    /// A code of a person with this colour who was so far away a moment ago that nobody comes here from there.
    FarApart(Colour),
    /// A document of nobody who is known.
    Unknown,
    /// What cannot be looked up without a network.
    OnlineOnly,
    /// A card, with another document than it was issued on.
    OtherDocument,
    /// A permit to work, and whether it counts.
    Work {
        /// Whether it counts.
        counts: bool,
    },
    /// Nothing, and the pass of the vehicle names somebody who has this colour.
    Named(Colour),
}

/// What is known of somebody's temperature. It belongs to the check (V7, C1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Temperature {
    /// It was taken, in tenths of a degree.
    Taken(u16),
    /// It was not taken, and could have been.
    Missing,
    /// Those at the gate cannot take one, as whoever set the gate up said.
    NoThermometer,
}

impl Temperature {
    /// That of `tenths`, if it was taken, at a gate that has a thermometer or has none.
    #[must_use]
    pub const fn of(tenths: Option<u16>, has_thermometer: bool) -> Self {
        match tenths {
            Some(tenths) => Self::Taken(tenths),
            None if has_thermometer => Self::Missing,
            None => Self::NoThermometer,
        }
    }

    /// The tenths of a degree that were read.
    #[must_use]
    pub const fn tenths(self) -> Option<u16> {
        match self {
            Self::Taken(tenths) => Some(tenths),
            Self::Missing | Self::NoThermometer => None,
        }
    }

    /// Whether it was taken, and is a fever where `fever` is the lowest.
    #[must_use]
    pub fn is_fever(self, fever: u16) -> bool {
        self.tenths().is_some_and(|tenths| tenths >= fever)
    }
}

/// The tenths of a degree that `degrees` are, if a thermometer reads that of a person.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within 0 to 1000 once checked"
)]
pub fn reading(degrees: f64) -> Option<u16> {
    let tenths = (degrees * 10.0).round();
    let sane = (0.0..=1000.0).contains(&tenths);
    let tenths = sane.then_some(tenths as u16)?;
    is_reading(tenths).then_some(tenths)
}

/// Whether a thermometer reads `tenths` of a degree of a person.
#[must_use]
pub fn is_reading(tenths: u16) -> bool {
    READINGS.contains(&tenths)
}

/// What a gate does with somebody who showed `shown` and has this `temperature`, where `fever` is the lowest
/// fever, in tenths of a degree.
///
/// Nobody goes through whose temperature could have been taken and was not. A card and a permit to work let
/// through with a normal temperature alone (C2), so that they take one everywhere.
#[must_use]
pub fn decide(shown: Shown, temperature: Temperature, fever: u16) -> (GateDecision, GateReason) {
    use GateDecision::{LookAgain, Pass, Stop};
    if temperature.is_fever(fever) {
        return (Stop, GateReason::Fever);
    }
    match (shown, temperature) {
        (Shown::Person(Colour::Green) | Shown::Named(Colour::Green), Temperature::Missing)
        | (
            Shown::Card { counts: true } | Shown::Work { counts: true },
            Temperature::Missing | Temperature::NoThermometer,
        ) => (LookAgain, GateReason::NoTemperature),
        (Shown::Card { counts: true }, Temperature::Taken(_)) => (Pass, GateReason::PassCard),
        (Shown::Work { counts: true }, Temperature::Taken(_)) => (Pass, GateReason::WorkPermit),
        (Shown::Elsewhere(Colour::Green), _) => (LookAgain, GateReason::ShownElsewhere),
        (Shown::FarApart(Colour::Green), _) => (LookAgain, GateReason::FarApart),
        (
            Shown::Person(colour)
            | Shown::Elsewhere(colour)
            | Shown::FarApart(colour)
            | Shown::Named(colour),
            _,
        ) => by_colour(colour),
        (Shown::Work { counts: false }, _) => (Stop, GateReason::PassNotGood),
        (Shown::Card { counts: false }, _) => (Stop, GateReason::CardDoesNotCount),
        (Shown::NotValid, _) => (LookAgain, GateReason::NotValid),
        (Shown::Unknown, _) => (LookAgain, GateReason::Unknown),
        (Shown::OnlineOnly, _) => (LookAgain, GateReason::OnlineOnly),
        (Shown::OtherDocument, _) => (Stop, GateReason::OtherDocument),
    }
}

const fn by_colour(colour: Colour) -> (GateDecision, GateReason) {
    match colour {
        Colour::Green => (GateDecision::Pass, GateReason::Green),
        Colour::Grey => (GateDecision::LookAgain, GateReason::Grey),
        Colour::Yellow => (GateDecision::Stop, GateReason::Yellow),
        Colour::Red => (GateDecision::Stop, GateReason::Red),
    }
}

/// What a gate does for `reason`.
#[must_use]
pub const fn decision_for(reason: GateReason) -> GateDecision {
    match reason {
        GateReason::Green
        | GateReason::PassCard
        | GateReason::VehiclePass
        | GateReason::WorkPermit => GateDecision::Pass,
        GateReason::VehicleToCompare
        | GateReason::SomebodyMissing
        | GateReason::Grey
        | GateReason::NotValid
        | GateReason::ShownElsewhere
        | GateReason::FarApart
        | GateReason::Unknown
        | GateReason::OnlineOnly
        | GateReason::NoTemperature => GateDecision::LookAgain,
        GateReason::OtherDocument
        | GateReason::CardDoesNotCount
        | GateReason::PassNotGood
        | GateReason::OtherHour
        | GateReason::OtherSection
        | GateReason::StrangerAboard
        | GateReason::OtherVehicle
        | GateReason::Yellow
        | GateReason::Red
        | GateReason::Fever => GateDecision::Stop,
    }
}

/// Whether a device that says it did `told` contradicts itself or the rules: it was less strict than its own
/// reason is, or than the rules are with what it says it was `shown` at this `temperature`. To be stricter
/// contradicts nothing.
#[must_use]
pub fn is_contradictory(
    (decision, reason): (GateDecision, GateReason),
    shown: Shown,
    temperature: Temperature,
    fever: u16,
) -> bool {
    decision < decision_for(reason) || decision < decide(shown, temperature, fever).0
}

/// What a gate does with all of them together: what it does with the one that it treats most strictly.
#[must_use]
pub fn together(
    each: impl IntoIterator<Item = (GateDecision, GateReason)>,
) -> Option<(GateDecision, GateReason)> {
    each.into_iter().max()
}

/// Whether somebody who was stopped for `reason` is reported to the headquarters (V9).
#[must_use]
pub fn is_reported(reason: GateReason) -> bool {
    matches!(
        reason,
        GateReason::Yellow | GateReason::Red | GateReason::Fever
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fever_line_is_37_point_3_whatever_is_shown() {
        for shown in [
            Shown::Person(Colour::Green),
            Shown::Card { counts: true },
            Shown::NotValid,
        ] {
            let fever = decide(shown, Temperature::Taken(373), FEVER_TENTHS);
            assert_eq!(fever, (GateDecision::Stop, GateReason::Fever), "{shown:?}");
            let none = decide(shown, Temperature::Taken(372), FEVER_TENTHS);
            assert_ne!(none.0, GateDecision::Stop, "{shown:?}");
        }
    }

    #[test]
    fn shown_elsewhere_lets_nobody_through_and_nobody_off() {
        for colour in [Colour::Green, Colour::Grey, Colour::Yellow, Colour::Red] {
            let here = decide(Shown::Person(colour), Temperature::Taken(365), FEVER_TENTHS);
            for (shown, reason) in [
                (Shown::Elsewhere(colour), GateReason::ShownElsewhere),
                (Shown::FarApart(colour), GateReason::FarApart),
            ] {
                let relayed = decide(shown, Temperature::Taken(365), FEVER_TENTHS);
                if here.0 == GateDecision::Pass {
                    assert_eq!(relayed, (GateDecision::LookAgain, reason));
                } else {
                    assert_eq!(relayed, here, "{colour:?}");
                }
            }
        }
    }

    #[test]
    fn a_thermometer_reads_a_person_or_nothing() {
        for (degrees, read) in [
            (36.5, Some(365)),
            (37.3, Some(373)),
            (30.0, Some(300)),
            (45.0, Some(450)),
            (29.9, None),
            (45.1, None),
            (3.6, None),
            (366.0, None),
            (-36.5, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
        ] {
            assert_eq!(reading(degrees), read, "{degrees}");
        }
    }

    #[test]
    fn nobody_goes_through_whose_temperature_could_have_been_taken_and_was_not() {
        let look_again = (GateDecision::LookAgain, GateReason::NoTemperature);
        let green = Shown::Person(Colour::Green);
        let named = Shown::Named(Colour::Green);
        let (card, work) = (Shown::Card { counts: true }, Shown::Work { counts: true });
        for shown in [green, named, card, work] {
            let missing = decide(shown, Temperature::Missing, FEVER_TENTHS);
            assert_eq!(missing, look_again, "{shown:?}");
            let taken = decide(shown, Temperature::Taken(365), FEVER_TENTHS);
            assert_eq!(taken.0, GateDecision::Pass, "{shown:?}");
        }
        // Where there is no thermometer a colour has to do; a card never does without.
        for (shown, expected) in [
            (green, (GateDecision::Pass, GateReason::Green)),
            (named, (GateDecision::Pass, GateReason::Green)),
            (card, look_again),
            (work, look_again),
        ] {
            let none = decide(shown, Temperature::NoThermometer, FEVER_TENTHS);
            assert_eq!(none, expected, "{shown:?}");
        }
    }

    #[test]
    fn a_missing_temperature_makes_nothing_better() {
        for colour in [Colour::Grey, Colour::Yellow, Colour::Red] {
            for shown in [
                Shown::Person(colour),
                Shown::Elsewhere(colour),
                Shown::FarApart(colour),
                Shown::Named(colour),
            ] {
                let taken = decide(shown, Temperature::Taken(365), FEVER_TENTHS);
                assert_eq!(decide(shown, Temperature::Missing, FEVER_TENTHS), taken);
                assert_eq!(
                    decide(shown, Temperature::NoThermometer, FEVER_TENTHS),
                    taken
                );
            }
        }
    }

    #[test]
    fn stricter_than_the_rules_is_no_contradiction_and_laxer_is() {
        use GateDecision::{LookAgain, Pass, Stop};
        let (taken, hot) = (Temperature::Taken(365), Temperature::Taken(373));
        let green = Shown::Person(Colour::Green);
        for (told, shown, temperature, expected) in [
            ((Pass, GateReason::Green), green, taken, false),
            ((Stop, GateReason::Red), green, taken, false),
            ((LookAgain, GateReason::ShownElsewhere), green, taken, false),
            ((Stop, GateReason::Fever), green, hot, false),
            ((Pass, GateReason::Green), green, hot, true),
            ((LookAgain, GateReason::Grey), green, hot, true),
            ((Pass, GateReason::Green), green, Temperature::Missing, true),
            (
                (Pass, GateReason::Green),
                green,
                Temperature::NoThermometer,
                false,
            ),
            ((Pass, GateReason::Red), green, taken, true),
            (
                (Pass, GateReason::Green),
                Shown::Person(Colour::Red),
                taken,
                true,
            ),
            ((Pass, GateReason::Green), Shown::NotValid, taken, true),
            ((Pass, GateReason::Green), Shown::OnlineOnly, taken, true),
        ] {
            let said = is_contradictory(told, shown, temperature, FEVER_TENTHS);
            assert_eq!(said, expected, "{told:?} {shown:?} {temperature:?}");
        }
    }

    #[test]
    fn every_decision_is_the_one_that_its_reason_stands_for() {
        let mut all = vec![
            Shown::NotValid,
            Shown::Unknown,
            Shown::OnlineOnly,
            Shown::OtherDocument,
        ];
        for counts in [true, false] {
            all.extend([Shown::Card { counts }, Shown::Work { counts }]);
        }
        for colour in [Colour::Green, Colour::Grey, Colour::Yellow, Colour::Red] {
            all.extend([
                Shown::Person(colour),
                Shown::Elsewhere(colour),
                Shown::FarApart(colour),
                Shown::Named(colour),
            ]);
        }
        let temperatures = [
            Temperature::Taken(365),
            Temperature::Taken(373),
            Temperature::Missing,
            Temperature::NoThermometer,
        ];
        for shown in all {
            for temperature in temperatures {
                let (decision, reason) = decide(shown, temperature, FEVER_TENTHS);
                assert_eq!(decision_for(reason), decision, "{shown:?} {temperature:?}");
            }
        }
    }

    #[test]
    fn a_vehicle_goes_as_its_strictest_passenger_does() {
        let of = |shown| decide(shown, Temperature::Taken(365), FEVER_TENTHS);
        let (green, grey, red) = (
            of(Shown::Person(Colour::Green)),
            of(Shown::Person(Colour::Grey)),
            of(Shown::Person(Colour::Red)),
        );
        assert_eq!(together([green, red, grey]), Some(red));
        assert_eq!(together([green, grey]), Some(grey));
        assert_eq!(together([green, green]), Some(green));
        assert_eq!(together([]), None);
    }
}
