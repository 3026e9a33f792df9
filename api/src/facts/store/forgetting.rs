//! Old tests and facts as rows: whose they are, and that they go.

use chrono::{DateTime, Utc};
use entity::{
    health_fact, test_result,
    values::{FactId, PersonId},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

use crate::http::page::Place;

/// Up to `most` reports of samples that were taken before `before`, the oldest first, after `after`. It reads the
/// index of `sampled_at`, and nothing that is younger.
#[must_use]
pub fn old_reports(
    before: DateTime<Utc>,
    after: Option<Place>,
    most: u64,
) -> Select<test_result::Entity> {
    use test_result::{Column, Entity};
    let later = after.map(|place| place.later(Column::SampledAt, Column::PersonId));
    Entity::find()
        .filter(Column::SampledAt.lt(before))
        .apply_if(later, QueryFilter::filter)
        .order_by_asc(Column::SampledAt)
        .order_by_asc(Column::PersonId)
        .limit(most)
}

/// When each sample of [`old_reports`] was taken, of whom, and whether another one was taken since.
pub(in crate::facts) async fn sampled_before(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<(DateTime<Utc>, PersonId, bool)>, DbErr> {
    use test_result::{Column, Entity};
    let newer = |column| Expr::col(("newer", column));
    let tested = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, "newer")
        .and_where(newer(Column::PersonId).equals((Entity, Column::PersonId)))
        .and_where(newer(Column::SampledAt).gt(Expr::col((Entity, Column::SampledAt))))
        .take();
    old_reports(before, after, most)
        .select_only()
        .columns([Column::SampledAt, Column::PersonId])
        .expr_as(Expr::exists(tested), "since")
        .into_tuple()
        .all(db)
        .await
}

/// Up to `most` facts that happened before `before`, the oldest first, after `after`. It reads the index of
/// `happened_at`, and nothing that is younger.
#[must_use]
pub fn old_facts(
    before: DateTime<Utc>,
    after: Option<Place>,
    most: u64,
) -> Select<health_fact::Entity> {
    use health_fact::{Column, Entity};
    let later = after.map(|place| place.later(Column::HappenedAt, Column::Id));
    Entity::find()
        .filter(Column::HappenedAt.lt(before))
        .apply_if(later, QueryFilter::filter)
        .order_by_asc(Column::HappenedAt)
        .order_by_asc(Column::Id)
        .limit(most)
}

/// Where each of [`old_facts`] stands in their order, and whom it is about.
pub(in crate::facts) async fn happened_before(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<(DateTime<Utc>, FactId, PersonId)>, DbErr> {
    use health_fact::Column;
    old_facts(before, after, most)
        .select_only()
        .columns([Column::HappenedAt, Column::Id, Column::PersonId])
        .into_tuple()
        .all(db)
        .await
}

/// Reports of the same sample that are not from before `before`.
fn younger_report(before: DateTime<Utc>) -> SelectStatement {
    use test_result::{Column, Entity};
    let of = |column| Expr::col(("younger", column));
    let young = Condition::any()
        .add(of(Column::SampledAt).gte(before))
        .add(of(Column::RecordedAt).gte(before));
    Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, "younger")
        .and_where(of(Column::PersonId).equals((Entity, Column::PersonId)))
        .and_where(of(Column::Sample).equals((Entity, Column::Sample)))
        .cond_where(young)
        .take()
}

/// Forget what was reported of `person`'s samples that were taken, and recorded, before `before`, but for `kept`. A
/// sample goes as a whole: what a later report says of it never gives way to an earlier one. Returns how many
/// reports there were.
pub(in crate::facts) async fn forget_reports(
    db: &impl ConnectionTrait,
    person: PersonId,
    before: DateTime<Utc>,
    kept: &[String],
) -> Result<u64, DbErr> {
    use test_result::{Column, Entity};
    let gone = Entity::delete_many()
        .filter(Column::PersonId.eq(person))
        .filter(Column::SampledAt.lt(before))
        .filter(Column::Sample.is_not_in(kept.iter().map(String::as_str)))
        .filter(Expr::not_exists(younger_report(before)))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}

/// Forget the facts about `person` that were recorded and ended, or were withdrawn, before `before`, but for `kept`.
/// Returns how many there were.
pub(in crate::facts) async fn forget_facts(
    db: &impl ConnectionTrait,
    person: PersonId,
    before: DateTime<Utc>,
    kept: &[FactId],
) -> Result<u64, DbErr> {
    use health_fact::{Column, Entity};
    let ended = Condition::any()
        .add(Column::EndsAt.is_null())
        .add(Column::EndsAt.lt(before));
    let stood = Condition::all()
        .add(Column::WithdrawnAt.is_null())
        .add(ended);
    let gone = Entity::delete_many()
        .filter(Column::PersonId.eq(person))
        .filter(Column::HappenedAt.lt(before))
        .filter(Column::RecordedAt.lt(before))
        .filter(
            Condition::any()
                .add(Column::WithdrawnAt.lt(before))
                .add(stood),
        )
        .filter(Column::Id.is_not_in(kept.iter().copied()))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}
