//! Requests that colours be turned by decision of several people.

use sea_orm::entity::prelude::*;

use crate::values::{
    Division, OverrideEffect, OverrideGround, OverrideId, OverrideState, ReasonCode, StaffId,
};

/// A request for up to fifty people. Nothing follows of it before two others approved it, and then a
/// fact about each of them does: no column anywhere sets a colour.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "override_request")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OverrideId,
    /// The region that answers for it: everybody whom it names lives there.
    #[sea_orm(indexed)]
    pub division: Division,
    /// What is asked for.
    pub effect: OverrideEffect,
    /// The cause that is to end, of a release. None otherwise.
    pub reason: Option<ReasonCode>,
    /// Why.
    pub ground: OverrideGround,
    /// The same in words, sealed.
    pub words: Vec<u8>,
    /// Until when a colour is worse. None for a release.
    pub until_at: Option<DateTimeUtc>,
    /// Who asks.
    #[sea_orm(indexed)]
    pub requested_by: StaffId,
    /// When.
    pub requested_at: DateTimeUtc,
    /// How far it got.
    pub state: OverrideState,
    /// When it took effect, if it did.
    pub applied_at: Option<DateTimeUtc>,
    /// When it was refused, lapsed, or was taken back.
    pub closed_at: Option<DateTimeUtc>,
    /// By whom. None where nobody did.
    pub closed_by: Option<StaffId>,
    /// What they said, sealed.
    pub closing_words: Option<Vec<u8>>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
