//! Why facts are withdrawn.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a fact is withdrawn.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawalReason {
    /// It is about somebody else.
    WrongPerson,
    /// It was never so.
    NotTrue,
    /// It was entered twice, or with a slip of the hand.
    EnteredInError,
    /// What it was based on was investigated and excluded.
    Excluded,
    /// Its measure was lifted before its time.
    Released,
    /// The person asked for a correction, and was right (GB/T 38963 §6.8).
    CorrectionUpheld,
}

impl WithdrawalReason {
    /// The stable name, as it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WrongPerson => "wrong_person",
            Self::NotTrue => "not_true",
            Self::EnteredInError => "entered_in_error",
            Self::Excluded => "excluded",
            Self::Released => "released",
            Self::CorrectionUpheld => "correction_upheld",
        }
    }
}
