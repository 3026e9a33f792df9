//! Use case: prove that every permit is what its record says (T8), and tell what is not.
//!
//! Each permit whose days run is looked at from both sides: that what is enlisted has its record and the other
//! way round, that its place and its days are the record's, that what is published of it is how its record
//! stands, that its key is listed or out of its time, that what was signed of it last is what is on record, and
//! that this can be signed and read back. Nothing is mended: somebody has to see why it differs.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
    str::FromStr,
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    reconciliation, reconciliation_finding, status_index,
    values::{PermitFault, PermitKind, ReconciliationId, StatusIndex},
};
use sea_orm::{ActiveEnum, DbErr, Iterable};
use uuid::Uuid;

use super::{
    cose::Kid,
    permit::{self, Permit},
    publishing,
    records::{Expected, RecordsError, Status},
    status_list::StatusList,
    store::{places, reconciliations as store},
};
use crate::{
    deps::Deps,
    http::problem::{Fault, INTERNAL, Kind, UNAVAILABLE},
    platform::db::is_outage,
};

/// Permits that are looked at in one go.
const BATCH: u64 = 500;

/// How often every permit is looked at.
const EVERY: TimeDelta = TimeDelta::days(1);

/// How many comparisons are kept.
const KEPT: u64 = 60;

/// A comparison did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ReconciliationError {
    /// What is published cannot be read.
    #[error(transparent)]
    Published(#[from] publishing::Error),
    /// The feature whose permits these are could not tell.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The database failed.
    #[error("the store of permits failed")]
    Store(#[from] DbErr),
}

impl Fault for ReconciliationError {
    fn kind(&self) -> Kind {
        match self {
            Self::Published(error) => error.kind(),
            Self::Records(error) => error.kind(),
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Store(_) => INTERNAL,
        }
    }
}

/// Go on with the comparison that is under way, or begin one if the last is a day old. Returns how many
/// permits were looked at.
pub(super) async fn go_on(deps: &Deps) -> Result<u64, ReconciliationError> {
    let now = deps.clock.now();
    let newest = store::newest(&deps.db).await?;
    let run = match newest {
        Some(run) if run.finished_at.is_none() => run,
        Some(run) if now < run.started_at + EVERY => return Ok(0),
        _ => begin(deps, now).await?,
    };
    step(deps, run).await.map(|(looked, _)| looked)
}

/// Look at every permit now. Returns the comparison.
pub async fn reconcile(deps: &Deps) -> Result<reconciliation::Model, ReconciliationError> {
    let mut run = begin(deps, deps.clock.now()).await?;
    while run.finished_at.is_none() {
        (_, run) = step(deps, run).await?;
    }
    Ok(run)
}

/// The comparisons that are kept, the latest first.
pub async fn reconciliations(
    deps: &Deps,
) -> Result<Vec<reconciliation::Model>, ReconciliationError> {
    Ok(store::all(&deps.db).await?)
}

/// Where a page of findings begins: behind one of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingKey {
    /// The record.
    pub record: Uuid,
    /// What does not fit of it.
    pub fault: PermitFault,
}

impl fmt::Display for FindingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.record.simple(), self.fault.to_value())
    }
}

/// Not the key of a page of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the key of a page of findings")]
pub struct NoFindingKey;

impl FromStr for FindingKey {
    type Err = NoFindingKey;

    fn from_str(text: &str) -> Result<Self, NoFindingKey> {
        let (record, fault) = text.split_once('.').ok_or(NoFindingKey)?;
        let fault = PermitFault::iter().find(|it| it.to_value() == fault);
        Ok(Self {
            record: Uuid::try_parse(record).map_err(|_| NoFindingKey)?,
            fault: fault.ok_or(NoFindingKey)?,
        })
    }
}

/// Up to `limit` findings of the comparison `id`, by record, after `after`. None if there is no such
/// comparison.
pub async fn findings(
    deps: &Deps,
    id: ReconciliationId,
    after: Option<FindingKey>,
    limit: u64,
) -> Result<Option<Vec<reconciliation_finding::Model>>, ReconciliationError> {
    if store::find(&deps.db, id).await?.is_none() {
        return Ok(None);
    }
    let after = after.map(|key| (key.record, key.fault));
    Ok(Some(store::findings(&deps.db, id, after, limit).await?))
}

