//! Rules that everybody was looked at for, as rows.

use chrono::{DateTime, Utc};
use entity::{
    assessment, rule_round,
    values::{Division, PersonId},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr,
    EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::OnConflict,
};

/// The rules that were in force when somebody looked last.
pub(in crate::health_code) async fn in_force(
    db: &impl ConnectionTrait,
) -> Result<Vec<rule_round::Model>, DbErr> {
    rule_round::Entity::find()
        .filter(rule_round::Column::InForce.eq(true))
        .all(db)
        .await
}

/// Keep `row`, in place of what was known of that version.
pub(in crate::health_code) async fn save(
    db: &impl ConnectionTrait,
    row: rule_round::Model,
) -> Result<(), DbErr> {
    use rule_round::{ActiveModel, Column, Entity};
    let again = OnConflict::columns([Column::Rule, Column::RuleVersion])
        .update_columns([
            Column::Scope,
            Column::InForce,
            Column::Since,
            Column::DueAt,
            Column::MarkedPerson,
        ])
        .to_owned();
    Entity::insert(ActiveModel::from(row).reset_all())
        .on_conflict(again)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Whether `version` of the rule with `id` is known to be in force, and nobody is left to be marked
/// for any rule that turned.
pub(in crate::health_code) async fn is_over(
    db: &impl ConnectionTrait,
    id: &str,
    version: &str,
) -> Result<bool, DbErr> {
    use rule_round::{Column, Entity};
    let noticed = Entity::find_by_id((id.to_owned(), version.to_owned()))
        .filter(Column::InForce.eq(true))
        .one(db)
        .await?;
    let going_on = Entity::find()
        .filter(Column::DueAt.is_not_null())
        .one(db)
        .await?;
    Ok(noticed.is_some() && going_on.is_none())
}

/// A round whose next step is due.
pub(in crate::health_code) async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Option<rule_round::Model>, DbErr> {
    rule_round::Entity::find()
        .filter(rule_round::Column::DueAt.lte(now))
        .order_by_asc(rule_round::Column::DueAt)
        .one(db)
        .await
}

/// Claim the next step of `row` until `until`. `false` if somebody else has, or the rule turned.
pub(in crate::health_code) async fn claim(
    db: &impl ConnectionTrait,
    row: &rule_round::Model,
    until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let claim = rule_round::ActiveModel {
        due_at: Set(Some(until)),
        ..Default::default()
    };
    move_on(db, row, row.due_at, claim).await
}

/// Everybody up to `last` is marked by the step of `row` that was claimed until `until`: go on at
/// `next`, or not at all.
pub(in crate::health_code) async fn go_on(
    db: &impl ConnectionTrait,
    row: &rule_round::Model,
    until: DateTime<Utc>,
    next: Option<DateTime<Utc>>,
    last: Option<PersonId>,
) -> Result<(), DbErr> {
    let to = rule_round::ActiveModel {
        due_at: Set(next),
        marked_person: Set(last.filter(|_| next.is_some())),
        ..Default::default()
    };
    move_on(db, row, Some(until), to).await.map(drop)
}

async fn move_on(
    db: &impl ConnectionTrait,
    row: &rule_round::Model,
    due_at: Option<DateTime<Utc>>,
    to: rule_round::ActiveModel,
) -> Result<bool, DbErr> {
    use rule_round::{Column, Entity};
    let done = Entity::update_many()
        .set(to)
        .filter(Column::Rule.eq(&row.rule))
        .filter(Column::RuleVersion.eq(&row.rule_version))
        .filter(Column::InForce.eq(row.in_force))
        .filter(Column::Since.eq(row.since))
        .filter(Column::DueAt.eq(due_at))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Up to `most` people who were assessed as living in one of `scope`, or anywhere if that is empty:
/// by person, after `after`.
pub(in crate::health_code) async fn assessed(
    db: &impl ConnectionTrait,
    scope: &[Division],
    after: Option<PersonId>,
    most: u64,
) -> Result<Vec<PersonId>, DbErr> {
    use assessment::{Column, Entity};
    let within = |region: &Division| {
        let (first, last) = (
            format!("{:0<6}", region.stem()),
            format!("{:9<6}", region.stem()),
        );
        Column::Division.between(first, last)
    };
    let anywhere = Condition::all();
    let somewhere = scope
        .iter()
        .map(within)
        .fold(Condition::any(), Condition::add);
    Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(if scope.is_empty() {
            anywhere
        } else {
            somewhere
        })
        .apply_if(after, |people, after| {
            people.filter(Column::PersonId.gt(after))
        })
        .order_by_asc(Column::PersonId)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}
