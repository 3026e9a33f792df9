//! Sweeps.

use std::time::Duration;

use super::service;
use crate::{deps::Deps, jobs::Sweep};

/// Forgets forms that Alipay takes no more.
#[derive(Debug)]
pub struct ForgetFormIds;

impl Sweep for ForgetFormIds {
    const NAME: &'static str = "subscriptions.forget_form_ids";
    const EVERY: Duration = Duration::from_hours(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(service::forget_expired(deps).await?)
    }
}
