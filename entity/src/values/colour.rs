//! The colour of a health code.

use sea_orm::entity::prelude::*;

text_enum! {
    /// What a health code shows. Ordered by severity, so that the worst of several is their maximum.
    ///
    /// Stored and transmitted by name; the numbers are those of the `JK1:` token (SECURITY §2.2).
    pub enum Colour in "String(StringLen::N(8))" {
        /// Nothing found, or measures lifted.
        Green,
        /// Not decided: pending, incomplete, or not opened yet (G00).
        Grey,
        /// Some cause for caution holds.
        Yellow,
        /// Some cause for isolation holds.
        Red,
    }
}

impl Colour {
    /// The value of claim −65537 in a `JK1:` token.
    #[must_use]
    pub fn claim(self) -> u8 {
        match self {
            Self::Grey => 0,
            Self::Green => 1,
            Self::Yellow => 2,
            Self::Red => 3,
        }
    }

    /// The colour that a `JK1:` token's claim stands for.
    #[must_use]
    pub fn from_claim(claim: u8) -> Option<Self> {
        [Self::Grey, Self::Green, Self::Yellow, Self::Red]
            .into_iter()
            .find(|c| c.claim() == claim)
    }
}
