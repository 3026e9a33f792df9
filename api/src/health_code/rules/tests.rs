//! Under the policy that is shipped.

mod again;
mod lasting;
mod laws;
mod properties;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::values::{
    Colour, DeclarationId, Division, HoldId, OverrideEffect, OverrideGround, ReasonCode,
    TestResult, Window,
};
use uuid::Uuid;

use super::*;
use crate::{
    platform::clock::{local_date, midnight},
    policy::{Policy, Rule},
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn noon() -> DateTime<Utc> {
    at("2020-03-10T04:00:00Z")
}

fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

fn province() -> Division {
    Division::try_from("310000".to_owned()).unwrap()
}

/// The policy that is shipped, but for what has to be ordered somewhere first.
const SHIPPED: [&str; 20] = [
    include_str!("../../policy/shipped/arrival.abroad.json"),
    include_str!("../../policy/shipped/arrival.observation.json"),
    include_str!("../../policy/shipped/case.confirmed.json"),
    include_str!("../../policy/shipped/case.suspected.json"),
    include_str!("../../policy/shipped/contact.close.json"),
    include_str!("../../policy/shipped/contact.companion.json"),
    include_str!("../../policy/shipped/contact.secondary.json"),
    include_str!("../../policy/shipped/isolation.ended.json"),
    include_str!("../../policy/shipped/override.red.json"),
    include_str!("../../policy/shipped/override.release.json"),
    include_str!("../../policy/shipped/override.yellow.json"),
    include_str!("../../policy/shipped/push.red.json"),
    include_str!("../../policy/shipped/push.yellow.json"),
    include_str!("../../policy/shipped/record.stale.json"),
    include_str!("../../policy/shipped/risk-area.high.json"),
    include_str!("../../policy/shipped/risk-area.medium.json"),
    include_str!("../../policy/shipped/risk-area.sealed.json"),
    include_str!("../../policy/shipped/self-report.unwell.json"),
    include_str!("../../policy/shipped/test.mixed-positive.json"),
    include_str!("../../policy/shipped/test.positive.json"),
];

fn shipped() -> Policy {
    let rules = SHIPPED
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .map(|document| Rule::read(&document, &province()).unwrap());
    Policy {
        rules: rules.map(Arc::new).collect(),
        ..Policy::default()
    }
}

fn finding(what: What, evidence: &str) -> Finding {
    Finding {
        recorded_at: what.at(),
        what,
        evidence: evidence.into(),
        origin: None,
        withdrawn_at: None,
    }
}

fn record(at: DateTime<Utc>, unwell: bool) -> Finding {
    let evidence = format!("check_in/{}", at.timestamp());
    finding(What::Record { at, unwell }, &evidence)
}

fn test(sampled_at: DateTime<Utc>, result: TestResult, single: bool) -> Finding {
    let tested = Tested {
        sampled_at,
        reported_at: sampled_at,
        result,
        single,
    };
    let evidence = format!("test/lab/{}{single}", sampled_at.timestamp());
    finding(What::Test(tested), &evidence)
}

fn contact(exposed_at: DateTime<Utc>, evidence: &str) -> Finding {
    finding(What::Contact { exposed_at }, evidence)
}

fn arrival(on: &str) -> Finding {
    let day: NaiveDate = on.parse().unwrap();
    let arrived = What::Arrival {
        arrived_at: midnight(day),
        abroad: false,
        declared: true,
    };
    finding(arrived, &format!("declaration/{on}"))
}

/// Somebody verified who declared at noon that they are well.
fn healthy() -> Facts {
    Facts {
        verified: true,
        declaration: Some(DeclarationId(Uuid::nil())),
        division: Division::try_from("310101".to_owned()).ok(),
        province: province(),
        compared: true,
        opened: Window::ALWAYS,
        days_reported: vec![local_date(noon())],
        findings: vec![record(noon(), false)],
        recoveries: Vec::new(),
        exclusions: Vec::new(),
        holds: Vec::new(),
    }
}

fn with(finding: Finding) -> Facts {
    let mut facts = healthy();
    facts.findings.push(finding);
    facts
}

/// How the person is by their newest record.
fn now_is(facts: &mut Facts, newest: Finding) {
    facts
        .findings
        .retain(|found| !matches!(found.what, What::Record { .. }));
    facts.findings.push(newest);
}

/// What an assessment at `now` makes of `facts`.
fn settled(mut facts: Facts, policy: &Policy, now: DateTime<Utc>) -> Facts {
    settle(&mut facts, policy, now, new_id);
    facts
}

/// Another each time.
fn new_id() -> HoldId {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    HoldId(Uuid::from_u128(NEXT.fetch_add(1, Ordering::Relaxed).into()))
}

fn colour(facts: &Facts, policy: &Policy, now: DateTime<Utc>) -> Colour {
    decide(facts, policy, now).colour
}

/// Colour and causes after an assessment at `now`.
fn shows(facts: &mut Facts, policy: &Policy, now: DateTime<Utc>) -> (Colour, Vec<ReasonCode>) {
    *facts = settled(facts.clone(), policy, now);
    let verdict = decide(facts, policy, now);
    let codes = verdict.reasons.iter().map(|reason| reason.code).collect();
    (verdict.colour, codes)
}
