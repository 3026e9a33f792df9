//! Log-ins of units.

use sea_orm::entity::prelude::*;

use crate::values::{CertificateKind, OrganisationId, OrganisationSessionId, PersonId};

/// A log-in of a unit with its certificate or its licence (L4).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organisation_session")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrganisationSessionId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// The legal person that the certificate named, where they are known here.
    pub person_id: Option<PersonId>,
    /// SHA-256 of its token, which has 256 random bits.
    #[sea_orm(unique)]
    pub digest: Vec<u8>,
    /// What it began with.
    pub certificate: CertificateKind,
    /// When it began.
    pub began_at: DateTimeUtc,
    /// When it was last used, to within a minute.
    pub used_at: DateTimeUtc,
    /// When it ends whatever happens.
    pub expires_at: DateTimeUtc,
    /// When it was ended before, if it was.
    pub ended_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
