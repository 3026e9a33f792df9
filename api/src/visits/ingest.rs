//! Writing visits down, together with whatever else arrives at the moment.
//!
//! Arrivals wait in a bounded queue. Two writers take turns: whoever is free takes all that waits, at
//! most [`MOST`], and commits it as one statement. While the other one commits, the next ones gather until
//! that is done, or for [`PATIENCE`]. So the busier it is, the more share a commit; where there is no crowd
//! nobody waits, and one slow commit does not hold up the next ones for long. An arrival is answered after
//! its commit. One that cannot be written fails alone: a batch that fails is halved until it is by itself.

use std::{
    collections::BTreeMap,
    fmt,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex as Lock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures_util::FutureExt;
use metrics::{counter, histogram};
use sea_orm::{DatabaseConnection, DbBackend, DbErr};
use tokio::{
    sync::{Mutex, Notify, mpsc, oneshot},
    task::JoinHandle,
};

use super::{
    days::{DayError, Days},
    error::Error,
    store::{self, Row},
};
use crate::platform::{
    Entropy, Vault,
    db::{begin_write, is_outage},
};

/// Arrivals that share a commit, at the most.
const MOST: usize = 256;

/// Commits under way at a time.
pub const WRITERS: u32 = 2;

/// How long arrivals gather at the most while a commit is under way.
const PATIENCE: Duration = Duration::from_millis(5);

/// The queue, and who works it off.
pub struct Ingest {
    queue: mpsc::Sender<Waiting>,
    writing: Arc<Writing>,
    writers: Lock<Vec<JoinHandle<()>>>,
}

/// An arrival that nobody has written down yet.
struct Waiting {
    row: Row,
    answer: oneshot::Sender<Answer>,
}

/// Since when the visitor is there.
type Answer = Result<DateTime<Utc>, Unwritten>;

/// Why an arrival was not written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unwritten {
    /// The database is away, or has too much to do: it may be written down later.
    Outage,
    /// It cannot be written down.
    Refused,
    /// What was written down of its day has been deleted.
    Past,
}

impl From<&DbErr> for Unwritten {
    fn from(error: &DbErr) -> Self {
        if is_outage(error) {
            Self::Outage
        } else {
            Self::Refused
        }
    }
}

/// What the writers share.
struct Writing {
    waiting: Mutex<mpsc::Receiver<Waiting>>,
    closing: Notify,
    /// Commits under way.
    committing: AtomicU32,
    committed: Notify,
    table: Table,
}

/// Where visits go.
struct Table {
    /// Connections that find rows by indexes.
    db: DatabaseConnection,
    days: Days,
    window: TimeDelta,
}

/// How long a queue may be, and what counts as one visit.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Arrivals that may wait.
    pub queue: usize,
    /// Whoever comes again within this time is there still.
    pub window: TimeDelta,
}

impl Ingest {
    /// Begin to write to `db`, whose connections find rows by indexes. Within a Tokio runtime.
    #[must_use]
    pub fn begin(
        db: DatabaseConnection,
        pace: Pace,
        vault: Arc<Vault>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let (queue, arrivals) = mpsc::channel(pace.queue.max(1));
        let writing = Arc::new(Writing {
            waiting: Mutex::new(arrivals),
            closing: Notify::new(),
            committing: AtomicU32::new(0),
            committed: Notify::new(),
            table: Table {
                days: Days::new(db.clone(), vault, entropy),
                window: pace.window,
                db,
            },
        });
        let writers = (0..WRITERS).map(|_| tokio::spawn(Arc::clone(&writing).work()));
        Self {
            queue,
            writers: Lock::new(writers.collect()),
            writing,
        }
    }

    /// Write `rows` down, and wait until they are committed. Returns of each since when the visitor is
    /// there. All of them find a place in the queue, or none is written.
    pub(super) async fn write(&self, rows: &[Row]) -> Result<Vec<DateTime<Utc>>, Error> {
        let places = self.queue.try_reserve_many(rows.len());
        let places = places.map_err(|_| Error::Full)?;
        let answers: Vec<oneshot::Receiver<Answer>> = places
            .zip(rows)
            .map(|(place, row)| {
                let (answer, answered) = oneshot::channel();
                place.send(Waiting { row: *row, answer });
                answered
            })
            .collect();
        let mut since = Vec::with_capacity(answers.len());
        for answer in answers {
            since.push(answer.await.unwrap_or(Err(Unwritten::Outage))?);
        }
        Ok(since)
    }

