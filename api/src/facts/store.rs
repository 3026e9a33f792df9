//! Tests and facts as rows. The person is a parameter of every query about one.

use chrono::{DateTime, Utc};
use entity::{
    health_fact, test_result,
    values::{FactId, PersonId},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::OnConflict,
};

use crate::platform::db::inserted;

pub(super) mod areas;
pub(super) mod forgetting;
pub(super) mod sources;

/// Reports of one person that are looked at, the samples taken last first. Nobody is tested so often
/// within the days that count.
const MOST_REPORTS: u64 = 400;

/// The newest reports about `person`; with `until`, those recorded by then.
pub(super) async fn reports(
    db: &impl ConnectionTrait,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<test_result::Model>, DbErr> {
    use test_result::{Column, Entity};
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .apply_if(until, |reports, until| {
            reports.filter(Column::RecordedAt.lte(until))
        })
        .order_by_desc(Column::SampledAt)
        .order_by_desc(Column::Sample)
        .order_by_desc(Column::ReportedAt)
        .limit(MOST_REPORTS)
        .all(db)
        .await
}

/// What `person`'s sample was reported to be at `reported_at`, if anything.
pub(super) async fn report(
    db: &impl ConnectionTrait,
    person: PersonId,
    sample: &str,
    reported_at: DateTime<Utc>,
) -> Result<Option<test_result::Model>, DbErr> {
    use test_result::{Column, Entity};
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::Sample.eq(sample))
        .filter(Column::ReportedAt.eq(reported_at))
        .one(db)
        .await
}

/// The report of `person`'s sample that was recorded first, if there is one.
pub(super) async fn first_report(
    db: &impl ConnectionTrait,
    person: PersonId,
    sample: &str,
) -> Result<Option<test_result::Model>, DbErr> {
    use test_result::{Column, Entity};
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::Sample.eq(sample))
        .order_by_asc(Column::RecordedAt)
        .order_by_asc(Column::ReportedAt)
        .one(db)
        .await
}

/// Keep a report that is not there.
pub(super) async fn insert_report(
    db: &impl ConnectionTrait,
    row: test_result::Model,
) -> Result<(), DbErr> {
    test_result::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The facts about `person`, the one that happened first first; with `until`, those recorded by then.
pub(super) async fn facts(
    db: &impl ConnectionTrait,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<health_fact::Model>, DbErr> {
    use health_fact::{Column, Entity};
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .apply_if(until, |facts, until| {
            facts.filter(Column::RecordedAt.lte(until))
        })
        .order_by_asc(Column::HappenedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

pub(super) async fn fact(
    db: &impl ConnectionTrait,
    id: FactId,
) -> Result<Option<health_fact::Model>, DbErr> {
    health_fact::Entity::find_by_id(id).one(db).await
}

/// What `source` calls `reference`.
pub(super) async fn fact_called(
    db: &impl ConnectionTrait,
    source: &str,
    reference: &str,
) -> Result<Option<health_fact::Model>, DbErr> {
    use health_fact::{Column, Entity};
    Entity::find()
        .filter(Column::Source.eq(source))
        .filter(Column::SourceRef.eq(reference))
        .one(db)
        .await
}

/// Keep a fact, unless its source brought one that it calls the same. `true` if this call kept it;
/// waits for a transaction that is bringing one.
pub(super) async fn insert_fact(
    db: &impl ConnectionTrait,
    row: health_fact::Model,
) -> Result<bool, DbErr> {
    use health_fact::{Column, Entity};
    let kept = Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns([Column::Source, Column::SourceRef])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

/// Withdraw a fact as `withdrawn` says, unless somebody has. `true` if this call did.
pub(super) async fn withdraw(
    db: &impl ConnectionTrait,
    withdrawn: &health_fact::Model,
) -> Result<bool, DbErr> {
    use health_fact::{ActiveModel, Column, Entity};
    let done = Entity::update_many()
        .set(ActiveModel {
            withdrawn_at: Set(withdrawn.withdrawn_at),
            withdrawn_by: Set(withdrawn.withdrawn_by.clone()),
            withdrawal_reason: Set(withdrawn.withdrawal_reason.clone()),
            withdrawal_note: Set(withdrawn.withdrawal_note.clone()),
            ..Default::default()
        })
        .filter(Column::Id.eq(withdrawn.id))
        .filter(Column::WithdrawnAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
