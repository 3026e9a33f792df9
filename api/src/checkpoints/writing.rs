//! What posts see, written down together: whoever passes at the same moment shares a commit.

use std::{
    collections::{BTreeSet, VecDeque},
    fmt,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::FutureExt;
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

    /// Have `write` write until nothing waits. Where it panics, those that it had are told to come again,
    /// and it goes on with the next.
    async fn drain<F: Future<Output = ()>>(&self, write: impl Fn(Vec<Waiting>) -> F) {
        loop {
            let next = self.next();
            if next.is_empty() {
                return;
            }
            let written = AssertUnwindSafe(write(next)).catch_unwind().await;
            if written.is_err() {
                tracing::error!("writing down what gates saw panicked");
            }
        }
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
            let write = |some| write_all(Arc::clone(&deps), some);
            deps.gates.writing().drain(write).await;
        });
    }
    answered.await.unwrap_or(Err(Error::Full))
}

/// In one commit; where that fails, each in its own, so that nobody fails for a neighbour.
async fn write_all(deps: Arc<Deps>, together: Vec<Waiting>) {
    let entries: Vec<_> = together.iter().map(|it| (&*it.device, &it.entry)).collect();
    let written = commit(&deps, &entries).await;
    match written {
        Ok(taken) => {
            for (at, waiting) in together.into_iter().enumerate() {
                let is_taken = taken.contains(&at);
                let answer = if is_taken { Err(Error::Taken) } else { Ok(()) };
                // Whoever went away learns of it when they deliver it again.
                let _ = waiting.answer.send(answer);
            }
        }
        Err(_) if together.len() > 1 => {
            for waiting in together {
                let alone = commit_alone(&deps, &waiting.device, &waiting.entry).await;
                let _ = waiting.answer.send(alone);
            }
        }
        Err(error) => {
            if let Some(waiting) = together.into_iter().next() {
                let _ = waiting.answer.send(Err(error));
            }
        }
    }
}

/// Write `entry` of `device` down in a transaction of its own.
pub(super) async fn commit_alone(deps: &Deps, device: &Device, entry: &Entry) -> Result<(), Error> {
    let taken = commit(deps, &[(device, entry)]).await?;
    if taken.is_empty() {
        Ok(())
    } else {
        Err(Error::Taken)
    }
}

/// Write `entries` down in one transaction. Which of them are not on record, because something else has
/// their numbers.
async fn commit(deps: &Deps, entries: &[(&Device, &Entry)]) -> Result<BTreeSet<usize>, Error> {
    let tx = begin_write(&deps.db).await?;
    let written = recording::rows(&tx, deps, entries).await?;
    tx.commit().await?;
    Ok(written.taken)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::values::{CheckpointId, DeviceId, Division};
    use uuid::Uuid;

    use super::*;
    use crate::{
        checkpoints::{
            known::{Place, key_of},
            recording::Content,
        },
        platform::OsEntropy,
    };

    fn waiting() -> (Waiting, oneshot::Receiver<Result<(), Error>>) {
        let (key, _) = super::super::DeviceKey::create(&OsEntropy).unwrap();
        let key = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, key.public()).unwrap();
        let id = DeviceId(Uuid::nil());
        let device = Device {
            id,
            name: "1".into(),
            place: Place::Post(CheckpointId(Uuid::nil())),
            division: Division::try_from("310101".to_owned()).unwrap(),
            section: None,
            position: None,
            has_thermometer: true,
            enrolled_at: DateTime::UNIX_EPOCH,
            revoked_at: None,
            key: key_of(id, &key).unwrap(),
        };
        let entry = Entry {
            seq: 1,
            captured_at: DateTime::UNIX_EPOCH,
            plate: None,
            people: Vec::new(),
            offline: false,
            content: Content(String::new()),
        };
        let (answer, answered) = oneshot::channel();
        let device = Arc::new(device);
        let waiting = Waiting {
            device,
            entry,
            answer,
        };
        (waiting, answered)
    }

    #[tokio::test]
    async fn a_writer_that_panics_takes_neither_its_place_nor_what_waits_behind_with_it() {
        let writing = Writing::default();
        let panics = |some: Vec<Waiting>| async move {
            assert!(some.is_empty(), "a bug");
        };
        for _ in 0..=WRITERS {
            let (one, answered) = waiting();
            assert!(writing.enter(one).unwrap(), "somebody writes again");
            writing.drain(panics).await;
            assert!(answered.await.is_err(), "told to come again");
        }
        let (one, answered) = waiting();
        assert!(writing.enter(one).unwrap());
        let writes = |some: Vec<Waiting>| async move {
            for waiting in some {
                waiting.answer.send(Ok(())).unwrap();
            }
        };
        writing.drain(writes).await;
        assert!(answered.await.unwrap().is_ok());
        assert_eq!(writing.queue().writers, 0);
    }
}
