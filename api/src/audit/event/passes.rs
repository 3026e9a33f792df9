//! What is recorded of pass cards, permits and the keys that sign them.

use entity::values::{
    Colour, FalseMarkId, Falsehood, PassApplicationId, PassCardId, PassCardReplacement, PermitKind,
};
use serde::Serialize;
use uuid::Uuid;

/// What happened to pass cards, permits and the keys that sign them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", content = "detail", rename_all = "snake_case")]
pub enum PassEvent {
    /// Somebody applied for a health pass card.
    PassApplicationFiled {
        /// Which application.
        application: PassApplicationId,
        /// Whether a clerk took it down.
        at_window: bool,
    },
    /// The data comparison of an application answered.
    PassCompared {
        /// Which application.
        application: PassApplicationId,
        /// The colour that it found.
        colour: Colour,
    },
    /// A key that signs permits or status lists was dropped, because it leaked.
    KeyDropped {
        /// Which, in hexadecimal.
        kid: String,
    },
    /// The key that signs codes was replaced, because it may have leaked.
    KeyReplaced {
        /// By which, in hexadecimal.
        kid: String,
    },
    /// A permit was signed that was not signed before, or not by this key, or said something else.
    PermitSigned {
        /// What it is for.
        kind: PermitKind,
        /// Its record.
        record: Uuid,
        /// The key.
        kid: String,
    },
    /// A health pass card was issued.
    PassCardIssued {
        /// Which.
        card: PassCardId,
        /// On which application.
        application: PassApplicationId,
        /// Whether the clock issued it.
        by_clock: bool,
    },
    /// The days of a card began, because its holder's code turned green.
    PassCardBegan {
        /// Which.
        card: PassCardId,
    },
    /// A card was given for the days of another one, which is void.
    PassCardReplaced {
        /// The new one.
        card: PassCardId,
        /// The void one.
        replaces: PassCardId,
        /// Why.
        reason: PassCardReplacement,
    },
    /// A card was printed at a window: another text of it was signed.
    PassCardPrinted {
        /// Which.
        card: PassCardId,
    },
    /// The days of a card are over.
    PassCardExpired {
        /// Which.
        card: PassCardId,
    },
    /// What was declared for an application was marked as not true.
    FalseDeclarationMarked {
        /// Which mark.
        mark: FalseMarkId,
        /// Which application.
        application: PassApplicationId,
        /// What is not true.
        falsehood: Falsehood,
        /// What shows it.
        evidence: String,
    },
    /// A mark was taken back.
    FalseDeclarationLifted {
        /// Which mark.
        mark: FalseMarkId,
        /// Which application.
        application: PassApplicationId,
    },
}
