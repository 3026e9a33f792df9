//! Sweeps.

use std::time::Duration;

use super::noting;
use crate::{deps::Deps, jobs::Sweep};

/// Notes communities for which nobody had signed in when it was time.
#[derive(Debug)]
pub struct NoteGaps;

impl Sweep for NoteGaps {
    const NAME: &'static str = "communities.note_gaps";
    const EVERY: Duration = Duration::from_mins(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(noting::note(deps).await?)
    }
}
