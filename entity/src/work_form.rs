//! Collection forms.

use sea_orm::entity::prelude::*;

use crate::values::{Division, OrganisationId, PersonId, SocialCreditCode, WorkFormId};

/// A collection form that was taken in, all of its rows or none (W2).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_form")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkFormId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// The enterprise, as the white list calls it.
    pub credit_code: SocialCreditCode,
    /// Who sent it; none in a session of the unit whose legal person is not known here.
    pub sent_by: Option<PersonId>,
    /// When.
    pub sent_at: DateTimeUtc,
    /// The county or district that decides first.
    pub division: Division,
    /// The workflow that its workers follow.
    pub workflow: String,
    /// How many workers it lists.
    pub workers: i64,
    /// SHA-256 of the file.
    pub digest: Vec<u8>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
