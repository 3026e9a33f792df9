//! Use cases: sign in for today, and see who did.

use std::str::FromStr;

use entity::{
    duty_sign_in::Model,
    values::{Community, Role, StaffId},
};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{
    error::Error,
    rules::{Span, deadline},
    store,
    views::{DutyView, RosterEntryView, RosterView},
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::Page,
    },
    staff::{self, Staff},
};

/// Sign `staff` in for `community` for today. The first time of a day stands; signing in again finds
/// it.
///
/// An issuer signs in for the community that they are named for, or for one in the division that they
/// are. Another community looks like none.
pub(super) async fn sign_in(
    deps: &Deps,
    staff: &Staff,
    key: &IdempotencyKey,
    community: Community,
) -> Result<Answer, Error> {
    let caller = staff.account.0.as_bytes();
    let effect = async |tx: &DatabaseTransaction| be_there(tx, deps, staff, &community).await;
    idempotency::once(deps, caller, "sign_in_for_duty", key, &community, effect).await
}

async fn be_there(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    code: &Community,
) -> Result<(Outcome, DutyView), Error> {
    let area = code.clone().into();
    if !staff.scope.covers_area(Role::CommunityIssuer, &area) {
        return Err(Error::NotFound);
    }
    let community = store::directory::find(tx, code).await?;
    if community.ok_or(Error::NotFound)?.closed_at.is_some() {
        return Err(Error::Closed);
    }
    let row = Model {
        community: code.clone(),
        day: deps.clock.today(),
        account_id: staff.account,
        at: deps.clock.now(),
    };
    if store::duty::insert(tx, row.clone()).await? {
        let event = Event::DutySignedIn {
            community: code.clone(),
            day: row.day,
        };
        let actor = Actor::Staff(staff.account);
        audit::record(tx, deps, actor, staff.account, &event).await?;
        return Ok((Outcome::Created, DutyView::from(row)));
    }
    let standing = store::duty::find(tx, code, row.day, staff.account).await?;
    Ok((Outcome::Found, standing.ok_or(Error::NotFound)?.into()))
}

/// Where a page of the roster begins: after this issuer of this community.
#[derive(Debug, Clone)]
pub(super) struct Place(Community, StaffId);

impl Place {
    fn after(row: &Model) -> String {
        format!("{}_{}", row.community.code(), row.account_id)
    }
}

impl FromStr for Place {
    type Err = Unreadable;

    fn from_str(key: &str) -> Result<Self, Unreadable> {
        let (community, account) = key.split_once('_').ok_or(Unreadable)?;
        let community = Community::try_from(community.to_owned()).map_err(|_| Unreadable)?;
        let account = Uuid::from_str(account).map_err(|_| Unreadable)?;
        Ok(Self(community, StaffId(account)))
    }
}

/// Not where a page begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unreadable;

/// Who signed in today for communities of the caller's areas, by community, after `after`.
pub(super) async fn roster(
    deps: &Deps,
    staff: &Staff,
    after: Option<Place>,
    limit: u64,
) -> Result<RosterView, Error> {
    let (day, now) = (deps.clock.today(), deps.clock.now());
    let spans = own_spans(staff);
    let after = after.map(|Place(community, account)| (community, account));
    let rows = store::duty::roster(&deps.db, day, &spans, after.as_ref(), limit + 1).await?;
    let page = Page::cut(rows, limit, Place::after);
    let accounts = page.items.iter().map(|row| row.account_id).collect();
    let names = staff::masked_names(&deps.db, deps, accounts).await?;
    let until = deadline(day, deps.communities.sign_in_by);
    let entry = |row: Model| RosterEntryView {
        name: names.get(&row.account_id).cloned().unwrap_or_default(),
        in_time: row.at <= until,
        community: row.community,
        account_id: row.account_id,
        at: row.at,
    };
    Ok(RosterView {
        day,
        as_of: now,
        issuers: page.map(entry),
    })
}

/// The codes of the areas in which the caller is anything that lets them call the route.
fn own_spans(staff: &Staff) -> Vec<Span> {
    let roles = staff.scope.roles();
    let areas = roles.into_iter().flat_map(|role| staff.scope.areas(role));
    let mut spans: Vec<Span> = areas.map(Span::of).collect();
    spans.sort_unstable();
    spans.dedup();
    spans
}
