//! Which device calls, and what this process remembers of gates.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    checkpoint,
    device::Model,
    values::{CheckpointId, DeviceId, Division, PersonId, SectionCode, VenueId},
};
use uuid::Uuid;

use super::{bundles::Made, error::Error, store, travel::Position, writing::Writing};
use crate::{
    credentials::cose::{Kid, VerifyingKey},
    deps::Deps,
    identity,
    platform::cache::Cache,
};

/// How long a process goes by what it knows of a device: so soon a revoked one is refused everywhere.
const REMEMBERED: TimeDelta = TimeDelta::seconds(2);

/// How long it remembers who has a number. Nobody ever gets another one.
const NUMBERS: TimeDelta = TimeDelta::hours(1);

/// Where a device stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At the door of a venue.
    Venue(VenueId),
    /// At a post on the road.
    Post(CheckpointId),
}

impl Place {
    pub(super) const fn id(self) -> Uuid {
        match self {
            Self::Venue(VenueId(id)) | Self::Post(CheckpointId(id)) => id,
        }
    }
}

/// A device that brought its key.
#[derive(Debug, Clone)]
pub struct Device {
    /// Which.
    pub id: DeviceId,
    /// What its people call it.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// The county or district of that.
    pub division: Division,
    /// The section of road that it watches, where passes of vehicles are compared with that.
    pub section: Option<SectionCode>,
    /// Where that is, if somebody said.
    pub position: Option<Position>,
    /// Whether those who stand there can take a temperature.
    pub has_thermometer: bool,
    /// Since when it has its key.
    pub enrolled_at: DateTime<Utc>,
    /// Since when nobody believes it.
    pub revoked_at: Option<DateTime<Utc>>,
    pub(super) key: VerifyingKey,
}

impl Device {
    /// The device in `row`, of `post` if it stands at one. None before it brought its key.
    pub(super) fn of(row: Model, post: Option<checkpoint::Model>) -> Option<Self> {
        let place = match (row.venue_id, row.checkpoint_id) {
            (Some(venue), _) => Place::Venue(venue),
            (None, Some(post)) => Place::Post(post),
            (None, None) => return None,
        };
        let own = Position::stored(row.longitude_e6, row.latitude_e6);
        let of_post =
            |post: &checkpoint::Model| Position::stored(post.longitude_e6, post.latitude_e6);
        Some(Self {
            id: row.id,
            position: own.or_else(|| post.as_ref().and_then(of_post)),
            has_thermometer: row.thermometer,
            enrolled_at: row.enrolled_at.unwrap_or(row.created_at),
            key: key_of(row.id, &row.public_key?)?,
            name: row.name,
            place,
            division: row.division,
            section: post.and_then(|post| post.section),
            revoked_at: row.revoked_at,
        })
    }
}

/// The key of `device` in `bytes`.
pub(super) fn key_of(device: DeviceId, bytes: &[u8]) -> Option<VerifyingKey> {
    let kid = Kid::new(device.0.as_bytes().get(..Kid::MAX_BYTES)?)?;
    VerifyingKey::new(kid, bytes.try_into().ok()?).ok()
}

/// What this process remembers of gates, for seconds.
pub struct Gates {
    devices: Cache<DeviceId, Arc<Device>>,
    people: Cache<i64, PersonId>,
    bundle: Mutex<Option<Arc<Made>>>,
    writing: Writing,
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            devices: Cache::new(50_000),
            people: Cache::new(200_000),
            bundle: Mutex::default(),
            writing: Writing::default(),
        }
    }
}

impl fmt::Debug for Gates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gates").finish_non_exhaustive()
    }
}

impl Gates {
    /// Ask the database about `device` again.
    pub(super) fn forget(&self, device: DeviceId) {
        self.devices.remove(&device);
    }

    /// What posts see and nobody has written down yet.
    pub(super) fn writing(&self) -> &Writing {
        &self.writing
    }

    /// The last bundle that this process made.
    pub(super) fn bundle(&self) -> Option<Arc<Made>> {
        let bundle = self.bundle.lock().unwrap_or_else(PoisonError::into_inner);
        bundle.clone()
    }

    pub(super) fn keep_bundle(&self, made: Arc<Made>) {
        *self.bundle.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
    }
}

/// The device `id`, revoked ones included. None before it brought its key.
pub(super) async fn device(deps: &Deps, id: DeviceId) -> Result<Option<Arc<Device>>, Error> {
    let now = deps.clock.now();
    if let Some(known) = deps.gates.devices.get(&id, now) {
        return Ok(Some(known));
    }
    let Some(row) = store::device(&deps.db, id).await? else {
        return Ok(None);
    };
    let post = match row.checkpoint_id {
        Some(post) => store::checkpoint(&deps.db, post).await?,
        None => None,
    };
    let Some(device) = Device::of(row, post).map(Arc::new) else {
        return Ok(None);
    };
    let until = now + REMEMBERED;
    deps.gates.devices.insert(id, Arc::clone(&device), until);
    Ok(Some(device))
}

/// Who has the number in a handle.
pub(super) async fn person(deps: &Deps, number: i64) -> Result<Option<PersonId>, Error> {
    let now = deps.clock.now();
    if let Some(known) = deps.gates.people.get(&number, now) {
        return Ok(Some(known));
    }
    let person = identity::person_with_number(&deps.db, number).await?;
    if let Some(person) = person {
        deps.gates.people.insert(number, person, now + NUMBERS);
    }
    Ok(person)
}
