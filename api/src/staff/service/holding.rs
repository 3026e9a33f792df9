//! What other members of staff than the caller may be.

use entity::values::{Area, Role, StaffId};
use sea_orm::{ConnectionTrait, DbErr};

use super::super::{rules, store};
use crate::deps::Deps;

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
