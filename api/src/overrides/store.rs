//! Queries.

pub(super) mod forgetting;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::{
    override_approval,
    override_request::{ActiveModel, Column, Entity, Model},
    override_subject,
    values::{Division, FactId, OverrideId, OverrideState, PersonId, StaffId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::OnConflict,
};

use crate::{
    http::page::Place,
    platform::db::{inserted, lies_within},
};

/// Keep a request, and whom it names.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    row: Model,
    people: &[override_subject::Model],
) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await?;
    let people = people.iter().cloned();
    override_subject::Entity::insert_many::<override_subject::ActiveModel, _>(
        people.map(IntoActiveModel::into_active_model),
    )
    .exec_without_returning(db)
    .await
    .map(drop)
}

/// The request `id`, if it is of one of `regions`.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    id: OverrideId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id)
        .filter(lies_within(Column::Division, regions))
        .one(db)
        .await
}

/// The newest requests of `regions`, after `after`.
pub(super) async fn newest(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    state: Option<OverrideState>,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let older = after.map(|place| place.older(Column::RequestedAt, Column::Id));
    Entity::find()
        .filter(lies_within(Column::Division, regions))
        .apply_if(state, |all, state| all.filter(Column::State.eq(state)))
        .apply_if(older, QueryFilter::filter)
        .order_by_desc(Column::RequestedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// Whom `ids` name, row by row.
pub(super) async fn people(
    db: &impl ConnectionTrait,
    ids: &[OverrideId],
) -> Result<Vec<override_subject::Model>, DbErr> {
    use override_subject::{Column, Entity};
    Entity::find()
        .filter(Column::OverrideId.is_in(ids.iter().copied()))
        .order_by_asc(Column::OverrideId)
        .order_by_asc(Column::Position)
        .all(db)
        .await
}

/// Who approved `ids`, in order.
pub(super) async fn approvals(
    db: &impl ConnectionTrait,
    ids: &[OverrideId],
) -> Result<Vec<override_approval::Model>, DbErr> {
    use override_approval::{Column, Entity};
    Entity::find()
        .filter(Column::OverrideId.is_in(ids.iter().copied()))
        .order_by_asc(Column::ApprovedAt)
        .order_by_asc(Column::AccountId)
        .all(db)
        .await
}

/// Keep an approval. `true` unless the same person gave one.
pub(super) async fn approve(
    db: &impl ConnectionTrait,
    approval: override_approval::Model,
) -> Result<bool, DbErr> {
    use override_approval::{Column, Entity};
    let kept = Entity::insert(approval.into_active_model())
        .on_conflict(
            OnConflict::columns([Column::OverrideId, Column::AccountId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

/// Those of `people` whom a request names that waits since after `since`.
pub(super) async fn waiting_among(
    db: &impl ConnectionTrait,
    people: &[PersonId],
    since: DateTime<Utc>,
) -> Result<HashSet<PersonId>, DbErr> {
    let waiting = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.eq(OverrideState::Waiting))
        .filter(Column::RequestedAt.gt(since))
        .into_query();
    let named: Vec<PersonId> = override_subject::Entity::find()
        .select_only()
        .column(override_subject::Column::PersonId)
        .filter(override_subject::Column::PersonId.is_in(people.iter().copied()))
        .filter(override_subject::Column::OverrideId.in_subquery(waiting))
        .into_tuple()
        .all(db)
        .await?;
    Ok(named.into_iter().collect())
}

/// How many requests of `account` wait since after `since`.
pub(super) async fn waiting_of(
    db: &impl ConnectionTrait,
    account: StaffId,
    since: DateTime<Utc>,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::RequestedBy.eq(account))
        .filter(Column::State.eq(OverrideState::Waiting))
        .filter(Column::RequestedAt.gt(since))
        .count(db)
        .await
}

/// Have a request stand as `to` says, unless it has come to stand elsewhere than `from`. `true` if this
/// call did it.
pub(super) async fn turn(
    db: &impl ConnectionTrait,
    from: OverrideState,
    to: &Model,
) -> Result<bool, DbErr> {
    let turned = ActiveModel {
        state: Set(to.state),
        applied_at: Set(to.applied_at),
        closed_at: Set(to.closed_at),
        closed_by: Set(to.closed_by),
        closing_words: Set(to.closing_words.clone()),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(turned)
        .filter(Column::Id.eq(to.id))
        .filter(Column::State.eq(from))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Note which fact followed for `person`.
pub(super) async fn note_fact(
    db: &impl ConnectionTrait,
    id: OverrideId,
    person: PersonId,
    fact: FactId,
) -> Result<(), DbErr> {
    use override_subject::{ActiveModel, Column, Entity};
    let followed = ActiveModel {
        fact_id: Set(Some(fact)),
        ..Default::default()
    };
    Entity::update_many()
        .set(followed)
        .filter(Column::OverrideId.eq(id))
        .filter(Column::PersonId.eq(person))
        .exec(db)
        .await
        .map(drop)
}

/// Those who asked for and approved what the fact `fact` followed from.
pub(super) async fn took_part(
    db: &impl ConnectionTrait,
    fact: FactId,
) -> Result<Vec<StaffId>, DbErr> {
    use override_subject::{Column as Subject, Entity as Subjects};
    let Some(named) = Subjects::find()
        .filter(Subject::FactId.eq(fact))
        .one(db)
        .await?
    else {
        return Ok(Vec::new());
    };
    let request = Entity::find_by_id(named.override_id).one(db).await?;
    let approvals = approvals(db, &[named.override_id]).await?;
    let asked = request.map(|row| row.requested_by).into_iter();
    Ok(asked
        .chain(approvals.iter().map(|it| it.account_id))
        .collect())
}

/// Some of the requests that wait since before `before`, or whose own end came before `now`.
pub(super) async fn overdue(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let over = Condition::any()
        .add(Column::RequestedAt.lte(before))
        .add(Column::UntilAt.lte(now));
    Entity::find()
        .filter(Column::State.eq(OverrideState::Waiting))
        .filter(over)
        .order_by_asc(Column::RequestedAt)
        .limit(limit)
        .all(db)
        .await
}
