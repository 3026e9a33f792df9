//! Everything known about one person from elsewhere than their own reports.

use chrono::{DateTime, Utc};
use entity::values::{Division, FactId, FactKind, RiskAreaId, RiskLevel, TestResult};
use serde_json::Value;

/// What is known about one person, as recorded until some instant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dossier {
    /// The last report of each sample, the sample taken last first.
    pub tests: Vec<Test>,
    /// Facts, the one that happened first first. Withdrawn ones are among them.
    pub facts: Vec<Fact>,
    /// Declared stays in places while these had a level.
    pub risk_stays: Vec<RiskStay>,
}

/// What the last report of a sample says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// `test/` and the sample, as `lab/tube`.
    pub evidence: String,
    /// When the sample was taken.
    pub sampled_at: DateTime<Utc>,
    /// When the laboratory reported it.
    pub reported_at: DateTime<Utc>,
    /// What was found.
    pub result: TestResult,
    /// Whether the tube holds this person's sample alone.
    pub single: bool,
    /// Who brought the report.
    pub source: String,
    /// Since when it is known here.
    pub recorded_at: DateTime<Utc>,
}

/// A fact about a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Which. Its evidence is `fact/` and this.
    pub id: FactId,
    /// What it says.
    pub kind: FactKind,
    /// When it happened: the last exposure, the arrival, the start.
    pub at: DateTime<Utc>,
    /// When it ends or ended, where it has an end.
    pub until: Option<DateTime<Utc>>,
    /// The region whose data it is, and which alone may take it back.
    pub origin: Division,
    /// Who brought it.
    pub source: String,
    /// What the kind has besides, such as the place that somebody arrived from.
    pub detail: Value,
    /// Since when it is known here.
    pub recorded_at: DateTime<Utc>,
    /// When it was taken back, if it was.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// A declared stay in a place while it had a level: one for each place and level, from the first day
/// there to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskStay {
    /// The level and the place's time with it. The evidence is `risk_area/` and this.
    pub area: RiskAreaId,
    /// The level.
    pub level: RiskLevel,
    /// The place that has it.
    pub division: Division,
    /// When the stay within the place's time began.
    pub from: DateTime<Utc>,
    /// When it ended or will end: the person left, or the level ended. None while the person lives
    /// there and nobody knows when the level ends.
    pub until: Option<DateTime<Utc>>,
    /// When the level ended or will end, if that is known.
    pub lifted_at: Option<DateTime<Utc>>,
    /// Since when both are known here.
    pub recorded_at: DateTime<Utc>,
}
