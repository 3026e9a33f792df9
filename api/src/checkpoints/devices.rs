//! Use cases: set posts and devices up, have a device bring its key, hear of it, and revoke it.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use entity::{
    checkpoint, device,
    values::{CheckpointId, DeviceId, Division, VenueId},
};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{
    bundles,
    device_key::enrolment_of,
    error::Error,
    known::{self, Device, Place},
    store,
    views::{
        CheckpointRequest, CheckpointView, DeviceRequest, DeviceView, EnrolledDeviceView,
        EnrolmentRequest, ExpectedDeviceView, HeartbeatRequest, HeartbeatView, PositionView,
    },
};
use crate::{
    audit::{self, Actor, DoorEvent, Event, Subject},
    deps::Deps,
    http::{
        client::ClientAddress,
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::Page,
    },
    platform::{
        db::begin_write,
        ephemeral::{Admission, Quota},
    },
    regions,
    staff::Staff,
    venues,
};

/// How long a one-time code enrols.
const CODE_LIFE: TimeDelta = TimeDelta::minutes(10);

/// Codes are looked for by their blind index.
const CODE: &str = "device.enrolment";

/// Letters and digits that nobody mistakes for another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code, five bits each.
const CODE_LENGTH: usize = 12;

/// Codes that are tried from one address in ten minutes.
const TRIES: u32 = 20;

/// Set up a post in a region of `staff`.
pub(super) async fn create_checkpoint(
    deps: &Deps,
    staff: &Staff,
    key: &IdempotencyKey,
    request: CheckpointRequest,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let division = &request.division;
        if !staff.scope.covers(division) || !is_county(division) {
            return Err(Error::Division);
        }
        let position = request.position.and_then(PositionView::position);
        let row = checkpoint::Model {
            id: CheckpointId(deps.entropy.id()),
            name: request.name.clone(),
            division: division.clone(),
            road_section: request.road_section.clone(),
            section: request.section.clone(),
            longitude_e6: position.map(|it| it.longitude_e6),
            latitude_e6: position.map(|it| it.latitude_e6),
            created_by: staff.account,
            created_at: deps.clock.now(),
        };
        store::insert_checkpoint(tx, row.clone()).await?;
        let event = Event::Door(DoorEvent::CheckpointCreated { checkpoint: row.id });
        audit::record(
            tx,
            deps,
            Actor::Staff(staff.account),
            Subject::Nobody,
            &event,
        )
        .await?;
        Ok((Outcome::Created, CheckpointView::from(row)))
    };
    let caller = staff.account.0.as_bytes();
    idempotency::once(deps, caller, "create-checkpoint", key, &request, effect).await
}

fn is_county(division: &Division) -> bool {
    regions::is_known(division) && division.stem().len() == 6
}

/// The posts in the regions of `staff`.
pub(super) async fn checkpoints(
    deps: &Deps,
    staff: &Staff,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Page<CheckpointView>, Error> {
    let regions = staff.scope.regions();
    let rows = store::checkpoints(&deps.db, &regions, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last| last.id.to_string());
    Ok(page.map(CheckpointView::from))
}

/// Expect a device at a venue or a post in a region of `staff`.
pub(super) async fn expect(
    deps: &Deps,
    staff: &Staff,
    key: &IdempotencyKey,
    request: DeviceRequest,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let division = division_of(tx, deps, &request).await?;
        let field = if request.venue.is_some() {
            "venue"
        } else {
            "checkpoint"
        };
        let division = division.filter(|division| staff.scope.covers(division));
        let division = division.ok_or(Error::NoSuchPlace(field))?;
        let (now, code) = (deps.clock.now(), one_time_code(deps));
        let position = request.position.and_then(PositionView::position);
        let row = device::Model {
            id: DeviceId(deps.entropy.id()),
            name: request.name.clone(),
            venue_id: request.venue,
            checkpoint_id: request.checkpoint,
            division,
            longitude_e6: position.map(|it| it.longitude_e6),
            latitude_e6: position.map(|it| it.latitude_e6),
            thermometer: request.thermometer,
            public_key: None,
            enrolment: deps.vault.index(CODE, &normalised(&code)),
            enrolment_until: now + CODE_LIFE,
            created_by: staff.account,
            created_at: now,
            enrolled_at: None,
            seen_at: None,
            bundle_version: None,
            waiting: None,
            revoked_at: None,
            delivered_in: None,
            delivered: 0,
        };
        store::insert_device(tx, row.clone()).await?;
        let event = Event::Door(DoorEvent::DeviceExpected {
            device: row.id,
            thermometer: row.thermometer,
        });
        audit::record(
            tx,
            deps,
            Actor::Staff(staff.account),
            Subject::Nobody,
            &event,
        )
        .await?;
        let view = ExpectedDeviceView {
            enrolment_until: row.enrolment_until,
            enrolment_code: code,
            device: row.into(),
        };
        Ok((Outcome::Created, view))
    };
    let caller = staff.account.0.as_bytes();
    idempotency::once(deps, caller, "expect-device", key, &request, effect).await
}

async fn division_of(
    tx: &DatabaseTransaction,
    deps: &Deps,
    request: &DeviceRequest,
) -> Result<Option<Division>, Error> {
    match (request.venue, request.checkpoint) {
        (Some(venue), None) => Ok(venue_division(deps, venue).await?),
        (None, Some(post)) => Ok(store::checkpoint(tx, post).await?.map(|post| post.division)),
        _ => Err(Error::Binding),
    }
}

