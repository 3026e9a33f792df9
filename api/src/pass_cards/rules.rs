//! How long a card is good, what it is called, when another may be asked for, and what a gate does.

use chrono::{DateTime, Days, TimeDelta, Utc};
use entity::values::{Area, Colour, Division, PassCardState, PassCardVoid};
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::clock::{local_date, midnight};

/// Local days that a card is good, the first one included (P2).
pub const DAYS: u64 = 14;

/// How long before its end the holder of a card is reminded (N2).
pub const REMINDED_BEFORE: TimeDelta = TimeDelta::days(3);

/// How long before its end another card may be applied for.
pub const RENEWED_BEFORE: TimeDelta = TimeDelta::days(7);

/// The lowest temperature that is a fever, in tenths of a degree Celsius.
pub const FEVER_TENTHS: u16 = 373;

/// From when until when a card is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Since when.
    pub from: DateTime<Utc>,
    /// When it is over.
    pub until: DateTime<Utc>,
}

impl Term {
    /// The term of a card whose days begin at `from`: to the end of the fourteenth local day.
    #[must_use]
    pub fn beginning(from: DateTime<Utc>) -> Self {
        let after = local_date(from).checked_add_days(Days::new(DAYS));
        Self {
            from,
            until: after.map_or(from, midnight),
        }
    }

    /// When its holder is reminded of its end; its end, where that is past.
    #[must_use]
    pub fn next_look(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let reminder = self.until - REMINDED_BEFORE;
        if now < reminder { reminder } else { self.until }
    }
}

/// The number of a card: what paper and screen show, and people read out.
#[must_use]
pub fn number(division: &Division, serial: i64) -> String {
    format!("TXK{}{serial:08}", division.code())
}

/// What is on record of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnRecord {
    /// How it stands, whatever the holder's colour is.
    pub state: PassCardState,
    /// When its days are over, once they began.
    pub valid_until: Option<DateTime<Utc>>,
    /// Why it ended before its time, if it did.
    pub void: Option<PassCardVoid>,
}

/// Why a card does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PassCardCause)]
pub enum Cause {
    /// The holder is under observation: its days begin when their code turns green.
    Observation,
    /// The holder's code is not green.
    Colour,
    /// What was declared for it is marked as not true.
    FalseDeclaration,
    /// Another card was given in its place.
    Replaced,
    /// A later application was granted.
    Renewed,
    /// Its days are over.
    Over,
}

/// How a card stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PassCardStanding)]
pub struct Standing {
    /// How.
    pub state: PassCardState,
    /// Why it does not count. Null if it does.
    pub because: Option<Cause>,
}

impl Standing {
    /// Whether the card counts.
    #[must_use]
    pub fn counts(self) -> bool {
        self.state == PassCardState::Active
    }
}

/// How a card stands at `now` while its holder shows `colour`.
#[must_use]
pub fn standing(card: OnRecord, colour: Colour, now: DateTime<Utc>) -> Standing {
    use PassCardState as State;
    let over = card.valid_until.is_some_and(|until| until <= now);
    let (state, because) = match (card.state, colour) {
        (State::Void, _) => match card.void {
            Some(PassCardVoid::Renewed) => (State::Void, Some(Cause::Renewed)),
            Some(PassCardVoid::Replaced) | None => (State::Void, Some(Cause::Replaced)),
        },
        (State::Expired, _) => (State::Expired, Some(Cause::Over)),
        _ if over => (State::Expired, Some(Cause::Over)),
        (State::Suspended, _) => (State::Suspended, Some(Cause::FalseDeclaration)),
        (State::Observing, Colour::Red) => (State::Suspended, Some(Cause::Colour)),
        (State::Observing, _) => (State::Observing, Some(Cause::Observation)),
        (State::Active, Colour::Green) => (State::Active, None),
        (State::Active, _) => (State::Suspended, Some(Cause::Colour)),
    };
    Standing { state, because }
}

/// Whether somebody with this card may apply for another: within its last days, or where it is
/// suspended for what was declared.
#[must_use]
pub fn may_be_renewed(card: OnRecord, now: DateTime<Utc>) -> bool {
    match card.state {
        PassCardState::Observing => false,
        PassCardState::Suspended | PassCardState::Void | PassCardState::Expired => true,
        PassCardState::Active => card
            .valid_until
            .is_some_and(|until| until - RENEWED_BEFORE <= now),
    }
}

/// Whether nobody but a person may grant somebody a card who shows `colour`: some cause holds.
#[must_use]
pub fn holds_against(colour: Colour) -> bool {
    matches!(colour, Colour::Yellow | Colour::Red)
}

/// Whether somebody who decides for `theirs` may take back a mark that was made for `marked`: only
/// whoever is above.
#[must_use]
pub fn is_above(theirs: &Area, marked: &Area) -> bool {
    theirs != marked && theirs.contains(marked)
}

/// Whether nobody is above `area`.
#[must_use]
pub fn is_province(area: &Area) -> bool {
    area.stem().len() == 2
}

/// What whoever stands at a gate does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PassGateDecision)]
pub enum Gate {
    /// Let through, without isolation.
    Pass,
    /// Do not.
    Stop,
}

/// Why somebody is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PassStopReason)]
pub enum Stopped {
    /// It is no card of ours, or its text was changed.
    Invalid,
    /// The card does not count now. Why is its holder's to know.
    CardDoesNotCount,
    /// The temperature is a fever.
    Fever,
}

/// What a gate does with a card that stands so and a temperature in tenths of a degree, where one was
/// taken (C2). None while the temperature alone is missing.
#[must_use]
pub fn at_gate(standing: Standing, tenths: Option<u16>) -> Option<Result<(), Stopped>> {
    if !standing.counts() {
        return Some(Err(Stopped::CardDoesNotCount));
    }
    tenths.map(|tenths| {
        if tenths < FEVER_TENTHS {
            Ok(())
        } else {
            Err(Stopped::Fever)
        }
    })
}

#[cfg(test)]
mod tests;
