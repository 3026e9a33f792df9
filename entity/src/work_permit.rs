//! Workers whose return is asked for, and their permits.

use sea_orm::entity::prelude::*;

use crate::values::{
    Authentication, CaseOutcome, Community, Division, OrganisationId, PersonId, SocialCreditCode,
    StatusIndex, WorkBatchId, WorkEnding, WorkFormId, WorkPermitId,
};

/// A row of a collection form: a worker, the case about them, and the permit that comes of it (W6). What it shows follows from what is on record when it is asked, so no column says it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_permit")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkPermitId,
    /// Of which form.
    pub form_id: WorkFormId,
    /// Which line of it, as a spreadsheet counts.
    pub line: i64,
    /// Who employs the worker.
    pub organisation_id: OrganisationId,
    /// The same, as the white list calls it.
    pub credit_code: SocialCreditCode,
    /// The county or district that decides first.
    pub division: Division,
    /// The county or district where the worker lives, where somebody here decides.
    pub residence_division: Option<Division>,
    /// The community there.
    pub residence_community: Option<Community>,
    /// The blind index of the worker's document.
    pub worker_index: Vec<u8>,
    /// The same while the worker is asked for or holds a permit: one enterprise a person.
    #[sea_orm(unique)]
    pub held_by_worker: Option<Vec<u8>>,
    /// The worker, once somebody is verified with that document.
    pub person_id: Option<PersonId>,
    /// What the form says of the worker, sealed. None once it is not needed any more.
    pub content: Option<Vec<u8>>,
    /// When the form was taken in.
    pub filed_at: DateTimeUtc,
    /// When the case was opened.
    pub opened_at: Option<DateTimeUtc>,
    /// How the case ended.
    pub outcome: Option<CaseOutcome>,
    /// When.
    pub closed_at: Option<DateTimeUtc>,
    /// With which workers it went to the data centre.
    pub batch_id: Option<WorkBatchId>,
    /// What the data centre said.
    pub authentication: Option<Authentication>,
    /// When.
    pub authenticated_at: Option<DateTimeUtc>,
    /// Since when the return is public.
    pub public_from: Option<DateTimeUtc>,
    /// Until when it was to be.
    pub public_until: Option<DateTimeUtc>,
    /// The number of the permit: six digits of the division and six of a serial number.
    #[sea_orm(unique)]
    pub number: Option<String>,
    /// Its place in the status list.
    pub status_index: Option<StatusIndex>,
    /// Since when the permit is good.
    pub valid_from: Option<DateTimeUtc>,
    /// When it stops being good.
    pub valid_until: Option<DateTimeUtc>,
    /// When it was ended before.
    pub ended_at: Option<DateTimeUtc>,
    /// Why.
    pub ending: Option<WorkEnding>,
    /// When somebody has to look at it again.
    pub due_at: Option<DateTimeUtc>,
    /// Whether its worker was green when they and their employer were last told how it stands.
    pub stood: bool,
    /// When its worker was reminded that it ends.
    pub reminded_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
