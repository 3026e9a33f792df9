//! What members of staff may be now, and in whose place.

use std::collections::{BTreeMap, BTreeSet};

use entity::values::StaffId;
use sea_orm::ConnectionTrait;

use super::{
    error::Error,
    rules::{DECIDERS, Desk, Held, Post},
    store::delegations,
};
use crate::{
    deps::Deps,
    staff::{self, Staff},
};

/// What several members of staff may be now. Nothing of whoever is suspended.
#[derive(Debug, Default)]
pub(super) struct Posts(BTreeMap<StaffId, Vec<Post>>);

impl Posts {
    /// Those of `account`.
    pub(super) fn of(&self, account: StaffId) -> &[Post] {
        self.0.get(&account).map_or(&[], Vec::as_slice)
    }
}

/// What `accounts` may be now.
pub(super) async fn posts_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    accounts: BTreeSet<StaffId>,
) -> Result<Posts, Error> {
    let mut posts = Posts::default();
    for (account, role, area) in staff::posts_of(db, deps, accounts.into_iter().collect()).await? {
        let of_account = posts.0.entry(account).or_default();
        of_account.push(Post { role, area });
    }
    Ok(posts)
}

/// The desk of `staff`: their own posts, and those of whom they stand in for now.
pub(super) async fn of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    staff: &Staff,
) -> Result<Desk, Error> {
    let own = DECIDERS.into_iter().flat_map(|role| {
        let areas = staff.scope.areas(role).into_iter();
        areas.map(move |area| Post {
            role,
            area: area.clone(),
        })
    });
    seated(db, deps, staff.account, own.collect()).await
}

/// The desk of `account`, who has the posts `own`.
async fn seated(
    db: &impl ConnectionTrait,
    deps: &Deps,
    account: StaffId,
    own: Vec<Post>,
) -> Result<Desk, Error> {
    let lent = lent(db, deps, account).await?;
    let mut concerned: Vec<_> = lent.iter().map(|(lender, _)| *lender).collect();
    concerned.push(account);
    let mut held: BTreeMap<StaffId, Vec<Held>> = BTreeMap::new();
    for (whose, area, until) in staff::posts_ever_held(db, &concerned).await? {
        held.entry(whose).or_default().push(Held { area, until });
    }
    Ok(Desk::new(account, own, lent).having_held(held))
}

/// The posts at which `account` stands in, each with whose it is.
async fn lent(
    db: &impl ConnectionTrait,
    deps: &Deps,
    account: StaffId,
) -> Result<Vec<(StaffId, Post)>, Error> {
    let rows = delegations::to(db, account, deps.clock.now()).await?;
    let lenders = rows.iter().map(|row| row.from_account_id).collect();
    let posts = posts_of(db, deps, lenders).await?;
    let of_row = |row: &entity::review_delegation::Model| {
        let (lender, role) = (row.from_account_id, row.role);
        let same = posts.of(lender).iter().filter(move |p| p.role == role);
        same.map(move |post| (lender, post.clone()))
            .collect::<Vec<_>>()
    };
    Ok(rows.iter().flat_map(of_row).collect())
}

/// The desk of `account`, who is not the caller.
pub(super) async fn of_account(
    db: &impl ConnectionTrait,
    deps: &Deps,
    account: StaffId,
) -> Result<Desk, Error> {
    let posts = posts_of(db, deps, BTreeSet::from([account])).await?;
    let own = posts.of(account).to_vec();
    seated(db, deps, account, own).await
}
