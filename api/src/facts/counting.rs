//! Whom facts are known of, for whoever counts people: queries, to be part of others.

use chrono::{DateTime, Utc};
use entity::{
    declared_stay, health_fact, test_result,
    values::{FactKind, TestResult},
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, IntoColumnRef, SelectStatement},
};

/// The people of whom a fact of one of `kinds` stands.
#[must_use]
pub fn people_with(kinds: &[FactKind]) -> SelectStatement {
    use health_fact::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::Kind.is_in(kinds.iter().copied()))
        .filter(Column::WithdrawnAt.is_null())
        .into_query()
}

/// The people with a sample taken after `since`.
#[must_use]
pub fn people_tested(since: DateTime<Utc>) -> SelectStatement {
    use test_result::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::SampledAt.gt(since))
        .into_query()
}

/// The people who declared where they stayed.
#[must_use]
pub fn people_who_stayed() -> SelectStatement {
    declared_stay::Entity::find()
        .select_only()
        .column(declared_stay::Column::PersonId)
        .into_query()
}

/// Samples of `person`, a column of the query around, that were negative, of a tube of their own if
/// `single`, and taken at `from` or later. A later report of the same sample is not looked for.
#[must_use]
pub fn negatives(person: impl IntoColumnRef, single: bool, from: DateTime<Utc>) -> SelectStatement {
    use test_result::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Expr::col((Entity, Column::PersonId)).equals(person))
        .filter(Column::Result.eq(TestResult::Negative))
        .filter(Column::SampledAt.gte(from))
        .apply_if(single.then_some(1_i16), |all, one| {
            all.filter(Column::TubeSize.eq(one))
        })
        .into_query()
}
