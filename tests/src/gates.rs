//! Posts and devices at gates that are there before the test begins.

use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Result;
use api::{
    checkpoints::{
        DeviceKey,
        records::{Signed, Told, ToldPerson},
        signature::Call,
        travel::Position,
    },
    platform::{Clock, Entropy, OsEntropy, entropy},
};
use chrono::{DateTime, SecondsFormat, Utc};
use entity::{
    checkpoint, device,
    values::{CheckpointId, DeviceId, Division, StaffId, VenueId},
};
use reqwest::{Method, RequestBuilder};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, DatabaseConnection, EntityTrait, IntoActiveModel,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{
    Backend, ManualClock,
    call::{Caller, Reply},
    load,
};

/// Where a device stands.
#[derive(Debug, Clone, Copy)]
pub enum Stands {
    /// At the door of a venue.
    At(VenueId),
    /// At a post.
    On(CheckpointId),
}

/// A device that is enrolled.
#[derive(Debug)]
pub struct GateDevice {
    /// Which.
    pub id: DeviceId,
    /// Its key.
    pub key: DeviceKey,
    clock: ManualClock,
    caller: Caller,
    last: AtomicI64,
}

impl Backend {
    /// A post in Huangpu.
    pub async fn checkpoint(&self) -> CheckpointId {
        self.checkpoint_on(None).await
    }

    /// A post in Huangpu that watches the section `section`.
    pub async fn checkpoint_on(&self, section: Option<&str>) -> CheckpointId {
        let now = self.deps.clock.now();
        let posted = post(&self.deps.db, section, now).await;
        posted.expect("a post")
    }

    /// A post in Huangpu at these degrees to the east and to the north.
    pub async fn checkpoint_at(&self, longitude: f64, latitude: f64) -> CheckpointId {
        let id = self.checkpoint().await;
        let place = Position::at(longitude, latitude).expect("a place on earth");
        let placed = checkpoint::ActiveModel {
            id: Set(id),
            longitude_e6: Set(Some(place.longitude_e6)),
            latitude_e6: Set(Some(place.latitude_e6)),
            ..Default::default()
        };
        placed.update(&self.deps.db).await.expect("a post");
        id
    }

    /// A device that stands there, where no temperature can be taken.
    pub async fn device_without_thermometer(&self, stands: Stands) -> GateDevice {
        let device = self.device(stands).await;
        let without = device::ActiveModel {
            id: Set(device.id),
            thermometer: Set(false),
            ..Default::default()
        };
        without.update(&self.deps.db).await.expect("a device");
        device
    }

    /// A device that stands there, and brought its key.
    pub async fn device(&self, stands: Stands) -> GateDevice {
        let now = self.deps.clock.now();
        let enrolled = enrol(&self.deps.db, stands, now).await;
        let (id, key) = enrolled.expect("a device");
        self.device_with(id, key)
    }

    /// The device `id`, which has `key`.
    #[must_use]
    pub fn device_with(&self, id: DeviceId, key: DeviceKey) -> GateDevice {
        GateDevice {
            id,
            key,
            clock: self.clock.clone(),
            caller: self.anyone().clone(),
            last: AtomicI64::new(0),
        }
    }
}

impl GateDevice {
    /// The next number of its own.
    pub fn seq(&self) -> i64 {
        self.last.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A call of it with `body`, signed now.
    pub fn signed(&self, method: Method, path: &str, body: Vec<u8>) -> RequestBuilder {
        let nonce = OsEntropy.id().simple().to_string();
        let created = self.clock.now().timestamp();
        self.signed_with(method, path, body, created, &nonce)
    }

    /// A call of it with `body`, signed at `created` with `nonce`.
    pub fn signed_with(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        created: i64,
        nonce: &str,
    ) -> RequestBuilder {
        let (plain, query) = path.split_once('?').unwrap_or((path, ""));
        let call = Call {
            method: method.as_str(),
            path: plain,
            query,
            body: &body,
        };
        let headers = self.key.headers(self.id, call, created, nonce);
        let request = self.caller.request(method, path);
        let request = headers.into_iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        if body.is_empty() {
            request
        } else {
            request
                .header("content-type", "application/json")
                .body(body)
        }
    }

    /// The head of a POST with `length` bytes whose digest is that of `body`, signed at `created`, and
    /// nothing of the body yet.
    pub async fn begins(&self, path: &str, body: &[u8], length: usize, created: i64) -> TcpStream {
        let call = Call {
            method: "POST",
            path,
            query: "",
            body,
        };
        let nonce = OsEntropy.id().simple().to_string();
        let headers = self.key.headers(self.id, call, created, &nonce);
        let url = self.caller.url("");
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        let mut head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nExpect: 100-continue\r\n"
        );
        for (name, value) in headers {
            head.extend([name, ": ", &value, "\r\n"]);
        }
        head += "\r\n";
        let mut stream = TcpStream::connect(address).await.expect("a server");
        stream.write_all(head.as_bytes()).await.expect("a head");
        assert_eq!(status(&mut stream).await, 100);
        stream
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Reply {
        Reply::to(self.signed(Method::GET, path, Vec::new())).await
    }

    /// POST.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        Reply::to(self.signed(Method::POST, path, body.to_string().into_bytes())).await
    }

