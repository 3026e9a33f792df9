//! Where a rule of the policy stands.

use sea_orm::entity::prelude::*;

text_enum! {
    /// Where a version of a rule stands, from its first draft to its end.
    pub enum RuleState in "String(StringLen::N(12))" {
        /// Being written. Once it is proposed, its text never changes.
        Draft,
        /// Proposed by its author: it waits for the dry run.
        Proposed,
        /// Tried on everybody: it waits for approvals.
        Simulated,
        /// Approved by two people: it waits for a date.
        Approved,
        /// Its date is set and published.
        Scheduled,
        /// In force.
        Active,
        /// In force no more: its time was over, or a later version took its place.
        Retired,
        /// Refused before it came into force.
        Refused,
        /// Taken back, because what happened was not what the dry run had predicted.
        RolledBack,
    }
}
