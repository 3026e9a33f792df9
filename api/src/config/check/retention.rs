//! How long what is about people may be kept, and for how long it is needed.

use std::ops::RangeInclusive;

use super::Refuse;
use crate::config::Retention;

/// Days that a declaration looks back: nothing that it says is forgotten while it may be asked for.
const DECLARATIONS: RangeInclusive<u16> = 14..=3_650;

/// Days for which reports matter to any colour.
const CHECK_INS: RangeInclusive<u16> = 35..=3_650;

/// Days that a re-test may take.
const TESTS: RangeInclusive<u16> = 14..=3_650;

/// Days in which somebody can still object to what was found.
const FACTS: RangeInclusive<u16> = 30..=3_650;

/// Days in which a card can still be asked about at a gate.
const PASSES: RangeInclusive<u16> = 1..=3_650;

/// A report counts a year that is over, and is asked for in the year after it.
const DECISIONS: RangeInclusive<u16> = 731..=3_650;

/// What works nowhere: shorter than it is needed, or for so long that nobody could mean it.
pub(super) fn possible(kept: &Retention, refuse: &mut Refuse<'_>) {
    for (days, range, key, why) in [
        (
            kept.declaration_days,
            DECLARATIONS,
            "retention.declaration_days",
            "must be 14 to 3650 days: declarations look back as far",
        ),
        (
            kept.check_in_days,
            CHECK_INS,
            "retention.check_in_days",
            "must be 35 to 3650 days: colours count reports of as many",
        ),
        (
            kept.test_days,
            TESTS,
            "retention.test_days",
            "must be 14 to 3650 days: a re-test takes a while",
        ),
        (
            kept.fact_days,
            FACTS,
            "retention.fact_days",
            "must be 30 to 3650 days: people can object to what was found",
        ),
        (
            kept.pass_days,
            PASSES,
            "retention.pass_days",
            "must be 1 to 3650 days",
        ),
        (
            kept.decision_days,
            DECISIONS,
            "retention.decision_days",
            "must be 731 to 3650 days: reports count a year that is over",
        ),
    ] {
        refuse(!range.contains(&days), key, why);
    }
    refuse(
        kept.fact_days < kept.test_days,
        "retention.fact_days",
        "must not be fewer than test_days: a test may be what a fact rests on",
    );
}

/// What production refuses because more would be kept than is promised (H9, P1).
pub(super) fn promised(kept: &Retention, refuse: &mut Refuse<'_>) {
    let Retention {
        declaration_days,
        check_in_days,
        test_days,
        fact_days,
        pass_days,
        decision_days,
    } = Retention::default();
    for (days, most, key, why) in [
        (
            kept.declaration_days,
            declaration_days,
            "retention.declaration_days",
            "must be 30 at the most in production",
        ),
        (
            kept.check_in_days,
            check_in_days,
            "retention.check_in_days",
            "must be 180 at the most in production",
        ),
        (
            kept.test_days,
            test_days,
            "retention.test_days",
            "must be 30 at the most in production",
        ),
        (
            kept.fact_days,
            fact_days,
            "retention.fact_days",
            "must be 90 at the most in production",
        ),
        (
            kept.pass_days,
            pass_days,
            "retention.pass_days",
            "must be 90 at the most in production",
        ),
        (
            kept.decision_days,
            decision_days,
            "retention.decision_days",
            "must be 1095 at the most in production",
        ),
    ] {
        refuse(days > most, key, why);
    }
}
