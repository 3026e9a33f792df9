//! What is recorded about people from elsewhere than their own reports.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a nucleic-acid test found.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(12))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum TestResult {
    /// Nothing.
    Negative,
    /// The virus. Of a mixed tube: in one of its samples, so each of them waits for a single re-test.
    Positive,
    /// Nothing either way; also what takes back a result that was reported by mistake.
    Inconclusive,
}

/// What a fact about a person says. Tests have a table of their own.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
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
}

/// How dangerous a place is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// Low: people are advised.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Nobody leaves.
    Sealed,
}
