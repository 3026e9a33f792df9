//! What other members of staff than the caller may be.

use chrono::{DateTime, Utc};
use entity::values::{Area, Role, StaffId};
use sea_orm::{ConnectionTrait, DbErr};

use super::super::{rules, store};
use crate::deps::Deps;

/// Where any of `accounts` held a post after `since`, whether they hold it still or not.
pub async fn areas_held_since(
    db: &impl ConnectionTrait,
    accounts: &[StaffId],
    since: DateTime<Utc>,
) -> Result<Vec<Area>, DbErr> {
    let grants = store::grants::held_since(db, accounts, since).await?;
    let area = |grant: entity::staff_grant::Model| rules::area(grant.division, grant.community);
    Ok(grants.into_iter().map(area).collect())
}

/// Where each of `accounts` has or had a post, and until when. One that is to begin is among them.
pub async fn posts_ever_held(
    db: &impl ConnectionTrait,
    accounts: &[StaffId],
) -> Result<Vec<(StaffId, Area, DateTime<Utc>)>, DbErr> {
    let grants = store::grants::held_since(db, accounts, DateTime::UNIX_EPOCH).await?;
    let post = |grant: entity::staff_grant::Model| {
        let until = grant
            .revoked_at
            .map_or(grant.ends_at, |at| at.min(grant.ends_at));
        let area = rules::area(grant.division, grant.community);
        (grant.account_id, area, until)
    };
    Ok(grants.into_iter().map(post).collect())
}

/// What `accounts` may be now, and where. Nothing of an account that is suspended.
pub async fn posts_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    accounts: Vec<StaffId>,
) -> Result<Vec<(StaffId, Role, Area)>, DbErr> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let grants = store::grants::in_force_of(db, accounts, deps.clock.now()).await?;
    let post = |grant: entity::staff_grant::Model| {
        let area = rules::area(grant.division, grant.community);
        (grant.account_id, grant.role, area)
    };
    Ok(grants.into_iter().map(post).collect())
}
