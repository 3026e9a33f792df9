//! Use cases of operators: what is dead, having it tried again, what waits, and forgetting what is old.

use chrono::TimeDelta;
use entity::{
    notification::Model,
    values::{NotificationId, NotificationState},
};
use metrics::gauge;
use sea_orm::DbErr;

use super::store::{told, tries};
use crate::{deps::Deps, platform::db::begin_write};

/// A statement that forgets more might not end in its time.
const FORGOTTEN_AT_ONCE: u64 = 500;

/// The outcome of something that an operator has tried again.
const RETRIED: &str = "retried";

/// Up to `most` notifications that were tried too often, oldest first.
pub async fn dead(deps: &Deps, most: u64) -> Result<Vec<Model>, DbErr> {
    told::dead(&deps.db, most).await
}

/// Have the dead notification `id` be tried again, as often as a new one. `false` if it is not dead.
pub async fn retry(deps: &Deps, id: NotificationId) -> Result<bool, DbErr> {
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    let retried = match told::find(&tx, id).await? {
        Some(row) if row.state == NotificationState::Dead => {
            tries::send_again(&tx, row.id, row.state, 0, RETRIED, now).await?
        }
        _ => false,
    };
    tx.commit().await?;
    deps.outbox.wake();
    Ok(retried)
}

/// Forget what was sent, withdrawn or tried too often, once it is old. Returns how many.
pub(super) async fn forget_old(deps: &Deps) -> Result<u64, DbErr> {
    let kept = TimeDelta::days(deps.notifications.kept_days.into());
    let before = deps.clock.now() - kept;
    told::remove_old(&deps.db, before, FORGOTTEN_AT_ONCE).await
}

/// Show how much waits, since when, and how much is dead.
pub(super) async fn measure(deps: &Deps) -> Result<(), DbErr> {
    let (db, now) = (&deps.db, deps.clock.now());
    let waiting = told::count(db, NotificationState::Waiting, now).await?;
    let dead = told::count(db, NotificationState::Dead, now).await?;
    let since = told::waiting_since(db).await?;
    let oldest = since.map_or(0, |since| (now - since).num_seconds().max(0));
    gauge!("notifications_waiting").set(number(waiting));
    gauge!("notifications_dead").set(number(dead));
    gauge!("notifications_oldest_waiting_seconds").set(number(oldest.unsigned_abs()));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a gauge needs no exact number")]
fn number(count: u64) -> f64 {
    count as f64
}