    /// The days that visits are written down on.
    pub(super) fn days(&self) -> &Days {
        &self.writing.table.days
    }

    /// What counts as one visit.
    pub(super) fn window(&self) -> TimeDelta {
        self.writing.table.window
    }

    /// Take nothing more, and wait until everything is written that waits.
    pub async fn drain(&self) {
        self.writing.closing.notify_one();
        let writers = {
            let mut writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *writers)
        };
        for writer in writers {
            // A writer that panicked has said so.
            let _ = writer.await;
        }
    }
}

impl Writing {
    async fn work(self: Arc<Self>) {
        let mut batch = Vec::with_capacity(MOST);
        while self.gather(&mut batch).await > 0 {
            let waiting = std::mem::replace(&mut batch, Vec::with_capacity(MOST));
            let written = AssertUnwindSafe(self.table.write(waiting)).catch_unwind();
            if written.await.is_err() {
                tracing::error!("writing visits down panicked");
            }
            self.committing.fetch_sub(1, Ordering::Relaxed);
            self.committed.notify_waiters();
        }
    }

    /// All that waits, as soon as something does. Nothing comes after the last.
    async fn gather(&self, batch: &mut Vec<Waiting>) -> usize {
        let mut waiting = self.waiting.lock().await;
        tokio::select! {
            biased;
            some = waiting.recv_many(batch, MOST) => if some > 0 {
                self.with_whoever_comes(&mut waiting, batch).await;
            },
            () = self.closing.notified() => {
                waiting.close();
                waiting.recv_many(batch, MOST).await;
            }
        }
        if !batch.is_empty() {
            self.committing.fetch_add(1, Ordering::Relaxed);
        }
        batch.len()
    }

    /// Let `batch` grow while the other writer commits.
    async fn with_whoever_comes(
        &self,
        waiting: &mut mpsc::Receiver<Waiting>,
        batch: &mut Vec<Waiting>,
    ) {
        let committed = self.committed.notified();
        let is_alone = self.committing.load(Ordering::Relaxed) == 0;
        if !is_alone && batch.len() + waiting.len() < MOST {
            let _ = tokio::time::timeout(PATIENCE, committed).await;
        }
        let room = MOST.saturating_sub(batch.len());
        let _ = waiting.recv_many(batch, room).now_or_never();
    }
}

impl Table {
    /// Write a batch, each day of it by itself, and answer everybody.
    async fn write(&self, batch: Vec<Waiting>) {
        histogram!("visit_batch_rows").record(u32::try_from(batch.len()).unwrap_or(u32::MAX));
        let mut days: BTreeMap<NaiveDate, Vec<Waiting>> = BTreeMap::new();
        for waiting in batch {
            days.entry(waiting.row.day).or_default().push(waiting);
        }
        for (day, waiting) in days {
            let rows: Vec<Row> = waiting.iter().map(|waiting| waiting.row).collect();
            let answers = match self.days.make(day).await {
                Ok(_) => one_by_one_at_worst(&Day { table: self, day }, &rows).await,
                Err(error) => nobody(&error, rows.len()),
            };
            for (waiting, answer) in waiting.into_iter().zip(answers) {
                // Whoever went away is not told.
                let _ = waiting.answer.send(answer);
            }
        }
    }
}

/// Commits rows together, all of them or none.
trait Commits: Sync {
    fn commit(
        &self,
        rows: &[Row],
    ) -> impl Future<Output = Result<Vec<DateTime<Utc>>, DbErr>> + Send;
}

/// The rows of one day.
struct Day<'a> {
    table: &'a Table,
    day: NaiveDate,
}

impl Commits for Day<'_> {
    async fn commit(&self, rows: &[Row]) -> Result<Vec<DateTime<Utc>>, DbErr> {
        let Table { db, window, .. } = self.table;
        if db.get_database_backend() == DbBackend::Postgres {
            return store::write_day(db, self.day, rows, *window).await;
        }
        let tx = begin_write(db).await?;
        let since = store::write_day(&tx, self.day, rows, *window).await?;
        tx.commit().await?;
        Ok(since)
    }
}

