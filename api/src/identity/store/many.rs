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

/// Documents that one statement asks for. PostgreSQL bounds the time of a statement, SQLite what it
/// is given.
const ASKED_AT_ONCE: usize = 16_384;

/// Who has the documents with these blind indexes, in their order.
pub(in crate::identity) async fn with_documents<K: AsRef<[u8]> + Sync>(
    db: &DatabaseConnection,
    indexes: &[K],
) -> Result<Vec<Option<PersonId>>, DbErr> {
    let mut found = Vec::with_capacity(indexes.len());
    for asked in indexes.chunks(ASKED_AT_ONCE) {
        match db.get_database_backend() {
            DbBackend::Postgres => from_postgres(db, asked, &mut found).await?,
            _ => from_sqlite(db, asked, &mut found).await?,
        }
    }
    Ok(found)
}

/// The answer comes as one row: decoding one for each person would cost more than finding them.
async fn from_postgres<K: AsRef<[u8]>>(
    db: &DatabaseConnection,
    asked: &[K],
    found: &mut Vec<Option<PersonId>>,
) -> Result<(), DbErr> {
    const QUERY: &str = "SELECT array_agg(k.place), array_agg(p.id)
        FROM unnest($1::bytea[]) WITH ORDINALITY AS k(document, place)
        JOIN person p ON p.document_index = k.document";
    let keys: Vec<&[u8]> = asked.iter().map(AsRef::as_ref).collect();
    let (places, ids): (Option<Vec<i64>>, Option<Vec<Uuid>>) = sqlx::query_as(QUERY)
        .bind(keys)
        .fetch_one(db.get_postgres_connection_pool())
        .await
        .map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))?;
    let first = found.len();
    found.resize(first + asked.len(), None);
    let pairs = places.unwrap_or_default().into_iter();
    for (place, id) in pairs.zip(ids.unwrap_or_default()) {
        let at = usize::try_from(place).unwrap_or_default() + first;
        if let Some(place) = at.checked_sub(1).and_then(|at| found.get_mut(at)) {
            *place = Some(PersonId(id));
        }
    }
    Ok(())
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
