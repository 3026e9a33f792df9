//! The white list.

use sea_orm::entity::prelude::*;

use crate::values::{Division, EnterpriseKind, SocialCreditCode, StaffId};

/// An enterprise that may ask for the return of its workers (W1). Known by its code, so that it may be listed before it ever logged in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_enterprise")]
pub struct Model {
    /// Its unified social credit code (GB 32100).
    #[sea_orm(primary_key, auto_increment = false)]
    pub credit_code: SocialCreditCode,
    /// Its name, as it stands on permits.
    pub short_name: String,
    /// The county or district whose commerce department lists it, and decides on its workers first.
    pub division: Division,
    /// What it is.
    pub kind: EnterpriseKind,
    /// For whom it works, where it is a contractor.
    pub principal: Option<SocialCreditCode>,
    /// From when on it may ask.
    pub listed_from: DateTimeUtc,
    /// Until when: permits stand for as long.
    pub listed_until: DateTimeUtc,
    /// Who changed the entry last.
    pub changed_by: StaffId,
    /// When.
    pub changed_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
