//! Cases that somebody has to decide.

use sea_orm::entity::prelude::*;

use crate::values::{
    Area, CaseId, CaseOutcome, CaseState, CaseSubject, CaseTimer, Community, Division, PersonId,
    Role, StaffId,
};

/// A case: what it is about, how far it got, and what its clock does next. Every move is one `UPDATE` that names the turn it follows.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_case")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CaseId,
    /// What it is about.
    pub subject: CaseSubject,
    /// Which of those: one case each.
    pub subject_id: Uuid,
    /// Whom it concerns.
    pub person_id: PersonId,
    /// The county or district whose case it is.
    pub division: Division,
    /// The community, where one handles it.
    pub community: Option<Community>,
    /// The county or district where whom it concerns lives, where that is another one and of our regions.
    pub residence_division: Option<Division>,
    /// The community there.
    pub residence_community: Option<Community>,
    /// The unit whose doing it is about: it is not for whoever has a post there, or had one since
    /// `against_since`. None where it is about nobody's of the authority.
    pub against: Option<Area>,
    /// When that began. None where it is about nobody's.
    pub against_since: Option<DateTimeUtc>,
    /// The workflow that it follows.
    pub workflow: String,
    /// The version that it began with.
    pub workflow_version: i64,
    /// When it was opened.
    pub opened_at: DateTimeUtc,
    /// How many steps were made. The first is its opening.
    pub turn: i64,
    /// The step that brought it to the stage. What it comes back to, it never left: a pause is no step
    /// here.
    pub stay: i64,
    /// Whom it waits for.
    pub state: CaseState,
    /// The stage that it is at.
    pub stage: String,
    /// Since when.
    pub stage_since: DateTimeUtc,
    /// The role that decides at this stage. None where nobody of the authority does.
    pub decider: Option<Role>,
    /// Who is responsible at this stage: whose reviewers decide, and on whom a delay is booked.
    pub area: Area,
    /// Who took it on.
    pub assignee: Option<StaffId>,
    /// When.
    pub assigned_at: Option<DateTimeUtc>,
    /// Since when the clock of the stage runs. None without one.
    pub clock_since: Option<DateTimeUtc>,
    /// What was left of it then, in milliseconds of its kind: of working time, of days that count one by
    /// one, or of any time. None without a clock.
    pub clock_left: Option<i64>,
    /// When the stage's limit is reached. None without one.
    pub due_at: Option<DateTimeUtc>,
    /// Whether `due_at` passed a year whose holidays are not known.
    pub provisional: bool,
    /// The calendar that `due_at` was worked out by. None where none was, and once the limit was reached.
    pub calendar_version: Option<i64>,
    /// What the clock does next.
    pub timer: Option<CaseTimer>,
    /// When it does.
    pub timer_at: Option<DateTimeUtc>,
    /// When a limit was reached first without an opinion.
    pub late_since: Option<DateTimeUtc>,
    /// How it ended.
    pub outcome: Option<CaseOutcome>,
    /// When.
    pub closed_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