fn nobody(error: &DayError, rows: usize) -> Vec<Answer> {
    let why = match error {
        DayError::Store(error) => Unwritten::from(error),
        DayError::Sealed(_) => Unwritten::Refused,
        DayError::Deleted(_) => return vec![Err(Unwritten::Past); rows],
    };
    let error: &(dyn std::error::Error + 'static) = error;
    tracing::error!(rows, error, "a day for visits cannot be made");
    vec![Err(why); rows]
}

/// Commit `rows` together. Where that fails because of what they are, in halves, down to those that
/// cannot be written by themselves.
async fn one_by_one_at_worst(table: &impl Commits, rows: &[Row]) -> Vec<Answer> {
    let mut answers = Vec::with_capacity(rows.len());
    let mut parts = vec![rows];
    while let Some(part) = parts.pop() {
        match table.commit(part).await {
            Ok(since) => {
                counter!("visits_committed_total").increment(part.len() as u64);
                answers.extend(since.into_iter().map(Ok));
            }
            Err(error) if part.len() <= 1 || is_outage(&error) => {
                let why = Unwritten::from(&error);
                let error: &(dyn std::error::Error + 'static) = &error;
                tracing::error!(rows = part.len(), error, "visits were not written down");
                answers.extend(part.iter().map(|_| Err(why)));
            }
            Err(_) => {
                let (first, second) = part.split_at(part.len() / 2);
                parts.push(second);
                parts.push(first);
            }
        }
    }
    answers
}

impl fmt::Debug for Ingest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ingest")
            .field("room", &self.queue.capacity())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use entity::values::{Assurance, Colour, VenueId, VisitWay};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    /// A table that refuses those whom a nobody wrote down, or everybody.
    #[derive(Default)]
    struct Picky {
        is_away: bool,
        asked: AtomicUsize,
    }

    impl Commits for Picky {
        async fn commit(&self, rows: &[Row]) -> Result<Vec<DateTime<Utc>>, DbErr> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if self.is_away {
                return Err(DbErr::ConnectionAcquire(
                    sea_orm::error::ConnAcquireErr::Timeout,
                ));
            }
            if rows.iter().any(|row| row.noted_by.is_some()) {
                return Err(DbErr::Custom("this one".into()));
            }
            Ok(rows.iter().map(|row| row.at).collect())
        }
    }

    fn row(place: i64, is_bad: bool) -> Row {
        Row {
            day: NaiveDate::default(),
            venue: VenueId(Uuid::nil()),
            subject: Uuid::nil(),
            at: DateTime::UNIX_EPOCH + TimeDelta::seconds(place),
            colour: Colour::Green,
            assurance: Assurance::StaticOnly,
            way: VisitWay::Scan,
            noted_by: is_bad.then(Uuid::nil),
        }
    }

    proptest! {
        #[test]
        fn a_bad_arrival_fails_alone(bad in proptest::collection::vec(any::<bool>(), 1..300)) {
            let table = Picky::default();
            let rows: Vec<Row> = (0..).zip(&bad).map(|(at, bad)| row(at, *bad)).collect();
            let answers = one_by_one_at_worst(&table, &rows).now_or_never().unwrap();
            let expected: Vec<Answer> = rows
                .iter()
                .map(|row| row.noted_by.map_or(Ok(row.at), |_| Err(Unwritten::Refused)))
                .collect();
            prop_assert_eq!(answers, expected);
            prop_assert!(table.asked.into_inner() <= 2 * bad.len());
        }
    }

    #[test]
    fn an_outage_is_not_tried_again_and_again() {
        let table = Picky {
            is_away: true,
            ..Picky::default()
        };
        let rows: Vec<Row> = (0..256).map(|at| row(at, false)).collect();
        let answers = one_by_one_at_worst(&table, &rows).now_or_never().unwrap();
        assert_eq!(answers, vec![Err(Unwritten::Outage); 256]);
        assert_eq!(table.asked.into_inner(), 1);
    }
}
