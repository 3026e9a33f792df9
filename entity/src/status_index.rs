//! Permits that may be signed, each with its place in a list.

use sea_orm::entity::prelude::*;

use crate::values::{PermitKind, StatusIndex};

/// A permit that was granted. Nothing is signed that has no row here.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "status_index")]
pub struct Model {
    /// What it is for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: PermitKind,
    /// Its record among those of its kind, and its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub record: Uuid,
    /// Its place.
    #[sea_orm(unique)]
    pub place: StatusIndex,
    /// When it was granted.
    pub enlisted_at: DateTimeUtc,
    /// When it stops being good.
    pub valid_until: DateTimeUtc,
    /// The key that signed it last. None before it was shown for the first time.
    pub kid: Option<Vec<u8>>,
    /// When that key signed it first.
    pub signed_at: Option<DateTimeUtc>,
    /// The digest of what was signed.
    pub digest: Option<Vec<u8>>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
