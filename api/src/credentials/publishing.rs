//! Use case: publish what became of permits, by list.
//!
//! What a list says follows from the records at the moment that it is put together: no column holds it, so
//! nothing has to be written when somebody's colour turns, and nothing is forgotten. A process puts the same
//! list together once a minute at the most, whoever asks for it how often.

use std::{collections::BTreeMap, fmt, sync::Arc};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use chrono::{DateTime, DurationRound, Months, NaiveDate, TimeDelta, Utc};
use entity::{
    status_list,
    values::{PermitKind, StatusIndex},
};
use sea_orm::DbErr;
use tokio::sync::Mutex;

use super::{
    enlisting::{PermitError, month_of, open_list},
    keyring::NoKey,
    records::{RecordsError, Status},
    status_list::{StatusList, Statuses},
    store::places,
};
use crate::{
    deps::Deps,
    http::problem::{Fault, INTERNAL, Kind, NOT_FOUND, UNAVAILABLE},
    platform::{clock::midnight, db::is_outage},
};

/// How long a process believes what it knows of the permits of a kind.
const AGAIN: TimeDelta = TimeDelta::minutes(1);

/// How often a list is another one though nothing in it changed: its day begins anew.
const RENEWED: TimeDelta = TimeDelta::hours(1);

/// How long before a month its list is opened, so that nobody waits for that who grants something.
const AHEAD: TimeDelta = TimeDelta::days(7);

/// Months after its own in which a list is published: a permit may begin some weeks after it was granted, and
/// lives for 31 days.
const PUBLISHED: Months = Months::new(4);

/// Rows that are forgotten in one go.
const BATCH: u64 = 10_000;

/// How long a permit whose days are over is remembered.
const KEPT: TimeDelta = TimeDelta::days(31);

/// A list was not published.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such list, or of another kind.
    #[error("no such list")]
    NoSuchList,
    /// Nobody signs lists now.
    #[error(transparent)]
    NoKey(#[from] NoKey),
    /// The feature whose permits these are could not tell.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The list was not put together to its end.
    #[error("putting the list together was broken off")]
    Broken,
    /// The database failed.
    #[error("the store of permits failed")]
    Store(#[from] DbErr),
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NoSuchList => NOT_FOUND,
            Self::NoKey(_) => UNAVAILABLE,
            Self::Records(error) => error.kind(),
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Broken | Self::Store(_) => INTERNAL,
        }
    }
}

/// A list, ready to be given out.
pub(super) struct Made {
    /// Tells whoever has it that nothing changed.
    pub(super) tag: String,
    /// The list.
    pub(super) bytes: Bytes,
}

/// What this process knows of the permits of one kind.
struct Known {
    since: DateTime<Utc>,
    not_valid: Arc<BTreeMap<u32, Vec<(StatusIndex, Status)>>>,
    made: BTreeMap<u32, Arc<Made>>,
}

/// What this process published, for a minute.
#[derive(Default)]
pub struct Published {
    cards: Mutex<Option<Known>>,
    vehicles: Mutex<Option<Known>>,
    work: Mutex<Option<Known>>,
}

impl fmt::Debug for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Published").finish_non_exhaustive()
    }
}

impl Published {
    fn of(&self, kind: PermitKind) -> &Mutex<Option<Known>> {
        match kind {
            PermitKind::PassCard => &self.cards,
            PermitKind::Vehicle => &self.vehicles,
            PermitKind::Work => &self.work,
        }
    }
}

/// The list `number` of permits of `kind`.
pub(super) async fn list(deps: &Deps, kind: PermitKind, number: u32) -> Result<Arc<Made>, Error> {
    let now = deps.clock.now();
    // Whoever comes meanwhile waits, and takes what was found.
    let mut known = deps.published.of(kind).lock().await;
    if let Some(made) = fresh(known.as_ref(), now).and_then(|known| known.made.get(&number)) {
        return Ok(Arc::clone(made));
    }
    let list = places::list_of_number(&deps.db, number).await?;
    let list = list.filter(|list| list.kind == kind && is_published(list, now));
    list.ok_or(Error::NoSuchList)?;
    if fresh(known.as_ref(), now).is_none() {
        *known = Some(read(deps, kind, now).await?);
    }
    let known = known.as_mut().ok_or(Error::Broken)?;
    let made = make(deps, kind, number, Arc::clone(&known.not_valid), now).await?;
    let made = Arc::new(made);
    known.made.insert(number, Arc::clone(&made));
    Ok(made)
}

fn fresh(known: Option<&Known>, now: DateTime<Utc>) -> Option<&Known> {
    known.filter(|known| known.since <= now && now < known.since + AGAIN)
}

