//! Forgetting what people showed, where something that is shown changed and no colour did.

use std::time::Duration;

use futures_util::future::try_join_all;

use super::{showing::CodeCache, snapshot};
use crate::platform::{Ephemeral, ephemeral::Unavailable};

/// People that the short-lived store is told of in one command.
const AT_ONCE: usize = 1_000;

/// Commands under way at a time.
const UNDER_WAY: usize = 4;

/// How long nothing may be shared again that is not newer: longer than anybody works a snapshot out.
const BARRED: Duration = Duration::from_secs(30);

impl CodeCache {
    /// Forget what people showed, in this process and in the store that instances share: their codes are
    /// worked out anew when they are asked for. `numbers` says who, once the change is committed, and
    /// `version` which assessments may have missed it: whatever is of that version or older may have been
    /// worked out before, and is not shared for a while. Other processes remember theirs for as long as
    /// they may show a code without asking.
    pub async fn forget_everywhere(
        &self,
        store: &dyn Ephemeral,
        numbers: &[i64],
        version: i64,
    ) -> Result<(), Unavailable> {
        for many in numbers.chunks(AT_ONCE * UNDER_WAY) {
            let some = many.chunks(AT_ONCE);
            try_join_all(some.map(|some| bar(store, some, version))).await?;
        }
        for number in numbers {
            self.forget(*number);
        }
        Ok(())
    }
}

async fn bar(store: &dyn Ephemeral, numbers: &[i64], version: i64) -> Result<(), Unavailable> {
    let keys: Vec<String> = numbers.iter().copied().map(snapshot::key).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    store.outdate(&keys, version.cast_unsigned(), BARRED).await
}
