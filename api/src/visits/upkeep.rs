//! Use cases: days are made before anybody comes, and go when their time is over.

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use entity::visit_deletion;
use metrics::gauge;

use super::{days::DayError, error::Error, rules, rules::tree::Tree, store, views::DeletionView};
use crate::{
    credentials::deletion::Deletion,
    deps::Deps,
    http::page::Page,
    platform::{clock::local_date, db::begin_write},
};

/// Days that are made ahead.
const AHEAD: u16 = 7;

/// Days back for which records may come in late.
const BEHIND: u16 = 3;

/// Fewer days ahead than this are a reason to wake somebody.
const TOO_FEW: u64 = 2;

/// A day goes so long after it may: nobody writes to it any more.
const GRACE: TimeDelta = TimeDelta::hours(1);

/// Visits read at a time.
const READ_AT_ONCE: u64 = 10_000;

/// Commits whose visits are counted at a time.
const COUNTED_AT_ONCE: u32 = 2_000;

/// Count visits that are not counted yet. Returns of how many commits they were, or none once few are
/// left: those of many commits at a time are counted at the price of one.
pub(super) async fn count_visits(deps: &Deps) -> Result<u64, Error> {
    let counted = store::count(&deps.db, COUNTED_AT_ONCE).await?;
    Ok(if counted < COUNTED_AT_ONCE.into() {
        0
    } else {
        counted
    })
}

/// Make the days that are to come. Returns how many are new.
pub(super) async fn make_days(deps: &Deps) -> Result<u64, Error> {
    let today = deps.clock.today();
    let first = today - TimeDelta::days(BEHIND.into());
    let mut made = 0;
    let mut failed = None;
    for day in first.iter_days().take(usize::from(BEHIND + 1 + AHEAD)) {
        match deps.visits.days().make(day).await {
            Ok(is_new) => made += u64::from(is_new),
            Err(DayError::Deleted(_)) => {}
            Err(error) => failed = Some(error),
        }
    }
    let ahead = store::days_ahead(&deps.db, today).await?;
    gauge!("visit_days_ahead").set(f64::from(u32::try_from(ahead).unwrap_or(u32::MAX)));
    if ahead < TOO_FEW {
        tracing::error!(ahead, "visits cannot be written down in {ahead} days");
    }
    failed.map_or(Ok(made), |error| Err(error.into()))
}

/// Delete the oldest day whose time is over. Returns how many went: none or one. A day that cannot go is in
/// the way of no other.
pub(super) async fn delete_day(deps: &Deps) -> Result<u64, Error> {
    let now = deps.clock.now();
    let oldest_kept = rules::oldest_kept(local_date(now - GRACE), deps.visiting.kept());
    let mut failed = None;
    for day in store::overdue(&deps.db, oldest_kept).await? {
        match delete(deps, day, now).await {
            Ok(true) => return Ok(1),
            Ok(false) => {}
            Err(error) => {
                let reason: &(dyn std::error::Error + 'static) = &error;
                tracing::error!(%day, error = reason, "the visits of {day} cannot be deleted");
                failed = Some(error);
            }
        }
    }
    failed.map_or(Ok(0), Err)
}

/// Delete `day`, and sign for it. Returns whether this call did. Of one that has its receipt goes what is
/// left.
async fn delete(deps: &Deps, day: NaiveDate, now: DateTime<Utc>) -> Result<bool, Error> {
    if store::is_deleted(&deps.db, day).await? {
        let tx = begin_write(&deps.db).await?;
        store::clear_day(&tx, day).await?;
        tx.commit().await?;
        deps.visits.days().forget(day);
        return Ok(true);
    }
    let receipt = receipt_of(deps, day, now).await?;
    let visits = receipt.visits;
    let tx = begin_write(&deps.db).await?;
    let deleted = store::delete_day(&tx, receipt).await?;
    tx.commit().await?;
    deps.visits.days().forget(day);
    if deleted {
        tracing::info!(%day, visits, "{visits} visits of {day} were deleted");
    }
    Ok(deleted)
}

/// The receipt of what there is of `day`.
async fn receipt_of(
    deps: &Deps,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<visit_deletion::Model, Error> {
    let mut tree = Tree::default();
    let (mut first_at, mut last_at, mut last) = (None, None, None);
    loop {
        let visits = store::after(&deps.db, day, last, READ_AT_ONCE).await?;
        let Some(end) = visits.last() else { break };
        last = Some((end.venue_id, end.subject, end.slot));
        for visit in &visits {
            tree.add(&store::leaf(visit));
            first_at = first_at.map_or(Some(visit.at), |first| Some(visit.at.min(first)));
            last_at = last_at.max(Some(visit.at));
        }
    }
    let deletion = Deletion {
        issuer: deps.login.issuer.clone(),
        what: "visit".into(),
        deleted_at: now.trunc_subsecs(0),
        day,
        rows: tree.leaves(),
        first_at,
        last_at,
        root: tree.root(),
    };
    Ok(visit_deletion::Model {
        day,
        visits: i64::try_from(deletion.rows).unwrap_or(i64::MAX),
        first_at,
        last_at,
        root: deletion.root.to_vec(),
        receipt: deps.keyring.issue_deletion(&deletion)?,
        deleted_at: now,
    })
}

/// A page of receipts, newest day first.
pub(super) async fn deletions(
    deps: &Deps,
    before: Option<NaiveDate>,
    limit: u64,
) -> Result<Page<DeletionView>, Error> {
    let mut found = store::deletions(&deps.db, before, limit + 1).await?;
    let more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    if more {
        found.pop();
    }
    let next = found.last().filter(|_| more);
    Ok(Page {
        next: next.map(|last| last.day.to_string()),
        items: found.into_iter().map(DeletionView::of).collect(),
    })
}