async fn read(deps: &Deps, kind: PermitKind, now: DateTime<Utc>) -> Result<Known, Error> {
    let mut by_list: BTreeMap<u32, Vec<(StatusIndex, Status)>> = BTreeMap::new();
    if let Some(records) = deps.permits.of(kind) {
        let mut not_valid = records.not_valid(&deps.db, deps, now).await?;
        not_valid.sort_unstable();
        for (place, status) in not_valid {
            by_list
                .entry(place.list())
                .or_default()
                .push((place, status));
        }
    }
    Ok(Known {
        since: now,
        not_valid: Arc::new(by_list),
        made: BTreeMap::new(),
    })
}

async fn make(
    deps: &Deps,
    kind: PermitKind,
    number: u32,
    not_valid: Arc<BTreeMap<u32, Vec<(StatusIndex, Status)>>>,
    now: DateTime<Utc>,
) -> Result<Made, Error> {
    let compressed = tokio::task::spawn_blocking(move || {
        let of_list = not_valid.get(&number).map(Vec::as_slice);
        compressed(of_list.unwrap_or_default())
    });
    let compressed = compressed.await.map_err(|_| Error::Broken)?;
    let address = address(deps, kind, number);
    let (signer, bytes) = deps.keyring.issue_status_list(&address, &compressed, now)?;
    let mut context = Context::new(&SHA256);
    let hour = now.duration_trunc(RENEWED).unwrap_or(now).timestamp();
    context.update(&hour.to_be_bytes());
    context.update(signer.as_bytes());
    context.update(&compressed);
    let hash = context.finish();
    Ok(Made {
        tag: hex::encode(hash.as_ref().get(..12).unwrap_or_default()),
        bytes: bytes.into(),
    })
}

/// The places of a list in which everything is good but `not_valid`.
#[must_use]
pub fn compressed(not_valid: &[(StatusIndex, Status)]) -> Vec<u8> {
    let mut statuses = Statuses::new(StatusIndex::PLACES);
    for (place, status) in not_valid {
        statuses.set(place.place(), *status);
    }
    statuses.compressed()
}

/// Where the list `number` of `kind` is fetched, which is its name.
fn address(deps: &Deps, kind: PermitKind, number: u32) -> String {
    let lists = &deps.status_lists;
    format!("{lists}/{}/{number}", kind.name())
}

/// Where every list is that is published now, the oldest first.
pub(super) async fn addresses(deps: &Deps) -> Result<Vec<String>, Error> {
    let now = deps.clock.now();
    let lists = places::lists(&deps.db).await?;
    let lists = lists.iter().filter(|list| is_published(list, now));
    Ok(lists
        .filter_map(|list| {
            let number = u32::try_from(list.number).ok()?;
            Some(address(deps, list.kind, number))
        })
        .collect())
}

fn is_published(list: &status_list::Model, now: DateTime<Utc>) -> bool {
    let end = list.month.checked_add_months(PUBLISHED);
    end.is_none_or(|end| now < midnight(end))
}

/// What the list `number` of `kind` says that is published now, as anybody reads it.
pub(super) async fn published(
    deps: &Deps,
    kind: PermitKind,
    number: u32,
) -> Result<StatusList, Error> {
    let made = list(deps, kind, number).await?;
    let now = deps.clock.now();
    let list = deps.keyring.read_status_list(&made.bytes, now);
    list.map_err(|_| Error::Broken)
}

/// Put the lists of `kind` together anew when somebody asks.
pub(super) async fn read_again(deps: &Deps, kind: PermitKind) {
    *deps.published.of(kind).lock().await = None;
}

/// Open the lists of this month and, in its last days, of the next.
pub(super) async fn open_lists(deps: &Deps) -> Result<(), PermitError> {
    let now = deps.clock.now();
    let mut months: Vec<NaiveDate> = [now, now + AHEAD].map(month_of).to_vec();
    months.dedup();
    for month in months {
        for kind in PermitKind::ALL {
            open_list(&deps.db, kind, month, 0, now).await?;
        }
    }
    Ok(())
}

/// Forget permits whose days have been over for a month, and lists that nobody publishes any more. Returns how
/// many.
pub(super) async fn forget(deps: &Deps) -> Result<u64, DbErr> {
    let now = deps.clock.now();
    let forgotten = places::forget(&deps.db, now - KEPT, BATCH).await?;
    for list in places::lists(&deps.db).await? {
        if !is_published(&list, now) {
            places::close_list(&deps.db, &list).await?;
        }
    }
    Ok(forgotten)
}
