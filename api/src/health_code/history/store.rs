//! Changes of colour as rows.

use chrono::{DateTime, Utc};
use entity::{
    colour_change::{ActiveModel, Column, Entity, Model},
    colour_change_rule,
    values::PersonId,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
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

pub(super) async fn insert_causes(
    db: &impl ConnectionTrait,
    rows: Vec<colour_change_rule::Model>,
) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows
        .into_iter()
        .map(|row| colour_change_rule::ActiveModel::from(row).reset_all());
    colour_change_rule::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// How many people changed because of a version of a rule since `since`.
pub(super) async fn changed_by(
    db: &impl ConnectionTrait,
    (rule, version): (&str, &str),
    since: DateTime<Utc>,
) -> Result<u64, DbErr> {
    use colour_change_rule::{Column, Entity};
    let people: Option<i64> = Entity::find()
        .select_only()
        .column_as(Column::PersonId.into_expr().count_distinct(), "people")
        .filter(Column::Rule.eq(rule))
        .filter(Column::RuleVersion.eq(version))
        .filter(Column::At.gte(since))
        .into_tuple()
        .one(db)
        .await?;
    Ok(people.unwrap_or_default().cast_unsigned())
}
