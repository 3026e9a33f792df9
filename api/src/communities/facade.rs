//! What other features ask.

use chrono::{DateTime, Utc};
use entity::{
    community::Model,
    values::{Community, Division, StaffId},
};
use sea_orm::{ConnectionTrait, DbErr};

use super::{rules::Span, store::directory};
use crate::staff;

/// Who can issue for a community.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issuers {
    /// Those who are named for it alone.
    pub own: Vec<StaffId>,
    /// Those of its district, or of a division around that.
    pub around: Vec<StaffId>,
}

/// A community of the directory, closed or not.
pub async fn find(
    db: &impl ConnectionTrait,
    community: &Community,
) -> Result<Option<Model>, DbErr> {
    directory::find(db, community).await
}

/// The communities of `division` in which people apply, by code.
pub async fn serving(db: &impl ConnectionTrait, division: &Division) -> Result<Vec<Model>, DbErr> {
    let span = Span::of(&division.clone().into());
    directory::open_within(db, &[span], None, None).await
}

/// Who can issue for `community` at `now`: holds the role, enrolled, and is not suspended.
pub async fn issuers(
    db: &impl ConnectionTrait,
    community: &Community,
    now: DateTime<Utc>,
) -> Result<Issuers, DbErr> {
    let own = staff::issuers_of_communities(db, vec![community.clone()], now).await?;
    let chain = community
        .division()
        .map_or_else(|_| Vec::new(), |it| it.chain());
    let around = staff::issuers_of_divisions(db, chain, now).await?;
    let mut around: Vec<StaffId> = around.into_iter().map(|(_, account)| account).collect();
    around.sort_unstable();
    around.dedup();
    Ok(Issuers {
        own: own.into_iter().map(|(_, account)| account).collect(),
        around,
    })
}
