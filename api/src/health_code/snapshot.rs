//! What a person shows, worked out beforehand and shared between instances.

use std::time::Duration;

use bytes::Bytes;
use chrono::{
    DateTime, TimeDelta, Utc,
    serde::{ts_microseconds, ts_microseconds_option},
};
use entity::values::{Colour, Division, PersonId, ReasonCode};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

use super::{
    error::Error,
    loading::{self, Loaded},
    rules::{self, Reason},
};
use crate::{
    deps::Deps,
    facts::Shown,
    identity,
    platform::vault::{Place, Vault},
    policy::{self, Policy},
    regions::{Notice, Opening},
};

/// How long the short-lived store keeps a snapshot that nobody replaces.
const KEPT: Duration = Duration::from_hours(1);

/// What a person shows until `good_until`, unless something is recorded. Times are shared as numbers,
/// which are quicker to read than text: of microseconds, which hold every time there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Snapshot {
    /// Grows with each assessment.
    pub(super) version: i64,
    pub(super) colour: Colour,
    /// The name as bystanders may see it; absent until it is verified.
    pub(super) masked_name: Option<String>,
    /// The test to show beside the colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) latest_test: Option<Shown>,
    pub(super) reasons: Vec<SnapshotReason>,
    /// When it was decided.
    #[serde(with = "ts_microseconds")]
    pub(super) decided_at: DateTime<Utc>,
    /// When time alone makes it wrong.
    #[serde(with = "ts_microseconds_option")]
    pub(super) good_until: Option<DateTime<Utc>>,
    /// What is said where the region does not show colours. None where it does, and where nobody
    /// decided on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) not_open: Option<NotOpen>,
}

/// A region that does not show colours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NotOpen {
    /// The region that was decided on.
    pub(super) division: Division,
    /// When it opens, if that is to come.
    pub(super) opens_at: Option<DateTime<Utc>>,
    pub(super) notice: Option<Notice>,
    pub(super) contact: Option<String>,
}

impl NotOpen {
    fn of(opening: Opening, now: DateTime<Utc>) -> Self {
        Self {
            opens_at: Some(opening.opens_at).filter(|at| *at > now),
            division: opening.division,
            notice: opening.plan.notice,
            contact: opening.plan.contact,
        }
    }
}

/// One reason, as shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SnapshotReason {
    pub(super) code: ReasonCode,
    pub(super) rule: String,
    pub(super) rule_version: String,
    pub(super) source_region: String,
    #[serde(with = "ts_microseconds_option")]
    pub(super) since: Option<DateTime<Utc>>,
    #[serde(with = "ts_microseconds_option")]
    pub(super) until: Option<DateTime<Utc>>,
}

impl SnapshotReason {
    fn of(reason: Reason) -> Self {
        Self {
            code: reason.code,
            rule: reason.rule,
            rule_version: reason.rule_version,
            source_region: reason.source_region,
            since: reason.since,
            until: reason.until,
        }
    }
}

impl Snapshot {
    /// Whether it still says the truth at `now` if nothing was recorded.
    pub(super) fn holds_at(&self, now: DateTime<Utc>) -> bool {
        self.good_until.is_none_or(|until| now < until)
    }
}

/// Where the short-lived store keeps the snapshot of the person with `number`.
pub(super) fn key(number: i64) -> String {
    format!("code:{{{number:x}}}")
}

/// Where a snapshot is sealed for the person with `number`: what somebody else put there is not believed, and
/// whoever reads the short-lived store learns nobody's name or result (SECURITY §6).
const fn place(number: &[u8; 8]) -> Place<'_> {
    Place {
        column: "snapshot",
        owner: number,
    }
}

/// The snapshot in `stored` of the person with `number`, if it is ours, not older than it is ever kept, and
/// still says the truth.
pub(super) fn read(
    vault: &Vault,
    number: i64,
    stored: Option<&Bytes>,
    now: DateTime<Utc>,
) -> Option<Snapshot> {
    let document = vault.open(place(&number.to_be_bytes()), stored?).ok()?;
    let snapshot: Snapshot = serde_json::from_slice(&document).ok()?;
    let young = now - snapshot.decided_at <= TimeDelta::from_std(KEPT).ok()?;
    (young && snapshot.holds_at(now)).then_some(snapshot)
}

/// A snapshot as it is shared.
pub(super) struct Written {
    version: u64,
    document: Vec<u8>,
}

/// Write the `snapshot` of the person with `number`, to be shared.
pub(super) fn write(deps: &Deps, number: i64, snapshot: &Snapshot) -> Result<Written, Error> {
    let document = serde_json::to_vec(snapshot)?;
    let number = number.to_be_bytes();
    Ok(Written {
        version: snapshot.version.cast_unsigned(),
        document: deps.vault.seal(place(&number), &document, &*deps.entropy)?,
    })
}

/// Share what the person with `number` shows, unless something newer is shared already.
pub(super) async fn share(deps: &Deps, number: i64, written: &Written) -> anyhow::Result<()> {
    deps.ephemeral
        .put_newer(&key(number), written.version, &written.document, KEPT)
        .await?;
    Ok(())
}

/// Work out what `person` shows at `now`, from the database.
///
/// The version is read before the facts: facts that are newer than their version are replaced by the
/// assessment of them, and older ones under a new version would keep that assessment out.
pub(super) async fn work_out(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Snapshot, Error> {
    let loaded = loading::load(db, deps, person, None).await?;
    let version = loaded.assessment.as_ref().map_or(0, |last| last.version);
    let policy = policy::in_force(deps, now).await?;
    let masked_name = identity::masked_name_of(db, deps, person).await?;
    Ok(assemble(loaded, &policy, masked_name, version, now))
}

/// The snapshot of what was `loaded`, by `policy`.
pub(super) fn assemble(
    loaded: Loaded,
    policy: &Policy,
    masked_name: Option<String>,
    version: i64,
    now: DateTime<Utc>,
) -> Snapshot {
    let Loaded {
        facts,
        opening,
        latest_test,
        ..
    } = loaded;
    let verdict = rules::decide(&facts, policy, now);
    let reasons = verdict.reasons.into_iter().map(SnapshotReason::of);
    Snapshot {
        version,
        colour: verdict.colour,
        masked_name,
        latest_test,
        reasons: reasons.collect(),
        decided_at: now,
        good_until: verdict.next_change_at,
        not_open: opening
            .filter(|_| !facts.opened.is_open(now))
            .map(|opening| NotOpen::of(opening, now)),
    }
}

#[cfg(test)]
mod tests {
    use chrono::SubsecRound;

    use super::*;

    #[test]
    fn every_time_there_is_can_be_shared() {
        let now = "2026-03-02T04:00:00.123456Z".parse().unwrap();
        for far in [
            DateTime::<Utc>::MIN_UTC,
            "9999-12-31T00:00:00Z".parse().unwrap(),
            DateTime::<Utc>::MAX_UTC.trunc_subsecs(6),
        ] {
            let snapshot = Snapshot {
                version: 1,
                colour: Colour::Green,
                masked_name: None,
                latest_test: None,
                reasons: vec![SnapshotReason {
                    code: ReasonCode::Y01,
                    rule: "rule".into(),
                    rule_version: "1".into(),
                    source_region: "310000".into(),
                    since: Some(now),
                    until: Some(far),
                }],
                decided_at: now,
                good_until: Some(far),
                not_open: None,
            };
            let written = serde_json::to_vec(&snapshot).unwrap();
            let read: Snapshot = serde_json::from_slice(&written).unwrap();
            assert_eq!(read, snapshot);
        }
    }
}
