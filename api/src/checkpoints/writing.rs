//! What posts see, written down together: whoever passes at the same moment shares a commit.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use super::{
    error::Error,
    known::Device,
    recording::{self, Entry},
};
use crate::{deps::Deps, platform::db::begin_write};

/// Calls of one commit.
const AT_ONCE: usize = 256;

/// Commits at a time.
const WRITERS: usize = 2;

/// Calls that wait; whoever comes then is told to come again.
const MOST: usize = 8_192;

/// Calls that nobody has written down yet.
#[derive(Default)]
pub(super) struct Writing(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    writers: usize,
}

struct Waiting {
    device: Arc<Device>,
    entry: Entry,
    answer: oneshot::Sender<Result<(), Error>>,
}

impl fmt::Debug for Writing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writing").finish_non_exhaustive()
    }
}

impl Writing {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Let `waiting` wait. Whether somebody has to begin to write.
    fn enter(&self, waiting: Waiting) -> Result<bool, Error> {
        let mut queue = self.queue();
        if queue.waiting.len() >= MOST {
            return Err(Error::Full);
        }
        queue.waiting.push_back(waiting);
        let begins = queue.writers < WRITERS;
        queue.writers += usize::from(begins);
        Ok(begins)
    }

    /// The next to write. A writer that gets none has ended.
    fn next(&self) -> Vec<Waiting> {
        let mut queue = self.queue();
        let count = queue.waiting.len().min(AT_ONCE);
        let next: Vec<_> = queue.waiting.drain(..count).collect();
        if next.is_empty() {
            queue.writers -= 1;
        }
        next
    }
}

/// Write `entry` of `device` down. Returns after the commit, which it shares with whoever else passes now.
pub(super) async fn write(
    deps: &Arc<Deps>,
    device: Arc<Device>,
    entry: Entry,
) -> Result<(), Error> {
    let (answer, answered) = oneshot::channel();
    let waiting = Waiting {
        device,
        entry,
        answer,
    };
    if deps.gates.writing().enter(waiting)? {
        // Whoever waits may go away; what others wait for is written all the same.
        let deps = Arc::clone(deps);
        tokio::spawn(async move {
            loop {
                let next = deps.gates.writing().next();
                if next.is_empty() {
                    return;
                }
                write_all(&deps, next).await;
            }
        });
    }
    answered.await.unwrap_or(Err(Error::Full))
}

/// In one commit; where that fails, each in its own, so that nobody fails for a neighbour.
async fn write_all(deps: &Deps, together: Vec<Waiting>) {
    let entries: Vec<_> = together.iter().map(|it| (&*it.device, &it.entry)).collect();
    let written = commit(deps, &entries).await;
    if together.len() > 1 && written.is_err() {
        for waiting in together {
            let alone = commit(deps, &[(&waiting.device, &waiting.entry)]).await;
            // Whoever went away learns of it when they deliver it again.
            let _ = waiting.answer.send(alone);
        }
        return;
    }
    let mut written = Some(written);
    for waiting in together {
        let _ = waiting.answer.send(written.take().unwrap_or(Ok(())));
    }
}

/// Write `entries` down in a transaction of their own.
pub(super) async fn commit(deps: &Deps, entries: &[(&Device, &Entry)]) -> Result<(), Error> {
    let tx = begin_write(&deps.db).await?;
    recording::rows(&tx, deps, entries).await?;
    Ok(tx.commit().await?)
}
