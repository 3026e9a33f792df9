//! Posts, devices and what they verified, as rows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::{
    checkpoint, device, gate_record,
    values::{CheckpointId, DeviceId, Division},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{OnConflict, Query},
};
use uuid::Uuid;

use crate::platform::db::lies_within;

/// Rows of one statement: their values stay below what SQLite takes in one.
const AT_ONCE: usize = 500;

/// Places and digests, by device and number.
type Digests = BTreeMap<(DeviceId, i64), Vec<(i32, Vec<u8>)>>;

pub(super) async fn insert_checkpoint(
    db: &impl ConnectionTrait,
    row: checkpoint::Model,
) -> Result<(), DbErr> {
    checkpoint::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(super) async fn checkpoint(
    db: &impl ConnectionTrait,
    id: CheckpointId,
) -> Result<Option<checkpoint::Model>, DbErr> {
    checkpoint::Entity::find_by_id(id).one(db).await
}

/// Up to `limit` posts within `regions`, by id, after `after`.
pub(super) async fn checkpoints(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<checkpoint::Model>, DbErr> {
    use checkpoint::{Column, Entity};
    let mut query = Entity::find().filter(lies_within(Column::Division, regions));
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    query.order_by_asc(Column::Id).limit(limit).all(db).await
}

pub(super) async fn insert_device(
    db: &impl ConnectionTrait,
    row: device::Model,
) -> Result<(), DbErr> {
    device::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(super) async fn device(
    db: &impl ConnectionTrait,
    id: DeviceId,
) -> Result<Option<device::Model>, DbErr> {
    device::Entity::find_by_id(id).one(db).await
}

/// The device that a code with one of `indexes` enrols.
pub(super) async fn device_of_code(
    db: &impl ConnectionTrait,
    indexes: Vec<Vec<u8>>,
) -> Result<Option<device::Model>, DbErr> {
    device::Entity::find()
        .filter(device::Column::Enrolment.is_in(indexes))
        .one(db)
        .await
}

/// Up to `limit` devices within `regions`, by id, after `after`.
pub(super) async fn devices(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<device::Model>, DbErr> {
    use device::{Column, Entity};
    let mut query = Entity::find().filter(lies_within(Column::Division, regions));
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    query.order_by_asc(Column::Id).limit(limit).all(db).await
}

/// Give the device `id` its key, unless it has one or is revoked. `false` if it is.
pub(super) async fn enrol(
    db: &impl ConnectionTrait,
    id: DeviceId,
    key: &[u8],
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let enrolled = device::ActiveModel {
        public_key: Set(Some(key.to_vec())),
        enrolled_at: Set(Some(at)),
        seen_at: Set(Some(at)),
        ..Default::default()
    };
    let done = device::Entity::update_many()
        .set(enrolled)
        .filter(device::Column::Id.eq(id))
        .filter(device::Column::PublicKey.is_null())
        .filter(device::Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Nobody believes the device `id` from `at` on. `false` if nobody did before.
pub(super) async fn revoke(
    db: &impl ConnectionTrait,
    id: DeviceId,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let revoked = device::ActiveModel {
        revoked_at: Set(Some(at)),
        ..Default::default()
    };
    let done = device::Entity::update_many()
        .set(revoked)
        .filter(device::Column::Id.eq(id))
        .filter(device::Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Those devices that work and where no temperature can be taken.
pub(super) async fn without_thermometer(
    db: &impl ConnectionTrait,
) -> Result<BTreeSet<DeviceId>, DbErr> {
    use device::{Column, Entity};
    let ids: Vec<DeviceId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Thermometer.eq(false))
        .filter(Column::PublicKey.is_not_null())
        .filter(Column::RevokedAt.is_null())
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().collect())
}

/// The device `id`, which nobody else changes until the transaction ends.
pub(super) async fn lock(
    tx: &DatabaseTransaction,
    id: DeviceId,
) -> Result<Option<device::Model>, DbErr> {
    device::Entity::find_by_id(id)
        .lock_exclusive()
        .one(tx)
        .await
}

/// The device `id` delivered `count` records in the hour that began at `hour`.
pub(super) async fn delivered(
    tx: &DatabaseTransaction,
    id: DeviceId,
    hour: DateTime<Utc>,
    count: i64,
) -> Result<(), DbErr> {
    let delivered = device::ActiveModel {
        delivered_in: Set(Some(hour)),
        delivered: Set(count),
        ..Default::default()
    };
    device::Entity::update_many()
        .set(delivered)
        .filter(device::Column::Id.eq(id))
        .exec(tx)
        .await
        .map(drop)
}

/// When that happened which `device` said with the numbers between `from` and `upto`, in their order.
pub(super) async fn captured(
    db: &impl ConnectionTrait,
    device: DeviceId,
    from: i64,
    upto: i64,
) -> Result<Vec<(i64, DateTime<Utc>)>, DbErr> {
    use gate_record::{Column, Entity};
    Entity::find()
        .select_only()
        .columns([Column::Seq, Column::CapturedAt])
        .filter(Column::DeviceId.eq(device))
        .filter(Column::Seq.between(from, upto))
        .distinct()
        .order_by_asc(Column::Seq)
        .into_tuple()
        .all(db)
        .await
}

/// What the device `id` says of itself.
pub(super) async fn heard(
    db: &impl ConnectionTrait,
    id: DeviceId,
    at: DateTime<Utc>,
    bundle: Option<i64>,
    waiting: i64,
) -> Result<(), DbErr> {
    let heard = device::ActiveModel {
        seen_at: Set(Some(at)),
        bundle_version: Set(bundle),
        waiting: Set(Some(waiting)),
        ..Default::default()
    };
    device::Entity::update_many()
        .set(heard)
        .filter(device::Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}

/// Insert those of `rows` that are not there. Which those are, by device, number and place.
pub(super) async fn insert_records(
    db: &impl ConnectionTrait,
    rows: Vec<gate_record::Model>,
) -> Result<BTreeSet<(DeviceId, i64, i32)>, DbErr> {
    use gate_record::{Column, Entity};
    let key = [Column::DeviceId, Column::Seq, Column::Place];
    let mut inserted = BTreeSet::new();
    let mut rows = rows.into_iter();
    loop {
        let some: Vec<_> = rows.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return Ok(inserted);
        }
        let some = some
            .into_iter()
            .map(|row| row.into_active_model().reset_all());
        let mut statement = Entity::insert_many(some)
            .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
            .into_query();
        statement.returning(Query::returning().columns(key));
        for row in db.query_all(&statement).await? {
            let device: Uuid = row.try_get_by_index(0)?;
            let place = (
                DeviceId(device),
                row.try_get_by_index(1)?,
                row.try_get_by_index(2)?,
            );
            inserted.insert(place);
        }
    }
}

/// The digests of the rows with `numbers` of devices, with their places.
pub(super) async fn digests(
    db: &impl ConnectionTrait,
    numbers: &BTreeMap<DeviceId, BTreeSet<i64>>,
) -> Result<Digests, DbErr> {
    use gate_record::{Column, Entity};
    let mut digests = Digests::new();
    for (device, seqs) in numbers {
        let seqs: Vec<i64> = seqs.iter().copied().collect();
        for some in seqs.chunks(AT_ONCE) {
            let rows: Vec<(i64, i32, Vec<u8>)> = Entity::find()
                .select_only()
                .columns([Column::Seq, Column::Place, Column::Digest])
                .filter(Column::DeviceId.eq(*device))
                .filter(Column::Seq.is_in(some.iter().copied()))
                .into_tuple()
                .all(db)
                .await?;
            for (seq, place, digest) in rows {
                let of = digests.entry((*device, seq)).or_default();
                of.push((place, digest));
            }
        }
    }
    Ok(digests)
}

/// Which numbers of `device` between `from` and `upto` have a row, in order, each once.
pub(super) async fn recorded(
    db: &impl ConnectionTrait,
    device: DeviceId,
    from: i64,
    upto: i64,
) -> Result<Vec<i64>, DbErr> {
    use gate_record::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Seq)
        .filter(Column::DeviceId.eq(device))
        .filter(Column::Seq.between(from, upto))
        .distinct()
        .order_by_asc(Column::Seq)
        .into_tuple()
        .all(db)
        .await
}

/// Forget up to `most` of the records of before `until`. Returns how many people they were about.
pub(super) async fn forget(
    db: &impl ConnectionTrait,
    until: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    use gate_record::{Column, Entity};
    let old: Vec<(DeviceId, i64, i32)> = Entity::find()
        .select_only()
        .columns([Column::DeviceId, Column::Seq, Column::Place])
        .filter(Column::CapturedAt.lt(until))
        .order_by_asc(Column::CapturedAt)
        .limit(most)
        .into_tuple()
        .all(db)
        .await?;
    remove(db, old).await
}

/// Remove the rows with `keys`: devices, numbers and places. Returns how many there were.
pub(super) async fn remove(
    db: &impl ConnectionTrait,
    keys: Vec<(DeviceId, i64, i32)>,
) -> Result<u64, DbErr> {
    use gate_record::{Column, Entity};
    let mut removed = 0;
    for some in keys.chunks(AT_ONCE) {
        let keys = some
            .iter()
            .fold(Condition::any(), |any, (device, seq, place)| {
                any.add(
                    Condition::all()
                        .add(Column::DeviceId.eq(*device))
                        .add(Column::Seq.eq(*seq))
                        .add(Column::Place.eq(*place)),
                )
            });
        let done = Entity::delete_many().filter(keys).exec(db).await?;
        removed += done.rows_affected;
    }
    Ok(removed)
}
