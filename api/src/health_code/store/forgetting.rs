//! Old causes and changes as rows: whose they are, what is named by something open, and that they go.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    assessment, check_in, colour_change, colour_change_rule, correction, health_fact, hold,
    override_request, override_subject, pass_application, pass_false_mark,
    values::{CorrectionState, DeclarationId, HoldId, OverrideState, PersonId},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    sea_query::{Expr, ExprTrait, IntoCondition, Query},
};

use crate::{
    http::page::Place,
    platform::db::{delete_some, delete_some_by},
};

/// Up to `most` causes that ended before `before`, the one that ended first first, after `after`. It reads the index
/// of `released_at`, and nothing that holds or ended later.
#[must_use]
pub fn old_holds(before: DateTime<Utc>, after: Option<Place>, most: u64) -> Select<hold::Entity> {
    use hold::{Column, Entity};
    let later = after.map(|place| place.later(Column::ReleasedAt, Column::Id));
    Entity::find()
        .filter(Column::ReleasedAt.lt(before))
        .apply_if(later, QueryFilter::filter)
        .order_by_asc(Column::ReleasedAt)
        .order_by_asc(Column::Id)
        .limit(most)
}

/// Where each of [`old_holds`] stands in their order, and whose it was.
pub(in crate::health_code) async fn released_before(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<(DateTime<Utc>, HoldId, PersonId)>, DbErr> {
    use hold::Column;
    old_holds(before, after, most)
        .select_only()
        .columns([Column::ReleasedAt, Column::Id, Column::PersonId])
        .into_tuple()
        .all(db)
        .await
}

/// Forget the causes `ids` of `person`, which ended. Returns how many there were.
pub(in crate::health_code) async fn forget_holds(
    db: &impl ConnectionTrait,
    person: PersonId,
    ids: &[HoldId],
) -> Result<u64, DbErr> {
    use hold::{Column, Entity};
    if ids.is_empty() {
        return Ok(0);
    }
    let gone = Entity::delete_many()
        .filter(Column::PersonId.eq(person))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::ReleasedAt.is_not_null())
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}

/// The records of `person`, by their names, that something open is about: a correction that waits, a request to turn
/// colours that waits, a mark that stands, the last comparison, an application that is not decided.
pub(in crate::health_code) async fn named(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<String>, DbErr> {
    let mut names = correction_records(db, person).await?;
    names.extend(override_evidence(db, person).await?);
    names.extend(false_mark_evidence(db, person).await?);
    let declared = compared_declarations(db, person).await?;
    names.extend(declared.iter().map(|id| format!("declaration/{id}")));
    Ok(names)
}

async fn correction_records(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<String>, DbErr> {
    use correction::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Record)
        .filter(Column::PersonId.eq(person))
        .filter(Column::State.eq(CorrectionState::Open))
        .into_tuple()
        .all(db)
        .await
}

async fn override_evidence(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<String>, DbErr> {
    use override_subject::{Column, Entity};
    let waiting = override_request::Entity::find()
        .select_only()
        .column(override_request::Column::Id)
        .filter(override_request::Column::State.eq(OverrideState::Waiting))
        .into_query();
    Entity::find()
        .select_only()
        .column(Column::Evidence)
        .filter(Column::PersonId.eq(person))
        .filter(Column::OverrideId.in_subquery(waiting))
        .into_tuple()
        .all(db)
        .await
}

async fn false_mark_evidence(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<String>, DbErr> {
    use pass_false_mark::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Evidence)
        .filter(Column::PersonId.eq(person))
        .filter(Column::StandingOn.is_not_null())
        .into_tuple()
        .all(db)
        .await
}

async fn compared_declarations(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<DeclarationId>, DbErr> {
    use pass_application::{Column, Entity};
    let mut declared: Vec<DeclarationId> = Entity::find()
        .select_only()
        .column(Column::DeclarationId)
        .filter(Column::OpenOf.eq(person))
        .into_tuple()
        .all(db)
        .await?;
    let last = assessment::Entity::find_by_id(person).one(db).await?;
    declared.extend(last.and_then(|row| row.declaration_id));
    Ok(declared)
}

/// Forget up to `most` changes of colour from before `before`.
pub(in crate::health_code) async fn forget_changes(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    use colour_change::{Column, Entity};
    let key = [Column::PersonId, Column::Version];
    let old = Column::At.lt(before).into_condition();
    delete_some_by::<Entity>(db, &key, old, most).await
}

/// Forget up to `most` of which rules changes from before `before` came from.
pub(in crate::health_code) async fn forget_causes(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    use colour_change_rule::{Column, Entity};
    let key = [
        Column::Rule,
        Column::RuleVersion,
        Column::PersonId,
        Column::Version,
    ];
    let old = Column::At.lt(before).into_condition();
    delete_some_by::<Entity>(db, &key, old, most).await
}

/// Forget up to `most` check-ins of days before `before` of people whom no cause and no fact is on record about, and who
/// checked in since: reports count for causes, and nobody asks for others so old.
pub(in crate::health_code) async fn forget_plain_check_ins(
    db: &impl ConnectionTrait,
    before: NaiveDate,
    most: u64,
) -> Result<u64, DbErr> {
    use check_in::{Column, Entity};
    let held = Query::select()
        .expr(Expr::val(1))
        .from(hold::Entity)
        .and_where(
            Expr::col((hold::Entity, hold::Column::PersonId)).equals((Entity, Column::PersonId)),
        )
        .take();
    let known = Query::select()
        .expr(Expr::val(1))
        .from(health_fact::Entity)
        .and_where(
            Expr::col((health_fact::Entity, health_fact::Column::PersonId))
                .equals((Entity, Column::PersonId)),
        )
        .take();
    let newer = |column| Expr::col(("newer", column));
    let since = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, "newer")
        .and_where(newer(Column::PersonId).equals((Entity, Column::PersonId)))
        .and_where(newer(Column::Day).gte(before))
        .take();
    let plain = Column::Day
        .lt(before)
        .into_condition()
        .add(Expr::not_exists(held))
        .add(Expr::not_exists(known))
        .add(Expr::exists(since));
    delete_some::<Entity>(db, Column::Id, plain, most).await
}
