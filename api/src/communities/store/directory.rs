//! Communities, and where people complain.

use chrono::{DateTime, Utc};
use entity::{
    community::{self, ActiveModel, Column, Entity, Model},
    complaint_line,
    values::{CaseState, Community, Division},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};

use super::super::rules::Span;

/// That the community in `column` has a code within one of `spans`. None has if there are none.
pub(super) fn lies_within(column: impl ColumnTrait, spans: &[Span]) -> Condition {
    let nowhere = Condition::any().add(Expr::value(false));
    spans.iter().fold(nowhere, |within, span| {
        within.add(column.between(span.first.clone(), span.last.clone()))
    })
}

pub(in crate::communities) async fn find(
    db: &impl ConnectionTrait,
    code: &Community,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(code.clone()).one(db).await
}

/// Those of `codes` that are in the directory, kept from others that would change one.
pub(in crate::communities) async fn known(
    db: &impl ConnectionTrait,
    codes: Vec<Community>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Code.is_in(codes))
        .order_by_asc(Column::Code)
        .lock_exclusive()
        .all(db)
        .await
}

/// The communities within `spans` in which people apply, by code, after `after`.
pub(in crate::communities) async fn open_within(
    db: &impl ConnectionTrait,
    spans: &[Span],
    after: Option<&Community>,
    most: Option<u64>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(lies_within(Column::Code, spans))
        .filter(Column::ClosedAt.is_null())
        .apply_if(after.cloned(), |open, after| {
            open.filter(Column::Code.gt(after))
        })
        .order_by_asc(Column::Code)
        .limit(most)
        .all(db)
        .await
}

/// Keep what is published of `rows`, in place of what was. Whether one is closed stays as it is.
pub(in crate::communities) async fn put(
    db: &impl ConnectionTrait,
    rows: Vec<Model>,
) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let published = [
        Column::Name,
        Column::Address,
        Column::Telephone,
        Column::Hours,
        Column::SavedAt,
    ];
    let again = OnConflict::column(Column::Code)
        .update_columns(published)
        .to_owned();
    let rows = rows
        .into_iter()
        .map(|row| row.into_active_model().reset_all());
    Entity::insert_many(rows)
        .on_conflict(again)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Close a community. `true` if this call did.
pub(in crate::communities) async fn close(
    db: &impl ConnectionTrait,
    code: &Community,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let closed = ActiveModel {
        closed_at: Set(Some(at)),
        ..Default::default()
    };
    turn(db, code, closed, Column::ClosedAt.is_null()).await
}

/// Whether a community has cases that are not closed.
pub(in crate::communities) async fn has_open_cases(
    db: &impl ConnectionTrait,
    code: &Community,
) -> Result<bool, DbErr> {
    use entity::review_case::{Column, Entity};
    let open = Entity::find()
        .filter(Column::Community.eq(code.clone()))
        .filter(Column::State.ne(CaseState::Closed))
        .limit(1)
        .select_only()
        .column(Column::Turn)
        .into_tuple::<i64>();
    Ok(open.one(db).await?.is_some())
}

/// Open a community again, as open since `since`. `true` if this call did.
pub(in crate::communities) async fn reopen(
    db: &impl ConnectionTrait,
    code: &Community,
    since: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let open = ActiveModel {
        opened_at: Set(since),
        closed_at: Set(None),
        ..Default::default()
    };
    turn(db, code, open, Column::ClosedAt.is_not_null()).await
}

async fn turn(
    db: &impl ConnectionTrait,
    code: &Community,
    to: ActiveModel,
    from: Expr,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(to)
        .filter(community::Column::Code.eq(code.clone()))
        .filter(from)
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Where people complain of what is done in `divisions`.
pub(in crate::communities) async fn lines(
    db: &impl ConnectionTrait,
    divisions: Vec<Division>,
) -> Result<Vec<complaint_line::Model>, DbErr> {
    complaint_line::Entity::find()
        .filter(complaint_line::Column::Division.is_in(divisions))
        .all(db)
        .await
}

/// Keep `row` in place of what was published for its division.
pub(in crate::communities) async fn put_line(
    db: &impl ConnectionTrait,
    row: complaint_line::Model,
) -> Result<(), DbErr> {
    use complaint_line::{Column, Entity};
    let again = OnConflict::column(Column::Division)
        .update_columns([Column::Telephone, Column::Hours, Column::SavedAt])
        .to_owned();
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(again)
        .exec_without_returning(db)
        .await
        .map(drop)
}
