//! Cases as rows.

pub(super) mod forgetting;

use chrono::{DateTime, Utc};
use entity::{
    review_breach, review_case, review_contact, review_step, review_workflow,
    values::{CaseAction, CaseId, CaseSubject},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::OnConflict,
};
use uuid::Uuid;

use crate::platform::db::inserted;

/// Version `version` of the workflow `key`.
pub(super) async fn workflow(
    db: &impl ConnectionTrait,
    key: &str,
    version: i64,
) -> Result<Option<review_workflow::Model>, DbErr> {
    review_workflow::Entity::find_by_id((key.to_owned(), version))
        .one(db)
        .await
}

/// The newest version of the workflow `key`.
pub(super) async fn newest_version(
    db: &impl ConnectionTrait,
    key: &str,
) -> Result<Option<i64>, DbErr> {
    use review_workflow::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Version)
        .filter(Column::Key.eq(key))
        .order_by_desc(Column::Version)
        .into_tuple()
        .one(db)
        .await
}

/// Keep a version of a workflow, unless it is kept. `true` if this call kept it.
pub(super) async fn insert_workflow(
    db: &impl ConnectionTrait,
    row: review_workflow::Model,
) -> Result<bool, DbErr> {
    use review_workflow::{Column, Entity};
    let known = OnConflict::columns([Column::Key, Column::Version])
        .do_nothing()
        .to_owned();
    let kept = Entity::insert(row.into_active_model().reset_all())
        .on_conflict(known)
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

/// Keep a new case, unless there is one about the same. `true` if this call kept it.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    row: review_case::Model,
) -> Result<bool, DbErr> {
    use review_case::{Column, Entity};
    let known = OnConflict::columns([Column::Subject, Column::SubjectId])
        .do_nothing()
        .to_owned();
    let kept = Entity::insert(row.into_active_model().reset_all())
        .on_conflict(known)
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    id: CaseId,
) -> Result<Option<review_case::Model>, DbErr> {
    review_case::Entity::find_by_id(id).one(db).await
}

/// The case about `id`.
pub(super) async fn find_about(
    db: &impl ConnectionTrait,
    subject: CaseSubject,
    id: Uuid,
) -> Result<Option<review_case::Model>, DbErr> {
    use review_case::{Column, Entity};
    Entity::find()
        .filter(Column::Subject.eq(subject))
        .filter(Column::SubjectId.eq(id))
        .one(db)
        .await
}