async fn begin(
    deps: &Deps,
    now: DateTime<Utc>,
) -> Result<reconciliation::Model, ReconciliationError> {
    let run = reconciliation::Model {
        id: ReconciliationId(deps.entropy.id()),
        started_at: now,
        finished_at: None,
        kind: PermitKind::ALL.first().copied(),
        after: None,
        permits: 0,
        findings: 0,
    };
    store::insert(&deps.db, &run).await?;
    store::forget(&deps.db, KEPT).await?;
    Ok(run)
}

/// Look at the next permits of `run`. Returns how many these were, and how far it is then.
async fn step(
    deps: &Deps,
    run: reconciliation::Model,
) -> Result<(u64, reconciliation::Model), ReconciliationError> {
    let now = deps.clock.now();
    let Some(kind) = run.kind else {
        return finish(deps, run, now).await;
    };
    let enlisted = places::running(&deps.db, kind, run.after, BATCH, now).await?;
    let expected = match deps.permits.of(kind) {
        Some(records) => records.expected(deps, run.after, BATCH, now).await?,
        None => Vec::new(),
    };
    // Behind the last of a full page nothing is known yet of the other side.
    let full = |length: usize| u64::try_from(length).is_ok_and(|length| length >= BATCH);
    let upto = [
        enlisted
            .last()
            .filter(|_| full(enlisted.len()))
            .map(|row| row.record),
        expected
            .last()
            .filter(|_| full(expected.len()))
            .map(record_of),
    ];
    let upto = upto.into_iter().flatten().min();
    let is_here = |record: Uuid| upto.is_none_or(|upto| record <= upto);
    let pairs = paired(
        enlisted.into_iter().filter(|row| is_here(row.record)),
        expected.into_iter().filter(|it| is_here(record_of(it))),
    );
    let mut found = Vec::new();
    let looked = pairs.len();
    let mut lists = Lists::default();
    for (record, pair) in pairs {
        for fault in faults(deps, kind, pair, &mut lists, now).await? {
            found.push((kind, record, fault));
        }
    }
    let next = reconciliation::Model {
        kind: match upto {
            Some(_) => Some(kind),
            None => PermitKind::ALL.into_iter().find(|other| *other > kind),
        },
        after: upto,
        permits: run.permits + i64::try_from(looked).unwrap_or_default(),
        findings: run.findings + i64::try_from(found.len()).unwrap_or_default(),
        ..run
    };
    store::advance(&deps.db, &run, &next, &found).await?;
    if next.kind.is_none() {
        return finish(deps, next, now).await;
    }
    Ok((u64::try_from(looked).unwrap_or_default(), next))
}

async fn finish(
    deps: &Deps,
    run: reconciliation::Model,
    now: DateTime<Utc>,
) -> Result<(u64, reconciliation::Model), ReconciliationError> {
    let done = reconciliation::Model {
        finished_at: Some(now),
        ..run
    };
    store::advance(&deps.db, &run, &done, &[]).await?;
    #[expect(clippy::cast_precision_loss, reason = "a gauge")]
    metrics::gauge!("permit_findings").set(done.findings as f64);
    if done.findings > 0 {
        tracing::error!(
            reconciliation = %done.id.0,
            findings = done.findings,
            "{} permits do not match their records", done.findings
        );
    }
    Ok((0, done))
}

fn record_of(expected: &Expected) -> Uuid {
    Uuid::from_bytes(expected.permit.id)
}

/// Both sides of one permit.
type Pair = (Option<status_index::Model>, Option<Expected>);

fn paired(
    enlisted: impl Iterator<Item = status_index::Model>,
    expected: impl Iterator<Item = Expected>,
) -> BTreeMap<Uuid, Pair> {
    let mut pairs: BTreeMap<Uuid, Pair> = BTreeMap::new();
    for row in enlisted {
        let record = row.record;
        pairs.entry(record).or_default().0 = Some(row);
    }
    for one in expected {
        let record = record_of(&one);
        pairs.entry(record).or_default().1 = Some(one);
    }
    pairs
}

