//! Who can issue where: whoever holds the role now, enrolled, and is not suspended.

use chrono::{DateTime, Utc};
use entity::values::{Community, Division, StaffId};
use sea_orm::{ConnectionTrait, DbErr};

use super::super::store::issuers;

/// The issuers of each of `communities` alone, without those of whole divisions.
pub async fn issuers_of_communities(
    db: &impl ConnectionTrait,
    communities: Vec<Community>,
    now: DateTime<Utc>,
) -> Result<Vec<(Community, StaffId)>, DbErr> {
    issuers::of_communities(db, communities, now).await
}

/// The issuers of all of each of `divisions`, without those of what is around or within it.
pub async fn issuers_of_divisions(
    db: &impl ConnectionTrait,
    divisions: Vec<Division>,
    now: DateTime<Utc>,
) -> Result<Vec<(Division, StaffId)>, DbErr> {
    issuers::of_divisions(db, divisions, now).await
}
