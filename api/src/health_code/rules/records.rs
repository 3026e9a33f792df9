//! What is recorded, in the names that rules know.

use chrono::{DateTime, Utc};
use entity::values::{Colour, ReasonCode, RiskLevel, TestResult};

use super::facts::{CaseKind, Facts, Finding, Held, Noted, Tested, What};
use crate::{
    platform::clock::{local_date, midnight},
    policy::{About, Record, Value},
};

/// What rules may ask about the person of `facts` at `now`.
pub(super) fn person(facts: &Facts, now: DateTime<Utc>) -> Record {
    let standing = || facts.findings.iter().filter(|finding| finding.stands(now));
    let (at, unwell) = newest_record(standing()).unzip();
    let tests = tests(standing());
    let negative = |single: bool| {
        let mut negative = tests
            .iter()
            .filter(|test| test.result == TestResult::Negative);
        negative
            .find(|test| test.single || !single)
            .map(|test| test.sampled_at)
    };
    let division = facts.division.as_ref();
    let days = facts.days_reported.iter().copied().map(midnight).collect();
    Record::new()
        .with("verified", facts.verified)
        .with(
            "division",
            division.map(|division| division.code().to_owned()),
        )
        .with("record_at", at)
        .with("record_day", at.map(|at| midnight(local_date(at))))
        .with("unwell", unwell)
        .with("report_days", newest_first(days))
        .with("last_negative_at", negative(false))
        .with("last_single_negative_at", negative(true))
        .with("recoveries", noted(&facts.recoveries, now))
        .with("exclusions", noted(&facts.exclusions, now))
        .with("isolations", isolations(standing()))
        .with("cases", cases(standing()))
        .with("tests", tests.into_iter().map(test).collect::<Vec<_>>())
}

/// What rules may ask about `what`.
pub(super) fn fact(what: &What) -> Record {
    match what {
        What::Record { at, unwell } => Record::new().with("at", *at).with("unwell", *unwell),
        What::Arrival {
            arrived_at,
            abroad,
            declared,
        } => Record::new()
            .with("arrived_at", *arrived_at)
            .with("abroad", *abroad)
            .with("declared", *declared),
        What::Test(tested) => test(tested),
        What::Contact { exposed_at }
        | What::SecondaryContact { exposed_at }
        | What::Companion { exposed_at } => Record::new().with("exposed_at", *exposed_at),
        What::Case { at, kind } => Record::new()
            .with("at", *at)
            .with("kind", word_for_case(*kind)),
        What::RiskStay {
            level,
            from,
            until,
            lifted_at,
        } => Record::new()
            .with("level", word_for_level(*level))
            .with("from", *from)
            .with("until", *until)
            .with("lifted_at", *lifted_at),
        What::Isolation { from, until, place } => Record::new()
            .with("from", *from)
            .with("until", *until)
            .with("place", place.clone()),
        What::Push { at, colour, origin } => Record::new()
            .with("at", *at)
            .with("colour", word_for_colour(*colour))
            .with("origin", origin.code().to_owned()),
        What::Override {
            at,
            effect,
            until,
            cause,
            origin,
            ground: _,
        } => Record::new()
            .with("at", *at)
            .with("effect", effect.name())
            .with("until", *until)
            .with("cause", cause.map(ReasonCode::name))
            .with("origin", origin.code().to_owned()),
    }
}

/// What rules may ask about `held`, which is released at the earliest at `until`.
pub(super) fn hold(held: &Held, until: Option<DateTime<Utc>>) -> Record {
    let released_at = held.released.as_ref().map(|released| released.at);
    Record::new()
        .with("starts_at", held.starts_at)
        .with("until", until)
        .with("released_at", released_at)
        .with("reason", held.reason.name())
}

/// What a rule that finds this is about.
pub(super) fn about(what: &What) -> About {
    match what {
        What::Record { .. } => About::Record,
        What::Arrival { .. } => About::Arrival,
        What::Test(_) => About::Test,
        What::Contact { .. } => About::Contact,
        What::SecondaryContact { .. } => About::SecondaryContact,
        What::Companion { .. } => About::Companion,
        What::Case { .. } => About::Case,
        What::RiskStay { .. } => About::RiskStay,
        What::Isolation { .. } => About::Isolation,
        What::Push { .. } => About::Push,
        What::Override { .. } => About::Override,
    }
}

fn newest_record<'a>(findings: impl Iterator<Item = &'a Finding>) -> Option<(DateTime<Utc>, bool)> {
    findings
        .filter_map(|finding| match finding.what {
            What::Record { at, unwell } => Some((at, unwell)),
            _ => None,
        })
        .max()
}

fn tests<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<&'a Tested> {
    let mut tests: Vec<&Tested> = findings
        .filter_map(|finding| match &finding.what {
            What::Test(tested) => Some(tested),
            _ => None,
        })
        .collect();
    let order = |test: &Tested| (test.sampled_at, test.reported_at, test.result, test.single);
    tests.sort_by_key(|test| std::cmp::Reverse(order(test)));
    tests
}

fn test(tested: &Tested) -> Record {
    Record::new()
        .with("sampled_at", tested.sampled_at)
        .with("reported_at", tested.reported_at)
        .with("result", word_for_result(tested.result))
        .with("single", tested.single)
}

fn isolations<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Record> {
    let mut spans: Vec<_> = findings
        .filter_map(|finding| match finding.what {
            What::Isolation { from, until, .. } => Some((from, until)),
            _ => None,
        })
        .collect();
    spans.sort_unstable_by(|one, other| other.cmp(one));
    let record = |(from, until)| Record::new().with("from", from).with("until", until);
    spans.into_iter().map(record).collect()
}

fn cases<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<DateTime<Utc>> {
    let cases = findings.filter_map(|finding| match finding.what {
        What::Case {
            at,
            kind: CaseKind::Confirmed | CaseKind::Asymptomatic,
        } => Some(at),
        _ => None,
    });
    newest_first(cases.collect())
}

fn noted(noted: &[Noted], now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let known = noted.iter().filter(|noted| noted.recorded_at <= now);
    newest_first(known.map(|noted| noted.at).collect())
}

fn newest_first(mut times: Vec<DateTime<Utc>>) -> Vec<DateTime<Utc>> {
    times.sort_unstable_by(|one, other| other.cmp(one));
    times
}

fn word_for_result(result: TestResult) -> Value {
    match result {
        TestResult::Negative => "negative",
        TestResult::Positive => "positive",
        TestResult::Inconclusive => "inconclusive",
    }
    .into()
}

fn word_for_case(kind: CaseKind) -> Value {
    match kind {
        CaseKind::Suspected => "suspected",
        CaseKind::Confirmed => "confirmed",
        CaseKind::Asymptomatic => "asymptomatic",
    }
    .into()
}

fn word_for_level(level: RiskLevel) -> Value {
    match level {
        RiskLevel::Low => "low",
        RiskLevel::Medium => "medium",
        RiskLevel::High => "high",
        RiskLevel::Sealed => "sealed",
    }
    .into()
}

fn word_for_colour(colour: Colour) -> Value {
    match colour {
        Colour::Green => "green",
        Colour::Grey => "grey",
        Colour::Yellow => "yellow",
        Colour::Red => "red",
    }
    .into()
}
