//! Many people at a time.

use std::collections::HashMap;

use entity::{
    person::{Column, Entity},
    values::PersonId,
};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect,
    RuntimeErr, sqlx,
};
use uuid::Uuid;

use crate::platform::db::begin_probing;

/// Documents that one statement asks for: SQLite bounds what it is given.
const ASKED_AT_ONCE: usize = 16_384;

/// Who has the documents with these blind indexes, in their order.
pub(in crate::identity) async fn with_documents<K: AsRef<[u8]> + Sync>(
    db: &DatabaseConnection,
    indexes: &[K],
) -> Result<Vec<Option<PersonId>>, DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        let found = from_postgres(db, indexes).await;
        return found.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())));
    }
    let mut found = Vec::with_capacity(indexes.len());
    for asked in indexes.chunks(ASKED_AT_ONCE) {
        from_sqlite(db, asked, &mut found).await?;
    }
    Ok(found)
}

/// Asked in the order of the index, which is read from one end to the other so, and in a way that costs
/// what is asked for: hashing or merging would read all people. The answer comes as one row: decoding
/// one for each person would cost more than finding them.
async fn from_postgres<K: AsRef<[u8]>>(
    db: &DatabaseConnection,
    asked: &[K],
) -> Result<Vec<Option<PersonId>>, sqlx::Error> {
    const QUERY: &str = "SELECT array_agg(k.place), array_agg(p.id)
        FROM unnest($1::bytea[]) WITH ORDINALITY AS k(document, place)
        JOIN person p ON p.document_index = k.document";
    let mut found = vec![None; asked.len()];
    let mut sorted: Vec<(&[u8], usize)> = asked.iter().map(AsRef::as_ref).zip(0..).collect();
    sorted.sort_unstable();
    let (keys, order): (Vec<&[u8]>, Vec<usize>) = sorted.into_iter().unzip();
    let mut tx = begin_probing(db).await?;
    let (places, ids): (Option<Vec<i64>>, Option<Vec<Uuid>>) =
        sqlx::query_as(QUERY).bind(keys).fetch_one(&mut *tx).await?;
    tx.commit().await?;
    let pairs = places.unwrap_or_default().into_iter();
    for (place, id) in pairs.zip(ids.unwrap_or_default()) {
        let at = usize::try_from(place - 1).ok();
        let at = at.and_then(|at| order.get(at));
        if let Some(slot) = at.and_then(|at| found.get_mut(*at)) {
            *slot = Some(PersonId(id));
        }
    }
    Ok(found)
}

async fn from_sqlite<K: AsRef<[u8]>>(
    db: &DatabaseConnection,
    asked: &[K],
    found: &mut Vec<Option<PersonId>>,
) -> Result<(), DbErr> {
    let people: Vec<(Vec<u8>, PersonId)> = Entity::find()
        .select_only()
        .columns([Column::DocumentIndex, Column::Id])
        .filter(Column::DocumentIndex.is_in(asked.iter().map(AsRef::as_ref)))
        .into_tuple()
        .all(db)
        .await?;
    let people: HashMap<Vec<u8>, PersonId> = people.into_iter().collect();
    found.extend(asked.iter().map(|key| people.get(key.as_ref()).copied()));
    Ok(())
}
