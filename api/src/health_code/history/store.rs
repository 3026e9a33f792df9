//! Changes of colour as rows.

use chrono::{DateTime, Utc};
use entity::{
    colour_change::{ActiveModel, Column, Entity, Model},
    values::PersonId,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Alias, Expr, IntoColumnRef, Query, SimpleExpr},
};

pub(super) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(ActiveModel::from(row).reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(super) async fn newest(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .order_by_desc(Column::Version)
        .one(db)
        .await
}

/// `person`'s changes from below `before`, newest first.
pub(super) async fn changes(
    db: &impl ConnectionTrait,
    person: PersonId,
    before: Option<i64>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .apply_if(before, |all, before| all.filter(Column::Version.lt(before)))
        .order_by_desc(Column::Version)
        .limit(most)
        .all(db)
        .await
}

/// How many people have a change since `since` whose reasons name `rule`, or which ended a time in
/// which they did.
pub(super) async fn changed_by(
    db: &impl ConnectionTrait,
    rule: &str,
    since: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let alias = |name: &'static str| move |column: Column| (Alias::new(name), column);
    let (before, earlier) = (alias("before"), alias("earlier"));
    let same_person = |of: (Alias, Column)| Expr::col(of).equals((Entity, Column::PersonId));
    let last_version = Query::select()
        .expr(Expr::col(earlier(Column::Version)).max())
        .from_as(Entity, "earlier")
        .and_where(same_person(earlier(Column::PersonId)))
        .and_where(Expr::col(earlier(Column::Version)).lt(Expr::col((Entity, Column::Version))))
        .to_owned();
    let ended = Query::select()
        .column(before(Column::PersonId))
        .from_as(Entity, "before")
        .and_where(same_person(before(Column::PersonId)))
        .and_where(Expr::col(before(Column::Version)).in_subquery(last_version))
        .and_where(names(before(Column::Reasons), rule))
        .to_owned();
    let because = Condition::any()
        .add(names((Entity, Column::Reasons), rule))
        .add(Expr::exists(ended));
    let people: Option<i64> = Entity::find()
        .select_only()
        .column_as(Column::PersonId.into_expr().count_distinct(), "people")
        .filter(Column::At.gte(since))
        .filter(because)
        .into_tuple()
        .one(db)
        .await?;
    Ok(people.unwrap_or_default().cast_unsigned())
}

/// Whether the reasons kept in `column` name `rule`. They are text that we wrote.
fn names(column: impl IntoColumnRef, rule: &str) -> SimpleExpr {
    Expr::col(column)
        .cast_as("text")
        .like(format!("%\"rule\":\"{rule}\"%"))
}
