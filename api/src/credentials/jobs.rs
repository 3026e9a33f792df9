//! Sweeps.

use std::time::Duration;

use super::{publishing, reconciling, service};
use crate::{deps::Deps, jobs::Sweep};

/// Loads the keys that another process made, soon: until then a code signed with one is refused here.
#[derive(Debug)]
pub struct LoadKeys;

impl Sweep for LoadKeys {
    const NAME: &'static str = "credentials.load_keys";
    const EVERY: Duration = Duration::from_secs(5);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        service::load(deps).await?;
        Ok(0)
    }
}

/// Makes, loads and destroys keys, signs the key list where the root key is, forgets old lists, and opens
/// those of the permits of a new month.
#[derive(Debug)]
pub struct RotateKeys;

impl Sweep for RotateKeys {
    const NAME: &'static str = "credentials.rotate_keys";
    const EVERY: Duration = Duration::from_mins(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let changed = service::rotate(deps).await?;
        let signed = service::sign_list(deps).await?;
        service::forget_lists(deps).await?;
        publishing::open_lists(deps).await?;
        if changed > 0 {
            tracing::info!(keys = changed, "made or destroyed {changed} keys");
        }
        Ok(changed + u64::from(signed))
    }
}

/// Forgets permits whose days have been over for a month.
#[derive(Debug)]
pub struct ForgetPermits;

impl Sweep for ForgetPermits {
    const NAME: &'static str = "credentials.forget_permits";
    const EVERY: Duration = Duration::from_mins(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(publishing::forget(deps).await?)
    }
}

/// Compares every permit with its record, once a day.
#[derive(Debug)]
pub struct Reconcile;

impl Sweep for Reconcile {
    const NAME: &'static str = "credentials.reconcile";
    const EVERY: Duration = Duration::from_secs(20);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(reconciling::go_on(deps).await?)
    }
}