/// What does not fit of one permit.
async fn faults(
    deps: &Deps,
    kind: PermitKind,
    pair: Pair,
    lists: &mut Lists,
    now: DateTime<Utc>,
) -> Result<Vec<PermitFault>, ReconciliationError> {
    let (row, expected) = match pair {
        (Some(row), Some(expected)) => (row, expected),
        (Some(_), None) => return Ok(vec![PermitFault::NoRecord]),
        (None, _) => return Ok(vec![PermitFault::NotEnlisted]),
    };
    let permit = &expected.permit;
    let mut faults = Vec::new();
    let same_days = permit.expires_at.timestamp() == row.valid_until.timestamp();
    if row.place != permit.status_index || permit.kind != kind || !same_days {
        faults.push(PermitFault::OtherPlace);
    }
    let published = lists.status(deps, kind, row.place).await?;
    if published != Some(expected.status) && !agree_now(deps, &row, lists, now).await? {
        faults.push(PermitFault::OtherStatus);
    }
    if let Some(kid) = row.kid.as_deref().and_then(Kid::new)
        && !is_believed(deps, kid)
    {
        faults.push(PermitFault::UnknownKey);
    }
    let digest = permit::digest(permit);
    if row.digest.as_deref().is_some_and(|signed| signed != digest) {
        faults.push(PermitFault::OtherContent);
    }
    if permit.not_before <= now && !reads_back(deps, permit, now) {
        faults.push(PermitFault::Unreadable);
    }
    Ok(faults)
}

/// Whether what is published of the permit of `row` is how its record stands, both looked at anew: something may
/// have changed since the list was put together.
async fn agree_now(
    deps: &Deps,
    row: &status_index::Model,
    lists: &mut Lists,
    now: DateTime<Utc>,
) -> Result<bool, ReconciliationError> {
    publishing::read_again(deps, row.kind).await;
    lists.0.remove(&row.place.list());
    let published = lists.status(deps, row.kind, row.place).await?;
    let Some(records) = deps.permits.of(row.kind) else {
        return Ok(false);
    };
    let standing = records.standing(deps, row.record, now).await?;
    Ok(published == standing.map(|standing| standing.status))
}

/// The lists that were looked into, by their numbers. None: there is no such list.
#[derive(Default)]
struct Lists(BTreeMap<u32, Option<StatusList>>);

impl Lists {
    /// What is published of the permit at `place`. None if nothing is.
    async fn status(
        &mut self,
        deps: &Deps,
        kind: PermitKind,
        place: StatusIndex,
    ) -> Result<Option<Status>, ReconciliationError> {
        let number = place.list();
        if let Entry::Vacant(vacant) = self.0.entry(number) {
            let list = match publishing::published(deps, kind, number).await {
                Ok(list) => Some(list),
                Err(publishing::Error::NoSuchList) => None,
                Err(error) => return Err(error.into()),
            };
            vacant.insert(list);
        }
        let list = self.0.get(&number).and_then(Option::as_ref);
        Ok(list.and_then(|list| list.statuses.get(place.place())))
    }
}

/// Whether the key `kid` is among those that are listed. One whose time is over signed nothing that is good.
fn is_believed(deps: &Deps, kid: Kid) -> bool {
    let listed = deps.keyring.verifiers();
    listed.iter().any(|key| *key.key.kid() == kid)
}

/// Whether `permit` can be signed and says the same when it is read.
fn reads_back(deps: &Deps, permit: &Permit, now: DateTime<Utc>) -> bool {
    let signers = deps.keyring.permit_signers(now);
    let Some(kid) = signers.first() else {
        return false;
    };
    let issuer = &deps.login.issuer;
    let text = deps.keyring.issue_permit(permit, issuer, *kid, now);
    let read = text
        .ok()
        .and_then(|text| deps.keyring.read_permit(&text, now).ok());
    read.is_some_and(|read| permit::digest(&read.permit) == permit::digest(permit))
}
