//! On SQLite: rows go through `INSERT`s of many rows.

use std::collections::{HashMap, HashSet};

use entity::{
    assessment, hold, recheck_mark, test_result,
    values::{Colour, PersonId},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};

use super::{
    batches,
    judging::{Key, Sample, Says},
    rows::TestRow,
    steps::{Concerned, Kept, Step},
};
use crate::{platform::db::begin_write, recheck};

/// People that one statement asks for. SQLite takes 32,766 values in a statement.
const ASKED_AT_ONCE: usize = 8_000;

/// Rows of eight values that one statement inserts.
const KEPT_AT_ONCE: usize = 2_000;

/// What the table says under `keys`.
pub(super) async fn stored<'k>(
    db: &DatabaseConnection,
    keys: &[Key<'k>],
) -> Result<HashMap<Key<'k>, Says>, DbErr> {
    use test_result::Column;
    let (mut stored, times) = (HashMap::new(), keys.iter().map(|key| key.2));
    let (Some(first), Some(last)) = (times.clone().min(), times.max()) else {
        return Ok(stored);
    };
    for asked in keys.chunks(ASKED_AT_ONCE) {
        let wanted: HashMap<Key<'_>, Key<'k>> = asked.iter().map(|key| (*key, *key)).collect();
        let people: HashSet<PersonId> = asked.iter().map(|key| key.0).collect();
        let rows = test_result::Entity::find()
            .filter(Column::PersonId.is_in(people))
            .filter(Column::ReportedAt.between(first, last))
            .all(db)
            .await?;
        for row in &rows {
            let key: Key<'_> = (row.person_id, &*row.sample, row.reported_at);
            if let Some(key) = wanted.get(&key) {
                stored.insert(*key, (row.result, row.tube_size, row.sampled_at));
            }
        }
    }
    Ok(stored)
}

/// The samples among those of `keys` whose first report another brought than `source`.
pub(super) async fn others<'k>(
    db: &DatabaseConnection,
    source: &str,
    keys: &[Key<'k>],
) -> Result<HashSet<Sample<'k>>, DbErr> {
    use test_result::{Column, Entity};
    let mut others = HashSet::new();
    for asked in keys.chunks(ASKED_AT_ONCE) {
        let people: HashSet<PersonId> = asked.iter().map(|key| key.0).collect();
        let rows = Entity::find()
            .filter(Column::PersonId.is_in(people))
            .order_by_desc(Column::RecordedAt)
            .order_by_desc(Column::ReportedAt)
            .all(db)
            .await?;
        // The first report of a sample comes last.
        let first: HashMap<Sample<'_>, &str> = rows
            .iter()
            .map(|row| ((row.person_id, &*row.sample), &*row.source))
            .collect();
        let anothers = |key: &&Key<'k>| {
            let brought_by = first.get(&(key.0, key.1));
            brought_by.is_some_and(|first| *first != source)
        };
        others.extend(asked.iter().filter(anothers).map(|key| (key.0, key.1)));
    }
    Ok(others)
}

/// Apply `step`.
pub(super) async fn keep(db: &DatabaseConnection, step: &Step<'_>) -> Result<Kept, DbErr> {
    let tx = begin_write(db).await?;
    if !batches::advance(&tx, step.before, step.after).await? {
        return Ok(Kept::Overtaken);
    }
    let rows: Vec<&TestRow> = step.rows().collect();
    let mut kept = 0;
    for some in rows.chunks(KEPT_AT_ONCE) {
        kept += insert(&tx, step, some).await?;
    }
    if kept != rows.len() as u64 {
        return Ok(Kept::Collided);
    }
    recheck::mark_all(&tx, &step.affected(), step.now).await?;
    batches::note(&tx, step.before.id, step.findings).await?;
    tx.commit().await?;
    Ok(Kept::Whole)
}

async fn insert(
    tx: &impl ConnectionTrait,
    step: &Step<'_>,
    rows: &[&TestRow],
) -> Result<u64, DbErr> {
    use test_result::{ActiveModel, Column, Entity};
    let key = [Column::PersonId, Column::Sample, Column::ReportedAt];
    let models = rows.iter().map(|row| {
        ActiveModel::from(test_result::Model {
            person_id: row.person,
            sampled_at: row.sampled_at,
            sample: step.tests.sample(row).to_owned(),
            reported_at: row.reported_at,
            result: row.result,
            tube_size: row.tube_size,
            source: step.before.source.clone(),
            recorded_at: step.now,
        })
        .reset_all()
    });
    let kept = Entity::insert_many(models)
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await;
    match kept {
        Err(DbErr::RecordNotInserted) => Ok(0),
        kept => kept,
    }
}

/// What there is to know of `people` before they are told of new results.
pub(super) async fn concerned(
    db: &DatabaseConnection,
    people: &[PersonId],
    all: bool,
) -> Result<Vec<Concerned>, DbErr> {
    let mut concerned = Vec::new();
    for some in people.chunks(ASKED_AT_ONCE) {
        let mut among: HashSet<PersonId> = marked(db, some).await?.into_iter().collect();
        among.extend(held(db, some).await?);
        let assessed = assessed(db, some).await?;
        concerned.extend(some.iter().filter_map(|person| {
            let last = assessed.get(person);
            let coloured = last.is_some_and(|(_, shown)| *shown != Colour::Green);
            let version = last.map_or(0, |(version, _)| *version);
            (all || coloured || among.contains(person)).then_some((*person, version))
        }));
    }
    Ok(concerned)
}

/// Those of `people` who are to be looked at. Asked before [`held`]: a mark goes once what was found
/// is there.
async fn marked(db: &impl ConnectionTrait, people: &[PersonId]) -> Result<Vec<PersonId>, DbErr> {
    use recheck_mark::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::PersonId.is_in(people.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// Those of `people` who are held for something.
async fn held(db: &impl ConnectionTrait, people: &[PersonId]) -> Result<Vec<PersonId>, DbErr> {
    use hold::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::PersonId.is_in(people.iter().copied()))
        .filter(Column::ReleasedAt.is_null())
        .into_tuple()
        .all(db)
        .await
}

/// The last assessments of `people`: version, and the colour that was found.
async fn assessed(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<HashMap<PersonId, (i64, Colour)>, DbErr> {
    use assessment::{Column, Entity};
    let found: Vec<(PersonId, i64, Colour)> = Entity::find()
        .select_only()
        .columns([Column::PersonId, Column::Version, Column::Shown])
        .filter(Column::PersonId.is_in(people.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let found = found.into_iter();
    Ok(found
        .map(|(person, version, shown)| (person, (version, shown)))
        .collect())
}
