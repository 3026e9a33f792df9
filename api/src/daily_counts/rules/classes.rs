//! The classes of causes: one table, total over every rule that the policy's language can have.

use entity::values::{CauseClass, Colour, ReasonCode};

/// What a change `from` a colour `to` another is counted as, where `reasons` stood then: causes, each with the id of
/// the rule that found it.
///
/// Of several that make the new colour the first class counts ([`CauseClass`] says in which order), so that what
/// people decided is not hidden by what stood beside it. A worse colour without a cause is [`CauseClass::Other`].
#[must_use]
pub fn class_of<'a>(
    from: Colour,
    to: Colour,
    reasons: impl IntoIterator<Item = (ReasonCode, &'a str)>,
) -> CauseClass {
    if to == Colour::Green {
        return match from {
            Colour::Grey => CauseClass::Compared,
            Colour::Green | Colour::Yellow | Colour::Red => CauseClass::Release,
        };
    }
    reasons
        .into_iter()
        .filter(|(cause, _)| cause.colour() == to)
        .map(|(cause, rule)| class_of_rule(rule, cause))
        .min()
        .unwrap_or(CauseClass::Other)
}

/// The class of what the rule `rule` found to be `cause`. Rules of one family begin with one word; one that finds
/// what its family does not is [`CauseClass::Other`], and so is one of a family that is not known here.
#[must_use]
pub fn class_of_rule(rule: &str, cause: ReasonCode) -> CauseClass {
    use ReasonCode as R;
    let family = rule.split_once('.').map_or(rule, |(family, _)| family);
    match (family, cause) {
        ("override", R::R09 | R::Y08) => CauseClass::Override,
        ("push", R::R08 | R::Y02) => CauseClass::Push,
        ("case", R::R01 | R::R02) => CauseClass::Case,
        ("test", R::R02 | R::Y02) => CauseClass::Test,
        ("contact", R::R03 | R::R04 | R::Y02) => CauseClass::Contact,
        ("risk-area", R::R06 | R::R07 | R::Y03) => CauseClass::RiskArea,
        ("arrival", R::R05 | R::Y04) => CauseClass::Arrival,
        ("self-report", R::Y01) => CauseClass::Symptom,
        ("case" | "contact" | "arrival" | "isolation", R::Y05) => CauseClass::Monitoring,
        ("record", R::Y06) | ("test", R::Y07) => CauseClass::Stale,
        ("code" | "region", R::G00) => CauseClass::Undecided,
        _ => CauseClass::Other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sea_orm::Iterable;

    use super::*;

    #[test]
    fn what_people_decided_is_not_hidden_by_what_stood_beside_it() {
        let both = [
            (ReasonCode::R03, "contact.close"),
            (ReasonCode::R09, "override.red"),
        ];
        let class = class_of(Colour::Green, Colour::Red, both);
        assert_eq!(class, CauseClass::Override);
        let unknown = [
            (ReasonCode::R06, "risk-area.high"),
            (ReasonCode::R06, "bank.depositors"),
        ];
        let class = class_of(Colour::Green, Colour::Red, unknown);
        assert_eq!(class, CauseClass::Other);
        // What makes another colour than the new one did not make the new one.
        let yellow = [
            (ReasonCode::R03, "contact.close"),
            (ReasonCode::Y08, "override.yellow"),
        ];
        let class = class_of(Colour::Yellow, Colour::Red, yellow);
        assert_eq!(class, CauseClass::Contact);
    }

    #[test]
    fn a_rule_that_finds_what_its_family_does_not_is_of_none() {
        for (rule, cause) in [
            ("contact.depositors", ReasonCode::R06),
            ("record.stale", ReasonCode::R01),
            ("override.red", ReasonCode::R03),
            ("contactless", ReasonCode::R03),
            ("", ReasonCode::R03),
            (".", ReasonCode::G00),
        ] {
            assert_eq!(class_of_rule(rule, cause), CauseClass::Other, "{rule}");
        }
    }

    #[test]
    fn green_is_a_release_or_the_first_comparison() {
        let class = |from| class_of(from, Colour::Green, []);
        assert_eq!(class(Colour::Grey), CauseClass::Compared);
        assert_eq!(class(Colour::Red), CauseClass::Release);
        assert_eq!(class(Colour::Yellow), CauseClass::Release);
    }

    proptest! {
        #[test]
        fn every_change_by_every_rule_has_a_class(
            rule in "[a-z0-9.-]{0,32}",
            cause in proptest::sample::select(ReasonCode::iter().collect::<Vec<_>>()),
            from in proptest::sample::select(Colour::iter().collect::<Vec<_>>()),
            to in proptest::sample::select(Colour::iter().collect::<Vec<_>>()),
        ) {
            let class = class_of(from, to, [(cause, rule.as_str())]);
            if to != Colour::Green {
                let found = cause.colour() == to;
                let expected = if found { class_of_rule(&rule, cause) } else { CauseClass::Other };
                prop_assert_eq!(class, expected);
            }
        }
    }
}
