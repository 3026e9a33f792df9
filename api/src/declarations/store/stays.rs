//! Declared stays as rows.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    declared_stay::{ActiveModel, Column, Entity, Model},
    values::{Division, PersonId},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr,
    EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::platform::clock::midnight;

/// Have `rows` count for `person` from `at` on, in place of what was declared before.
pub(in crate::declarations) async fn replace(
    db: &impl ConnectionTrait,
    person: PersonId,
    rows: Vec<Model>,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel {
            replaced_at: Set(Some(at)),
            ..Default::default()
        })
        .filter(Column::PersonId.eq(person))
        .filter(Column::ReplacedAt.is_null())
        .exec(db)
        .await?;
    let rows = rows
        .into_iter()
        .map(|row| row.into_active_model().reset_all());
    Entity::insert_many(rows)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The stays that count for `person`, or that did at `until`.
pub(in crate::declarations) async fn of(
    db: &impl ConnectionTrait,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<Model>, DbErr> {
    let not_replaced = Condition::any()
        .add(Column::ReplacedAt.is_null())
        .add_option(until.map(|until| Column::ReplacedAt.gt(until)));
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(not_replaced)
        .apply_if(until, |stays, until| {
            stays.filter(Column::DeclaredAt.lte(until))
        })
        .order_by_asc(Column::Position)
        .all(db)
        .await
}

/// Every stay that `person` declared, or had at `until`.
pub(in crate::declarations) async fn ever_of(
    db: &impl ConnectionTrait,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .apply_if(until, |stays, until| {
            stays.filter(Column::DeclaredAt.lte(until))
        })
        .order_by_asc(Column::DeclaredAt)
        .order_by_asc(Column::Position)
        .all(db)
        .await
}

/// Whose stays that count, or did on a day from `first`, touch `place` on a day from `first` to `last`: by declared division and
/// person, after `after`.
pub(in crate::declarations) async fn within(
    db: &impl ConnectionTrait,
    place: &Division,
    first: NaiveDate,
    last: Option<NaiveDate>,
    after: Option<&(Division, PersonId)>,
    most: u64,
) -> Result<Vec<(Division, PersonId)>, DbErr> {
    let after = after.cloned().map(|(division, person)| {
        let same = Condition::all()
            .add(Column::Division.eq(division.clone()))
            .add(Column::PersonId.gt(person));
        Condition::any()
            .add(Column::Division.gt(division))
            .add(same)
    });
    let inside = Column::Division.between(
        format!("{:0<6}", place.stem()),
        format!("{:9<6}", place.stem()),
    );
    let not_over = Condition::any()
        .add(Column::LastDay.is_null())
        .add(Column::LastDay.gte(first));
    // A hold still counts by what was replaced since.
    let not_replaced = Condition::any()
        .add(Column::ReplacedAt.is_null())
        .add(Column::ReplacedAt.gt(midnight(first)));
    Entity::find()
        .select_only()
        .columns([Column::Division, Column::PersonId])
        .distinct()
        .filter(
            Condition::any()
                .add(inside)
                .add(Column::Division.is_in(place.chain())),
        )
        .filter(not_replaced)
        .filter(not_over)
        .apply_if(last, |stays, last| stays.filter(Column::FirstDay.lte(last)))
        .apply_if(after, QueryFilter::filter)
        .order_by_asc(Column::Division)
        .order_by_asc(Column::PersonId)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}
