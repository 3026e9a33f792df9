//! Mobile numbers, none of them twice.

use std::{cell::Cell, sync::Arc};

use crate::load::{self, Requests};

/// Numbers in one turn: more than a server answers in that time.
const TURN: u64 = 150_000;

/// The lowest number.
const FIRST: u64 = 13_000_000_000;

/// Hands out numbers.
#[derive(Debug, Default)]
pub(crate) struct Phones {
    taken: Cell<u64>,
}

impl Phones {
    /// Requests to `path` with numbers for a turn.
    pub(crate) fn requests(&self, path: &str) -> Arc<Requests> {
        let first = FIRST + self.taken.replace(self.taken.get() + TURN);
        let requests = (first..first + TURN)
            .map(|phone| load::post(path, &format!(r#"{{"phone":"{phone}"}}"#)))
            .collect();
        Requests::once(requests)
    }
}
