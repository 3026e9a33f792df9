//! Rows, copied and erased in one way whatever the table is.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    Iterable, PrimaryKeyToColumn, QueryFilter, QueryOrder, QuerySelect, TransactionTrait,
    UpdateMany, sea_query::IntoCondition,
};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Erased, Section};
use crate::platform::vault::Sealed;

/// Rows of one table that are copied at a time: a person has a few thousand of nothing. A copy that has more
/// says so.
pub const MOST_ROWS: u64 = 5_000;

/// How long one statement may take that reads a table in which nobody is looked for otherwise.
const PATIENCE: &str = "SET LOCAL statement_timeout = 20000";

/// The rows of `E` that `which` holds for, each as `row` tells of it: by their keys, the last first.
pub async fn copied<E: EntityTrait>(
    db: &impl ConnectionTrait,
    which: impl IntoCondition + Send,
    row: impl Fn(E::Model) -> Value + Send,
) -> Result<Section, DbErr> {
    let mut query = E::find().filter(which.into_condition());
    for key in E::PrimaryKey::iter() {
        query = query.order_by_desc(key.into_column());
    }
    let mut rows = query.limit(MOST_ROWS + 1).all(db).await?;
    let most = usize::try_from(MOST_ROWS).unwrap_or(usize::MAX);
    let truncated = rows.len() > most;
    rows.truncate(most);
    Ok(Section {
        table: E::default().table_name(),
        rows: rows.into_iter().map(row).collect(),
        truncated,
    })
}

/// Delete the rows of `E` that `which` holds for.
pub async fn delete<E: EntityTrait>(
    tx: &impl ConnectionTrait,
    which: impl IntoCondition + Send,
) -> Result<Erased, DbErr> {
    let done = E::delete_many()
        .filter(which.into_condition())
        .exec(tx)
        .await?;
    Ok(Erased {
        table: E::default().table_name(),
        rows: done.rows_affected,
    })
}

/// Run `update`, which empties rows of `E`.
pub async fn changed<E: EntityTrait>(
    tx: &impl ConnectionTrait,
    update: UpdateMany<E>,
) -> Result<Erased, DbErr> {
    let done = update.exec(tx).await?;
    Ok(Erased {
        table: E::default().table_name(),
        rows: done.rows_affected,
    })
}

/// A transaction in which a statement may take its time: for tables in which people are not looked for, so
/// that writing them stays quick.
pub async fn patient(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let tx = db.begin().await?;
    if db.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(PATIENCE).await?;
    }
    Ok(tx)
}

/// Words that were sealed. Null if they do not open: the rest is copied all the same.
#[must_use]
pub fn words(opened: Result<Zeroizing<String>, Sealed>) -> Value {
    opened.map_or(Value::Null, |text| Value::from(text.as_str()))
}

/// A document that was sealed. Null if it does not open or cannot be read.
#[must_use]
pub fn document(opened: Result<Zeroizing<Vec<u8>>, Sealed>) -> Value {
    let read = opened.map(|text| serde_json::from_slice(&text).unwrap_or_default());
    read.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_open_is_null_and_digits_stay_words() {
        assert_eq!(
            words(Ok(Zeroizing::new("13800138000".into()))),
            json!("13800138000")
        );
        assert_eq!(words(Err(Sealed)), Value::Null);
        let report = || Ok(Zeroizing::new(br#"{"address":"x"}"#.to_vec()));
        assert_eq!(document(report()), json!({"address": "x"}));
        assert_eq!(
            document(Ok(Zeroizing::new(b"not json".to_vec()))),
            Value::Null
        );
        assert_eq!(document(Err(Sealed)), Value::Null);
    }
}
