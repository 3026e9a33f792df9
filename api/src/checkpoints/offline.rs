//! What a gate decides by itself, for as long as it has a bundle (C3). Pure: the time is an argument.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::values::{
    Colour, DeviceId, GateDecision, GateMeans, GateReason, PermitKind, SectionCode,
};

use super::{
    records::ToldPerson,
    roadside::{self, Pass, Vehicle},
    rules::{self, Shown, Temperature},
    ways::Ways,
    words::{Spoken, spoken},
};
use crate::credentials::{
    Permit,
    bundle::{Bundle, Offline},
    permit,
};

/// What is held before a gate without a network.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// The text of a symbol.
    pub text: &'a str,
    /// The last four characters of the document that is shown with a card on paper.
    pub document_last4: Option<&'a str>,
    /// The temperature in tenths of a degree.
    pub temperature_tenths: Option<u16>,
}

/// A gate without a network.
#[derive(Debug, Clone, Copy)]
pub struct Gate<'a> {
    /// What it goes by.
    pub bundle: &'a Bundle,
    /// The ways that the bundle carries.
    pub ways: &'a Ways,
    /// Which device it is. Whoever does not say has a thermometer.
    pub device: Option<DeviceId>,
}

/// What a gate does about one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What to do.
    pub decision: GateDecision,
    /// Why.
    pub reason: GateReason,
    /// What to say aloud.
    pub say: Spoken,
    /// What was shown.
    pub means: GateMeans,
    /// The colour that a code was issued with.
    pub colour: Option<Colour>,
    /// What a permit says, where it is one of ours.
    pub permit: Option<Permit>,
}

impl Answer {
    fn new(means: GateMeans, (decision, reason): (GateDecision, GateReason)) -> Self {
        Self {
            decision,
            reason,
            say: spoken(reason),
            means,
            colour: None,
            permit: None,
        }
    }

    /// The same as it is kept in a record.
    #[must_use]
    pub fn told(&self, held: Held<'_>) -> ToldPerson {
        ToldPerson {
            decision: self.decision,
            document_number: None,
            means: self.means,
            reason: self.reason,
            temperature_tenths: held.temperature_tenths,
            text: Some(held.text.to_owned()),
        }
    }
}

/// What a gate without a network does with all who stand before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// What to do with all of them together.
    pub decision: GateDecision,
    /// Why.
    pub reason: GateReason,
    /// What to say aloud.
    pub say: Spoken,
    /// Each text, in their order.
    pub each: Vec<Answer>,
    /// How many the pass of the vehicle names, where that is known.
    pub aboard: Option<u8>,
}

/// What a gate that goes by `bundle` does at `now` with what is `held` before it.
#[must_use]
pub fn decide(bundle: &Bundle, held: Held<'_>, now: DateTime<Utc>) -> Answer {
    let gate = Gate {
        bundle,
        ways: &Ways::default(),
        device: None,
    };
    look(gate, held, unseen(now)).0
}

/// What `gate` does with all that is `held` before it: with a vehicle, if its pass is
/// among that, as with the one aboard whom it treats most strictly. Each of them has to show something, for
/// nobody can be asked; who they are, the officer compares.
///
/// None of nobody.
#[must_use]
pub fn decide_all(gate: Gate<'_>, held: &[Held<'_>], vehicle: Vehicle<'_>) -> Option<Answers> {
    let looked: Vec<_> = held.iter().map(|held| look(gate, *held, vehicle)).collect();
    let passes = looked.iter().filter(|(_, is_pass)| *is_pass).count();
    // Whoever shows the same code twice is there once.
    let people = looked.iter().zip(held).filter(|((_, is_pass), _)| !is_pass);
    let people: BTreeSet<&str> = people.map(|(_, held)| held.text).collect();
    let pass = looked.iter().find(|(_, is_pass)| *is_pass);
    let place = pass.and_then(|(answer, _)| Some(answer.permit.as_ref()?.status_index));
    let aboard = place.and_then(|place| Some(gate.ways.of(place)?.aboard));
    let mut decided: Vec<_> = looked
        .iter()
        .map(|(answer, _)| (answer.decision, answer.reason))
        .collect();
    decided.extend(aboard.and_then(|aboard| roadside::counted(aboard, people.len())));
    // One of two passes is another vehicle's.
    decided.extend((passes > 1).then_some((GateDecision::Stop, GateReason::OtherVehicle)));
    let (decision, reason) = rules::together(decided)?;
    Some(Answers {
        decision,
        reason,
        say: spoken(reason),
        each: looked.into_iter().map(|(answer, _)| answer).collect(),
        aboard,
    })
}

/// A vehicle of which nothing is known.
fn unseen(at: DateTime<Utc>) -> Vehicle<'static> {
    let section: Option<&SectionCode> = None;
    Vehicle {
        plate: None,
        section,
        at,
    }
}

/// What is done about one text, and whether it is the pass of a vehicle.
fn look(gate: Gate<'_>, held: Held<'_>, vehicle: Vehicle<'_>) -> (Answer, bool) {
    let Gate {
        bundle,
        ways,
        device,
    } = gate;
    let fever = bundle.contents.policy.fever_tenths;
    let temperature = Temperature::of(held.temperature_tenths, bundle.has_thermometer(device));
    let paper_or = |means| match held.document_last4 {
        Some(_) => GateMeans::Paper,
        None => means,
    };
    let plain = |means, shown| Answer::new(means, rules::decide(shown, temperature, fever));
    match bundle.read(held.text, vehicle.at) {
        Ok(Offline::Code(code)) => {
            let answer = plain(GateMeans::Code, Shown::Person(code.colour));
            let colour = Some(code.colour);
            (Answer { colour, ..answer }, false)
        }
        Ok(Offline::Permit { permit, counts }) => {
            let mark = &permit.face.mark;
            let differs = |last4: &str| !last4.eq_ignore_ascii_case(mark);
            let differs = held.document_last4.is_some_and(differs);
            let answer = match permit.kind {
                PermitKind::PassCard if differs => plain(GateMeans::Paper, Shown::OtherDocument),
                PermitKind::PassCard => {
                    plain(paper_or(GateMeans::PassCard), Shown::Card { counts })
                }
                PermitKind::Work if differs => plain(GateMeans::WorkPermit, Shown::OtherDocument),
                PermitKind::Work => plain(GateMeans::WorkPermit, Shown::Work { counts }),
                PermitKind::Vehicle => {
                    let pass = Pass {
                        plate: Some(&permit.face.holder),
                        counts,
                        way: ways.of(permit.status_index),
                    };
                    let decided = if temperature.is_fever(fever) {
                        (GateDecision::Stop, GateReason::Fever)
                    } else {
                        roadside::decide(vehicle, pass)
                    };
                    Answer::new(GateMeans::VehiclePass, decided)
                }
            };
            let is_pass = permit.kind == PermitKind::Vehicle;
            let permit = Some(permit);
            (Answer { permit, ..answer }, is_pass)
        }
        Err(_) => {
            let means = if held.text.starts_with(permit::PREFIX) {
                paper_or(GateMeans::PassCard)
            } else {
                GateMeans::Code
            };
            (plain(means, Shown::NotValid), false)
        }
    }
}
