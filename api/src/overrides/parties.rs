//! Who has a part in a request.

use std::collections::BTreeMap;

use entity::{
    override_request::Model,
    values::{Area, FactId, Role, StaffId},
};
use sea_orm::{ConnectionTrait, DbErr};

use super::{
    error::Error,
    rules::{self, Approval, Approver, Standing},
    store,
};
use crate::{deps::Deps, staff};

/// Who may ask. Nobody has this role and [`APPROVES`] at once.
const ASKS: Role = Role::Epidemiologist;

/// Who may approve.
const APPROVES: Role = Role::Reviewer;

/// How `row` stands, with who approved it, by what they may do now.
pub(super) async fn standing(
    db: &impl ConnectionTrait,
    deps: &Deps,
    row: &Model,
) -> Result<Standing, Error> {
    let approvals = store::approvals(db, &[row.id]).await?;
    let mut accounts: Vec<StaffId> = approvals.iter().map(|one| one.account_id).collect();
    accounts.push(row.requested_by);
    let units = staff::units_of(db, accounts.clone()).await?;
    let posts = staff::posts_of(db, deps, accounts).await?;
    let region = Area::from(row.division.clone());
    let is = |account: StaffId, role: Role| {
        posts
            .iter()
            .any(|(who, held, area)| *who == account && *held == role && area.contains(&region))
    };
    Ok(Standing {
        state: row.state,
        effect: row.effect,
        until: row.until_at,
        requested_by: row.requested_by,
        requested_at: row.requested_at,
        requester_stands: is(row.requested_by, ASKS),
        approvals: approvals
            .into_iter()
            .map(|one| Approval {
                by: one.account_id,
                another_unit: are_two(&units, row.requested_by, one.account_id),
                stands: is(one.account_id, APPROVES),
            })
            .collect(),
    })
}

/// Who `account` is to whoever asked for `row`.
pub(super) async fn approver(
    db: &impl ConnectionTrait,
    row: &Model,
    account: StaffId,
) -> Result<Approver, Error> {
    let units = staff::units_of(db, vec![row.requested_by, account]).await?;
    Ok(Approver {
        account,
        another_unit: are_two(&units, row.requested_by, account),
        apart: staff::are_apart(db, row.requested_by, account).await?,
    })
}

/// Whether two people work for two units. Of whom no unit is known, nobody can say so.
fn are_two(units: &BTreeMap<StaffId, String>, one: StaffId, other: StaffId) -> bool {
    let known = units.get(&one).zip(units.get(&other));
    known.is_some_and(|(one, other)| rules::are_two_units(one, other))
}

/// Whether `account` asked for or approved what the fact `fact` followed from.
pub async fn had_a_hand_in(
    db: &impl ConnectionTrait,
    account: StaffId,
    fact: FactId,
) -> Result<bool, DbErr> {
    Ok(store::took_part(db, fact).await?.contains(&account))
}
