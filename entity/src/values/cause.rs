//! Classes of causes for a change of colour.

use sea_orm::entity::prelude::*;

text_enum! {
    /// What a colour was changed for, in the classes that the public is told of (S30). Ordered: of several that stood
    /// at a change the first one counts, so that what people decided, or what nobody knows, is never counted as what is
    /// usual.
    pub enum CauseClass in "String(StringLen::N(12))" {
        /// A decision that one person requested and two approved.
        Override,
        /// The national platform or another region asked for it.
        Push,
        /// A rule of no family that is known, or one that finds what its family does not.
        Other,
        /// A confirmed or suspected case.
        Case,
        /// A test.
        Test,
        /// Contact with a case, or with a contact.
        Contact,
        /// A stay in a place of risk.
        RiskArea,
        /// An arrival from outside the province.
        Arrival,
        /// Fever or a symptom that the person reported.
        Symptom,
        /// What follows the end of isolation.
        Monitoring,
        /// A report or a routine test is overdue.
        Stale,
        /// Nothing is known to decide from, or the region is not open.
        Undecided,
        /// What is known was compared, and nothing was found.
        Compared,
        /// Nothing stands any more of what did.
        Release,
    }
}
