//! What is recorded about people from elsewhere than their own reports.

use sea_orm::entity::prelude::*;

text_enum! {
    /// What a nucleic-acid test found.
    pub enum TestResult in "String(StringLen::N(12))" {
        /// Nothing.
        Negative,
        /// The virus. Of a mixed tube: in one of its samples, so each of them waits for a single re-test.
        Positive,
        /// Nothing either way; also what takes back a result that was reported by mistake.
        Inconclusive,
    }
}

text_enum! {
    /// What a fact about a person says. Tests have a table of their own.
    pub enum FactKind in "String(StringLen::N(24))" {
        /// Was close to a case.
        CloseContact,
        /// Was close to a close contact.
        SecondaryContact,
        /// Was in the same place at the same time as a case.
        Companion,
        /// May be a case: clinical suspicion or unexplained fever.
        SuspectedCase,
        /// The suspicion was excluded.
        SuspicionExcluded,
        /// Is a case, or infected without symptoms.
        ConfirmedCase,
        /// Has recovered.
        Recovered,
        /// Arrived from outside the province, by the carrier's or the border's data.
        Arrival,
        /// Began isolation.
        IsolationStarted,
        /// Ended isolation.
        IsolationEnded,
        /// The national platform or another region wants a colour. Only the origin may take it back.
        Push,
        /// Three people decided on a colour, or that a cause ends: a request that two others approved.
        Override,
    }
}

text_enum! {
    /// How dangerous a place is.
    pub enum RiskLevel in "String(StringLen::N(8))" {
        /// Low: people are advised.
        Low,
        /// Medium.
        Medium,
        /// High.
        High,
        /// Nobody leaves.
        Sealed,
    }
}
