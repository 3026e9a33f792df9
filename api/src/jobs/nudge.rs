//! Waking a sweep before its time.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::Notify;

use super::{Job, Sweep};

/// Wakes one sweep. Clones wake the same one.
#[derive(Debug, Clone, Default)]
pub struct Nudge(Arc<Notify>);

impl Nudge {
    /// Ask for a run as soon as possible. Asked while it runs, it runs once more afterwards; asked
    /// several times, once. Costs nothing worth counting.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    pub(super) async fn woken(&self) {
        self.0.notified().await;
    }
}

/// The nudges of this process's sweeps. Only a shortcut: other nodes do not hear it, and work that
/// nobody was nudged for is found at the next interval.
#[derive(Debug, Clone, Default)]
pub struct Nudges(Arc<BTreeMap<&'static str, Nudge>>);

impl Nudges {
    /// One nudge for each of `jobs`.
    #[must_use]
    pub fn of<C>(jobs: &[Job<C>]) -> Self {
        Self(Arc::new(
            jobs.iter()
                .map(|job| (job.name, Nudge::default()))
                .collect(),
        ))
    }

    /// Wake `S`, after the commit of what it should find. Does nothing in a process that does not run `S`.
    pub fn wake<S: Sweep>(&self) {
        if let Some(nudge) = self.0.get(S::NAME) {
            nudge.wake();
        }
    }

    /// The nudge of `S`, to hand to whom may not name `S`. In a process that does not run `S`, a nudge
    /// that wakes nobody.
    #[must_use]
    pub fn of_sweep<S: Sweep>(&self) -> Nudge {
        self.named(S::NAME)
    }

    /// The nudge of the sweep called `name`; of another one, a nudge that wakes nobody.
    pub(super) fn named(&self, name: &str) -> Nudge {
        self.0.get(name).cloned().unwrap_or_default()
    }
}
