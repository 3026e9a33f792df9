//! Workers and their permits, many at a time.

use chrono::{DateTime, Utc};
use entity::{
    review_case, review_step,
    values::{
        Area, CaseOutcome, CaseSubject, Division, OrganisationId, PersonId, StatusIndex,
        WorkBatchId, WorkPermitId,
    },
    work_enterprise,
    work_permit::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, SelectStatement},
};

use crate::{http::page::Place, platform::db::lies_within};

/// Those that somebody has to look at by `now`, the longest waiting first.
pub(in crate::work_permits) async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::DueAt.lte(now))
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Those of a worker, the newest first.
pub(in crate::work_permits) async fn of_person(
    db: &impl ConnectionTrait,
    person: PersonId,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .order_by_desc(Column::FiledAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// The permits of `person` whose days are not over at `at` and that were not ended.
pub(in crate::work_permits) async fn counting_of(
    db: &impl ConnectionTrait,
    person: PersonId,
    at: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::ValidUntil.gt(at))
        .filter(Column::EndedAt.is_null())
        .all(db)
        .await
}

/// Those that went with `batch`.
pub(in crate::work_permits) async fn of_batch(
    db: &impl ConnectionTrait,
    batch: WorkBatchId,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::BatchId.eq(batch))
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// The last step of `case`.
pub(in crate::work_permits) async fn last_step(
    db: &impl ConnectionTrait,
    case: &review_case::Model,
) -> Result<Option<review_step::Model>, DbErr> {
    review_step::Entity::find_by_id((case.id, case.turn))
        .one(db)
        .await
}

/// The workers whose case stands at `stage`, for which `area` or one within it is responsible: those who
/// wait longest, and go with no batch yet.
pub(in crate::work_permits) async fn standing_at(
    db: &impl ConnectionTrait,
    stage: &str,
    area: &Area,
    most: u64,
) -> Result<Vec<WorkPermitId>, DbErr> {
    let cases = review_case::Entity::find()
        .select_only()
        .column(review_case::Column::SubjectId)
        .filter(review_case::Column::Subject.eq(CaseSubject::WorkPermit))
        .filter(review_case::Column::Stage.eq(stage))
        .filter(review_case::Column::Outcome.is_null())
        .filter(review_case::Column::Area.starts_with(area.stem()))
        .into_query();
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.in_subquery(cases))
        .filter(Column::BatchId.is_null())
        .order_by_asc(Column::OpenedAt)
        .order_by_asc(Column::Id)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// The returns that are public in `area` at `now`, the newest first, after `after`.
pub(in crate::work_permits) async fn public_in(
    db: &impl ConnectionTrait,
    area: &Area,
    now: DateTime<Utc>,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let lives = match area.community() {
        Some(community) => Column::ResidenceCommunity.eq(community),
        None => Column::ResidenceDivision.starts_with(area.stem()),
    };
    let mut query = Entity::find()
        .filter(lives)
        .filter(Column::PublicFrom.lte(now))
        .filter(Column::PublicUntil.gt(now))
        .filter(Column::Outcome.is_null())
        .filter(Column::EndedAt.is_null())
        .order_by_desc(Column::PublicFrom)
        .order_by_desc(Column::Id)
        .limit(most);
    if let Some(after) = after {
        query = query.filter(after.older(Column::PublicFrom, Column::Id));
    }
    query.all(db).await
}

/// That a permit is in its days at `now`, and was not ended.
fn in_force(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(Column::ValidUntil.gt(now))
        .add(Column::EndedAt.is_null())
}

/// Whose permits.
#[derive(Debug, Clone, Copy)]
pub(in crate::work_permits) enum Whose<'a> {
    /// Those of a unit.
    Unit(OrganisationId),
    /// Those of who live there.
    LivingIn(&'a Area),
}

/// Up to `most` permits in force at `now`, by their ids, after `after`.
pub(in crate::work_permits) async fn in_force_of(
    db: &impl ConnectionTrait,
    whose: Whose<'_>,
    now: DateTime<Utc>,
    after: Option<WorkPermitId>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find()
        .filter(in_force(now))
        .order_by_asc(Column::Id)
        .limit(most);
    query = match whose {
        Whose::Unit(unit) => query.filter(Column::OrganisationId.eq(unit)),
        Whose::LivingIn(area) => query.filter(match area.community() {
            Some(community) => Column::ResidenceCommunity.eq(community),
            None => Column::ResidenceDivision.starts_with(area.stem()),
        }),
    };
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    query.all(db).await
}

/// Up to `most` permits whose days are not over at `now`, whatever became of them, by their ids after
/// `after`.
pub(in crate::work_permits) async fn running(
    db: &impl ConnectionTrait,
    after: Option<WorkPermitId>,
    most: u64,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find()
        .filter(Column::ValidUntil.gt(now))
        .order_by_asc(Column::Id)
        .limit(most);
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    query.all(db).await
}

/// The places of the permits whose days are not over at `now` and that do not count all the same; `true`
/// of those that were ended. `coloured` are the people who show another colour than green.
pub(in crate::work_permits) async fn not_counting(
    db: &impl ConnectionTrait,
    coloured: SelectStatement,
    now: DateTime<Utc>,
) -> Result<Vec<(StatusIndex, bool)>, DbErr> {
    let in_force = || {
        work_enterprise::Entity::find()
            .select_only()
            .column(work_enterprise::Column::CreditCode)
            .filter(work_enterprise::Column::ListedFrom.lte(now))
            .filter(work_enterprise::Column::ListedUntil.gt(now))
    };
    // A contractor is on the list as long as whoever it works for is.
    let alone = work_enterprise::Column::Principal.is_null();
    let with_principal = work_enterprise::Column::Principal.in_subquery(in_force().into_query());
    let listed = in_force().filter(alone.or(with_principal)).into_query();
    let against = Condition::any()
        .add(Column::EndedAt.is_not_null())
        .add(Column::CreditCode.not_in_subquery(listed))
        .add(Column::PersonId.in_subquery(coloured));
    let found: Vec<(StatusIndex, Option<DateTime<Utc>>)> = Entity::find()
        .select_only()
        .columns([Column::StatusIndex, Column::EndedAt])
        .filter(Column::ValidUntil.gt(now))
        .filter(Column::StatusIndex.is_not_null())
        .filter(against)
        .into_tuple()
        .all(db)
        .await?;
    let ended = found.into_iter();
    Ok(ended.map(|(place, at)| (place, at.is_some())).collect())
}

/// How many stand at a stage.
#[derive(Debug, FromQueryResult)]
pub(in crate::work_permits) struct AtStage {
    pub(in crate::work_permits) workflow: String,
    pub(in crate::work_permits) stage: String,
    pub(in crate::work_permits) workers: i64,
    pub(in crate::work_permits) late: i64,
}

/// How many workers of enterprises of `regions` stand at which stage, and how many of them longer than was
/// promised.
pub(in crate::work_permits) async fn at_stages(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    now: DateTime<Utc>,
) -> Result<Vec<AtStage>, DbErr> {
    use review_case::{Column, Entity};
    let late = Expr::case(Column::DueAt.lte(now), 1).finally(0);
    Entity::find()
        .select_only()
        .columns([Column::Workflow, Column::Stage])
        .column_as(Column::Id.count(), "workers")
        .column_as(Expr::expr(late).sum(), "late")
        .filter(Column::Subject.eq(CaseSubject::WorkPermit))
        .filter(Column::Outcome.is_null())
        .filter(lies_within(Column::Division, regions))
        .group_by(Column::Workflow)
        .group_by(Column::Stage)
        .order_by_asc(Column::Workflow)
        .order_by_asc(Column::Stage)
        .into_model()
        .all(db)
        .await
}

/// How many workers of enterprises of `regions` there are with each outcome; none where nobody decided, and
/// whether a case was opened.
pub(in crate::work_permits) async fn outcomes(
    db: &impl ConnectionTrait,
    regions: &[&Division],
) -> Result<Vec<(Option<CaseOutcome>, i64)>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Outcome)
        .column_as(Column::Id.count(), "workers")
        .filter(lies_within(Column::Division, regions))
        .filter(Column::OpenedAt.is_not_null())
        .group_by(Column::Outcome)
        .into_tuple()
        .all(db)
        .await
}

/// How many workers of enterprises of `regions` nobody is known to be yet.
pub(in crate::work_permits) async fn not_known(
    db: &impl ConnectionTrait,
    regions: &[&Division],
) -> Result<i64, DbErr> {
    let count: Option<i64> = Entity::find()
        .select_only()
        .column_as(Column::Id.count(), "workers")
        .filter(lies_within(Column::Division, regions))
        .filter(Column::OpenedAt.is_null())
        .filter(Column::EndedAt.is_null())
        .into_tuple()
        .one(db)
        .await?;
    Ok(count.unwrap_or_default())
}

/// How many permits of enterprises of `regions` are in force at `now`.
pub(in crate::work_permits) async fn counting(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    now: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let count: Option<i64> = Entity::find()
        .select_only()
        .column_as(Column::Id.count(), "permits")
        .filter(lies_within(Column::Division, regions))
        .filter(in_force(now))
        .into_tuple()
        .one(db)
        .await?;
    Ok(count.unwrap_or_default())
}
