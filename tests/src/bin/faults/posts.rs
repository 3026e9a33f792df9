//! Devices at a post on the road that verify, and deliver what they kept, until each was told that it is
//! on record.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use api::{
    checkpoints::{
        DeviceKey,
        records::{Told, ToldPerson},
    },
    platform::{Clock, SystemClock},
};
use chrono::SecondsFormat;
use entity::{
    gate_record,
    values::{DeviceId, GateDecision, GateMeans, GateReason},
};
use integration_tests::{
    gates::{self, Stands, signed_post},
    load::Connection,
};
use sea_orm::{DatabaseConnection, EntityTrait, QuerySelect};
use serde_json::json;
use tokio::{sync::watch, task::JoinSet};

use crate::{field::Field, scanning::Audit};

/// Devices at the post.
const LANES: usize = 4;

/// Records in a delivery.
const KEPT: i64 = 25;

/// How long a device waits before it tries again, and between two passages.
const PAUSE: Duration = Duration::from_millis(20);

/// An ID card that nobody registered.
const STRANGER: &str = "11010519491231002X";

/// The post, and what its devices were told is on record.
pub(crate) struct Posts {
    lanes: Vec<(DeviceId, DeviceKey)>,
    stopped: AtomicBool,
    acknowledged: Mutex<BTreeSet<(DeviceId, i64)>>,
    server: watch::Sender<SocketAddr>,
}

impl Posts {
    /// Put the devices up.
    pub(crate) async fn open(field: &Field) -> Result<Arc<Self>> {
        let (db, now) = (field.world.database().await?, SystemClock.now());
        let post = gates::post(&db, None, now).await?;
        let mut lanes = Vec::with_capacity(LANES);
        for _ in 0..LANES {
            lanes.push(gates::enrol(&db, Stands::On(post), now).await?);
        }
        Ok(Arc::new(Self {
            lanes,
            stopped: AtomicBool::new(false),
            acknowledged: Mutex::default(),
            server: watch::Sender::new(field.service.address),
        }))
    }

    /// The service is somewhere else from now on.
    pub(crate) fn go_to(&self, server: SocketAddr) {
        self.server.send_replace(server);
    }

    /// Begin to verify and to deliver, in turn.
    pub(crate) fn begin(self: &Arc<Self>) -> JoinSet<()> {
        let mut devices = JoinSet::new();
        for at in 0..self.lanes.len() {
            devices.spawn(Arc::clone(self).work(at));
        }
        devices
    }

    /// Let nobody begin anything any more, and wait for those under way.
    pub(crate) async fn end(&self, mut devices: JoinSet<()>) -> Result<()> {
        self.stopped.store(true, Ordering::Relaxed);
        while let Some(ended) = devices.join_next().await {
            ended?;
        }
        Ok(())
    }

    async fn work(self: Arc<Self>, at: usize) {
        let Some((id, key)) = self.lanes.get(at) else {
            return;
        };
        let (mut connection, mut seq) = (None, 0);
        while !self.stopped.load(Ordering::Relaxed) {
            let verified = verification(seq + 1);
            let call = ("/v1/gate/verifications", verified.as_str());
            self.until_told(&mut connection, (*id, key), call, seq + 1..=seq + 1)
                .await;
            let kept = delivery(*id, key, seq + 2);
            let call = ("/v1/gate/records", kept.as_str());
            self.until_told(&mut connection, (*id, key), call, seq + 2..=seq + 1 + KEPT)
                .await;
            seq += 1 + KEPT;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The same call until it is acknowledged: whoever got no answer does not know either.
    async fn until_told(
        &self,
        connection: &mut Option<Connection>,
        (id, key): (DeviceId, &DeviceKey),
        (path, body): (&str, &str),
        numbers: std::ops::RangeInclusive<i64>,
    ) {
        while !self.stopped.load(Ordering::Relaxed) {
            if connection.is_none() {
                let server = *self.server.borrow();
                *connection = Connection::open(server).await.ok();
            }
            let signed = signed_post(key, id, path, body, SystemClock.now());
            let answer = match connection.as_mut() {
                Some(connection) => connection.ask(&signed, false).await.ok(),
                None => None,
            };
            match answer {
                Some(answer) if answer.status == 200 => {
                    let mut book = self.book();
                    book.extend(numbers.map(|seq| (id, seq)));
                    return;
                }
                Some(_) => {}
                None => *connection = None,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn book(&self) -> std::sync::MutexGuard<'_, BTreeSet<(DeviceId, i64)>> {
        self.acknowledged
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Compare what was acknowledged with what is there: one row of each number.
    pub(crate) async fn audit(&self, db: &DatabaseConnection) -> Result<Audit> {
        let rows: Vec<(DeviceId, i64)> = gate_record::Entity::find()
            .select_only()
            .column(gate_record::Column::DeviceId)
            .column(gate_record::Column::Seq)
            .into_tuple()
            .all(db)
            .await?;
        let mut kept: BTreeMap<(DeviceId, i64), usize> = BTreeMap::new();
        for row in &rows {
            *kept.entry(*row).or_default() += 1;
        }
        let book = self.book();
        println!("  {} records of gates are kept", rows.len());
        Ok(Audit {
            acknowledged: book.len(),
            lost: book.iter().filter(|row| !kept.contains_key(row)).count(),
            duplicated: kept.values().filter(|rows| **rows > 1).count(),
        })
    }
}

fn verification(seq: i64) -> String {
    let people = json!([{"id_card": {"number": STRANGER}, "temperature": 36.5}]);
    json!({"seq": seq, "captured_at": SystemClock.now(), "people": people}).to_string()
}

/// What a device kept without a network, from the number `first`.
fn delivery(device: DeviceId, key: &DeviceKey, first: i64) -> String {
    let captured_at = SystemClock
        .now()
        .to_rfc3339_opts(SecondsFormat::Millis, true);
    let records = (first..first + KEPT).map(|seq| {
        let stranger = ToldPerson {
            decision: GateDecision::LookAgain,
            document_number: Some(STRANGER.into()),
            means: GateMeans::IdCard,
            reason: GateReason::OnlineOnly,
            temperature_tenths: Some(365),
            text: None,
        };
        let record = key.record(Told {
            captured_at: captured_at.clone(),
            device,
            people: vec![stranger],
            plate: None,
            seq,
        });
        serde_json::to_string(&record).unwrap_or_default() + "\n"
    });
    records.collect()
}
