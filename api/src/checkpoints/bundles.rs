//! Use case: give a device what it goes by for a day without a network (C3).

use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use metrics::gauge;

use super::{error::Error, rules::FEVER_TENTHS, store, ways::Ways};
use crate::{
    credentials::{
        bundle::{Contents, GatePolicy, LIFE, MAX_BYTES, Withdrawn},
        personal_code::Skew,
    },
    deps::Deps,
    vehicle_passes,
};

/// How long a process gives the same bundle out: what is taken back is known everywhere in minutes.
const AGAIN: TimeDelta = TimeDelta::minutes(1);

/// How often a bundle is another one though nothing in it changed: its day begins anew.
const RENEWED: TimeDelta = TimeDelta::hours(1);

/// A bundle, ready to be given out.
#[derive(Debug)]
pub(super) struct Made {
    /// Grows.
    pub(super) version: i64,
    /// Tells whoever has it that nothing changed.
    pub(super) tag: String,
    /// The bundle.
    pub(super) bytes: Bytes,
    since: DateTime<Utc>,
}

/// The bundle that there is.
pub(super) async fn current(deps: &Deps) -> Result<Arc<Made>, Error> {
    let now = deps.clock.now();
    let known = deps.gates.bundle();
    if let Some(known) = known.filter(|known| now < known.since + AGAIN && known.since <= now) {
        return Ok(known);
    }
    let made = Arc::new(make(deps, now).await?);
    deps.gates.keep_bundle(Arc::clone(&made));
    Ok(made)
}

async fn make(deps: &Deps, now: DateTime<Utc>) -> Result<Made, Error> {
    let mut withdrawn = Vec::new();
    for records in deps.permits.iter() {
        let not_valid = records.not_valid(&deps.db, deps, now).await?;
        withdrawn.extend(not_valid.into_iter().map(|(place, _)| place));
    }
    let ways = Ways::new(vehicle_passes::carried(&deps.db, now).await?);
    let issued_at = DateTime::from_timestamp_secs(now.timestamp()).unwrap_or(now);
    let version = issued_at.timestamp();
    let mut contents = Contents {
        version: version.unsigned_abs(),
        issued_at,
        expires_at: issued_at + LIFE,
        withdrawn: Withdrawn::new(withdrawn),
        policy: GatePolicy {
            fever_tenths: FEVER_TENTHS,
            skew_seconds: u16::try_from(Skew::Offline.tolerance().num_seconds()).unwrap_or(30),
        },
        ways: ways.packed(),
        without_thermometer: store::without_thermometer(&deps.db).await?,
    };
    let mut bytes = deps.keyring.issue_bundle(&contents, now)?;
    gauge!("gate_bundle_bytes").set(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    if bytes.len() > MAX_BYTES {
        // What gates refuse as too long would leave them with nothing. Without ways they look at vehicles again.
        tracing::error!(
            bytes = bytes.len(),
            "the bundle is too long for gates: it goes out without the ways of vehicles"
        );
        contents.ways = Ways::new(Vec::new()).packed();
        bytes = deps.keyring.issue_bundle(&contents, now)?;
    }
    Ok(Made {
        version,
        tag: tag(deps, &contents, now),
        bytes: bytes.into(),
        since: now,
    })
}

/// The same for bundles of one hour that say the same.
fn tag(deps: &Deps, contents: &Contents, now: DateTime<Utc>) -> String {
    let mut context = Context::new(&SHA256);
    let hour = now.duration_trunc(RENEWED).unwrap_or(now).timestamp();
    context.update(&hour.to_be_bytes());
    context.update(deps.keyring.signed_list().as_deref().unwrap_or_default());
    for place in contents.withdrawn.numbers() {
        context.update(&place.to_be_bytes());
    }
    context.update(&contents.ways);
    for device in &contents.without_thermometer {
        context.update(device.0.as_bytes());
    }
    let hash = context.finish();
    hex::encode(hash.as_ref().get(..12).unwrap_or_default())
}
