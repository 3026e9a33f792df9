//! Old reports as rows: whose they are, and that they go.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    check_in, declaration, declared_stay,
    values::{CheckInId, DeclarationId, PersonId},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::http::page::Place;

/// Up to `most` declarations from before `before`, the oldest first, after `after`. It reads the index of
/// `declared_at`, and nothing that is younger.
#[must_use]
pub fn old_declarations(
    before: DateTime<Utc>,
    after: Option<Place>,
    most: u64,
) -> Select<declaration::Entity> {
    use declaration::{Column, Entity};
    let later = after.map(|place| place.later(Column::DeclaredAt, Column::Id));
    Entity::find()
        .filter(Column::DeclaredAt.lt(before))
        .apply_if(later, QueryFilter::filter)
        .order_by_asc(Column::DeclaredAt)
        .order_by_asc(Column::Id)
        .limit(most)
}

/// Where each of [`old_declarations`] stands in their order, whose it is, and whether another one replaced it.
pub(in crate::declarations) async fn declared_before(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<(DateTime<Utc>, DeclarationId, PersonId, bool)>, DbErr> {
    use declaration::{Column, Entity};
    let newer = |column| Expr::col(("newer", column));
    let replaced = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, "newer")
        .and_where(newer(Column::PersonId).equals((Entity, Column::PersonId)))
        .and_where(newer(Column::Version).gt(Expr::col((Entity, Column::Version))))
        .take();
    old_declarations(before, after, most)
        .select_only()
        .columns([Column::DeclaredAt, Column::Id, Column::PersonId])
        .expr_as(Expr::exists(replaced), "replaced")
        .into_tuple()
        .all(db)
        .await
}

/// Up to `most` check-ins of days before `before`, the oldest first, after that of `after`. It reads the index of
/// `day`, and nothing that is younger.
#[must_use]
pub fn old_check_ins(
    before: NaiveDate,
    after: Option<(NaiveDate, PersonId)>,
    most: u64,
) -> Select<check_in::Entity> {
    use check_in::{Column, Entity};
    let later = after.map(|(day, person)| {
        let same = Condition::all()
            .add(Column::Day.eq(day))
            .add(Column::PersonId.gt(person));
        Condition::any().add(Column::Day.gt(day)).add(same)
    });
    Entity::find()
        .filter(Column::Day.lt(before))
        .apply_if(later, QueryFilter::filter)
        .order_by_asc(Column::Day)
        .order_by_asc(Column::PersonId)
        .limit(most)
}

/// The day of each of [`old_check_ins`], whose it is, and whether they reported how they are since.
pub(in crate::declarations) async fn checked_in_before(
    db: &impl ConnectionTrait,
    before: NaiveDate,
    after: Option<(NaiveDate, PersonId)>,
    most: u64,
) -> Result<Vec<(NaiveDate, PersonId, bool)>, DbErr> {
    use check_in::{Column, Entity};
    let newer = |column| Expr::col(("newer", column));
    let checked_in = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, "newer")
        .and_where(newer(Column::PersonId).equals((Entity, Column::PersonId)))
        .and_where(newer(Column::Day).gt(Expr::col((Entity, Column::Day))))
        .take();
    let said = |column| Expr::col(("said", column));
    let declared = Query::select()
        .expr(Expr::val(1))
        .from_as(declaration::Entity, "said")
        .and_where(said(declaration::Column::PersonId).equals((Entity, Column::PersonId)))
        .and_where(
            said(declaration::Column::DeclaredAt).gt(Expr::col((Entity, Column::CheckedInAt))),
        )
        .take();
    let since = Expr::exists(checked_in).or(Expr::exists(declared));
    old_check_ins(before, after, most)
        .select_only()
        .columns([Column::Day, Column::PersonId])
        .expr_as(since, "since")
        .into_tuple()
        .all(db)
        .await
}

/// Forget what `person` declared before `before`, but for `kept`, with the stays that it names. Returns how many
/// declarations there were.
pub(in crate::declarations) async fn forget_declarations(
    db: &impl ConnectionTrait,
    person: PersonId,
    before: DateTime<Utc>,
    kept: &[DeclarationId],
) -> Result<u64, DbErr> {
    use declaration::{Column, Entity};
    let ids: Vec<DeclarationId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PersonId.eq(person))
        .filter(Column::DeclaredAt.lt(before))
        .filter(Column::Id.is_not_in(kept.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    if ids.is_empty() {
        return Ok(0);
    }
    declared_stay::Entity::delete_many()
        .filter(declared_stay::Column::DeclarationId.is_in(ids.iter().copied()))
        .exec(db)
        .await?;
    let gone = Entity::delete_many()
        .filter(Column::Id.is_in(ids))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}

/// Forget how `person` was on days before `before`, but for `kept`. Returns on how many.
pub(in crate::declarations) async fn forget_check_ins(
    db: &impl ConnectionTrait,
    person: PersonId,
    before: NaiveDate,
    kept: &[CheckInId],
) -> Result<u64, DbErr> {
    use check_in::{Column, Entity};
    let gone = Entity::delete_many()
        .filter(Column::PersonId.eq(person))
        .filter(Column::Day.lt(before))
        .filter(Column::Id.is_not_in(kept.iter().copied()))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}
