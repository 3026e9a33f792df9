//! Cases that somebody has to decide: what they are about, how far they got, and what is done to them.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a case is about.
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
    db_type = "String(StringLen::N(16))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum CaseSubject {
    /// An application for a health pass card (P1).
    PassCard,
    /// A complaint about how an application was handled (P9).
    Complaint,
    /// An application for a venue code, or to move one (V3).
    Venue,
    /// What is done about somebody who was turned away (V9).
    ControlAction,
}

/// Whom a case waits for.
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
pub enum CaseState {
    /// Somebody of the authority has to decide: its clock runs.
    Authority,
    /// The applicant has to bring something: the clock stands.
    Applicant,
    /// Another system has to answer.
    Answer,
    /// Nobody: it is over.
    Closed,
}

/// How a case ended.
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
pub enum CaseOutcome {
    /// Somebody granted what was asked for.
    Approved,
    /// Somebody refused it, with a reason.
    Refused,
    /// Nobody decided in time, and what was asked for was granted by the system (P5).
    ByClock,
    /// The applicant took it back.
    Withdrawn,
    /// The applicant did not bring what was asked for.
    Lapsed,
}

/// What is done to a case.
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
pub enum CaseAction {
    /// It was opened.
    Open,
    /// Granted, at this stage.
    Approve,
    /// Refused.
    Refuse,
    /// The applicant is asked for something.
    Ask,
    /// The applicant brought it.
    Resubmit,
    /// The applicant takes it back.
    Withdraw,
    /// It goes to whoever is above.
    Escalate,
    /// Another system answered.
    Answer,
    /// The clock ran out, and the workflow decided.
    Decide,
}

/// What the clock of a case does next.
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
pub enum CaseTimer {
    /// Remind whoever decides that it is about to run out.
    Remind,
    /// The limit of the stage is reached.
    Limit,
    /// The workflow decides, as it promised at the limit.
    Decide,
}

/// How somebody tried to reach the applicant.
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
pub enum ContactMeans {
    /// By telephone.
    Telephone,
    /// At the door.
    Visit,
    /// In writing.
    Message,
}

/// What came of it.
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
pub enum ContactResult {
    /// They were spoken to.
    Reached,
    /// Nobody answered.
    NotReached,
    /// They were spoken to, and what they declared was confirmed.
    Confirmed,
    /// They were spoken to, and what they declared is not so.
    Contradicted,
}
