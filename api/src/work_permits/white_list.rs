//! Use cases: keep the white list (W1).

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    organisation,
    values::{EnterpriseKind, OrganisationId, SocialCreditCode},
    work_enterprise::Model,
};
use sea_orm::ConnectionTrait;

use super::{error::Error, store::enterprises, views::EnterpriseRequest};
use crate::{
    audit::{self, Actor, Event, Subject, WorkEvent},
    deps::Deps,
    http::page::Page,
    platform::db::begin_write,
    regions::{self, Standing},
    staff::Staff,
};

/// How long an entry may be good.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// Put an enterprise on the list of a district of `staff`'s, or change its entry there.
pub(super) async fn put(
    deps: &Deps,
    staff: &Staff,
    code: SocialCreditCode,
    request: EnterpriseRequest,
) -> Result<Model, Error> {
    if !staff.scope.covers(&request.division) {
        return Err(Error::NotFound);
    }
    if regions::standing(&request.division) != Standing::Current
        || !regions::children(Some(&request.division)).is_empty()
    {
        return Err(Error::NoSuchPlace);
    }
    let days = request.listed_until - request.listed_from;
    if days <= TimeDelta::zero() || days > LONGEST {
        return Err(Error::ListedDays);
    }
    let tx = begin_write(&deps.db).await?;
    let known = enterprises::lock(&tx, &code).await?;
    if known.is_some_and(|known| !staff.scope.covers(&known.division)) {
        return Err(Error::NotFound);
    }
    let row = Model {
        credit_code: code,
        short_name: request.short_name,
        division: request.division,
        kind: request.kind,
        principal: principal(request.kind, request.principal)?,
        listed_from: request.listed_from,
        listed_until: request.listed_until,
        changed_by: staff.account,
        changed_at: deps.clock.now(),
    };
    check_principal(&tx, &row).await?;
    keep(&tx, deps, staff, row.clone()).await?;
    tx.commit().await?;
    Ok(row)
}

fn principal(
    kind: EnterpriseKind,
    principal: Option<SocialCreditCode>,
) -> Result<Option<SocialCreditCode>, Error> {
    if (kind == EnterpriseKind::Contractor) == principal.is_some() {
        Ok(principal)
    } else {
        Err(Error::Principal)
    }
}

/// A contractor works for somebody of the list who is none.
async fn check_principal(db: &impl ConnectionTrait, row: &Model) -> Result<(), Error> {
    let Some(principal) = &row.principal else {
        return Ok(());
    };
    let known = enterprises::find(db, principal).await?;
    let own = known.filter(|known| known.kind != EnterpriseKind::Contractor);
    own.map(|_| ()).ok_or(Error::Principal)
}

async fn keep(
    tx: &sea_orm::DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    row: Model,
) -> Result<(), Error> {
    let event = Event::Work(WorkEvent::EnterpriseListed {
        credit_code: row.credit_code.clone(),
        until: row.listed_until,
    });
    enterprises::put(tx, row).await?;
    let actor = Actor::Staff(staff.account);
    Ok(audit::record(tx, deps, actor, Subject::Nobody, &event).await?)
}

/// Take an enterprise off the list, from now on. Its permits count no more until it is on it again.
pub(super) async fn take_off(
    deps: &Deps,
    staff: &Staff,
    code: SocialCreditCode,
) -> Result<Model, Error> {
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    let known = enterprises::lock(&tx, &code).await?;
    let known = known.filter(|known| staff.scope.covers(&known.division));
    let known = known.ok_or(Error::NotFound)?;
    let row = Model {
        listed_until: known.listed_until.min(now),
        listed_from: known.listed_from.min(now),
        changed_by: staff.account,
        changed_at: now,
        ..known
    };
    keep(&tx, deps, staff, row.clone()).await?;
    tx.commit().await?;
    Ok(row)
}

/// The entries of `staff`'s regions.
pub(super) async fn list(
    deps: &Deps,
    staff: &Staff,
    after: Option<SocialCreditCode>,
    limit: u64,
) -> Result<Page<Model>, Error> {
    let regions = staff.scope.regions();
    let rows = enterprises::within(&deps.db, &regions, after, limit + 1).await?;
    Ok(Page::cut(rows, limit, |last| {
        last.credit_code.as_str().to_owned()
    }))
}

/// The unit `organisation` and its entry, if it may ask for the return of workers at `now`. A contractor
/// may while its principal may.
pub(super) async fn listed(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    now: DateTime<Utc>,
) -> Result<(organisation::Model, Model), Error> {
    let unit = enterprises::unit(db, organisation).await?;
    let unit = unit.ok_or(Error::NotFound)?;
    let entry = entry_in_force(db, &unit.credit_code, now).await?;
    Ok((unit, entry.ok_or(Error::OffTheList)?))
}

/// The entry of `code`, if it counts at `now`.
pub(super) async fn entry_in_force(
    db: &impl ConnectionTrait,
    code: &SocialCreditCode,
    now: DateTime<Utc>,
) -> Result<Option<Model>, Error> {
    let in_force = |row: &Model| (row.listed_from..row.listed_until).contains(&now);
    let entry = enterprises::find(db, code).await?.filter(in_force);
    if let Some(principal) = entry.as_ref().and_then(|entry| entry.principal.as_ref()) {
        let principal = enterprises::find(db, principal).await?;
        return Ok(entry.filter(|_| principal.as_ref().is_some_and(in_force)));
    }
    Ok(entry)
}
