//! Use cases: enlist a permit that was granted, and sign it.
//!
//! Signing demands a record: what was never enlisted is not signed, not even to show how it would look.
//! Each key signs so many permits at the most, so that dropping one that leaked costs no more than these.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::status_index::Model;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use uuid::Uuid;

use super::{
    cose::Kid,
    permit::{self, NotSigned, Permit, PermitKind, StatusIndex},
    store::{keys, places},
};
use crate::{
    audit::{self, Actor, Event, PassEvent},
    deps::Deps,
    http::problem::{Fault, INTERNAL, Kind, UNAVAILABLE},
    platform::{clock::local_date, db::is_outage},
};

/// Places that are tried in a list before the next part of it is opened: a list in which nine of ten
/// places are taken is passed over once in five times, and one in which half are, never.
const TRIES: usize = 16;

/// Lists that are tried: whoever finds the newest full opens the next.
const LISTS_TRIED: usize = 4;

/// A permit was not enlisted or not signed.
#[derive(Debug, thiserror::Error)]
pub enum PermitError {
    /// Nobody granted it, or it was granted for other days, or at another place.
    #[error("nothing that was granted is signed here")]
    NotEnlisted,
    /// It was enlisted before.
    #[error("the record is enlisted")]
    Enlisted,
    /// There is no list with room for it.
    #[error("no list has room")]
    NoRoom,
    /// It was not signed.
    #[error(transparent)]
    NotSigned(#[from] NotSigned),
    /// The database failed.
    #[error("the store of permits failed")]
    Store(#[from] DbErr),
}

/// For a feature that hears of colours, and may fail with its store alone.
impl From<PermitError> for DbErr {
    fn from(error: PermitError) -> Self {
        match error {
            PermitError::Store(error) => error,
            other => Self::Custom(other.to_string()),
        }
    }
}

impl Fault for PermitError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotSigned(NotSigned::NoKey) => UNAVAILABLE,
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::NotEnlisted
            | Self::Enlisted
            | Self::NoRoom
            | Self::NotSigned(_)
            | Self::Store(_) => INTERNAL,
        }
    }
}

/// Enlist `record`, which was granted in `tx` and is good until `valid_until`: from now on it may be signed,
/// and its place says how it stands. A record is enlisted once.
pub async fn enlist(
    tx: &DatabaseTransaction,
    deps: &Deps,
    kind: PermitKind,
    record: Uuid,
    valid_until: DateTime<Utc>,
) -> Result<StatusIndex, PermitError> {
    if places::find(tx, kind, record).await?.is_some() {
        return Err(PermitError::Enlisted);
    }
    let now = deps.clock.now();
    let mut row = Model {
        kind,
        record,
        place: StatusIndex::from_number(0),
        enlisted_at: now,
        valid_until,
        kid: None,
        signed_at: None,
        digest: None,
    };
    let month = month_of(now);
    let mut list = match places::newest_list(tx, kind, month).await? {
        Some(newest) => newest,
        None => open_list(tx, kind, month, 0, now).await?,
    };
    for _ in 0..LISTS_TRIED {
        let number = u32::try_from(list.number).map_err(|_| PermitError::NoRoom)?;
        for _ in 0..TRIES {
            let place = deps.entropy.below(StatusIndex::PLACES);
            row.place = StatusIndex::new(number, place).ok_or(PermitError::NoRoom)?;
            if places::insert(tx, &row).await? {
                return Ok(row.place);
            }
        }
        list = open_list(tx, kind, month, list.part + 1, now).await?;
    }
    Err(PermitError::NoRoom)
}

/// The part `part` of the list of `month`, which is opened unless somebody else just did.
pub(super) async fn open_list(
    db: &impl ConnectionTrait,
    kind: PermitKind,
    month: NaiveDate,
    part: i64,
    now: DateTime<Utc>,
) -> Result<entity::status_list::Model, PermitError> {
    for _ in 0..LISTS_TRIED {
        if let Some(list) = places::list(db, kind, month, part).await? {
            return Ok(list);
        }
        let list = entity::status_list::Model {
            number: places::last_number(db).await? + 1,
            kind,
            month,
            part,
            opened_at: now,
        };
        if u32::try_from(list.number).is_ok_and(|number| number < StatusIndex::LISTS)
            && places::insert_list(db, &list).await?
        {
            return Ok(list);
        }
    }
    Err(PermitError::NoRoom)
}

/// The first day of the local month of `at`.
pub(super) fn month_of(at: DateTime<Utc>) -> NaiveDate {
    let day = local_date(at);
    day.with_day(1).unwrap_or(day)
}

/// The `TX1:` text of `permit`, signed now.
///
/// Refused unless its record is enlisted, at its place and for its days. The first time that a key signs
/// it, and whenever it says something else than before, that is written to the audit log.
pub async fn sign_for(
    db: &impl ConnectionTrait,
    deps: &Deps,
    permit: &Permit,
) -> Result<String, PermitError> {
    let now = deps.clock.now();
    let row = places::find(db, permit.kind, Uuid::from_bytes(permit.id)).await?;
    let is_it = |row: &Model| {
        row.place == permit.status_index
            && permit.expires_at.timestamp() <= row.valid_until.timestamp()
    };
    let row = row.filter(is_it).ok_or(PermitError::NotEnlisted)?;
    let signers = deps.keyring.permit_signers(now);
    let digest = permit::digest(permit);
    let before = row.kid.as_deref().and_then(Kid::new);
    let before = before.filter(|kid| signers.contains(kid));
    let kid = match before {
        Some(kid) if row.digest.as_deref() == Some(&digest) => kid,
        Some(kid) => noted(db, deps, &row, kid, &digest, now).await?,
        None => {
            let kid = with_room(db, deps, &signers).await?;
            noted(db, deps, &row, kid, &digest, now).await?
        }
    };
    Ok(deps
        .keyring
        .issue_permit(permit, &deps.login.issuer, kid, now)?)
}

/// The first key that has room for another permit, which is counted.
async fn with_room(
    db: &impl ConnectionTrait,
    deps: &Deps,
    signers: &[Kid],
) -> Result<Kid, PermitError> {
    for kid in signers {
        if keys::count_permit(db, kid.as_bytes(), deps.permits.most_a_key()).await? {
            return Ok(*kid);
        }
    }
    Err(NotSigned::NoKey.into())
}

/// Write down that `kid` signs the permit of `row`. The log comes first: where no transaction holds both
/// together, it may say so once too often, and never too seldom.
async fn noted(
    db: &impl ConnectionTrait,
    deps: &Deps,
    row: &Model,
    kid: Kid,
    digest: &[u8],
    now: DateTime<Utc>,
) -> Result<Kid, PermitError> {
    let event = Event::Pass(PassEvent::PermitSigned {
        kind: row.kind,
        record: row.record,
        kid: kid.to_string(),
    });
    audit::record(db, deps, Actor::System, audit::Subject::Nobody, &event).await?;
    places::signed(db, row, kid.as_bytes(), digest, now).await?;
    Ok(kid)
}
