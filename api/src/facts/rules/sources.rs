//! What sources may bring.

use entity::values::FactKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that a source may bring.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Brings {
    /// Results of nucleic-acid tests.
    NucleicAcidTest,
    /// Close contacts.
    CloseContact,
    /// Contacts of close contacts.
    SecondaryContact,
    /// Who was in the same place at the same time as a case.
    Companion,
    /// Suspected cases.
    SuspectedCase,
    /// Suspicions that were excluded.
    SuspicionExcluded,
    /// Confirmed cases.
    ConfirmedCase,
    /// Recoveries.
    Recovered,
    /// Arrivals from outside the province.
    Arrival,
    /// Beginnings of isolation.
    IsolationStarted,
    /// Ends of isolation.
    IsolationEnded,
    /// What another region wants shown.
    Push,
}

impl Brings {
    /// What brings facts of `kind`. None where no source may: several people decide on them.
    #[must_use]
    pub fn of(kind: FactKind) -> Option<Self> {
        Some(match kind {
            FactKind::CloseContact => Self::CloseContact,
            FactKind::SecondaryContact => Self::SecondaryContact,
            FactKind::Companion => Self::Companion,
            FactKind::SuspectedCase => Self::SuspectedCase,
            FactKind::SuspicionExcluded => Self::SuspicionExcluded,
            FactKind::ConfirmedCase => Self::ConfirmedCase,
            FactKind::Recovered => Self::Recovered,
            FactKind::Arrival => Self::Arrival,
            FactKind::IsolationStarted => Self::IsolationStarted,
            FactKind::IsolationEnded => Self::IsolationEnded,
            FactKind::Push => Self::Push,
            FactKind::Override => return None,
        })
    }
}
