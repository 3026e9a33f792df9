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

/// What a gate does with somebody who showed `shown` and has this temperature in tenths of a degree, where
/// `fever` is the lowest fever.
#[must_use]
pub fn decide(shown: Shown, tenths: Option<u16>, fever: u16) -> (GateDecision, GateReason) {
    use GateDecision::{LookAgain, Pass, Stop};
    if tenths.is_some_and(|tenths| tenths >= fever) {
        return (Stop, GateReason::Fever);
    }
    match (shown, tenths) {
        (Shown::Person(Colour::Green) | Shown::Named(Colour::Green), _) => {
            (Pass, GateReason::Green)
        }
        (Shown::Elsewhere(Colour::Green), _) => (LookAgain, GateReason::ShownElsewhere),
        (
            Shown::Person(Colour::Grey)
            | Shown::Elsewhere(Colour::Grey)
            | Shown::Named(Colour::Grey),
            _,
        ) => (LookAgain, GateReason::Grey),
        (
            Shown::Person(Colour::Yellow)
            | Shown::Elsewhere(Colour::Yellow)
            | Shown::Named(Colour::Yellow),
            _,
        ) => (Stop, GateReason::Yellow),
        (
            Shown::Person(Colour::Red) | Shown::Elsewhere(Colour::Red) | Shown::Named(Colour::Red),
            _,
        ) => (Stop, GateReason::Red),
        (Shown::Work { counts: false }, _) => (Stop, GateReason::PassNotGood),
        (Shown::Work { counts: true }, Some(_)) => (Pass, GateReason::WorkPermit),
        (Shown::Card { counts: false }, _) => (Stop, GateReason::CardDoesNotCount),
        (Shown::Card { counts: true }, Some(_)) => (Pass, GateReason::PassCard),
        (Shown::Card { counts: true } | Shown::Work { counts: true }, None) => {
            (LookAgain, GateReason::NoTemperature)
        }
        (Shown::NotValid, _) => (LookAgain, GateReason::NotValid),
        (Shown::Unknown, _) => (LookAgain, GateReason::Unknown),
        (Shown::OnlineOnly, _) => (LookAgain, GateReason::OnlineOnly),
        (Shown::OtherDocument, _) => (Stop, GateReason::OtherDocument),
    }
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
            let fever = decide(shown, Some(373), FEVER_TENTHS);
            assert_eq!(fever, (GateDecision::Stop, GateReason::Fever), "{shown:?}");
            let none = decide(shown, Some(372), FEVER_TENTHS);
            assert_ne!(none.0, GateDecision::Stop, "{shown:?}");
        }
    }

    #[test]
    fn shown_elsewhere_lets_nobody_through_and_nobody_off() {
        for colour in [Colour::Green, Colour::Grey, Colour::Yellow, Colour::Red] {
            let here = decide(Shown::Person(colour), Some(365), FEVER_TENTHS);
            let relayed = decide(Shown::Elsewhere(colour), Some(365), FEVER_TENTHS);
            if here.0 == GateDecision::Pass {
                let again = (GateDecision::LookAgain, GateReason::ShownElsewhere);
                assert_eq!(relayed, again);
            } else {
                assert_eq!(relayed, here, "{colour:?}");
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
    fn a_card_needs_a_temperature_and_green_does_not() {
        let green = decide(Shown::Person(Colour::Green), None, FEVER_TENTHS);
        assert_eq!(green, (GateDecision::Pass, GateReason::Green));
        let card = decide(Shown::Card { counts: true }, None, FEVER_TENTHS);
        assert_eq!(card, (GateDecision::LookAgain, GateReason::NoTemperature));
        let card = decide(Shown::Card { counts: true }, Some(365), FEVER_TENTHS);
        assert_eq!(card, (GateDecision::Pass, GateReason::PassCard));
    }

    #[test]
    fn a_vehicle_goes_as_its_strictest_passenger_does() {
        let of = |shown| decide(shown, Some(365), FEVER_TENTHS);
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
