//! Rows that go together.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QuerySelect, QueryTrait, Select, TryGetable, Value, sea_query::Expr,
};

/// Delete up to `most` of the rows of `E` that `which` holds for, known by their `key`, in one statement. Returns how
/// many: a sweep that forgets goes on with the next few later.
pub async fn delete_some<E: EntityTrait>(
    db: &impl ConnectionTrait,
    key: E::Column,
    which: Condition,
    most: u64,
) -> Result<u64, DbErr> {
    delete_some_by::<E>(db, &[key], which, most).await
}

/// The same of rows that are known by several columns together.
pub async fn delete_some_by<E: EntityTrait>(
    db: &impl ConnectionTrait,
    keys: &[E::Column],
    which: Condition,
    most: u64,
) -> Result<u64, DbErr> {
    let some = E::find()
        .select_only()
        .columns(keys.iter().copied())
        .filter(which)
        .limit(most)
        .into_query();
    let known_by = match keys {
        [key] => ColumnTrait::in_subquery(key, some),
        several => {
            let together = several
                .iter()
                .map(ColumnTrait::as_column_ref)
                .map(Expr::col);
            let together = Expr::tuple(together);
            ExprTrait::in_subquery(together, some)
        }
    };
    let deleted = E::delete_many().filter(known_by).exec(db).await?;
    Ok(deleted.rows_affected)
}

/// The `key` of each row that `which` finds.
pub async fn keys_of<E: EntityTrait, K: TryGetable>(
    db: &impl ConnectionTrait,
    which: Select<E>,
    key: E::Column,
) -> Result<Vec<K>, DbErr> {
    which.select_only().column(key).into_tuple().all(db).await
}

/// Delete the rows of `E` whose `column` is one of `keys`. Returns how many there were.
pub async fn delete_of<E: EntityTrait, K: Copy + Into<Value>>(
    db: &impl ConnectionTrait,
    column: E::Column,
    keys: &[K],
) -> Result<u64, DbErr> {
    if keys.is_empty() {
        return Ok(0);
    }
    let of = column.is_in(keys.iter().copied());
    let deleted = E::delete_many().filter(of).exec(db).await?;
    Ok(deleted.rows_affected)
}
