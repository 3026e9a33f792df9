//! People who scan venue codes, keep what was acknowledged to them, and try again what was not.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use entity::values::{PersonId, VenueId};
use integration_tests::{
    load::{Connection, request},
    venues::COUNTED,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::json;
use tokio::{sync::watch, task::JoinSet};
use uuid::Uuid;

use crate::field::Field;

/// People who scan at the same time.
const CONNECTIONS: usize = 128;

/// How long whoever was not answered waits before trying again.
const AGAIN: Duration = Duration::from_millis(20);

/// Somebody at a venue. Nobody is at the same venue twice.
pub(crate) type Visit = (VenueId, PersonId);

/// What everybody scans, and what became of it.
pub(crate) struct Scanning {
    visits: Vec<Visit>,
    requests: Vec<Vec<u8>>,
    next: AtomicUsize,
    stopped: AtomicBool,
    acknowledged: Mutex<Vec<usize>>,
    slowest: Mutex<Duration>,
    server: watch::Sender<SocketAddr>,
}

impl Scanning {
    /// `count` scans, one after the other.
    pub(crate) fn of(field: &Field, count: usize) -> Result<Arc<Self>> {
        let (people, venues) = (field.people.len(), field.venues.len());
        ensure!(count <= people * venues, "so many visits there are not");
        let mut visits = Vec::with_capacity(count);
        let mut requests = Vec::with_capacity(count);
        for at in 0..count {
            let turn = at / people;
            let person = field.people.get(at % people).context("nobody")?;
            let bearer = field.bearers.get(at % people).context("nobody")?;
            let venue = field.venues.get((at + turn) % venues).context("nowhere")?;
            let body = json!({"code": venue.code}).to_string();
            visits.push((venue.id, *person));
            requests.push(request("POST", "/v1/visits", Some(bearer), "", Some(&body)));
        }
        Ok(Arc::new(Self {
            visits,
            requests,
            next: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            acknowledged: Mutex::default(),
            slowest: Mutex::default(),
            server: watch::Sender::new(field.service.address),
        }))
    }

    /// The service is somewhere else from now on.
    pub(crate) fn go_to(&self, server: SocketAddr) {
        self.server.send_replace(server);
    }

    /// Begin to scan.
    pub(crate) fn begin(self: &Arc<Self>) -> JoinSet<()> {
        let mut people = JoinSet::new();
        for _ in 0..CONNECTIONS {
            people.spawn(Arc::clone(self).scan());
        }
        people
    }

    /// Let nobody begin anything any more, and wait for those under way.
    pub(crate) async fn end(&self, mut people: JoinSet<()>) -> Result<()> {
        self.stopped.store(true, Ordering::Relaxed);
        while let Some(ended) = people.join_next().await {
            ended?;
        }
        Ok(())
    }

    /// How many visits were acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.book().len()
    }

    /// The longest that somebody waited for any answer.
    pub(crate) fn slowest(&self) -> Duration {
        *self.slowest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Vec<usize>> {
        self.acknowledged
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn scan(self: Arc<Self>) {
        let mut connection = None;
        while !self.stopped.load(Ordering::Relaxed) {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(bytes) = self.requests.get(at) else {
                return;
            };
            // The same visit until it is acknowledged: whoever got no answer does not know either.
            while !self.stopped.load(Ordering::Relaxed) {
                if self.ask(&mut connection, bytes).await == Some(200) {
                    self.book().push(at);
                    break;
                }
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    async fn ask(&self, connection: &mut Option<Connection>, bytes: &[u8]) -> Option<u16> {
        if connection.is_none() {
            let server = *self.server.borrow();
            *connection = Connection::open(server).await.ok();
        }
        let began = Instant::now();
        let answer = connection.as_mut()?.ask(bytes, false).await;
        let took = began.elapsed();
        if answer.is_err() {
            *connection = None;
        } else {
            let mut slowest = self.slowest.lock().unwrap_or_else(PoisonError::into_inner);
            *slowest = took.max(*slowest);
        }
        answer.ok().map(|answer| answer.status)
    }

    /// Compare what was acknowledged with what is there.
    pub(crate) async fn audit(&self, db: &DatabaseConnection) -> Result<Audit> {
        let kept = kept(db).await?;
        let acknowledged = self.book().clone();
        let visits = acknowledged.iter().filter_map(|at| self.visits.get(*at));
        let lost = visits.filter(|visit| !kept.contains_key(visit)).count();
        let duplicated = kept.values().filter(|rows| **rows > 1).count();
        let rows: i64 = kept.values().sum();
        let counted = number(db, COUNTED).await?;
        println!("  {rows} visits are kept, and the hours of all venues count {counted}");
        ensure!(
            rows == counted,
            "the hours count something else than is kept"
        );
        Ok(Audit {
            acknowledged: acknowledged.len(),
            lost,
            duplicated,
        })
    }
}

/// What was acknowledged, and what of it is wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Audit {
    /// What was acknowledged.
    pub(crate) acknowledged: usize,
    /// What of that is not there.
    pub(crate) lost: usize,
    /// What is there more than once.
    pub(crate) duplicated: usize,
}

impl Audit {
    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            acknowledged: self.acknowledged + other.acknowledged,
            lost: self.lost + other.lost,
            duplicated: self.duplicated + other.duplicated,
        }
    }

    /// The last line.
    pub(crate) fn conclude(self) -> Result<()> {
        let Self {
            acknowledged,
            lost,
            duplicated,
        } = self;
        println!("acked={acknowledged} lost={lost} duplicated={duplicated}");
        ensure!(lost == 0, "something acknowledged is lost");
        ensure!(duplicated == 0, "something is there twice");
        Ok(())
    }
}

async fn kept(db: &DatabaseConnection) -> Result<HashMap<Visit, i64>> {
    let query = "SELECT venue_id, subject, COUNT(*) FROM visit GROUP BY 1, 2";
    let query = Statement::from_string(db.get_database_backend(), query);
    let rows = db.query_all_raw(query).await?;
    rows.iter()
        .map(|row| {
            let venue: Uuid = row.try_get_by_index(0)?;
            let person: Uuid = row.try_get_by_index(1)?;
            Ok(((VenueId(venue), PersonId(person)), row.try_get_by_index(2)?))
        })
        .collect()
}

async fn number(db: &DatabaseConnection, query: &str) -> Result<i64> {
    let query = Statement::from_string(db.get_database_backend(), query);
    let row = db.query_one_raw(query).await?.context("no row")?;
    Ok(row.try_get_by_index(0)?)
}
