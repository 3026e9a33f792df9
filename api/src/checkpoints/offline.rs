//! What a gate decides by itself, for as long as it has a bundle (C3). Pure: the time is an argument.

use chrono::{DateTime, Utc};
use entity::values::{Colour, GateDecision, GateMeans, GateReason};

use super::{
    records::ToldPerson,
    rules::{self, Shown},
    words::{Spoken, spoken},
};
use crate::credentials::{
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

/// What a gate does without a network.
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
}

impl Answer {
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

/// What a gate that goes by `bundle` does at `now` with what is `held` before it.
#[must_use]
pub fn decide(bundle: &Bundle, held: Held<'_>, now: DateTime<Utc>) -> Answer {
    let means = match held.document_last4 {
        _ if !held.text.starts_with(permit::PREFIX) => GateMeans::Code,
        Some(_) => GateMeans::Paper,
        None => GateMeans::PassCard,
    };
    let (shown, colour) = match bundle.read(held.text, now) {
        Ok(Offline::Code(code)) => (Shown::Person(code.colour), Some(code.colour)),
        Ok(Offline::Card { permit, counts }) => {
            let mark = &permit.face.mark;
            let differs = |last4: &str| !last4.eq_ignore_ascii_case(mark);
            let shown = match held.document_last4 {
                Some(last4) if differs(last4) => Shown::OtherDocument,
                _ => Shown::Card { counts },
            };
            (shown, None)
        }
        Err(_) => (Shown::NotValid, None),
    };
    let fever = bundle.contents.policy.fever_tenths;
    let (decision, reason) = rules::decide(shown, held.temperature_tenths, fever);
    Answer {
        decision,
        reason,
        say: spoken(reason),
        means,
        colour,
    }
}