    /// Have it verify `people`.
    pub async fn verify(&self, people: Value) -> Reply {
        let body = json!({
            "seq": self.seq(),
            "captured_at": self.clock.now(),
            "people": people,
        });
        self.post("/v1/gate/verifications", &body).await
    }

    /// Have it verify `people` in the vehicle with `plate`.
    pub async fn verify_vehicle(&self, plate: Option<&str>, people: Value) -> Reply {
        let body = json!({
            "seq": self.seq(),
            "captured_at": self.clock.now(),
            "plate": plate,
            "people": people,
        });
        self.post("/v1/gate/verifications", &body).await
    }

    /// A record of `people`, as it keeps it now.
    pub fn keeps(&self, people: Vec<ToldPerson>) -> Signed {
        let now = self.clock.now();
        self.key.record(Told {
            captured_at: now.to_rfc3339_opts(SecondsFormat::Millis, true),
            device: self.id,
            people,
            plate: None,
            seq: self.seq(),
        })
    }

    /// Have it deliver `records`, a line each.
    pub async fn deliver(&self, records: &[Signed]) -> Reply {
        let lines = records
            .iter()
            .map(|record| serde_json::to_string(record).expect("JSON") + "\n");
        let body: String = lines.collect();
        Reply::to(self.signed(Method::POST, "/v1/gate/records", body.into_bytes())).await
    }
}

/// A post in Huangpu that watches `section`, if any, since `now`.
pub async fn post(
    db: &DatabaseConnection,
    section: Option<&str>,
    now: DateTime<Utc>,
) -> Result<CheckpointId> {
    let row = checkpoint::Model {
        id: CheckpointId(OsEntropy.id()),
        name: "花桥道口".into(),
        division: huangpu(),
        road_section: "G2 入城方向".into(),
        section: section.map(str::parse).transpose()?,
        longitude_e6: None,
        latitude_e6: None,
        created_by: StaffId(OsEntropy.id()),
        created_at: now,
    };
    let id = row.id;
    checkpoint::Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await?;
    Ok(id)
}

/// A device that `stands` there since `now`, and its key.
pub async fn enrol(
    db: &DatabaseConnection,
    stands: Stands,
    now: DateTime<Utc>,
) -> Result<(DeviceId, DeviceKey)> {
    let (key, _) = DeviceKey::create(&OsEntropy)?;
    let row = device::Model {
        id: DeviceId(OsEntropy.id()),
        name: "闸机 1".into(),
        venue_id: match stands {
            Stands::At(venue) => Some(venue),
            Stands::On(_) => None,
        },
        checkpoint_id: match stands {
            Stands::At(_) => None,
            Stands::On(post) => Some(post),
        },
        division: huangpu(),
        longitude_e6: None,
        latitude_e6: None,
        thermometer: true,
        public_key: Some(BASE64_STANDARD.decode(key.public())?),
        enrolment: entropy::bytes::<32>(&OsEntropy).to_vec(),
        enrolment_until: now,
        created_by: StaffId(OsEntropy.id()),
        created_at: now,
        enrolled_at: Some(now),
        seen_at: None,
        bundle_version: None,
        waiting: None,
        revoked_at: None,
        delivered_in: None,
        delivered: 0,
    };
    let id = row.id;
    device::Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await?;
    Ok((id, key))
}

/// A POST of `body` to `path` by the device `id`, signed at `now`, in bytes.
#[must_use]
pub fn signed_post(
    key: &DeviceKey,
    id: DeviceId,
    path: &str,
    body: &str,
    now: DateTime<Utc>,
) -> Vec<u8> {
    let call = Call {
        method: "POST",
        path,
        query: "",
        body: body.as_bytes(),
    };
    let nonce = OsEntropy.id().simple().to_string();
    let headers = key.headers(id, call, now.timestamp(), &nonce);
    let lines = headers.iter().fold(String::new(), |lines, (name, value)| {
        lines + name + ": " + value + "\r\n"
    });
    load::request("POST", path, None, &lines, Some(body))
}

/// The status of the next answer in `stream`, of which no more than the head is read.
pub async fn status(stream: &mut TcpStream) -> u16 {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    let status = head.get(9..12).and_then(|it| std::str::from_utf8(it).ok());
    status.and_then(|it| it.parse().ok()).expect("a status")
}

fn huangpu() -> Division {
    Division::try_from("310101".to_owned()).expect("a code")
}