/// Let `before` become `after`, unless it moved since it was read. `true` if this call moved it.
pub(super) async fn move_on(
    db: &impl ConnectionTrait,
    before: &review_case::Model,
    after: &review_case::Model,
) -> Result<bool, DbErr> {
    use review_case::{Column, Entity};
    let done = Entity::update_many()
        .set(after.clone().into_active_model().reset_all())
        .filter(Column::Id.eq(before.id))
        .filter(Column::Turn.eq(before.turn))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Let the clock of `before` show what that of `after` does, unless the case moved or somebody set its clock
/// since it was read. `true` if this call set it. No step is made of it.
pub(super) async fn set_clock(
    db: &impl ConnectionTrait,
    before: &review_case::Model,
    after: &review_case::Model,
) -> Result<bool, DbErr> {
    use review_case::{ActiveModel, Column, Entity};
    let clock = ActiveModel {
        due_at: Set(after.due_at),
        provisional: Set(after.provisional),
        calendar_version: Set(after.calendar_version),
        timer: Set(after.timer),
        timer_at: Set(after.timer_at),
        late_since: Set(after.late_since),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(clock)
        .filter(Column::Id.eq(before.id))
        .filter(Column::Turn.eq(before.turn))
        .filter(Column::TimerAt.eq(before.timer_at))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// The cases whose clock does something by `now`, longest waiting first. The sweep's query: it reads the
/// index of `timer_at`, and nothing that is not due.
#[must_use]
pub fn due_cases(now: DateTime<Utc>, most: u64) -> Select<review_case::Entity> {
    use review_case::{Column, Entity};
    Entity::find()
        .filter(Column::TimerAt.lte(now))
        .order_by_asc(Column::TimerAt)
        .order_by_asc(Column::Id)
        .limit(most)
}

pub(super) async fn all(
    db: &impl ConnectionTrait,
    cases: Select<review_case::Entity>,
) -> Result<Vec<review_case::Model>, DbErr> {
    cases.all(db).await
}

/// The cases whose limit was worked out by a calendar before `version`. It reads the index of
/// `calendar_version`, in which cases without a limit of a calendar are not looked for.
#[must_use]
pub fn older_cases(version: i64, most: u64) -> Select<review_case::Entity> {
    use review_case::{Column, Entity};
    Entity::find()
        .filter(Column::CalendarVersion.lt(version))
        .order_by_asc(Column::CalendarVersion)
        .order_by_asc(Column::Id)
        .limit(most)
}

/// How many cases wait for their clock to do what it is due to do by `now`.
pub(super) async fn count_due(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, DbErr> {
    use review_case::{Column, Entity};
    Entity::find()
        .filter(Column::TimerAt.lte(now))
        .count(db)
        .await
}

pub(super) async fn insert_step(
    db: &impl ConnectionTrait,
    row: review_step::Model,
) -> Result<(), DbErr> {
    review_step::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// How often `action` was done to `case` at the stage where it stands.
pub(super) async fn count_steps(
    db: &impl ConnectionTrait,
    case: &review_case::Model,
    action: CaseAction,
) -> Result<u64, DbErr> {
    use review_step::{Column, Entity};
    Entity::find()
        .filter(Column::CaseId.eq(case.id))
        .filter(Column::Stage.eq(&case.stage))
        .filter(Column::Action.eq(action))
        .count(db)
        .await
}

/// The last step of `case` by which the applicant was asked for something.
pub(super) async fn last_asking(
    db: &impl ConnectionTrait,
    case: CaseId,
) -> Result<Option<review_step::Model>, DbErr> {
    use review_step::{Column, Entity};
    Entity::find()
        .filter(Column::CaseId.eq(case))
        .filter(Column::Action.eq(CaseAction::Ask))
        .order_by_desc(Column::Turn)
        .one(db)
        .await
}

pub(super) async fn insert_contact(
    db: &impl ConnectionTrait,
    row: review_contact::Model,
) -> Result<(), DbErr> {
    review_contact::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The contacts of `case` since it came to the stage, in order.
pub(super) async fn contacts_of_stay(
    db: &impl ConnectionTrait,
    case: &review_case::Model,
) -> Result<Vec<review_contact::Model>, DbErr> {
    use review_contact::{Column, Entity};
    Entity::find()
        .filter(Column::CaseId.eq(case.id))
        .filter(Column::Stay.eq(case.stay))
        .order_by_asc(Column::At)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// What is booked of the stay of `case` that began with the step `stay`.
pub(super) async fn find_breach(
    db: &impl ConnectionTrait,
    case: CaseId,
    stay: i64,
) -> Result<Option<review_breach::Model>, DbErr> {
    review_breach::Entity::find_by_id((case, stay))
        .one(db)
        .await
}

/// Book a promise as broken, unless it is booked and that stands. `true` if this call booked it.
pub(super) async fn book(
    db: &impl ConnectionTrait,
    row: review_breach::Model,
) -> Result<bool, DbErr> {
    use review_breach::{Column, Entity};
    let booked = OnConflict::columns([Column::CaseId, Column::Turn])
        .do_nothing()
        .to_owned();
    let kept = Entity::insert(row.clone().into_active_model().reset_all())
        .on_conflict(booked)
        .exec_without_returning(db)
        .await;
    if inserted(kept)? {
        return Ok(true);
    }
    let (case, stay) = (row.case_id, row.turn);
    let again = Entity::update_many()
        .set(row.into_active_model().reset_all())
        .filter(Column::CaseId.eq(case))
        .filter(Column::Turn.eq(stay))
        .filter(Column::CorrectedAt.is_not_null())
        .exec(db)
        .await?;
    Ok(again.rows_affected == 1)
}

/// Up to `most` of what was booked by a calendar before `version` and may not have been broken.
pub(super) async fn older_breaches(
    db: &impl ConnectionTrait,
    version: i64,
    most: u64,
) -> Result<Vec<review_breach::Model>, DbErr> {
    use review_breach::{Column, Entity};
    Entity::find()
        .filter(Column::CalendarVersion.lt(version))
        .order_by_asc(Column::CalendarVersion)
        .order_by_asc(Column::CaseId)
        .limit(most)
        .all(db)
        .await
}

/// Keep by which calendar `breach` is to be looked at again, or when it was found not to be one, and its true
/// limit.
pub(super) async fn settle_breach(
    db: &impl ConnectionTrait,
    breach: &review_breach::Model,
    version: Option<i64>,
    corrected: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> Result<(), DbErr> {
    use review_breach::{ActiveModel, Column, Entity};
    let found = ActiveModel {
        calendar_version: Set(version),
        corrected_at: Set(corrected.map(|(at, _)| at)),
        corrected_to: Set(corrected.map(|(_, to)| to)),
        ..Default::default()
    };
    Entity::update_many()
        .set(found)
        .filter(Column::CaseId.eq(breach.case_id))
        .filter(Column::Turn.eq(breach.turn))
        .exec(db)
        .await
        .map(drop)
}

/// When the clock stopped whose limit was booked as `breach`. `None` while it runs.
pub(super) async fn stay_ended(
    db: &impl ConnectionTrait,
    breach: &review_breach::Model,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    use review_step::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::At)
        .filter(Column::CaseId.eq(breach.case_id))
        .filter(Column::Stay.eq(breach.turn))
        .filter(Column::Turn.gt(breach.turn))
        .filter(Column::At.gte(breach.due_at))
        .order_by_asc(Column::Turn)
        .into_tuple()
        .one(db)
        .await
}

/// Let the case `id` be late since the first of its limits that was reached and stands, or not at all.
pub(super) async fn set_late(db: &impl ConnectionTrait, id: CaseId) -> Result<(), DbErr> {
    use review_breach::{Column, Entity};
    let since: Option<DateTime<Utc>> = Entity::find()
        .select_only()
        .column(Column::DueAt)
        .filter(Column::CaseId.eq(id))
        .filter(Column::CorrectedAt.is_null())
        .order_by_asc(Column::DueAt)
        .into_tuple()
        .one(db)
        .await?;
    let late = review_case::ActiveModel {
        late_since: Set(since),
        ..Default::default()
    };
    review_case::Entity::update_many()
        .set(late)
        .filter(review_case::Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}
