//! The colour of a code, decided from facts by a policy.
//!
//! Pure functions. [`compare`] says which holds the facts open and release; [`decide`] says what a
//! person shows, and every reason for it. What facts lead to what is the policy's to say. What is laid
//! down here no policy can change:
//!
//! - Nobody is green whom nobody knows, whose declaration was not compared, or whose region shows no
//!   colours (G00).
//! - Nothing has an effect before it was recorded.
//! - A hold is found in evidence, once for each rule. Once the evidence is taken back, or corrected to
//!   what the rule would not have found, the hold ends and nothing follows it.
//! - What ended so, with its rule, or by what was taken back since, is found again once the evidence
//!   says it again.
//! - Only who pushed a colour takes it back: no rule does.
//! - A hold ends as the version of the rule said under which it was opened, unless that was retired.

mod again;
mod comparing;
mod deciding;
mod ending;
mod explaining;
mod facts;
mod lasting;
mod records;
mod view;

pub use comparing::{Change, NewHold, compare, settle};
pub use deciding::{Missing, NOT_OPEN, Reason, UNDECIDED, Verdict, decide, missing};
pub use explaining::{Explained, Needed, Words, explain};
pub use facts::{
    CaseKind, Facts, Finding, Held, Noted, Phase, Released, Tested, What, conditions_met,
    rule_ended,
};
pub use lasting::{held_in, held_since, shows_the_same};

#[cfg(test)]
mod tests;
