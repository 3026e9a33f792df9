//! Use cases: have somebody stand in, see who does, and end it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{
    review_delegation::Model,
    values::{DelegationId, Role, StaffId},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    desks::{self, Posts},
    error::Error,
    rules::{self, DECIDERS, DelegationState},
    store::{
        Since,
        delegations::{self, since},
    },
};
use crate::{
    audit::{self, Actor, Event, StaffEvent},
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::Page,
    },
    platform::db::begin_write,
    staff::Staff,
};

/// Who is to stand in for the caller, and how long.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DelegationRequest {
    /// Who stands in. They hold the role themselves, somewhere in the same province.
    to_account_id: StaffId,
    /// As what: `community_issuer` or `reviewer`, which the caller holds.
    role: Role,
    /// From when on: within sixty days. What is past begins now.
    starts_at: DateTime<Utc>,
    /// Until when: sixty days after the start at the latest.
    ends_at: DateTime<Utc>,
}

/// Somebody who stands in for somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DelegationView {
    /// Which.
    id: DelegationId,
    /// Who is away.
    from_account_id: StaffId,
    /// Who stands in.
    to_account_id: StaffId,
    /// As what.
    role: Role,
    /// From when on.
    starts_at: DateTime<Utc>,
    /// Until when.
    ends_at: DateTime<Utc>,
    /// When it was made.
    made_at: DateTime<Utc>,
    /// When it was ended before its time. Null unless it was.
    ended_at: Option<DateTime<Utc>>,
    /// What became of it.
    state: DelegationState,
}

impl DelegationView {
    fn of(row: &Model, both_hold: bool, now: DateTime<Utc>) -> Self {
        let term = (row.starts_at, row.ends_at);
        Self {
            id: row.id,
            from_account_id: row.from_account_id,
            to_account_id: row.to_account_id,
            role: row.role,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            made_at: row.made_at,
            ended_at: row.ended_at,
            state: rules::state(term, row.ended_at.is_some(), both_hold, now),
        }
    }
}

/// Have somebody decide in the place of `staff` for a time.
pub(super) async fn make(
    deps: &Deps,
    staff: &Staff,
    key: &IdempotencyKey,
    request: DelegationRequest,
) -> Result<Answer, Error> {
    let caller = staff.account.0.as_bytes();
    let effect = async |tx: &DatabaseTransaction| delegate(tx, deps, staff, &request).await;
    idempotency::once(deps, caller, "make-delegation", key, &request, effect).await
}

async fn delegate(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    request: &DelegationRequest,
) -> Result<(Outcome, DelegationView), Error> {
    let now = deps.clock.now();
    let starts_at = rules::term(request.starts_at, request.ends_at, now)?;
    let row = Model {
        id: DelegationId(deps.entropy.id()),
        from_account_id: staff.account,
        to_account_id: request.to_account_id,
        role: request.role,
        starts_at,
        ends_at: request.ends_at,
        made_at: now,
        ended_at: None,
    };
    fits(&posts(tx, deps, [&row]).await?, &row)?;
    delegations::insert(tx, row.clone()).await?;
    let event = Event::Staff(StaffEvent::DelegationMade {
        delegation: row.id,
        role: row.role,
        starts_at,
        ends_at: row.ends_at,
    });
    let actor = Actor::Staff(staff.account);
    audit::record(tx, deps, actor, row.to_account_id, &event).await?;
    Ok((Outcome::Created, DelegationView::of(&row, true, now)))
}

/// Whether both of a delegation hold its role in one province. Whoever does not is answered as
/// somebody who does not exist.
fn fits(posts: &Posts, row: &Model) -> Result<(), Error> {
    let own = posts.of(row.from_account_id);
    if !DECIDERS.contains(&row.role) || !own.iter().any(|post| post.role == row.role) {
        return Err(Error::RoleNotHeld);
    }
    if row.to_account_id == row.from_account_id || !both_hold(posts, row) {
        return Err(Error::NoPeer);
    }
    Ok(())
}

fn both_hold(posts: &Posts, row: &Model) -> bool {
    let (from, to) = (posts.of(row.from_account_id), posts.of(row.to_account_id));
    rules::may_stand_in(row.role, from, to)
}

/// What both of each of `rows` may be now.
async fn posts(
    db: &impl ConnectionTrait,
    deps: &Deps,
    rows: impl IntoIterator<Item = &Model>,
) -> Result<Posts, Error> {
    let accounts: BTreeSet<_> = rows
        .into_iter()
        .flat_map(|row| [row.from_account_id, row.to_account_id])
        .collect();
    desks::posts_of(db, deps, accounts).await
}

/// Those in which `staff` is away or stands in, the latest first, after `after`.
pub(super) async fn list(
    deps: &Deps,
    staff: &Staff,
    after: Option<Since>,
    limit: u64,
) -> Result<Page<DelegationView>, Error> {
    let now = deps.clock.now();
    let rows = delegations::page(&deps.db, staff.account, after, limit + 1).await?;
    let posts = posts(&deps.db, deps, &rows).await?;
    let page = Page::cut(rows, limit, |last: &Model| since(last).to_string());
    Ok(page.map(|row| DelegationView::of(&row, both_hold(&posts, &row), now)))
}

/// End one in which `staff` is away or stands in, at once. Ending it twice does nothing.
pub(super) async fn end(deps: &Deps, staff: &Staff, id: DelegationId) -> Result<(), Error> {
    let tx = begin_write(&deps.db).await?;
    let row = delegations::find(&tx, id, staff.account).await?;
    let row = row.ok_or(Error::NotFound)?;
    if delegations::end(&tx, id, deps.clock.now()).await? {
        let event = Event::Staff(StaffEvent::DelegationEnded { delegation: id });
        let actor = Actor::Staff(staff.account);
        audit::record(&tx, deps, actor, row.to_account_id, &event).await?;
    }
    tx.commit().await?;
    Ok(())
}
