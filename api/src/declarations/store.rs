//! Reports as rows. The person is a parameter of every query.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    check_in, declaration,
    values::{DeclarationId, Division, PersonId},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict, Query, SelectStatement},
};

use crate::platform::{
    clock::{local_date, midnight},
    db::inserted,
};

pub(super) mod forgetting;
pub(super) mod stays;

pub(super) async fn latest_declaration(
    db: &impl ConnectionTrait,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Option<declaration::Model>, DbErr> {
    declaration::Entity::find()
        .filter(declaration::Column::PersonId.eq(person))
        .apply_if(until, |all, until| {
            all.filter(declaration::Column::DeclaredAt.lte(until))
        })
        .order_by_desc(declaration::Column::Version)
        .one(db)
        .await
}

/// Keep a version. `false` if that version exists.
pub(super) async fn insert_declaration(
    db: &impl ConnectionTrait,
    row: declaration::Model,
) -> Result<bool, DbErr> {
    use declaration::{ActiveModel, Column, Entity};
    let kept = Entity::insert(ActiveModel::from(row).reset_all())
        .on_conflict(
            OnConflict::columns([Column::PersonId, Column::Version])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

pub(super) async fn declaration(
    db: &impl ConnectionTrait,
    person: PersonId,
    id: DeclarationId,
) -> Result<Option<declaration::Model>, DbErr> {
    declaration::Entity::find_by_id(id)
        .filter(declaration::Column::PersonId.eq(person))
        .one(db)
        .await
}

/// Versions below `before`, newest first.
pub(super) async fn declarations(
    db: &impl ConnectionTrait,
    person: PersonId,
    before: i32,
    most: u64,
) -> Result<Vec<declaration::Model>, DbErr> {
    use declaration::{Column, Entity};
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::Version.lt(before))
        .order_by_desc(Column::Version)
        .limit(most)
        .all(db)
        .await
}

/// Who declared to live within `region`, by division and person, after `after`. Whoever moved is
/// among them.
pub(super) async fn declared_within(
    db: &impl ConnectionTrait,
    region: &Division,
    after: Option<&(Division, PersonId)>,
    most: u64,
) -> Result<Vec<(Division, PersonId)>, DbErr> {
    use declaration::{Column, Entity};
    let after = after.cloned().map(|(division, person)| {
        let same = Condition::all()
            .add(Column::Division.eq(division.clone()))
            .add(Column::PersonId.gt(person));
        Condition::any()
            .add(Column::Division.gt(division))
            .add(same)
    });
    let (first, last) = (
        format!("{:0<6}", region.stem()),
        format!("{:9<6}", region.stem()),
    );
    Entity::find()
        .select_only()
        .columns([Column::Division, Column::PersonId])
        .distinct()
        .filter(Column::Division.between(first, last))
        .apply_if(after, QueryFilter::filter)
        .order_by_asc(Column::Division)
        .order_by_asc(Column::PersonId)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// The people with a declaration of an arrival.
pub(super) fn people_who_arrived() -> SelectStatement {
    declaration::Entity::find()
        .select_only()
        .column(declaration::Column::PersonId)
        .filter(declaration::Column::ArrivedOn.is_not_null())
        .into_query()
}

pub(super) async fn latest_check_in(
    db: &impl ConnectionTrait,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Option<check_in::Model>, DbErr> {
    check_in::Entity::find()
        .filter(check_in::Column::PersonId.eq(person))
        .apply_if(until, |all, until| {
            all.filter(check_in::Column::CheckedInAt.lte(until))
        })
        .order_by_desc(check_in::Column::Day)
        .one(db)
        .await
}

/// Keep a day's check-in. `false` if the day has one: waits for a transaction that is making one.
pub(super) async fn insert_check_in(
    db: &impl ConnectionTrait,
    row: check_in::Model,
) -> Result<bool, DbErr> {
    use check_in::{ActiveModel, Column, Entity};
    let kept = Entity::insert(ActiveModel::from(row).reset_all())
        .on_conflict(
            OnConflict::columns([Column::PersonId, Column::Day])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

pub(super) async fn check_in_of(
    db: &impl ConnectionTrait,
    person: PersonId,
    day: NaiveDate,
) -> Result<Option<check_in::Model>, DbErr> {
    check_in::Entity::find()
        .filter(check_in::Column::PersonId.eq(person))
        .filter(check_in::Column::Day.eq(day))
        .one(db)
        .await
}

/// Days before `before`, or all, newest first.
pub(super) async fn check_ins(
    db: &impl ConnectionTrait,
    person: PersonId,
    before: Option<NaiveDate>,
    most: u64,
) -> Result<Vec<check_in::Model>, DbErr> {
    use check_in::{Column, Entity};
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .apply_if(before, |days, before| days.filter(Column::Day.lt(before)))
        .order_by_desc(Column::Day)
        .limit(most)
        .all(db)
        .await
}

/// Up to `most` people who checked in on `day`, but not on `today`, and who are not among those that
/// `reminded` selects: by person, after `after`.
pub(super) async fn not_checked_in(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    today: NaiveDate,
    reminded: SelectStatement,
    after: Option<PersonId>,
    most: u64,
) -> Result<Vec<PersonId>, DbErr> {
    use check_in::{Column, Entity};
    let done = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, "done")
        .and_where(Expr::col(("done", Column::PersonId)).equals((Entity, Column::PersonId)))
        .and_where(Expr::col(("done", Column::Day)).eq(today))
        .take();
    let reminded = Query::select()
        .expr(Expr::val(1))
        .from_subquery(reminded, "reminded")
        .and_where(Expr::col(("reminded", Column::PersonId)).equals((Entity, Column::PersonId)))
        .take();
    Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::Day.eq(day))
        .apply_if(after, |people, after| {
            people.filter(Column::PersonId.gt(after))
        })
        .filter(Expr::not_exists(done))
        .filter(Expr::not_exists(reminded))
        .order_by_asc(Column::PersonId)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

pub(super) async fn days_reported_since(
    db: &impl ConnectionTrait,
    person: PersonId,
    first: NaiveDate,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<NaiveDate>, DbErr> {
    let mut days: Vec<NaiveDate> = check_in::Entity::find()
        .select_only()
        .column(check_in::Column::Day)
        .filter(check_in::Column::PersonId.eq(person))
        .filter(check_in::Column::Day.gte(first))
        .apply_if(until, |days, until| {
            days.filter(check_in::Column::CheckedInAt.lte(until))
        })
        .into_tuple()
        .all(db)
        .await?;
    let declared: Vec<DateTime<Utc>> = declaration::Entity::find()
        .select_only()
        .column(declaration::Column::DeclaredAt)
        .filter(declaration::Column::PersonId.eq(person))
        .filter(declaration::Column::DeclaredAt.gte(midnight(first)))
        .apply_if(until, |declared, until| {
            declared.filter(declaration::Column::DeclaredAt.lte(until))
        })
        .into_tuple()
        .all(db)
        .await?;
    days.extend(declared.into_iter().map(local_date));
    days.sort_unstable();
    days.dedup();
    Ok(days)
}
