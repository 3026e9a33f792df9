//! Forgetting what people showed, where something that is shown changed and no colour did.

use std::time::Duration;

use futures_util::future::try_join_all;

use super::{showing::CodeCache, snapshot};
use crate::platform::{Ephemeral, ephemeral::Unavailable};

/// People that the short-lived store is told of in one command.
const AT_ONCE: usize = 1_000;

/// Commands under way at a time.
const UNDER_WAY: usize = 4;

/// How long nothing may be shared again: longer than anybody works a snapshot out.
const BARRED: Duration = Duration::from_secs(30);

/// Later than any version.
const LAST: u64 = u64::MAX;

impl CodeCache {
    /// Forget what people showed, in this process and in the store that instances share: their codes are
    /// worked out anew when they are asked for. `numbers` says who, once the change is committed: what
    /// was worked out before may be on its way, so nothing is shared of them for a while. Other processes
    /// remember theirs for as long as they may show a code without asking.
    pub async fn forget_everywhere(
        &self,
        store: &dyn Ephemeral,
        numbers: &[i64],
    ) -> Result<(), Unavailable> {
        for many in numbers.chunks(AT_ONCE * UNDER_WAY) {
            try_join_all(many.chunks(AT_ONCE).map(|some| bar(store, some))).await?;
        }
        for number in numbers {
            self.forget(*number);
        }
        Ok(())
    }
}

async fn bar(store: &dyn Ephemeral, numbers: &[i64]) -> Result<(), Unavailable> {
    let keys: Vec<String> = numbers.iter().copied().map(snapshot::key).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    store.outdate(&keys, LAST, BARRED).await
}
