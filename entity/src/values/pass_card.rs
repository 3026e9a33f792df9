//! Health pass cards: how they stand, and why they ended or were given anew.

use sea_orm::entity::prelude::*;

text_enum! {
    /// How a health pass card stands.
    pub enum PassCardState in "String(StringLen::N(10))" {
        /// Issued, and its days begin when the holder's code turns green (H7).
        Observing,
        /// Its days run.
        Active,
        /// It does not count for now.
        Suspended,
        /// It ended before its time.
        Void,
        /// Its days are over.
        Expired,
    }
}

text_enum! {
    /// Why a card ended before its time.
    pub enum PassCardVoid in "String(StringLen::N(12))" {
        /// Another card was given for the same days.
        Replaced,
        /// A later application was granted.
        Renewed,
    }
}

text_enum! {
    /// Why another card is given for the same days.
    pub enum PassCardReplacement in "String(StringLen::N(12))" {
        /// The paper was lost.
        Lost,
        /// The paper cannot be read any more.
        Damaged,
        /// What it says of the holder has changed.
        DataChanged,
    }
}

text_enum! {
    /// What about a declaration is not true (P10).
    pub enum Falsehood in "String(StringLen::N(20))" {
        /// Where they stayed.
        Residence,
        /// Whom they met.
        Contact,
        /// How they are.
        Health,
        /// When or from where they arrived.
        Arrival,
        /// Something else, which the text says.
        Other,
    }
}