async fn venue_division(deps: &Deps, venue: VenueId) -> Result<Option<Division>, Error> {
    let door = venues::door(deps, venue).await?;
    Ok(door.map(|door| door.division.clone()))
}

fn one_time_code(deps: &Deps) -> String {
    let mut code = String::with_capacity(CODE_LENGTH + 2);
    for at in 0..CODE_LENGTH {
        if at > 0 && at.is_multiple_of(4) {
            code.push('-');
        }
        let drawn = usize::try_from(deps.entropy.below(32)).unwrap_or_default();
        code.push(char::from(ALPHABET.get(drawn).copied().unwrap_or(b'0')));
    }
    code
}

/// A code as it is looked for, however it was typed.
fn normalised(code: &str) -> String {
    let kept = code.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|it| match it.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    })
    .collect()
}

/// The devices in the regions of `staff`.
pub(super) async fn devices(
    deps: &Deps,
    staff: &Staff,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Page<DeviceView>, Error> {
    let regions = staff.scope.regions();
    let rows = store::devices(&deps.db, &regions, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last| last.id.to_string());
    Ok(page.map(DeviceView::from))
}

/// Believe the device `id` no more: at once here, within two seconds everywhere.
pub(super) async fn revoke(deps: &Deps, staff: &Staff, id: DeviceId) -> Result<(), Error> {
    let tx = begin_write(&deps.db).await?;
    let row = store::device(&tx, id).await?;
    row.filter(|row| staff.scope.covers(&row.division))
        .ok_or(Error::NoSuchDevice)?;
    if store::revoke(&tx, id, deps.clock.now()).await? {
        let event = Event::Door(DoorEvent::DeviceRevoked { device: id });
        let actor = Actor::Staff(staff.account);
        audit::record(&tx, deps, actor, Subject::Nobody, &event).await?;
    }
    tx.commit().await?;
    deps.gates.forget(id);
    Ok(())
}

/// Take the key of the device that has a one-time code. The same key with the same code is answered the
/// same, as long as the code lives.
pub(super) async fn enrol(
    deps: &Deps,
    from: ClientAddress,
    request: EnrolmentRequest,
) -> Result<EnrolledDeviceView, Error> {
    limit(deps, from).await?;
    let now = deps.clock.now();
    let indexes = deps.vault.indexes(CODE, &normalised(&request.code));
    let tx = begin_write(&deps.db).await?;
    let row = store::device_of_code(&tx, indexes).await?;
    let row = row.filter(|row| now < row.enrolment_until && row.revoked_at.is_none());
    let row = row.ok_or(Error::NoSuchCode)?;
    let key = BASE64_STANDARD.decode(&request.public_key);
    let key = key.map_err(|_| Error::Key)?;
    let proof = BASE64_STANDARD.decode(&request.proof);
    let verifies = known::key_of(row.id, &key).ok_or(Error::Key)?;
    verifies
        .check(
            &enrolment_of(&request.code),
            &proof.map_err(|_| Error::Key)?,
        )
        .map_err(|_| Error::Key)?;
    match &row.public_key {
        Some(before) if *before == key => {}
        Some(_) => return Err(Error::NoSuchCode),
        None => {
            if !store::enrol(&tx, row.id, &key, now).await? {
                return Err(Error::NoSuchCode);
            }
            let event = Event::Door(DoorEvent::DeviceEnrolled { device: row.id });
            audit::record(&tx, deps, Actor::System, Subject::Nobody, &event).await?;
        }
    }
    tx.commit().await?;
    Ok(EnrolledDeviceView {
        id: row.id,
        name: row.name,
        venue: row.venue_id,
        checkpoint: row.checkpoint_id,
        thermometer: row.thermometer,
        now,
    })
}

async fn limit(deps: &Deps, from: ClientAddress) -> Result<(), Error> {
    let key = format!("gate:enrol:{}", from.machine());
    let quota = Quota::new(key, TRIES, Duration::from_mins(10));
    match deps.ephemeral.hit(&[quota]).await {
        Ok(Admission::Refused { retry_after, .. }) => Err(Error::TooMany(retry_after)),
        // Sixty bits that live for ten minutes are not guessed in the meantime.
        Ok(Admission::Admitted) | Err(_) => Ok(()),
    }
}

/// Hear of `device`.
pub(super) async fn heard(
    deps: &Deps,
    device: &Device,
    request: &HeartbeatRequest,
) -> Result<HeartbeatView, Error> {
    is_open(deps, device).await?;
    let now = deps.clock.now();
    store::heard(
        &deps.db,
        device.id,
        now,
        request.bundle_version,
        request.waiting,
    )
    .await?;
    let bundle = bundles::current(deps).await?;
    Ok(HeartbeatView {
        now,
        bundle_version: bundle.version,
    })
}

/// The door at which `device` stands, if it stands at one whose code counts. Refused if its code does not.
pub(super) async fn is_open(
    deps: &Deps,
    device: &Device,
) -> Result<Option<std::sync::Arc<venues::Door>>, Error> {
    let Place::Venue(venue) = device.place else {
        return Ok(None);
    };
    let door = venues::door(deps, venue).await?;
    let door = door.filter(|door| door.state == entity::values::VenueState::Active);
    door.map(Some).ok_or(Error::VenueNotActive)
}
