//! Forgetting what people showed, where something that is shown changed and no colour did.

use futures_util::future::try_join_all;

use super::{showing::CodeCache, snapshot};
use crate::platform::{Ephemeral, ephemeral::Unavailable};

/// People that the short-lived store is told of in one command.
const AT_ONCE: usize = 1_000;

/// Commands under way at a time.
const UNDER_WAY: usize = 4;

impl CodeCache {
    /// Forget what the people with `numbers` showed, in this process and in the store that instances
    /// share: their codes are worked out anew when they are asked for. Other processes remember theirs
    /// for as long as they may show a code without asking.
    pub async fn forget_everywhere(
        &self,
        store: &dyn Ephemeral,
        numbers: &[i64],
    ) -> Result<(), Unavailable> {
        for many in numbers.chunks(AT_ONCE * UNDER_WAY) {
            try_join_all(many.chunks(AT_ONCE).map(|some| forget(store, some))).await?;
        }
        for number in numbers {
            self.forget(*number);
        }
        Ok(())
    }
}

async fn forget(store: &dyn Ephemeral, numbers: &[i64]) -> Result<(), Unavailable> {
    let keys: Vec<String> = numbers
        .iter()
        .map(|number| snapshot::key(*number))
        .collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    store.forget(&keys).await
}
