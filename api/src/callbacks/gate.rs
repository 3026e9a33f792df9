//! How much of us a platform may have at once, and for how long.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, time::timeout};

use super::error::Error;

/// Calls that one worker takes in at a time. Both platforms deliver again whatever is turned away.
const AT_ONCE: usize = 32;

/// WeChat gives up after five seconds, and what is done later is done for nobody.
const ANSWER_WITHIN: Duration = Duration::from_secs(4);

/// Lets a bounded number of calls through, for a bounded time.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    places: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
            patience: ANSWER_WITHIN,
        }
    }
}

impl Gate {
    /// Do `work`, unless there is too much of it. What is not done in time is given up, and its
    /// transaction with it.
    pub(super) async fn pass<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let _place = self.places.try_acquire().map_err(|_| Error::Busy)?;
        timeout(self.patience, work)
            .await
            .unwrap_or(Err(Error::TooSlow))
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures_util::future::join;

    use super::*;

    fn gate(places: usize, patience: Duration) -> Gate {
        Gate {
            places: Arc::new(Semaphore::new(places)),
            patience,
        }
    }

    #[tokio::test]
    async fn whoever_finds_no_place_is_turned_away_and_places_become_free() {
        let gate = gate(1, Duration::ZERO);
        let (first, second) = join(
            gate.pass(pending::<Result<(), _>>()),
            gate.pass(ready(Ok(()))),
        )
        .await;
        assert!(matches!(first, Err(Error::TooSlow)), "given up");
        assert!(matches!(second, Err(Error::Busy)), "turned away");
        gate.pass(ready(Ok(()))).await.unwrap();
    }
}
