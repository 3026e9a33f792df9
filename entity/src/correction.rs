//! What people say is wrong in what is recorded about them (GB/T 38963 §6.8).

use sea_orm::entity::prelude::*;

use crate::values::{CorrectionId, CorrectionState, Division, Mistake, PersonId, Refusal, StaffId};

/// One correction: filed once, decided once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "correction")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CorrectionId,
    /// Whose record is said to be wrong.
    #[sea_orm(indexed)]
    pub person_id: PersonId,
    /// Who says so: the person, or who acts for them.
    pub filed_by: PersonId,
    /// When.
    pub filed_at: DateTimeUtc,
    /// Where the person declared to live then: its reviewers decide.
    pub division: Division,
    /// The region whose data the record is, where it alone may take it back.
    pub origin: Option<Division>,
    /// The record: a kind and an id, as `fact/<id>` or `test/<laboratory>/<tube>`.
    pub record: String,
    /// What is wrong with it.
    pub mistake: Mistake,
    /// The person's words, sealed under their data key.
    pub content: Vec<u8>,
    /// Until when it is to be decided.
    pub due_at: DateTimeUtc,
    /// Whether `due_at` passed a year whose holidays are not known.
    pub provisional: bool,
    /// How far it got.
    pub state: CorrectionState,
    /// When it was decided.
    pub decided_at: Option<DateTimeUtc>,
    /// Who decided.
    pub decided_by: Option<StaffId>,
    /// Why the record stands, where it does.
    pub refusal: Option<Refusal>,
    /// The reviewer's words, sealed under the person's data key.
    pub answer: Option<Vec<u8>>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
