//! Holds and assessments as rows.

pub(super) mod forgetting;
pub(super) mod rounds;

use chrono::{DateTime, Utc};
use entity::{
    assessment, hold,
    values::{HoldId, PersonId},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
    sea_query::{OnConflict, SelectStatement},
};

/// The causes that hold or held for `person`, in the order of their beginnings.
pub(super) async fn holds(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<hold::Model>, DbErr> {
    hold::Entity::find()
        .filter(hold::Column::PersonId.eq(person))
        .order_by_asc(hold::Column::StartsAt)
        .order_by_asc(hold::Column::Id)
        .all(db)
        .await
}

pub(super) async fn open_hold(db: &impl ConnectionTrait, row: hold::Model) -> Result<(), DbErr> {
    hold::Entity::insert(hold::ActiveModel::from(row).reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Release a hold of `person` that still holds.
pub(super) async fn release_hold(
    db: &impl ConnectionTrait,
    person: PersonId,
    hold: HoldId,
    by: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let release = hold::ActiveModel {
        released_at: Set(Some(at)),
        released_by: Set(Some(by.to_owned())),
        ..Default::default()
    };
    hold::Entity::update_many()
        .set(release)
        .filter(hold::Column::Id.eq(hold))
        .filter(hold::Column::PersonId.eq(person))
        .filter(hold::Column::ReleasedAt.is_null())
        .exec(db)
        .await
        .map(drop)
}

pub(super) async fn assessment(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<assessment::Model>, DbErr> {
    assessment::Entity::find_by_id(person).one(db).await
}

/// The people whose declaration was compared, each with the version of their last assessment.
pub(super) fn compared() -> SelectStatement {
    use assessment::{Column, Entity};
    Entity::find()
        .select_only()
        .columns([Column::PersonId, Column::Version])
        .filter(Column::DeclarationId.is_not_null())
        .into_query()
}

/// The people who show another colour than green.
pub(super) fn coloured() -> SelectStatement {
    use assessment::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::Shown.ne(entity::values::Colour::Green))
        .into_query()
}

/// Record that `person` was assessed.
pub(super) async fn save_assessment(
    db: &impl ConnectionTrait,
    row: assessment::Model,
) -> Result<(), DbErr> {
    use assessment::{ActiveModel, Column, Entity};
    let again = OnConflict::column(Column::PersonId)
        .update_columns([
            Column::Version,
            Column::DeclarationId,
            Column::AssessedAt,
            Column::NextChangeAt,
            Column::Shown,
            Column::Division,
            Column::ComparedAt,
            Column::RecordAt,
        ])
        .to_owned();
    Entity::insert(ActiveModel::from(row).reset_all())
        .on_conflict(again)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Up to `most` people whose outcome time alone has changed by `now`, and who are not among those
/// that `waiting` selects: these would hide the rest.
pub(super) async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    waiting: SelectStatement,
    most: u64,
) -> Result<Vec<PersonId>, DbErr> {
    use assessment::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::NextChangeAt.lte(now))
        .filter(Column::PersonId.not_in_subquery(waiting))
        .order_by_asc(Column::NextChangeAt)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}
